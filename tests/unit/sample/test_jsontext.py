from __future__ import annotations

import json
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.sample.export import moment, money, pick
from ingestion.sample.jsontext import json_lines, json_lists, json_objects

TEXTS = st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])))


def told(objects) -> list:
    return [json.loads(value) for value in objects.texts.to_pylist()]


@given(TEXTS)
def test_any_text_comes_back(values: list[str | None]):
    column = pa.array(values, pa.string())
    twice = {"名": column, "coded": column.dictionary_encode()}
    assert told(json_objects(twice)) == [
        {"名": value, "coded": value} for value in values
    ]


@given(st.lists(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4), max_size=6))
def test_lists_hold_their_own_run_of_objects(runs: list[list[int]]):
    flat = json_objects({"n": pa.array([n for run in runs for n in run], pa.int64())})
    counts = np.array([len(run) for run in runs], dtype="int64")
    orders = json_objects({"lines": json_lists(flat, counts)})
    assert told(orders) == [{"lines": [{"n": n} for n in run]} for run in runs]


def test_each_kind_of_value_is_told_as_the_channels_do():
    at = np.array(["2017-11-11T08:00:00", "NaT"], dtype="datetime64[s]")
    objects = json_objects(
        {
            "count": pa.array([2, None]),
            "flag": pa.array([True, False]),
            "amount": money(np.array([1234, -5])),
            "at": moment(at),
            "state": pick(("OPEN", "SHUT"), np.array([1, 0])),
            "nothing": pa.nulls(2),
        }
    )
    assert objects.texts.to_pylist() == [
        '{"count":2,"flag":true,"amount":"12.34","at":"2017-11-11 08:00:00",'
        '"state":"SHUT","nothing":null}',
        '{"count":null,"flag":false,"amount":"-0.05","at":null,'
        '"state":"OPEN","nothing":null}',
    ]
    assert Decimal(told(objects)[0]["amount"]) == Decimal("12.34")


@pytest.mark.parametrize("begin", [0, 1, 3])
def test_lines_are_those_of_the_slice(begin: int):
    table = pa.table({"id": ["a", 'b"', "c"], "raw": ["[1]", "[2]", "[3]"]})
    content = json_lines(table.slice(begin), ("raw",)).to_pybytes()
    assert [json.loads(line) for line in content.splitlines()] == [
        {"id": row["id"], "raw": json.loads(row["raw"])}
        for row in table.to_pylist()[begin:]
    ]
