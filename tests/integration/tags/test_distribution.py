"""Distribution and drift of tags, against plain counting in Python."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from audience.tag_health import read_tag_health
from tests.integration.tags.distribution_project import DistributionProject, tags
from tests.integration.tags.rows import select
from warehouse.connection import connect

REFERENCE, BEFORE, TODAY = date(2017, 11, 30), date(2017, 12, 30), date(2017, 12, 31)
PEOPLE = 1200
Rows = list[dict[str, Any]]


def people(day: date, *, seed: int, moved: bool) -> Rows:
    """Return the tags of random people; `moved` changes some of them."""
    draw = random.Random(seed)
    rows = []
    for number in range(PEOPLE):
        levels = ["low"] * 2 + ["mid"] * 3 + ["high"] * (9 if moved else 1)
        rows.append(
            {
                "customer_id": number,
                "trial_order_count": draw.choice([0, 0, 0, 1, 2, 5, 9, 30, 400]),
                "trial_spent_amount": round(draw.gauss(0, 90) * (3 if moved else 1), 2),
                "trial_used_rate": round(draw.random(), 2),
                "trial_seen_on": draw.choice(
                    [None, day - timedelta(days=draw.randrange(-5, 700))]
                ),
                "trial_level": draw.choice(levels),
                "trial_is_friend": draw.choice([True, False, None]),
                "trial_store_code": draw.choice([None, "s1", "s2", "s3"]),
            }
        )
    return rows


@pytest.fixture(scope="module")
def days(
    module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[date, Rows]]:
    """Three days on record; the last one is run twice, first with other rows."""
    project = DistributionProject(tmp_path_factory.mktemp("distribution"))
    project.land("product_tags_wide", [{"product_key": 1, "product_is_gift": True}])
    project.land("store_tags_wide", [{"store_code": "s1", "store_is_open": True}])
    project.land("guide_tags_wide", [])
    landed = {
        REFERENCE: people(REFERENCE, seed=1, moved=False),
        BEFORE: people(BEFORE, seed=2, moved=True),
        TODAY: people(TODAY, seed=3, moved=True),
    }
    for day in (REFERENCE, BEFORE):
        project.land("customer_tags_wide", landed[day])
        project.build(day.isoformat(), "--select", "+tag_distribution")
    project.land("customer_tags_wide", landed[REFERENCE][:7])
    project.build(TODAY.isoformat(), "--select", "+tag_distribution")
    project.land("customer_tags_wide", landed[TODAY])
    project.build(TODAY.isoformat(), "--full-refresh")
    yield landed


def on(rows: list[dict[str, Any]], day: date) -> list[dict[str, Any]]:
    return [row for row in rows if row["base_date"] == day]


def measured(value: Any, day: date) -> Any:
    """Return a date as its days before `day`, anything else as it is."""
    return (day - value).days if isinstance(value, date) else value


def cell(number: float) -> int:
    """Return the cell of a number: four to each doubling, in hundredths."""
    return int(
        math.copysign(math.floor(4 * math.log(1 + 100 * abs(number)) / math.log(2)), 1)
        * (0 if number == 0 else math.copysign(1, number))
    )


def test_every_day_counts_everybody_once(days: dict[date, Rows]) -> None:
    with connect() as conn:
        counts = select(conn, "tags.tag_value_counts")
    for day, rows in days.items():
        for code, kind in tags("customer_tags_wide").items():
            values = [measured(row.get(code), day) for row in rows]
            expected: Counter[Any] = Counter()
            for value in values:
                if value is None:
                    expected[(None, None)] += 1
                elif kind in ("number", "date"):
                    expected[(cell(float(value)), None)] += 1
                elif kind == "text":
                    expected[(None, "filled")] += 1
                else:
                    expected[(None, str(value).lower())] += 1
            found = {
                (row["cell"], row["tag_value"]): row["value_count"]
                for row in on(counts, day)
                if row["tag_code"] == code
            }
            assert found == dict(expected), (day, code)


def test_fill_and_quantiles(days: dict[date, Rows]) -> None:
    with connect() as conn:
        found = {
            (row["base_date"], row["tag_code"]): row
            for row in select(conn, "tags.tag_distribution")
        }
    assert len(found) == len(days) * 10
    assert found[TODAY, "product_is_gift"]["entity"] == "product"
    for day, rows in days.items():
        for code, kind in tags("customer_tags_wide").items():
            values = [measured(row.get(code), day) for row in rows]
            known = [value for value in values if value is not None]
            row = found[day, code]
            assert row["row_count"] == PEOPLE
            assert row["filled_count"] == len(known)
            assert float(row["fill_rate"]) == pytest.approx(
                len(known) / PEOPLE, abs=5e-5
            )
            assert row["distinct_count"] == len(set(known))
            if kind in ("number", "date") and known:
                assert row["sample_size"] == PEOPLE
                for name, share in (("p01", 1), ("p25", 25), ("p50", 50), ("p95", 95)):
                    expected = np.percentile([float(one) for one in known], share)
                    assert row[name] == pytest.approx(expected), (day, code, name)


def bins(then: list[Any], values: list[Any], tenths: bool) -> Counter[Any]:
    """Return how many of `values` are in which bin, by the tenths of `then`."""
    cells = sorted(cell(float(one)) for one in then if one is not None and tenths)
    found: Counter[Any] = Counter()
    for value in values:
        if value is None or not tenths:
            found[value] += 1
        else:
            below = sum(one < cell(float(value)) for one in cells)
            found[min(below * 10 // len(cells), 9) if cells else 0] += 1
    return found


def index(then: Counter[Any], now: Counter[Any]) -> float:
    """Return the population stability index, half a row more in every bin."""
    labels = set(then) | set(now)
    total = 0.0
    for label in labels:
        was = (then[label] + 0.5) / (then.total() + 0.5 * len(labels))
        is_now = (now[label] + 0.5) / (now.total() + 0.5 * len(labels))
        total += (is_now - was) * math.log(is_now / was)
    return total


@pytest.mark.parametrize(
    ("comparison", "compared_on"), [("day_before", BEFORE), ("reference", REFERENCE)]
)
def test_drift_is_the_population_stability_index(
    days: dict[date, Rows], comparison: str, compared_on: date
) -> None:
    with connect() as conn:
        drift = {
            row["tag_code"]: row
            for row in select(conn, "tags.tag_drift")
            if row["comparison"] == comparison
        }
    for code, kind in tags("customer_tags_wide").items():
        row = drift[code]
        assert row["compared_on"] == compared_on
        then = [measured(one.get(code), compared_on) for one in days[compared_on]]
        now = [measured(one.get(code), TODAY) for one in days[TODAY]]
        if kind == "text":
            then, now = ([one and "filled" for one in values] for values in (then, now))
        tenths = kind in ("number", "date")
        was, is_now = bins(then, then, tenths), bins(then, now, tenths)
        assert row["bin_count"] == len(set(was) | set(is_now)), code
        assert float(row["psi"]) == pytest.approx(index(was, is_now), abs=2e-6), code
        moved = comparison == "reference" and code in (
            "trial_level",
            "trial_spent_amount",
        )
        assert (row["drift"] == "drifted") == moved, row


def test_the_catalogue_says_how_full_a_tag_is(days: dict[date, Rows]) -> None:
    with connect() as conn:
        catalogue = {row["tag_code"]: row for row in select(conn, "tags.tag_catalog")}
    assert len(catalogue) == 11
    level = catalogue["trial_level"]
    assert (level["path"], level["brand_path"]) == ("试/验", "品/牌")
    assert level["is_filled_as_declared"]
    assert catalogue["trial_order_count"]["brand_path"] is None
    assert catalogue["trial_unused_count"]["is_filled_as_declared"] is False
    assert catalogue["product_is_gift"]["fill_rate"] == 1


def test_the_health_of_tags_is_read_from_it(days: dict[date, Rows]) -> None:
    family = "tags_customer_trial"
    with connect() as conn:
        today = read_tag_health(conn, TODAY)
        later = read_tag_health(conn, TODAY + timedelta(days=1))
    assert list(today.under_filled(family)["tag_code"]) == ["trial_unused_count"]
    # The entry of this project's enum declares no values at all.
    assert set(today.undeclared(family)["tag_value"]) == {"low", "mid", "high"}
    assert today.late(family).empty
    assert len(later.late(family)) == len(tags("customer_tags_wide"))
    assert set(today.drifted(family)["tag_code"]) == {
        "trial_level",
        "trial_spent_amount",
    }
    assert all(png.startswith(b"\x89PNG") for png in today.pictures().values())
