"""Channel files in, a pushed audience out: three days, and one of them twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from identity.evaluate import evaluate, read_truth
from tests.e2e.brand import DAYS, AfterDay, Brand, brand
from tests.e2e.warehouse_state import digests
from tests.integration.tags.compared import differences
from warehouse.connection import connect


@pytest.fixture(scope="module")
def quiet(quiet_days) -> Iterator[tuple[Brand, list[AfterDay]]]:
    """Three undisturbed days, and what each left."""
    url, _, first = quiet_days.first()
    days = [first, quiet_days.second(), quiet_days.run(url, DAYS[2])]
    with brand(url, quiet_days.home, quiet_days.sample) as one:
        yield one, days


def test_audiences_are_counted_over_the_days_copy(quiet) -> None:
    one, _ = quiet
    condition = "value_tier in ('v4', 'v5') and not wecom_is_friend"
    said = one.quanyu("segment", "estimate", condition)
    ((people,),) = one.rows(
        f"select count(*) from tags.customer_tags_wide where {condition}"  # noqa: S608  # ours
    )
    assert DAYS[-1] in said
    (line,) = [line for line in said.splitlines() if "people" in line]
    assert line.split()[3] == f"{people:,}"


def test_ids_are_stable_and_histories_grow(quiet) -> None:
    one, days = quiet
    alias = dict(one.rows("select old_id, customer_id from identity.oneid_alias"))
    assert days[0].people, "no record has a customer"
    for before, after in pairwise(days):
        moved = {
            key
            for key, customer in before.people.items()
            if key in after.people
            and after.people[key] != alias.get(customer, customer)
        }
        assert not moved
        assert len(after.people) > len(before.people)
        assert after.membership_events > before.membership_events


def test_the_hard_rules_hold_on_rows_made_for_them(quiet) -> None:
    # dbt's unit tests need their parents' tables, not their rows.
    one, _ = quiet
    one.quanyu("dbt", "test", "--select", "test_type:unit")


def test_every_landed_row_is_accounted_for(quiet) -> None:
    one, _ = quiet
    one.quanyu("sample-check", "--out", str(one.sample))


def test_identity_meets_its_bar(quiet) -> None:
    one, _ = quiet
    truth = Path(f"{one.sample}_truth") / "truth.parquet"
    with connect(one.url) as conn:
        pairs = evaluate(conn, read_truth(truth)).quality.pairs
    assert pairs.precision >= 0.995
    assert pairs.recall >= 0.97


def test_tags_agree_with_their_definitions(quiet) -> None:
    one, _ = quiet
    with connect(one.url) as conn:
        assert differences(conn, date.fromisoformat(DAYS[-1])) == []


def test_scores_and_pushes_follow(quiet) -> None:
    _, days = quiet
    # On 31 December the month is over: January is scored anew, for more people.
    assert days[0].scored > 0
    assert days[2].digests["ml.scores"] != days[1].digests["ml.scores"]
    assert all(day.held > 0 for day in days)
    changed = "activation.changelog"
    assert days[0].digests[changed] != days[2].digests[changed]


def test_a_day_run_twice_changes_nothing(quiet) -> None:
    one, days = quiet
    one.run_day()
    assert digests(one.url) == days[-1].digests
