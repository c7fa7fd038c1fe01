"""Membership on any day, as known at any moment, under the ids of then and of now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from audience.history import digest_of, members_on, recorded, verify
from cli.main import app
from tests.integration.membership import Membership
from warehouse.connection import Connection, connect
from warehouse.errors import QuanyuError

FIRST = date(2017, 12, 1)
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
SEGMENTS = ("seg_quality", "seg_advocate")
RUNNER = CliRunner(env={"COLUMNS": "200"})

people = st.frozensets(st.integers(1, 6), max_size=6)


@dataclass(frozen=True)
class Run:
    """A day built: mostly forward, sometimes again, sometimes an older one."""

    step: int
    members: dict[str, frozenset[int]]
    is_killed: bool
    merged: tuple[int, int | None] | None


runs = st.lists(
    st.builds(
        Run,
        st.sampled_from([1, 1, 1, 2, 0, -1, -2, -3]),
        st.fixed_dictionaries(dict.fromkeys(SEGMENTS, people)),
        st.booleans(),
        st.none()
        | st.tuples(st.integers(1, 6), st.none() | st.integers(1, 6)).filter(
            lambda pair: pair[0] != pair[1]
        ),
    ),
    min_size=1,
    max_size=9,
)


@dataclass
class Told:
    """The naive history: what was said of each day, at each moment."""

    days: dict[date, dict[str, frozenset[int]]] = field(default_factory=dict)
    at: list[tuple[datetime, dict[date, dict[str, frozenset[int]]]]] = field(
        default_factory=list
    )
    aliases: dict[int, int | None] = field(default_factory=dict)

    def now(self, ids: frozenset[int]) -> set[int]:
        """Return the ids that these lead to today."""
        led = {self.aliases.get(one, one) for one in ids}
        return {one for one in led if one is not None}


@pytest.fixture(scope="module")
def history(
    fresh_database: Callable[..., AbstractContextManager[str]],
) -> Iterator[Membership]:
    with fresh_database() as url, connect(url) as conn:
        yield Membership(conn)


@settings(max_examples=40)
@given(runs)
def test_any_day_is_rebuilt_as_it_was_told(
    history: Membership, happened: list[Run]
) -> None:
    try:
        _compare(history, happened)
    finally:
        history.conn.execute("truncate segments.segment_membership_event")
        history.conn.execute("truncate identity.oneid_alias")


def _compare(history: Membership, happened: list[Run]) -> None:
    conn, told, newest = history.conn, Told(), FIRST
    for number, run in enumerate(happened):
        day = max(FIRST, newest + timedelta(days=run.step))
        moment = MOMENT + timedelta(hours=number)
        if not told.days and not any(run.members.values()):
            continue  # A history begins with somebody.
        if run.is_killed:
            with conn.transaction(force_rollback=True):
                history.run(day, run.members, moment)
            continue
        history.run(day, run.members, moment)
        newest = max(newest, day)
        told.days = {**told.days, day: run.members}
        told.at.append((moment, told.days))
        before = _events(conn)
        history.run(day, run.members, moment + timedelta(minutes=1))
        assert _events(conn) == before, "a day run twice has other events"
        if run.merged and run.merged[0] not in told.aliases:
            _merge(history, told, *run.merged)
    if not told.days:
        return
    assert verify(conn)[1] == []
    for one in recorded(conn):
        if not one.is_superseded:
            assert one.digest == digest_of(told.days[one.day][one.segment])
    for moment, days in told.at:
        for day, members in days.items():
            assert members_on(conn, day, known_at=moment) == _some(members)
    for day, members in told.days.items():
        assert members_on(conn, day) == _some(members)
        assert members_on(conn, day, identity="now") == _some(
            {code: told.now(ids) for code, ids in members.items()}
        )
        assert _stays(conn, day) == (
            members_on(conn, day),
            members_on(conn, day, identity="now"),
        )


def _merge(
    history: Membership, told: Told, old_id: int, customer_id: int | None
) -> None:
    if customer_id in told.aliases:
        return
    for one, leads_to in told.aliases.items():
        if leads_to == old_id:
            told.aliases[one] = customer_id
    told.aliases[old_id] = customer_id
    history.merge(old_id, customer_id)


def _some(members: dict[str, frozenset[int]] | dict[str, set[int]]) -> dict[str, set]:
    return {code: set(ids) for code, ids in members.items() if ids}


def _events(conn: Connection) -> list[tuple]:
    return conn.execute(
        "select * from segments.segment_membership_event order by 1, 3, 2, 4"
    ).fetchall()


def _stays(conn: Connection, day: date) -> tuple[dict[str, set], dict[str, set]]:
    then: dict[str, set[int]] = {}
    now: dict[str, set[int]] = {}
    for code, old, current in conn.execute(
        "select segment_code, customer_id, current_customer_id"
        " from segments.segment_member_history"
        " where entered_on <= %s and (left_on is null or left_on > %s)",
        [day, day],
    ):
        then.setdefault(code, set()).add(old)
        if current is not None:
            now.setdefault(code, set()).add(current)
    return then, now


@pytest.fixture
def told(database: str) -> Iterator[Membership]:
    """Three days: the second is corrected after the third, and 2 becomes 7."""
    with connect(database) as conn:
        made = Membership(conn)
        days = [FIRST + timedelta(days=number) for number in range(3)]
        made.run(days[0], {"seg_quality": [1, 2, 10]}, MOMENT)
        made.run(days[1], {"seg_quality": [1, 2]}, MOMENT + timedelta(hours=1))
        made.run(days[2], {"seg_quality": [2, 3]}, MOMENT + timedelta(hours=2))
        made.run(days[1], {"seg_quality": [1]}, MOMENT + timedelta(hours=3))
        made.merge(2, 7)
        yield made


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("--on 2017-12-01 --ids", "1\n2\n10\n"),
        ("--on 2017-12-01 --identity now --ids", "1\n7\n10\n"),
        ("--on 2017-12-02 --ids", "1\n"),
        ("--on 2017-12-02 --known-at 2026-01-01T09:30:00 --ids", "1\n2\n"),
        ("--on 2017-12-03 --ids", "2\n3\n"),
        ("--on 2017-12-03", digest_of([2, 3])),
        ("--verify", "4 counts on 3 days"),
        ("", digest_of([1])[:12]),
    ],
)
def test_history_is_told(told: Membership, command: str, expected: str) -> None:
    told.conn.commit()
    result = RUNNER.invoke(app, ["segment", "history", "seg_quality", *command.split()])
    assert result.exit_code == 0, result.output
    assert expected in result.output


def test_days_are_compared_under_the_ids_of_now(told: Membership) -> None:
    told.conn.commit()
    command = ["segment", "diff", "2017-12-01", "2017-12-03", "--format", "markdown"]
    result = RUNNER.invoke(app, command)
    assert result.exit_code == 0, result.output
    # 1 and 10 leave, 3 enters; 2 who is 7 stays.
    assert "| `seg_quality` | 3 | 2 | +1 | -2 | *** | *** *** |" in result.output


def test_what_was_tampered_with_is_found(told: Membership) -> None:
    told.conn.execute(
        "delete from segments.segment_membership_event"
        " where customer_id = 10 and op = 'left'"
    )
    told.conn.commit()
    result = RUNNER.invoke(app, ["segment", "history", "--verify"])
    assert result.exit_code == 1
    assert "seg_quality on 2017-12-03: recorded 2 members" in result.output


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["history", "seg_quality", "--on", "2016-01-01"], "begins on 2017-12-01"),
        (["history", "seg_advocate"], "seg_advocate has never had a member"),
        (["history", "seg_product_top_up"], "history is kept of customers"),
        (["history"], "Name a segment"),
        (["history", "seg_quality", "--ids"], "name it --on"),
        (["history", "seg_quality", "--identity", "now"], "name it --on"),
        (["diff", "2017-12-01", "HEAD"], "two days or two revisions"),
        (["diff", "no-such-branch"], "nor a revision git knows"),
    ],
)
def test_a_wrong_question_is_one_sentence(
    told: Membership, command: list[str], message: str
) -> None:
    told.conn.commit()
    result = RUNNER.invoke(app, ["segment", *command])
    assert result.exit_code == 1
    assert message in result.output


def test_without_segments_there_is_no_history(conn: Connection) -> None:
    with pytest.raises(QuanyuError, match="no segments in the warehouse yet"):
        members_on(conn, FIRST)
