"""Ocean Engine DMP: data sources of hashed phones, and the audiences made of them.

Sources: documents of open.oceanengine.com as the comments of bububa/oceanengine
(e3ac8d52) quote them [V]; PyPI oceanengine [S]; what is marked [U] is a guess.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import secrets
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from tests.stubs.server import Request, Stub, main

ADVERTISER, APP, SECRET, FIRST_REFRESH = 77, "app-1", "app-secret", "refresh-0"
Answer = dict[str, Any]


def _dmp_data() -> Any:
    """The class of DmpData, from the .proto of the documents [V]."""
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="dmp.proto", package="dmp", syntax="proto2"
    )
    item = file.message_type.add(name="IdItem")
    for number, name, label, kind in (
        (1, "timestamp", field.LABEL_OPTIONAL, field.TYPE_UINT32),
        (2, "dataType", field.LABEL_REQUIRED, field.TYPE_INT32),
        (3, "id", field.LABEL_REQUIRED, field.TYPE_STRING),
        (4, "tags", field.LABEL_REPEATED, field.TYPE_STRING),
    ):
        item.field.add(name=name, number=number, label=label, type=kind)
    data = file.message_type.add(name="DmpData")
    data.field.add(
        name="idList",
        number=1,
        label=field.LABEL_REPEATED,
        type=field.TYPE_MESSAGE,
        type_name=".dmp.IdItem",
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("dmp.DmpData"))


DmpData = _dmp_data()


class Refused(Exception):
    """An answer other than code 0."""


class OceanEngine(Stub):
    tables = """
    create table if not exists tokens (token text, refresh text, ends_at real);
    create table if not exists files (path text primary key, content blob, at real);
    create table if not exists sources (
        id text primary key, name text, made_at real, audience integer
    );
    create table if not exists changes (
        source text, at real, operation int, paths text, status int default 0
    );
    create table if not exists members (source text, id text, primary key (source, id));
    create table if not exists published (
        audience integer, id text, primary key (audience, id)
    );
    create table if not exists publications (audience integer, at real);
    """

    def routes(self) -> Mapping[tuple[str, str], Callable[[Request], Answer]]:
        source, audience = "/2/dmp/data_source", "/2/dmp/custom_audience"
        handlers = {
            ("POST", f"{source}/file/upload/"): self.upload,
            ("POST", f"{source}/create/"): self.create,
            ("POST", f"{source}/update/"): self.update,
            ("GET", f"{source}/read/"): self.read,
            ("POST", f"{audience}/publish/"): self.publish,
            ("GET", f"{audience}/read/"): self.read_audiences,
        }
        return {
            ("POST", "/oauth2/refresh_token/"): self.guarded(self.refresh, False),
            **{key: self.guarded(handler) for key, handler in handlers.items()},
        }

    def guarded(
        self, handler: Callable[[Request], Answer], needs_token: bool = True
    ) -> Callable[[Request], Answer]:
        """Envelope {code, message, request_id, data} in an HTTP 200 [V]."""

        def answer(request: Request) -> Answer:
            envelope = {"code": 0, "message": "OK", "request_id": secrets.token_hex(8)}
            try:
                if needs_token:
                    self.check_token(request)
                return {**envelope, "data": handler(request)}
            except Refused as refused:
                code, message = refused.args
                return {**envelope, "code": code, "message": message, "data": {}}

        return answer

    def operate(self, command: Mapping[str, Any]) -> Any:
        if "expire" in command:
            self.run("update tokens set ends_at = 0")
        if "parse" in command:
            self.parse(failed=command["parse"] == "failed")
        return {}

    def refresh(self, request: Request) -> Answer:
        # A refresh token works once and gives the next [U]; access lives a day [S].
        body = request.json()
        if (body.get("app_id"), body.get("secret")) != (APP, SECRET):
            raise Refused(40103, "app_id or secret is wrong")
        tokens = self.run("select refresh from tokens order by rowid desc limit 1")
        if body.get("refresh_token") != (tokens[0][0] if tokens else FIRST_REFRESH):
            raise Refused(40103, "refresh token is invalid")
        token, refresh = secrets.token_hex(16), secrets.token_hex(16)
        self.run("delete from tokens")
        self.run(
            "insert into tokens values (?, ?, ?)", token, refresh, self.now() + 86_400
        )
        self.count_call("refresh", APP, 60)
        return {"access_token": token, "refresh_token": refresh, "expires_in": 86_400}

    def check_token(self, request: Request) -> None:
        token = request.headers.get("access-token")
        found = self.run("select ends_at from tokens where token = ?", token)
        if not found:
            raise Refused(40105, "access token is invalid")  # [U]
        if found[0][0] < self.now():
            raise Refused(40102, "access token has expired")  # [U]

    def upload(self, request: Request) -> Answer:
        form = request.form()
        content = form["file"].content
        if form["advertiser_id"].text != str(ADVERTISER):
            raise Refused(40002, "no permission for this advertiser")  # [U]
        # file_signature is the MD5 of the zip, which has at most 50 MB [V].
        if (
            hashlib.md5(content, usedforsecurity=False).hexdigest()
            != form["file_signature"].text
        ):
            raise Refused(40001, "file_signature does not match")
        if len(content) > 50 << 20:
            raise Refused(40001, "file is larger than 50 MB")
        self.decode(content)
        path = f"dmp/{secrets.token_hex(12)}.zip"
        self.run("insert into files values (?, ?, ?)", path, content, self.now())
        return {"file_path": path}

    def decode(self, content: bytes) -> list[str]:
        """Ids of a zip: lines of base64 of DmpData, at most 10,000 each [V]."""
        ids: list[str] = []
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                for line in archive.read(name).splitlines():
                    data = DmpData.FromString(base64.b64decode(line, validate=True))
                    if len(data.idList) > 10_000:
                        raise Refused(40001, "idList is longer than 10000")
                    for item in data.idList:
                        # MOBILE_HASH_SHA256 = 6; ids in lower case [V].
                        if item.dataType != 6 or item.id != item.id.lower():
                            raise Refused(40001, "wrong dataType or id")
                        if len(item.id) != 64:
                            raise Refused(40001, "id is no SHA-256")
                        ids.append(item.id)
        return ids

    def known_files(self, paths: list[str]) -> None:
        # At most 1,000 paths a call; a path lives 14 days [V].
        if not 0 < len(paths) <= 1_000:
            raise Refused(40001, "file_paths")
        for path in paths:
            found = self.run("select at from files where path = ?", path)
            if not found or found[0][0] < self.now() - 14 * 86_400:
                raise Refused(40001, "file_path is unknown or has expired")

    def create(self, request: Request) -> Answer:
        body = request.json()
        if not 0 < len(body["data_source_name"]) <= 30:
            raise Refused(40001, "data_source_name has 1 to 30 characters")
        if len(body["description"]) > 256 or body["data_source_type"] not in (
            "UID",
            "DID",
        ):
            raise Refused(40001, "description or data_source_type")
        if (body["data_format"], body["file_storage_type"]) != (0, 0):
            raise Refused(40001, "data_format and file_storage_type are 0")
        self.known_files(body["file_paths"])
        day = self.now() - self.now() % 86_400
        # At most 100 a day and advertiser [V]; the code is a guess [U].
        if (
            self.run("select count(*) from sources where made_at >= ?", day)[0][0]
            >= 100
        ):
            raise Refused(40133, "too many data sources today")
        source = secrets.token_hex(16)
        audience = 9_000 + self.run("select count(*) from sources")[0][0]
        self.run(
            "insert into sources values (?, ?, ?, ?)",
            source,
            body["data_source_name"],
            self.now(),
            audience,
        )
        self.change(source, 1, body["file_paths"])
        return {"data_source_id": source}

    def change(self, source: str, operation: int, paths: list[str]) -> None:
        self.run(
            "insert into changes (source, at, operation, paths) values (?, ?, ?, ?)",
            source,
            self.now(),
            operation,
            json.dumps(paths),
        )

    def update(self, request: Request) -> Answer:
        body = request.json()
        source = str(body["data_source_id"])
        if not self.run("select 1 from sources where id = ?", source):
            raise Refused(40001, "data_source_id is unknown")
        # 1 append, 2 delete, 3 reset [V].
        if body["operation_type"] not in (1, 2, 3):
            raise Refused(40001, "operation_type")
        self.known_files(body["file_paths"])
        day = self.now() - self.now() % 86_400
        # At most 50 a day and data source [V]; the code is a guess [U].
        changes = self.run(
            "select count(*) from changes where source = ? and at >= ?", source, day
        )
        if changes[0][0] >= 50:
            raise Refused(40133, "too many updates today")
        self.change(source, body["operation_type"], body["file_paths"])
        return {}

    def parse(self, failed: bool = False) -> None:
        """What takes the channel 20 to 60 minutes [V], when the test says so."""
        for rowid, source, operation, paths in self.run(
            "select rowid, source, operation, paths from changes"
            " where status < 2 order by rowid"
        ):
            status = 3 if failed else 2
            self.run("update changes set status = ? where rowid = ?", status, rowid)
            if failed:
                continue
            if operation == 3:
                self.run("delete from members where source = ?", source)
            for path in json.loads(paths):
                content = self.run("select content from files where path = ?", path)
                rows = [(source, key) for key in self.decode(content[0][0])]
                self.run_many(
                    "delete from members where source = ? and id = ?"
                    if operation == 2
                    else "insert or ignore into members values (?, ?)",
                    rows,
                )

    def read(self, request: Request) -> Answer:
        wanted = json.loads(request.query["data_source_id_list"])
        if not 0 < len(wanted) <= 400:
            raise Refused(40001, "data_source_id_list has 1 to 400 entries")
        return {
            "data_list": [
                self.described(*row)
                for row in self.run("select id, name, audience from sources")
                if row[0] in wanted
            ]
        }

    def described(self, source: str, name: str, audience: int) -> Answer:
        changes = self.run(
            "select status from changes where source = ? order by rowid desc", source
        )
        parsed = any(status == 2 for (status,) in changes)
        count = self.run("select count(*) from members where source = ?", source)
        return {
            "data_source_id": source,
            "name": name,
            # 0 made, 1 parsing, 2 done [V]; the audience appears with that [V].
            "status": 2 if parsed else 1,
            "upload_num": count[0][0],
            "change_logs": [{"status": status} for (status,) in changes],
            "default_audience": {"custom_audience_id": audience} if parsed else {},
        }

    def read_audiences(self, request: Request) -> Answer:
        # NEED_PUBLISH after every change until it is published [V].
        found = []
        for audience in json.loads(request.query["custom_audience_ids"]):
            states = self.run(
                "select"
                " (select max(at) from publications where audience = ?),"
                " (select max(changes.at) from changes inner join sources"
                "  on changes.source = sources.id where sources.audience = ?)",
                audience,
                audience,
            )
            published, changed = states[0]
            is_current = bool(published and published >= changed)
            status = "NEED_PUSH" if is_current else "NEED_PUBLISH"
            found.append(
                {
                    "custom_audience_id": audience,
                    "delivery_status": f"CUSTOM_AUDIENCE_DELIVERY_STATUS_{status}",
                }
            )
        return {"custom_audience_list": found}

    def publish(self, request: Request) -> Answer:
        audience = request.json()["custom_audience_id"]
        found = self.run("select id from sources where audience = ?", audience)
        if not found:
            raise Refused(40001, "custom_audience_id is unknown")
        # Once in 24 hours and audience [V]; the code is a guess [U].
        last = self.run("select max(at) from publications where audience = ?", audience)
        if last[0][0] and last[0][0] > self.now() - 86_400:
            raise Refused(40001, "published within the last 24 hours")
        if self.run(
            "select 1 from changes where source = ? and status < 2", found[0][0]
        ):
            raise Refused(40001, "the data source is being parsed")
        self.run("insert into publications values (?, ?)", audience, self.now())
        self.run("delete from published where audience = ?", audience)
        self.run(
            "insert into published select ?, id from members where source = ?",
            audience,
            found[0][0],
        )
        return {}


if __name__ == "__main__":
    main(OceanEngine)
