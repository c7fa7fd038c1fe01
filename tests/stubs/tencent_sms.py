"""Tencent Cloud text messages: SendSms and PullSmsSendStatusByPhoneNumber.

Sources: the vendor's SDK tencentcloud-sdk-python-sms 3.1.153 (version 2021-01-11 of the
interface, and its documentation of fields and codes) [V]; [U] is a guess.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from tests.stubs.server import Request, Stub, main

SECRET_ID, SECRET_KEY, APP, SIGN, TEMPLATE = "id-test", "sk-test", "14000", "全域", "77"
Answer = dict[str, Any]


class Refused(Exception):
    """An error of the whole request."""


class TencentSms(Stub):
    tables = """
    create table if not exists sent (
        number text, context text, serial text, variables text, at real
    );
    create table if not exists blacklist (number text primary key);
    create table if not exists quiet (is_quiet int);
    """

    def routes(self) -> Mapping[tuple[str, str], Callable[[Request], Answer]]:
        return {("POST", "/"): self.call}

    def operate(self, command: Mapping[str, Any]) -> Any:
        if "blacklist" in command:
            self.run("insert into blacklist values (?)", command["blacklist"])
        if "quiet" in command:
            self.run("insert into quiet values (1)")
        return {}

    def call(self, request: Request) -> Answer:
        handlers = {
            "SendSms": self.send,
            "PullSmsSendStatusByPhoneNumber": self.receipts,
        }
        try:
            self.check_signature(request)
            answer = handlers[request.headers["x-tc-action"]](request)
        except Refused as refused:
            code, message = refused.args
            answer = {"Error": {"Code": code, "Message": message}}
        return {"Response": {**answer, "RequestId": secrets.token_hex(8)}}

    def check_signature(self, request: Request) -> None:
        """TC3-HMAC-SHA256 over content-type, host and body; valid for 5 minutes [V]."""
        headers = request.headers
        algorithm, _, rest = headers["authorization"].partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        secret_id, date, service, _ = parts["Credential"].split("/")
        if algorithm != "TC3-HMAC-SHA256" or secret_id != SECRET_ID:
            raise Refused("AuthFailure.SecretIdNotFound", "unknown id")
        stamp = headers["x-tc-timestamp"]
        if abs(int(stamp) - self.now()) > 300:
            raise Refused("AuthFailure.SignatureExpire", "timestamp")
        canonical = (
            f"POST\n/\n\ncontent-type:{headers['content-type']}\n"
            f"host:{headers['host']}\n\n{parts['SignedHeaders']}\n"
            f"{hashlib.sha256(request.body).hexdigest()}"
        )
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"{algorithm}\n{stamp}\n{date}/{service}/tc3_request\n{digest}"
        key = f"TC3{SECRET_KEY}".encode()
        for part in (date, service, "tc3_request"):
            key = hmac.new(key, part.encode(), "sha256").digest()
        signature = hmac.new(key, text.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(signature, parts["Signature"]):
            raise Refused("AuthFailure.SignatureFailure", "signature")
        if headers["x-tc-version"] != "2021-01-11":
            raise Refused("InvalidParameter", "version")

    def send(self, request: Request) -> Answer:
        body = request.json()
        numbers, context = body["PhoneNumberSet"], body.get("SessionContext", "")
        # At most 200 numbers; SessionContext shorter than 512 bytes [V].
        if not 0 < len(numbers) <= 200 or len(context.encode()) >= 512:
            raise Refused("InvalidParameterValue.ContentLengthLimit", "length")
        if (body["SmsSdkAppId"], body["SignName"]) != (APP, SIGN):
            raise Refused("FailedOperation.SignatureIncorrectOrUnapproved", "signature")
        if body["TemplateId"] != TEMPLATE:
            raise Refused("FailedOperation.TemplateIncorrectOrUnapproved", "template")
        # Marketing is not taken at night: the operator enforces it [V].
        if self.run("select 1 from quiet"):
            raise Refused("FailedOperation.MarketingSendTimeConstraint", "quiet hours")
        return {
            "SendStatusSet": [
                self.one(number, context, body.get("TemplateParamSet") or [])
                for number in numbers
            ]
        }

    def one(self, number: str, context: str, variables: list[str]) -> Answer:
        serial = secrets.token_hex(8)
        code = "Ok"
        # E.164 [V].
        if not (number.startswith("+86") and len(number) == 14):
            code = "InvalidParameterValue.IncorrectPhoneNumber"
        elif self.run("select 1 from blacklist where number = ?", number):
            code = "FailedOperation.PhoneNumberInBlacklist"
        elif self.too_often(number, str(variables)):
            code = "LimitExceeded.PhoneNumberSameContentDailyLimit"
        else:
            self.run(
                "insert into sent values (?, ?, ?, ?, ?)",
                number,
                context,
                serial,
                str(variables),
                self.now(),
            )
        return {
            "SerialNo": serial,
            "PhoneNumber": number,
            "Fee": int(code == "Ok"),
            "SessionContext": context,
            "Code": code,
            "Message": "send success" if code == "Ok" else code,
            "IsoCode": "CN",
        }

    def too_often(self, number: str, variables: str) -> bool:
        """The same content a day and number is limited [V]; to 5, a guess [U]."""
        same = self.run(
            "select count(*) from sent where number = ? and variables = ? and at > ?",
            number,
            variables,
            self.now() - 86_400,
        )
        return bool(same[0][0] >= 5)

    def receipts(self, request: Request) -> Answer:
        body = request.json()
        if body["Limit"] > 100:
            raise Refused("InvalidParameterValue", "Limit")
        rows = self.run(
            "select context, serial from sent where number = ? and at between ? and ?",
            body["PhoneNumber"],
            body["BeginTime"],
            body["EndTime"],
        )
        return {
            "PullSmsSendStatusSet": [
                {
                    "SessionContext": context,
                    "SerialNo": serial,
                    "PhoneNumber": body["PhoneNumber"],
                    "ReportStatus": "SUCCESS",
                    "Description": "DELIVRD",
                }
                for context, serial in rows
            ]
        }


if __name__ == "__main__":
    main(TencentSms)
