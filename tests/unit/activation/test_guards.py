from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from activation import guards
from activation.guards import Figures
from activation.specs import Guard, load_sync

SYNC = load_sync("second_order_due_to_file").model_copy(
    update={"guard": Guard(max_remove_pct=20, min_removals=20, min_rows=10)}
)
DAY = date(2017, 11, 30)
CALM = Figures(
    base_date=DAY, source_rows=1000, eligible=900, held=900, removes=50, adds=50
)


def test_a_calm_plan_passes() -> None:
    assert guards.broken(SYNC, CALM) is None
    assert guards.unusual(SYNC, CALM) is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"null_keys": 2}, "holds 2 rows without a customer_id"),
        ({"duplicate_keys": 3}, "holds 3 customers more than once"),
        ({"last_base_date": date(2017, 12, 1)}, "has already sent 2017-12-01"),
    ],
)
def test_broken(change: dict[str, Any], sentence: str) -> None:
    assert sentence in str(guards.broken(SYNC, replace(CALM, **change)))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"source_rows": 9}, "holds 9 rows, fewer than guard.min_rows (10)"),
        ({"removes": 181}, "would remove 181 of 900 people (20%)"),
        ({"mapping_changed": True}, "all 900 people would be sent again"),
        ({"disabled_reason": "gone"}, "is disabled: gone"),
    ],
)
def test_unusual(change: dict[str, Any], sentence: str) -> None:
    assert sentence in str(guards.unusual(SYNC, replace(CALM, **change)))


@pytest.mark.parametrize(
    "change",
    [
        {"removes": 180},  # exactly the share that is allowed
        {"removes": 20, "held": 25},  # a share of few people is noise
        {"last_base_date": DAY},  # the same day again
        {"source_rows": 10},
    ],
)
def test_edges_pass(change: dict[str, Any]) -> None:
    figures = replace(CALM, **change)
    assert (guards.broken(SYNC, figures), guards.unusual(SYNC, figures)) == (None, None)


def test_resend_without_asking_when_the_sync_says_so() -> None:
    sync = SYNC.model_copy(update={"guard": Guard(on_change="resend")})
    assert guards.unusual(sync, replace(CALM, mapping_changed=True)) is None
