"""The models of membership by themselves: their own SQL, run without dbt.

Jinja is rendered with stand-ins for what dbt gives (ref, this, adapter.dispatch), so
that hundreds of runs take seconds. That dbt runs the same SQL is held by its unit tests
and by tests/integration/tags.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from types import SimpleNamespace

import jinja2

from warehouse.connection import Connection, copy_rows
from warehouse.settings import dbt_project_dir

TABLES = """
create schema segments;
create schema if not exists identity;
create table identity.oneid_alias (old_id bigint, customer_id bigint);
create table segments.segment_members (segment_code text, customer_id bigint);
create table segments.segment_membership_event (
    segment_code text, customer_id bigint, event_no bigint, op text, on_date date,
    member_count bigint, digest text, recorded_at timestamptz, run_id text
);
"""
MACROS = ("portable/sha256_hex.sql", "segments/segment_digest.sql")


class Membership:
    """A warehouse that holds nothing but members and their history."""

    def __init__(self, conn: Connection) -> None:
        """Make the tables; segment_counts and segment_member_history are views."""
        self.conn = conn
        conn.execute(TABLES)
        for view in ("segment_counts", "segment_member_history"):
            conn.execute(f"create view segments.{view} as {model(view)}".encode())

    def run(
        self,
        day: date,
        members: Mapping[str, Iterable[int]],
        recorded_at: datetime,
        run_id: str = "run",
    ) -> None:
        """Record the members of a day, as a run of dbt does at that moment."""
        self.conn.execute("truncate segments.segment_members")
        rows = [(code, one) for code, ids in members.items() for one in ids]
        copy_rows(
            self.conn, "segments.segment_members", ["segment_code", "customer_id"], rows
        )
        select = model("segment_membership_event")
        for name, value in (("day", day), ("moment", recorded_at), ("run", run_id)):
            select = select.replace(f"<{name}>", str(value))
        self.conn.execute(
            "insert into segments.segment_membership_event (segment_code, customer_id,"
            " event_no, op, on_date, member_count, digest, recorded_at, run_id)"
            f" {select}".encode()
        )

    def merge(self, old_id: int, customer_id: int | None) -> None:
        """Let another customer take over an id, and all that led to it."""
        self.conn.execute(
            "update identity.oneid_alias set customer_id = %s where customer_id = %s",
            [customer_id, old_id],
        )
        self.conn.execute(
            "insert into identity.oneid_alias values (%s, %s)", [old_id, customer_id]
        )


@cache
def model(name: str) -> str:
    """Return the SQL of a model of segments, with <day>, <moment> and <run> in it."""
    folder = dbt_project_dir()
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701 - SQL
    environment.globals |= {
        "adapter": SimpleNamespace(
            dispatch=lambda macro, _: getattr(macros.module, f"postgres__{macro}")
        ),
        "return": lambda text: text,
        "as_of_date": lambda: "cast('<day>' as date)",
        "config": lambda **_: "",
        "is_incremental": lambda: True,
        "bitemporal_columns": lambda: "",
        "this": f"segments.{name}",
        "ref": lambda model: (
            f"{'identity' if model == 'oneid_alias' else 'segments'}.{model}"
        ),
        "run_started_at": "<moment>",
        "invocation_id": "<run>",
    }
    text = "".join((folder / "macros" / one).read_text("utf-8") for one in MACROS)
    macros = environment.from_string(text)
    body = (folder / "models/segments" / f"{name}.sql").read_text("utf-8")
    return environment.from_string(text + body).render()
