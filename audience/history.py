"""Who was in which segment on which day, and whether that can be proved.

Everything is read from segments.segment_membership_event, which is append-only: a day's
members are those whose entered less left up to that day is 1. "As known at" a moment
leaves out what later runs added. Under the identity of then, members have the ids they
were recorded with; under the identity of now, the ids these lead to today.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from psycopg import sql

from warehouse.connection import Connection
from warehouse.errors import QuanyuError

Identity = Literal["then", "now"]
EVENTS = "segments.segment_membership_event"

# Members of a day, all segments or one. Rows of runs before there was a recorded_at
# were known all along.
MEMBERS = """
select segment_code, customer_id
from segments.segment_membership_event
where
    op in ('entered', 'left')
    and on_date <= %(day)s
    and (recorded_at is null or recorded_at <= %(known_at)s)
    and (%(segment)s::text is null or segment_code = %(segment)s)
group by segment_code, customer_id
having sum(case op when 'entered' then 1 else -1 end) = 1
"""
NOW = """
select distinct
    members.segment_code,
    case
        when aliases.old_id is null then members.customer_id
        else aliases.customer_id
    end as customer_id
from ({members}) as members
left join identity.oneid_alias as aliases on members.customer_id = aliases.old_id
where aliases.old_id is null or aliases.customer_id is not null
"""
# As the macro segment_digest writes it into the events.
DIGESTS = """
select
    segment_code,
    count(*),
    encode(sha256(convert_to(
        coalesce(string_agg(customer_id || chr(10), '' order by customer_id), ''),
        'UTF8'
    )), 'hex')
from ({members}) as members
group by segment_code
"""


@dataclass(frozen=True)
class Counted:
    """What a run said a segment came to on a day."""

    segment: str
    day: date
    member_count: int
    digest: str
    recorded_at: datetime
    run_id: str
    is_superseded: bool  # a later run said otherwise


@dataclass(frozen=True)
class Day:
    """A day of a segment: what was last said of it, and who came and went since."""

    counted: Counted
    entered: int
    left: int


@dataclass(frozen=True)
class Fault:
    """A day whose members, rebuilt from the events, are not those recorded."""

    counted: Counted
    member_count: int
    digest: str


def digest_of(ids: Iterable[int]) -> str:
    """Return the digest of a segment's members: SHA-256 of sorted ids, one a line."""
    lines = "".join(f"{one}\n" for one in sorted(ids))
    return hashlib.sha256(lines.encode()).hexdigest()


def members_on(
    conn: Connection,
    day: date,
    segment: str | None = None,
    identity: Identity = "then",
    known_at: datetime | None = None,
) -> dict[str, set[int]]:
    """Return the members of each segment on a day, or of one.

    Raises QuanyuError for a day before the first that was recorded.
    """
    first = conn.execute(
        sql.SQL("select min(on_date) from {}").format(_events(conn))
    ).fetchone()
    if not first or first[0] is None or day < first[0]:
        begins = f"begins on {first[0]}" if first and first[0] else "is empty"
        raise QuanyuError(f"The history of segments {begins}: nothing about {day}.")
    found: dict[str, set[int]] = defaultdict(set)
    query = MEMBERS if identity == "then" else NOW.format(members=MEMBERS)
    for code, customer_id in conn.execute(query, _values(day, segment, known_at)):
        found[code].add(customer_id)
    return dict(found)


def days_of(conn: Connection, segment: str) -> list[Day]:
    """Return the recorded days of a segment, oldest first, as last said."""
    moves = {
        day: (entered, left)
        for day, entered, left in conn.execute(
            sql.SQL(
                """
                select
                    on_date,
                    count(*) filter (where balance = 1),
                    count(*) filter (where balance = -1)
                from (
                    select
                        on_date,
                        sum(case op when 'entered' then 1 else -1 end) as balance
                    from {}
                    where segment_code = %s and op in ('entered', 'left')
                    group by on_date, customer_id
                ) as changes
                group by on_date
                """
            ).format(_events(conn)),
            [segment],
        )
    }
    return [
        Day(one, *moves.get(one.day, (0, 0)))
        for one in recorded(conn, segment)
        if not one.is_superseded
    ]


def recorded(conn: Connection, segment: str | None = None) -> list[Counted]:
    """Return all that runs said of segments' days, by segment, day and moment."""
    rows = conn.execute(
        sql.SQL(
            """
            select
                segment_code, on_date, member_count, digest, recorded_at, run_id,
                lead(digest) over (
                    partition by segment_code, on_date order by event_no
                ) is not null as is_superseded
            from {}
            where op = 'counted' and (%(segment)s::text is null
                or segment_code = %(segment)s)
            order by segment_code, on_date, event_no
            """
        ).format(_events(conn)),
        {"segment": segment},
    )
    return [Counted(*row) for row in rows]


def verify(
    conn: Connection,
    segment: str | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[list[Counted], list[Fault]]:
    """Rebuild every recorded day from the events; return what was held and what fails.

    A day is rebuilt as its run knew it; what was last said of it, with all that is
    known by now as well: later corrections must not disturb other days.
    """
    said = recorded(conn, segment)
    checks: dict[tuple[date, datetime | None], list[Counted]] = defaultdict(list)
    for one in said:
        checks[one.day, one.recorded_at].append(one)
        if not one.is_superseded:
            checks[one.day, None].append(one)
    faults: dict[Counted, Fault] = {}
    for done, ((day, known_at), counted) in enumerate(
        sorted(checks.items(), key=lambda item: (item[0][0], str(item[0][1])))
    ):
        on_progress(done, len(checks))
        rebuilt = {
            code: (count, digest)
            for code, count, digest in conn.execute(
                DIGESTS.format(members=MEMBERS), _values(day, segment, known_at)
            )
        }
        for one in counted:
            count, digest = rebuilt.get(one.segment, (0, digest_of([])))
            if (count, digest) != (one.member_count, one.digest):
                faults[one] = Fault(one, count, digest)
    on_progress(len(checks), len(checks))
    return said, list(faults.values())


def last_day(conn: Connection) -> date | None:
    """Return the newest day that segments were recorded for."""
    row = conn.execute(
        sql.SQL("select max(on_date) from {}").format(_events(conn))
    ).fetchone()
    return row[0] if row else None


def _values(
    day: date, segment: str | None, known_at: datetime | None
) -> dict[str, object]:
    return {"day": day, "segment": segment, "known_at": known_at or "infinity"}


def _events(conn: Connection) -> sql.Identifier:
    """Return the table of events; QuanyuError when it was never built."""
    if conn.execute("select to_regclass(%s)", [EVENTS]).fetchone() == (None,):
        raise QuanyuError(
            "There are no segments in the warehouse yet: `quanyu run` builds them."
        )
    return sql.Identifier(*EVENTS.split("."))
