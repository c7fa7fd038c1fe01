"""WeCom: tags of contacts and group messages.

Sources: developer.work.weixin.qq.com document paths 91039 (gettoken), 92697 (mark_tag),
92135 (add_msg_template), 96320, 96355 (limits of group messages) [V]; the answers of
officials in its community [S].
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from tests.stubs.server import Request, Stub, main

CORP, SECRET = "ww_test", "corp-secret"
Answer = dict[str, Any]


class Wecom(Stub):
    tables = """
    create table if not exists tokens (token text primary key, ends_at real);
    create table if not exists relations (
        userid text, external_userid text, primary key (userid, external_userid)
    );
    create table if not exists tags (tag_id text primary key);
    create table if not exists marks (
        userid text, external_userid text, tag_id text,
        primary key (userid, external_userid, tag_id)
    );
    create table if not exists messages (
        msgid text, external_userid text, userid text, status int default 0,
        sent_at real, body text
    );
    """

    def routes(self) -> Mapping[tuple[str, str], Callable[[Request], Answer]]:
        contact = "/cgi-bin/externalcontact"
        return {
            ("GET", "/cgi-bin/gettoken"): self.gettoken,
            ("POST", f"{contact}/mark_tag"): self.mark_tag,
            ("POST", f"{contact}/add_msg_template"): self.add_msg_template,
            ("POST", f"{contact}/get_groupmsg_send_result"): self.send_result,
        }

    def operate(self, command: Mapping[str, Any]) -> Any:
        if "relations" in command:
            self.run_many(
                "insert or ignore into relations values (?, ?)", command["relations"]
            )
        if "tags" in command:
            self.run_many(
                "insert or ignore into tags values (?)",
                [[tag] for tag in command["tags"]],
            )
        if "confirm" in command:
            self.confirm(command["confirm"])
        if "invalidate" in command:
            # "may be invalidated early": path 91039 [V].
            self.run("delete from tokens")
        return {}

    def gettoken(self, request: Request) -> Answer:
        query = request.query
        if query.get("corpid") != CORP:
            return {"errcode": 40013, "errmsg": "invalid corpid"}
        if query.get("corpsecret") != SECRET:
            return {"errcode": 40001, "errmsg": "invalid credential"}
        # Lives 7200 s; asked for again meanwhile, it is the same one: path 91039 [V].
        now = self.now()
        valid = self.run("select token, ends_at from tokens where ends_at > ?", now)
        token, ends_at = valid[0] if valid else (secrets.token_hex(16), now + 7200)
        self.run("insert or ignore into tokens values (?, ?)", token, ends_at)
        self.count_call("gettoken", CORP, 60)
        return {
            "errcode": 0,
            "errmsg": "ok",
            "access_token": token,
            "expires_in": int(ends_at - now),
        }

    def refusal(self, request: Request, path: str) -> Answer | None:
        """What holds for every call: token, concurrency, frequency."""
        token = request.query.get("access_token")
        found = self.run("select ends_at from tokens where token = ?", token)
        if not found:
            return {"errcode": 40014, "errmsg": "invalid access_token"}
        if found[0][0] < self.now():
            return {"errcode": 42001, "errmsg": "access_token expired"}
        # At most 5 at the same time: official answer in the community [V as quoted].
        if self.open_requests > 5:
            return {"errcode": 45033, "errmsg": "api concurrent out of limit"}
        # 10,000 a minute per corp and interface [S].
        if self.count_call(path, CORP, 60) > 10_000:
            return {"errcode": 45009, "errmsg": "api freq out of limit"}
        return None

    def mark_tag(self, request: Request) -> Answer:
        refusal = self.refusal(request, "mark_tag")
        if refusal:
            return refusal
        body = request.json()
        pair = body.get("userid"), body.get("external_userid")
        add, remove = body.get("add_tag") or [], body.get("remove_tag") or []
        # Not both may be empty: path 92697 [V]; the code is a guess [U].
        if not add and not remove:
            return {"errcode": 40058, "errmsg": "add_tag and remove_tag are empty"}
        known = {row[0] for row in self.run("select tag_id from tags")}
        if not {*add, *remove} <= known:
            return {"errcode": 40068, "errmsg": "invalid tagid"}  # [U]
        related = self.run(
            "select 1 from relations where userid = ? and external_userid = ?", *pair
        )
        if not related:
            return {"errcode": 84061, "errmsg": "not external contact"}  # [U]
        held = self.run(
            "select count(*) from marks where userid = ? and external_userid = ?", *pair
        )[0][0]
        # At most 3,000 tags a pair: path 92697 [V]; the code is a guess [U].
        if held + len(add) > 3_000:
            return {"errcode": 40058, "errmsg": "too many tags"}
        for tag in add:
            self.run("insert or ignore into marks values (?, ?, ?)", *pair, tag)
        for tag in remove:
            self.run(
                "delete from marks where userid = ? and external_userid = ?"
                " and tag_id = ?",
                *pair,
                tag,
            )
        return {"errcode": 0, "errmsg": "ok"}

    def add_msg_template(self, request: Request) -> Answer:
        refusal = self.refusal(request, "add_msg_template")
        if refusal:
            return refusal
        body = request.json()
        wanted = body.get("external_userid") or []
        # <= 10,000 contacts [U]; text or attachments, of those <= 9: path 92135 [V].
        if not 0 < len(wanted) <= 10_000:
            return {"errcode": 40058, "errmsg": "external_userid"}
        attachments = body.get("attachments") or []
        if len(attachments) > 9 or not (body.get("text") or attachments):
            return {"errcode": 40058, "errmsg": "text or attachments"}
        guides: dict[str, str] = dict(
            self.run("select external_userid, min(userid) from relations group by 1")
        )
        msgid = secrets.token_hex(12)
        self.run_many(
            "insert into messages (msgid, external_userid, userid, body)"
            " values (?, ?, ?, ?)",
            [
                (msgid, contact, guides[contact], json.dumps(body["text"]))
                for contact in wanted
                if contact in guides
            ],
        )
        unreachable = [contact for contact in wanted if contact not in guides]
        return {
            "errcode": 0,
            "errmsg": "ok",
            "fail_list": unreachable,
            "msgid": msgid,
        }

    def confirm(self, msgid: str) -> None:
        """Guides send it; as many per contact as the month has days (96355) [V]."""
        for contact, guide in self.run(
            "select external_userid, userid from messages"
            " where msgid = ? and status = 0",
            msgid,
        ):
            got = self.run(
                "select count(*) from messages where external_userid = ?"
                " and status = 1 and sent_at > ?",
                contact,
                self.now() - 30 * 86_400,
            )[0][0]
            related = self.run(
                "select 1 from relations where userid = ? and external_userid = ?",
                guide,
                contact,
            )
            # 0 not yet, 1 sent, 2 no contact any more, 3 had another already [S].
            status = 2 if not related else 3 if got >= 30 else 1
            self.run(
                "update messages set status = ?, sent_at = ?"
                " where msgid = ? and external_userid = ?",
                status,
                self.now(),
                msgid,
                contact,
            )

    def send_result(self, request: Request) -> Answer:
        refusal = self.refusal(request, "get_groupmsg_send_result")
        if refusal:
            return refusal
        rows = self.run(
            "select external_userid, userid, status, sent_at from messages"
            " where msgid = ?",
            request.json().get("msgid"),
        )
        names = ("external_userid", "userid", "status", "send_time")
        return {
            "errcode": 0,
            "errmsg": "ok",
            "send_list": [dict(zip(names, row, strict=True)) for row in rows],
            "next_cursor": "",
        }


if __name__ == "__main__":
    main(Wecom)
