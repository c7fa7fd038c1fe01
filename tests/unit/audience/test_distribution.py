"""Bars of a distribution."""

from __future__ import annotations

import math

import pytest

from audience.distribution import Distribution, cell_from


def bars(counts: list[tuple[int | None, str | None, int]], **options: int) -> object:
    return Distribution({}, counts, []).bars(whole=True, **options)


def test_values_come_as_they_are_and_the_rest_together() -> None:
    counts = [(None, "a", 9), (None, "b", 5), (None, None, 7), (None, "c", 1)]
    assert bars(counts) == [("a", 9), ("b", 5), ("c", 1)]
    assert bars(counts, most=2) == [("a", 9), ("other", 6)]


def test_neighbouring_cells_go_together_but_zero_stands_alone() -> None:
    counts = [(0, None, 3), *[(cell, None, 1) for cell in range(26, 66)]]
    found = Distribution({}, counts, []).bars(whole=True)
    assert found[0] == ("0", 3)
    assert sum(rows for _, rows in found) == 43
    assert len(found) <= 13


@pytest.mark.parametrize("number", [0, 1, 2, 7, 100, 5000, -1, -3, -800])
def test_a_cell_begins_at_or_below_its_numbers(number: int) -> None:
    """As macro tag_cell counts: four cells to each doubling, in hundredths."""
    depth = math.floor(4 * math.log(1 + 100 * abs(number)) / math.log(2))
    cell = depth if number >= 0 else -depth
    assert cell_from(cell, whole=True) <= number
    assert cell_from(cell, whole=False) <= number
    assert cell_from(cell + 1, whole=True) > number
