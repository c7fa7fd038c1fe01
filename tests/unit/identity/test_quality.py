"""The quality figures against a naive count over all pairs and all clusters."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.quality import Score, measure

Records = list[tuple[int, str]]


def contingency(records: Records) -> pd.DataFrame:
    frame = pd.DataFrame(records, columns=["customer_id", "person_id"])
    return (
        frame.groupby(["customer_id", "person_id"]).size().reset_index(name="records")
    )


def naive_pairs(records: Records) -> Score:
    right = claimed = true = 0
    for (customer_a, person_a), (customer_b, person_b) in combinations(records, 2):
        claimed += customer_a == customer_b
        true += person_a == person_b
        right += customer_a == customer_b and person_a == person_b
    return Score(right, claimed, true)


def naive_clusters(records: Records) -> Score:
    claimed: dict[int, set[int]] = {}
    true: dict[str, set[int]] = {}
    for number, (customer, person) in enumerate(records):
        claimed.setdefault(customer, set()).add(number)
        true.setdefault(person, set()).add(number)
    exact = [members for members in claimed.values() if members in true.values()]
    return Score(len(exact), len(claimed), len(true))


@given(
    st.lists(
        st.tuples(st.integers(1, 6), st.sampled_from("abcdef")), min_size=1, max_size=60
    )
)
def test_figures_equal_a_count_over_all_pairs(records: Records) -> None:
    quality = measure(contingency(records))
    assert quality.pairs == naive_pairs(records)
    assert quality.clusters == naive_clusters(records)
    assert quality.records == len(records)
    wrong = quality.pairs.claimed - quality.pairs.right
    lost = quality.pairs.true - quality.pairs.right
    assert quality.over_merged["wrong_pairs"].sum() == wrong
    assert quality.under_merged["lost_pairs"].sum() == lost


def test_worst_cases_name_both_sides() -> None:
    records = [(1, "ann")] * 3 + [(1, "bob")] * 2 + [(2, "ann")] + [(3, "cat")] * 2
    quality = measure(contingency(records))
    assert quality.over_merged.to_dict("records") == [
        {
            "customer_id": 1,
            "persons": 2,
            "records": 5,
            "wrong_pairs": 6,
            "person_ids": "ann, bob",
        }
    ]
    assert quality.under_merged.to_dict("records") == [
        {
            "person_id": "ann",
            "customers": 2,
            "records": 4,
            "lost_pairs": 3,
            "customer_ids": "1, 2",
        }
    ]
    assert quality.pairs == Score(right=5, claimed=11, true=8)
    assert quality.clusters == Score(right=1, claimed=3, true=3)


def test_a_share_of_nothing_is_one() -> None:
    nothing = Score(0, 0, 0)
    assert (nothing.precision, nothing.recall, nothing.f1) == (1.0, 1.0, 1.0)
    assert Score(0, 4, 0).f1 == 0.0


def test_a_table_without_counts_is_refused() -> None:
    with pytest.raises(ValueError, match="records"):
        measure(pd.DataFrame({"customer_id": [1], "person_id": ["a"]}))
