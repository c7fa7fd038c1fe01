"""Tencent Ads: audiences of hashed phones.

Sources: developers.e.qq.com v3.0 pages of custom_audiences, custom_audience_files,
send_request, oauth [V]; what is marked [U] is a guess.
"""

from __future__ import annotations

import io
import secrets
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from tests.stubs.server import Request, Stub, main

ACCOUNT, CLIENT, SECRET, FIRST_REFRESH = 55, "1101", "ads-secret", "refresh-0"
FILES_A_DAY = 20  # there is a limit per application and day [V]; its size is not [U]
LENGTHS = {"HASH_MOBILE_PHONE": 32, "SHA256_MOBILE_PHONE": 64}
Answer = dict[str, Any]


class Refused(Exception):
    """An answer other than code 0."""


class TencentAds(Stub):
    tables = """
    create table if not exists tokens (token text, refresh text, ends_at real);
    create table if not exists nonces (nonce text primary key);
    create table if not exists audiences (
        id integer primary key, external text unique, name text
    );
    create table if not exists files (
        id integer primary key, audience integer, operation text, kind text,
        content blob, at real, status text default 'PENDING', code int default 0
    );
    create table if not exists members (
        audience integer, id text, primary key (audience, id)
    );
    """

    def routes(self) -> Mapping[tuple[str, str], Callable[[Request], Answer]]:
        handlers = {
            ("POST", "/v3.0/custom_audiences/add"): self.add_audience,
            ("POST", "/v3.0/custom_audience_files/add"): self.add_file,
            ("GET", "/v3.0/custom_audience_files/get"): self.get_file,
        }
        return {
            ("GET", "/oauth/token"): self.guarded(self.refresh, False),
            **{key: self.guarded(handler) for key, handler in handlers.items()},
        }

    def guarded(
        self, handler: Callable[[Request], Answer], needs_token: bool = True
    ) -> Callable[[Request], Answer]:
        def answer(request: Request) -> Answer:
            try:
                if needs_token:
                    self.check_globals(request)
                data = handler(request)
                # "day%,minute%" of what is left [V].
                headers = {"x-ratelimit-remaining": "99%,99%"}
                return {"code": 0, "message": "", "data": data, "_headers": headers}
            except Refused as refused:
                code, message = refused.args
                return {"code": code, "message": message, "message_cn": message}

        return answer

    def operate(self, command: Mapping[str, Any]) -> Any:
        if "expire" in command:
            self.run("update tokens set ends_at = 0")
        if "process" in command:
            self.process(failed=command["process"] == "failed")
        return {}

    def refresh(self, request: Request) -> Answer:
        query = request.query
        if (query.get("client_id"), query.get("client_secret")) != (CLIENT, SECRET):
            raise Refused(11003, "client is unknown")  # [U]
        tokens = self.run("select refresh from tokens order by rowid desc limit 1")
        if query.get("refresh_token") != (tokens[0][0] if tokens else FIRST_REFRESH):
            raise Refused(11003, "refresh token is invalid")  # [U]
        token, refresh = secrets.token_hex(16), secrets.token_hex(16)
        ends_at = self.now() + 86_400
        self.run("delete from tokens")
        self.run("insert into tokens values (?, ?, ?)", token, refresh, ends_at)
        self.count_call("refresh", CLIENT, 60)
        return {
            "access_token": token,
            "refresh_token": refresh,
            "access_token_expires_in": 86_400,
        }

    def check_globals(self, request: Request) -> None:
        query = request.query
        # timestamp within 300 s; nonce of at most 32 characters, never twice [V].
        if abs(int(query["timestamp"]) - self.now()) > 300 and not self.run(
            "select 1 from clock where ahead_s > 0"
        ):
            raise Refused(11010, "timestamp is too far off")  # [U]
        nonce = query["nonce"]
        if len(nonce) > 32 or self.run("select 1 from nonces where nonce = ?", nonce):
            raise Refused(11012, "nonce")  # [U]
        self.run("insert into nonces values (?)", nonce)
        token = query.get("access_token")
        found = self.run("select ends_at from tokens where token = ?", token)
        if not found:
            raise Refused(11002, "access_token is invalid")
        if found[0][0] < self.now():
            raise Refused(11000, "access_token has expired")

    def add_audience(self, request: Request) -> Answer:
        body = request.json()
        if body["account_id"] != ACCOUNT:
            raise Refused(11005, "no permission for this account")  # [U]
        # name 1 to 32 bytes; external_audience_id <= 128; description <= 100 [V].
        if not 0 < len(body["name"].encode()) <= 32 or body["type"] != "CUSTOMER_FILE":
            raise Refused(18001, "name or type")
        external = body["external_audience_id"]
        if len(external) > 128 or len(body.get("description", "").encode()) > 100:
            raise Refused(18001, "external_audience_id or description")
        # The same code gives the same audience [V].
        self.run(
            "insert or ignore into audiences (external, name) values (?, ?)",
            external,
            body["name"],
        )
        found = self.run("select id from audiences where external = ?", external)
        return {"audience_id": found[0][0]}

    def add_file(self, request: Request) -> Answer:
        form = request.form()
        audience = int(form["audience_id"].text)
        if not self.run("select 1 from audiences where id = ?", audience):
            raise Refused(18001, "audience_id is unknown")
        kind, operation = form["user_id_type"].text, form["operation_type"].text
        if kind not in LENGTHS or operation not in ("APPEND", "REDUCE"):
            raise Refused(18001, "user_id_type or operation_type")
        content = form["file"].content
        # A zip of txt or csv of at most 100 MB [V].
        if len(content) > 100 << 20 or not zipfile.is_zipfile(io.BytesIO(content)):
            raise Refused(18001, "file")
        day = self.now() - self.now() % 86_400
        today = self.run("select count(*) from files where at >= ?", day)
        if today[0][0] >= FILES_A_DAY:
            raise Refused(11018, "the day's limit is reached")
        self.run(
            "insert into files (audience, operation, kind, content, at)"
            " values (?, ?, ?, ?, ?)",
            audience,
            operation,
            kind,
            content,
            self.now(),
        )
        return {"custom_audience_file_id": self.run("select max(id) from files")[0][0]}

    def process(self, failed: bool) -> None:
        """What the channel does with files, when the test says so."""
        for file, audience, operation, kind, content in self.run(
            "select id, audience, operation, kind, content from files"
            " where status = 'PENDING' order by id"
        ):
            keys = self.lines(content, LENGTHS[kind])
            code = 0 if keys and not failed else 1
            status = "ERROR" if code else "SUCCESS"
            self.run(
                "update files set status = ?, code = ? where id = ?", status, code, file
            )
            self.run_many(
                "insert or ignore into members values (?, ?)"
                if operation == "APPEND"
                else "delete from members where audience = ? and id = ?",
                [(audience, key) for key in keys if not code],
            )

    def lines(self, content: bytes, length: int) -> list[str]:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            lines = [
                line
                for name in archive.namelist()
                for line in archive.read(name).decode().splitlines()
            ]
        return [line for line in lines if len(line) == length and line.isalnum()]

    def get_file(self, request: Request) -> Answer:
        found = self.run(
            "select status, code, content, kind from files where id = ?",
            int(request.query["custom_audience_file_id"]),
        )
        if not found:
            return {"list": []}
        status, code, content, kind = found[0]
        count = len(self.lines(content, LENGTHS[kind]))
        return {
            "list": [
                {
                    "process_status": status,
                    "process_code": code,
                    "error_message": "file is malformed" if code else "",
                    "line_count": count,
                    "valid_line_count": count,
                    "user_count": count,
                }
            ]
        }


if __name__ == "__main__":
    main(TencentAds)
