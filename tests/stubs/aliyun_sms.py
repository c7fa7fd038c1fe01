"""Aliyun text messages: SendBatchSms and QuerySendDetails.

Sources: help.aliyun.com 66041 (SendBatchSms), the page of signature V3, and what the
vendor's SDK alibabacloud_dysmsapi20170525 4.6.0 sends and reads [V]; [U] is a guess.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from tests.stubs.server import Request, Stub, main

KEY_ID, KEY_SECRET, SIGN, TEMPLATE = "ak-test", "ak-secret", "全域商城", "SMS_1"
Answer = dict[str, Any]


class Refused(Exception):
    """A code other than OK."""


class AliyunSms(Stub):
    tables = """
    create table if not exists sent (
        number text, out_id text, biz_id text, variables text, at real
    );
    create table if not exists nonces (nonce text primary key);
    """

    def routes(self) -> Mapping[tuple[str, str], Callable[[Request], Answer]]:
        return {("POST", "/"): self.call}

    def call(self, request: Request) -> Answer:
        refusal = self.check_signature(request)
        if refusal:
            return {"Code": refusal, "Message": refusal, "RequestId": "r"}
        action = request.headers["x-acs-action"]
        handlers = {
            "SendBatchSms": self.send,
            "QuerySendDetails": self.details,
        }
        try:
            answer = handlers[action](request)
        except Refused as refused:
            code, message = refused.args
            answer = {"Code": code, "Message": message}
        return {"RequestId": secrets.token_hex(8), **answer}

    def check_signature(self, request: Request) -> str | None:
        """V3: ACS3-HMAC-SHA256 over method, path, query, signed headers, body [V]."""
        headers = request.headers
        algorithm, _, rest = headers["authorization"].partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        if algorithm != "ACS3-HMAC-SHA256" or parts["Credential"] != KEY_ID:
            return "InvalidAccessKeyId.NotFound"
        digest = hashlib.sha256(request.body).hexdigest()
        if headers["x-acs-content-sha256"] != digest:
            return "SignatureDoesNotMatch"
        query = "&".join(
            f"{quote(name, safe='~')}={quote(value, safe='~')}"
            for name, value in sorted(request.query.items())
        )
        signed = "".join(
            f"{name}:{headers[name].strip()}\n"
            for name in parts["SignedHeaders"].split(";")
        )
        canonical = f"POST\n/\n{query}\n{signed}\n{parts['SignedHeaders']}\n{digest}"
        text = f"{algorithm}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.new(KEY_SECRET.encode(), text.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(signature, parts["Signature"]):
            return "SignatureDoesNotMatch"
        # A nonce works once [V].
        nonce = headers["x-acs-signature-nonce"]
        if self.run("select 1 from nonces where nonce = ?", nonce):
            return "SignatureNonceUsed"
        self.run("insert into nonces values (?)", nonce)
        return None

    def send(self, request: Request) -> Answer:
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        numbers = json.loads(form["PhoneNumberJson"])
        signs = json.loads(form["SignNameJson"])
        variables = json.loads(form["TemplateParamJson"])
        out_id = request.query.get("OutId", "")
        # Arrays of equal length, at most 100; OutId shorter than 256 [V].
        if not len(numbers) == len(signs) == len(variables) or len(out_id) >= 256:
            raise Refused("isv.PARAM_LENGTH_LIMIT", "length")
        if not 0 < len(numbers) <= 100:
            raise Refused("isv.MOBILE_COUNT_OVER_LIMIT", "count")
        if set(signs) != {SIGN}:
            raise Refused("isv.SMS_SIGNATURE_ILLEGAL", "signature")
        if request.query["TemplateCode"] != TEMPLATE:
            raise Refused("isv.SMS_TEMPLATE_ILLEGAL", "template")
        if not all(len(n) == 11 and n.isdigit() and n[0] == "1" for n in numbers):
            raise Refused("isv.MOBILE_NUMBER_ILLEGAL", "number")
        # A number takes only so many a day [V]; 50 is a guess [U].
        for number in numbers:
            today = self.run(
                "select count(*) from sent where number = ? and at > ?",
                number,
                self.now() - 86_400,
            )
            if today[0][0] >= 50:
                raise Refused("isv.BUSINESS_LIMIT_CONTROL", "per day")
        # Not idempotent: what is asked twice is sent twice [V].
        biz_id = secrets.token_hex(10)
        self.run_many(
            "insert into sent values (?, ?, ?, ?, ?)",
            [
                (
                    number,
                    out_id,
                    biz_id,
                    json.dumps(one, ensure_ascii=False),
                    self.now(),
                )
                for number, one in zip(numbers, variables, strict=True)
            ],
        )
        return {"Code": "OK", "Message": "OK", "BizId": biz_id}

    def details(self, request: Request) -> Answer:
        rows = self.run(
            "select out_id, variables from sent where number = ? order by at desc",
            request.query["PhoneNumber"],
        )[: int(request.query["PageSize"])]
        return {
            "Code": "OK",
            "Message": "OK",
            "TotalCount": len(rows),
            "SmsSendDetailDTOs": {
                "SmsSendDetailDTO": [
                    {"OutId": out_id, "SendStatus": 3, "Content": content}
                    for out_id, content in rows
                ]
            },
        }


if __name__ == "__main__":
    main(AliyunSms)
