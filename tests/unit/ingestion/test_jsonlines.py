"""JSON lines: values as they are written, and lines no one can read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion import jsonlines
from ingestion.jsonlines import MAX_DEPTH, Unreadable, parse_line
from tests.unit.ingestion.reading import read, small_blocks, table
from warehouse.errors import QuanyuError

CONTRACT = table(
    "id name", format="jsonl", info={"type": "json", "description": "JSON"}
)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"))
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"id": st.integers(), "name": SCALARS, "info": JSON}
        ).filter(lambda one: "\\u0000" not in json.dumps(one)),
        max_size=6,
    ),
    st.booleans(),
    st.sampled_from([16, 4096]),
)
def test_objects_come_back_as_they_were(
    objects: list[dict[str, object]], ascii_only: bool, block_bytes: int
) -> None:
    lines = [json.dumps(one, ensure_ascii=ascii_only) for one in objects]
    with small_blocks(block_bytes):
        found = read("\n".join(lines).encode(), CONTRACT)
    assert not found.quarantined
    for one, row in zip(objects, found.rows.values(), strict=True):
        assert row["id"] == str(one["id"])
        name = row.get("name")
        if isinstance(one["name"], str):
            assert name == (one["name"] or None)
        else:
            assert json.loads(name or "null") == one["name"]
        assert json.loads(row.get("info") or "null") == one["info"]


def test_numbers_and_nested_values_keep_their_letters() -> None:
    line = (
        '{"id": 1.10, "name": 12345678901234567890123, "info": {"a":[1.0 ,"\\u4e2d"]} }'
    )
    found = read(line.encode(), CONTRACT)
    assert found.rows[1] == {
        "id": "1.10",
        "name": "12345678901234567890123",
        "info": '{"a":[1.0 ,"\\u4e2d"]}',
    }


def test_a_json_column_is_json_even_when_a_scalar() -> None:
    found = read(b'{"id": "1", "info": "x"}\n{"id": [1, 2], "info": null}\n', CONTRACT)
    assert found.rows[1]["info"] == '"x"'
    assert found.rows[2] == {"id": "[1, 2]", "info": None}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"[1]", "not_an_object"),
        (b'"x"', "not_an_object"),
        (b"{'id': 1}", "malformed_json"),
        (b'{"id": NaN}', "malformed_json"),
        (b'{"id": 1} {"id": 2}', "malformed_json"),
        (b'{"id": "a\tb"}', "malformed_json"),
        (b'{"id": "\xff"}', "undecodable"),
        (b'{"id": "\\ud800"}', "undecodable"),
        (b'{"id": "\0"}', "nul_byte"),
        (b'{"id": "\\u0000"}', "nul_byte"),
        (b'{"id": 1, "info": {"a\\\\\\u0000": 1}}', "nul_byte"),
        (b'{"id": 1, "info": 1e99999}', "number_out_of_range"),
        (b'{"id": 1, "info": 1e-99999999999}', "number_out_of_range"),
        (b'{"id": 1, "info": [' + b"9" * 200_000 + b"]}", "number_out_of_range"),
        (b'{"id": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "nested_too_deep"),
        (b'{"id": [{}' + b",{}" * 500 + b',"' + b'\\"' * 500_000, "malformed_json"),
        (b'{"id": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001, "nested_too_deep"),
    ],
)
def test_lines_no_one_can_hold_go_to_quarantine(line: bytes, reason: str) -> None:
    found = read(b'{"id": 1}\n' + line + b'\n{"id": 3}\n', CONTRACT)
    assert found.reasons == {2: reason}
    assert found.quarantined[2][1] == line
    assert list(found.rows) == [1, 3]


@pytest.mark.parametrize(
    "line",
    [
        b'{"id": "\\\\u0000"}',
        b'{"id": "\\ud83d\\ude00"}',
        b'{"id": 1e308, "info": -1e308}',
        b'{"id": "' + b"[" * 1_000 + b'"}',
        b'{"id": ' + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1) + b"}",
        b'{"id": [' + b"{}," * 1_000 + b"{}]}",
    ],
)
def test_what_only_looks_dangerous_lands(line: bytes) -> None:
    assert list(read(line, CONTRACT).rows) == [1]


def test_a_torn_last_line_is_named_so() -> None:
    found = read(b'\xef\xbb\xbf{"id": 1}\r\n\r\n{"id": 2, "na', CONTRACT)
    assert found.rows == {1: {"id": "1"}}
    assert found.quarantined == {2: ("torn_line", b'{"id": 2, "na')}


def test_a_column_no_object_has_is_missing() -> None:
    contract = CONTRACT.model_copy(update={"required": ("id", "name")})
    assert read(b'{"id": 1}\n{"id": 2, "name": "x"}\n', contract).rows
    assert not read(b"", contract).rows
    with pytest.raises(QuanyuError, match=r"Column name is missing from 2017-01-01"):
        read(b'{"id": 1}\n', contract)


# Pieces of JSON and of what is nearly JSON, at the limits too.
PIECES = st.sampled_from(
    [
        *('{"a":1}', '{"id":"x"', '"b":', "[1,2]", "{", "}", "[", "]", ",", ":"),
        *('"', "\\", "\\u", "\\ud83d", "\\ude00", "\\u0000", "\\n", "\\/", "\\x"),
        *("1", "0", "-", "+", ".", "e", "E", "01", "1.10", "-0", "true", "nul", "NaN"),
        *("1e99999", "-1.5E-20000", "1" * 16_001, "[" * 201, "]" * 201, " ", "\t"),
        *("a", "é", "全", "\x01", "\x7f", "\ufeff", "\u2028", "null"),
    ]
)


@settings(max_examples=500)
@given(
    st.builds(
        lambda value, at, pieces: value[:at] + "".join(pieces) + value[at:],
        st.fixed_dictionaries({"id": SCALARS, "info": JSON}).map(json.dumps),
        st.integers(0, 60),
        st.lists(PIECES, max_size=3),
    ).map(str.encode),
    st.sampled_from([frozenset(), frozenset({"info"})]),
)
def test_the_fast_way_and_the_careful_way_are_one(
    content: bytes, json_columns: frozenset[str]
) -> None:
    def outcome(plain: bool) -> dict[str, str | None] | tuple[str, str]:
        with pytest.MonkeyPatch.context() as patch:
            if not plain:
                patch.setattr(jsonlines, "_is_plain", lambda _: False)
            try:
                return parse_line(content, json_columns)
            except Unreadable as error:
                return error.reason, str(error)

    assert outcome(plain=True) == outcome(plain=False)
