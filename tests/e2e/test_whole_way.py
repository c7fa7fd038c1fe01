"""Channel files in, a pushed audience out: three days, twice, and killed on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from identity.evaluate import evaluate, read_truth
from tests.e2e.brand import DAYS, Brand, brand, make_sample
from tests.e2e.warehouse_state import digests
from tests.integration.tags_compared import differences
from warehouse.connection import connect

HOUSEHOLDS = 80


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sample(tmp_path_factory.mktemp("sample") / "drops", HOUSEHOLDS)


@pytest.fixture(scope="module")
def quiet(
    sample: Path, fresh_database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Brand, list[dict[int, int]], list[int]]]:
    """Three undisturbed days; after each, who is who and how long the histories are."""
    people, events = [], []
    with (
        fresh_database() as url,
        brand(url, tmp_path_factory.mktemp("quiet"), sample) as one,
    ):
        for day in DAYS:
            one.arrive(day)
            one.run_day()
            people.append(
                dict(
                    one.rows(
                        "select record_key, customer_id from identity.oneid_records"
                        " where customer_id is not null"
                    )
                )
            )
            events.append(
                one.rows("select count(*) from segments.segment_membership_event")[0][0]
            )
        yield one, people, events


def test_ids_are_stable_and_histories_grow(quiet) -> None:
    one, people, events = quiet
    alias = dict(one.rows("select old_id, customer_id from identity.oneid_alias"))
    assert people[0], "no record has a customer"
    for before, after in pairwise(people):
        moved = {
            key
            for key, customer in before.items()
            if key in after and after[key] != alias.get(customer, customer)
        }
        assert not moved
        assert len(after) > len(before)
    assert events == sorted(events) and events[0] < events[-1]


def test_every_landed_row_is_accounted_for(quiet) -> None:
    one, _, _ = quiet
    one.quanyu("sample-check", "--out", str(one.sample))


def test_identity_meets_its_bar(quiet) -> None:
    one, _, _ = quiet
    truth = Path(f"{one.sample}_truth") / "truth.parquet"
    with connect(one.url) as conn:
        pairs = evaluate(conn, read_truth(truth)).quality.pairs
    assert pairs.precision >= 0.995
    assert pairs.recall >= 0.97


def test_tags_agree_with_their_definitions(quiet) -> None:
    one, _, _ = quiet
    with connect(one.url) as conn:
        assert differences(conn, date.fromisoformat(DAYS[-1])) == []


def test_scores_and_pushes_follow(quiet) -> None:
    one, _, _ = quiet
    assert one.rows("select count(*) from ml.score_current")[0][0] > 0
    synced = one.rows("select count(*) from activation.member_state")[0][0]
    assert synced > 0


def test_a_day_run_twice_changes_nothing(quiet) -> None:
    one, _, _ = quiet
    before = digests(one.url)
    one.run_day()
    assert digests(one.url) == before


def test_killed_anywhere_and_run_again_is_the_same(
    quiet, fresh_database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    undisturbed, _, _ = quiet
    home = tmp_path_factory.mktemp("killed")
    with fresh_database() as url, brand(url, home, undisturbed.sample) as one:
        run = ("run", "--landing-dir", str(one.landing), "--apply")
        killed = []
        one.arrive(DAYS[0])
        killed.append(
            one.kill_when(one.busy_with("copy raw_"), "load", str(one.landing))
        )
        one.run_day()
        one.arrive(DAYS[1])
        for moment in ("oneid_components", "fct_order_lines"):
            killed.append(one.kill_when(one.busy_with(moment), *run))
        one.run_day()
        one.arrive(DAYS[2])
        killed.append(one.kill_when(one.busy_with("activation.member_state"), *run))
        one.run_day()
        assert killed.count(-9) == len(killed), killed
        assert digests(one.url) == digests(undisturbed.url)
