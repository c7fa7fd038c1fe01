"""A hand-made warehouse for activation, and what ought to be at the destination.

`World` holds the truth in Python and writes it into the tables that plans read;
`expected` works out who may be sent without any of the engine's SQL.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from activation import engine
from activation.pace import RetryPolicy
from activation.results import ApplyResult
from activation.specs import SyncSpec
from warehouse.connection import Connection, copy_rows
from warehouse.errors import QuanyuError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
DAY = date(2017, 11, 30)
SEGMENT = "seg_second_order_due"
ENTITY = "全域零售(上海)有限公司"

# Protection that keeps nobody back.
NO_PROTECTION = """
create schema if not exists seeds;
create schema protection;
create table seeds.quiet_hours (
    contact_channel text, from_time time, until_time time
);
create table protection.protect_suppressions (
    customer_id bigint, sync text, contact_channel text, legal_entity text,
    brand_code text, purpose text, reason text, precedence int
);
create table protection.protect_opt_outs (
    customer_id bigint, contact_channel text, legal_entity text,
    occurred_at timestamptz
);
"""
_TABLES = f"""{NO_PROTECTION}
create schema segments;
create schema marts;
create schema tags;
create table segments.segment_members (segment_code text, customer_id bigint);
create table marts.fct_consents (
    customer_id bigint, contact_channel text, purpose text, status text,
    occurred_at timestamptz, occurred_on date, legal_entity text
);
create table marts.dim_contact_points (
    customer_id bigint, kind text, value text, scope text, role text,
    valid_from date, is_current boolean, is_primary boolean
);
create table tags.customer_tags_wide (
    customer_id bigint, tier text, net_amount numeric(18, 2)
);
"""


@dataclass
class Person:
    """A customer as the warehouse knows one; `consents` in order of time."""

    phone: str | None = None
    email: str | None = None
    consents: list[str] = field(default_factory=lambda: ["granted"])
    tier: str = "gold"
    amount: str = "12.50"
    in_segment: bool = True
    is_suppressed: bool = False


class World:
    """The people of a warehouse."""

    def __init__(self, conn: Connection, people: dict[int, Person]) -> None:
        self.conn = conn
        self.people = people
        conn.execute(_TABLES)
        conn.commit()
        self.write()

    def write(self) -> None:
        """Make the tables say what the people are."""
        conn = self.conn
        conn.execute(
            "truncate segments.segment_members, marts.fct_consents,"
            " marts.dim_contact_points, tags.customer_tags_wide,"
            " protection.protect_suppressions"
        )
        people = self.people.items()
        copy_rows(
            conn,
            "segments.segment_members",
            ["segment_code", "customer_id"],
            [(SEGMENT, key) for key, person in people if person.in_segment],
        )
        copy_rows(
            conn,
            "protection.protect_suppressions",
            ["customer_id", "reason", "precedence"],
            [
                (key, "marketing_suppressed", 3)
                for key, person in people
                if person.is_suppressed
            ],
        )
        copy_rows(
            conn,
            "marts.fct_consents",
            [
                "customer_id",
                "contact_channel",
                "purpose",
                "status",
                "occurred_at",
                "occurred_on",
                "legal_entity",
            ],
            [
                (
                    key,
                    "sms",
                    "marketing",
                    said,
                    f"2017-06-{n:02} 10:00+08",
                    DAY,
                    ENTITY,
                )
                for key, person in people
                for n, said in enumerate(person.consents, start=1)
            ],
        )
        copy_rows(
            conn,
            "marts.dim_contact_points",
            [
                "customer_id",
                "kind",
                "value",
                "scope",
                "role",
                "valid_from",
                "is_current",
                "is_primary",
            ],
            [
                (key, kind, value, None, "account", "2017-01-01", True, True)
                for key, person in people
                for kind, value in (("phone", person.phone), ("email", person.email))
                if value is not None
            ]
            # Neither an old phone nor a receiver's may ever be used.
            + [
                (
                    key,
                    "phone",
                    "13900000000",
                    None,
                    "account",
                    "2016-01-01",
                    False,
                    True,
                )
                for key in self.people
            ]
            + [
                (
                    key,
                    "phone",
                    "13900000001",
                    None,
                    "receiver",
                    "2017-06-01",
                    True,
                    True,
                )
                for key in self.people
            ],
        )
        copy_rows(
            conn,
            "tags.customer_tags_wide",
            ["customer_id", "tier", "net_amount"],
            [(key, person.tier, person.amount) for key, person in people],
        )
        conn.commit()

    def expected(self, sync: SyncSpec) -> dict[str, dict[str, Any]]:
        """Who ought to be held, by key, for the syncs below."""
        held: dict[str, dict[str, Any]] = {}
        for key, person in sorted(self.people.items()):
            allowed = (
                person.in_segment
                and not person.is_suppressed
                and person.consents[-1:] == ["granted"]
                and not held_out(sync, key)
                and is_mobile(person.phone)
            )
            if not allowed:
                continue
            fields = {
                "customer_id": str(key),
                "tier": person.tier,
                "amount": float(person.amount),
                **_phone_fields(sync, str(person.phone)),
            }
            held.setdefault(str(fields[sync.key]), fields)
        return held


def is_mobile(phone: str | None) -> bool:
    """Whether a phone can be sent to."""
    return phone is not None and len(phone) == 11 and phone.startswith("1")


def held_out(sync: SyncSpec, customer_id: int) -> bool:
    """The documented formula of the holdout."""
    if sync.holdout is None:
        return False
    text = f"{sync.holdout.salt}:{customer_id}"
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) % 10000 < sync.holdout.percent * 100


def _phone_fields(sync: SyncSpec, phone: str) -> dict[str, str]:
    if sync.key == "mobile_sha256":
        return {"mobile_sha256": hashlib.sha256(phone.encode()).hexdigest()}
    return {"mobile": f"+86{phone}"}


def phone_of(number: int) -> str:
    """A phone for test person `number`."""
    return f"138{number:08}"


def people(count: int) -> dict[int, Person]:
    """Customers 1..count, each with a phone and an e-mail."""
    return {
        n: Person(phone=phone_of(n), email=f"person{n}@example.com")
        for n in range(1, count + 1)
    }


def webhook_sync(max_rows: int = 10, **changes: Any) -> SyncSpec:
    """A sync to the receiver, keyed by hashed phone."""
    return SyncSpec.model_validate(
        {
            "name": "due_to_webhook",
            "description": "test",
            "owner": "crm@example.com",
            "segment": SEGMENT,
            "destination": {
                "type": "webhook",
                "url_env": "QUANYU_WEBHOOK_URL",
                "secret_env": "QUANYU_WEBHOOK_SECRET",
                "max_rows": max_rows,
            },
            "key": "mobile_sha256",
            "map": {
                "mobile_sha256": {"from": "contact.phone", "as": "cn_mobile_sha256"},
                "customer_id": {"from": "customer_id"},
                "tier": {"from": "tags.tier"},
                "amount": {"from": "tags.net_amount"},
            },
            "consent": {
                "legal_entity": ENTITY,
                "brand": "supermarket",
                "purpose": "marketing",
                "channel": "sms",
            },
            "holdout": {"percent": 20, "salt": "test"},
            "guard": {"max_remove_pct": 100},
            **changes,
        }
    )


def file_sync(max_rows: int = 10, **changes: Any) -> SyncSpec:
    """A sync to files, keyed by customer, that carries raw phones."""
    return SyncSpec.model_validate(
        {
            **webhook_sync().model_dump(mode="json", by_alias=True),
            "name": "due_to_file",
            "destination": {"type": "file", "directory": "out", "max_rows": max_rows},
            "key": "customer_id",
            "map": {
                "customer_id": {"from": "customer_id"},
                "mobile": {"from": "contact.phone", "as": "e164"},
                "tier": {"from": "tags.tier"},
                "amount": {"from": "tags.net_amount"},
            },
            **changes,
        }
    )


def read_files(directory: Path) -> dict[str, dict[str, Any]]:
    """Who a reader of the files holds: published runs in order, hashes checked."""
    held: dict[str, dict[str, Any]] = {}
    for folder in sorted(directory.glob("*_run-*"), key=lambda path: path.name[11:]):
        if not (folder / "manifest.json").exists():
            continue
        manifest = json.loads((folder / "manifest.json").read_text())
        names = {part["name"] for part in manifest["parts"]}
        assert names | {"manifest.json"} == {path.name for path in folder.iterdir()}
        for part in manifest["parts"]:
            content = (folder / part["name"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == part["sha256"]
            rows = list(csv.DictReader(content.decode().splitlines()))
            assert len(rows) == part["rows"]
            for row in rows:
                op, key = row.pop("op"), row[manifest["key"]]
                if op == "remove":
                    held.pop(key)
                else:
                    held[key] = {**row, "amount": float(row["amount"])}
    return held


def assert_ledger_sound(conn: Connection, sync: SyncSpec, held: set[str]) -> None:
    """State says what is held, nothing is open, and no outbox is left."""
    state = conn.execute(
        "select dest_key, acked_hash from activation.member_state"
        " join activation.syncs using (sync_id) where name = %s",
        [sync.name],
    ).fetchall()
    assert {key for key, _ in state} == held
    assert all(acked is not None for _, acked in state)
    assert not conn.execute(
        "select run_id, chunk, status from activation.chunks"
        " where status in ('planned', 'sending', 'submitted')"
    ).fetchall()
    assert not conn.execute(
        "select run_id from activation.runs where status = 'sending'"
    ).fetchall()
    assert not conn.execute(
        r"select tablename from pg_tables where schemaname = 'activation'"
        r" and tablename like 'outbox\_%'"
    ).fetchall()
    conn.commit()


def assert_each_effect_once(effects: list[tuple[str, str]]) -> None:
    """Every message was applied once: no member is added or removed twice in a row."""
    last: dict[str, str] = {}
    counts = Counter(op for op, _ in effects)
    for op, key in effects:
        presence = "absent" if op == "remove" else "present"
        if op in ("add", "remove"):
            assert last.get(key, "absent") != presence, (op, key, counts)
        last[key] = presence


def apply_until_done(conn: Connection, sync: SyncSpec) -> ApplyResult:
    """Apply again for as long as the destination makes a run stop."""
    quick = RetryPolicy(attempts=6, base_s=0.001, cap_s=0.002, budget_s=5)
    for _ in range(50):
        try:
            return engine.apply(conn, sync, DAY, approve=True, policy=quick)
        except QuanyuError as error:
            assert "stopped in run" in str(error)
    raise AssertionError("fifty runs in a row were stopped")


def sha256(person: Person) -> str:
    return hashlib.sha256(str(person.phone).encode()).hexdigest()
