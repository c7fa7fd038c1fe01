"""Bodies of requests: what is taken, line for line, and what is wrong with the rest."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.collect.schema import (
    MAX_EVENTS,
    EventReader,
    WrongEvents,
    events_table,
)
from ingestion.jsonlines import Unreadable, parse_line

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
READER = EventReader(timedelta(days=30), clock=lambda: NOW)
EVENT = {
    "event_id": "e1",
    "event": "page_view",
    "occurred_at": "2026-11-25 11:59:00",
}


def body(**more: Any) -> bytes:
    return json.dumps(EVENT | more, ensure_ascii=False).encode()


def faults(content: bytes, **how: bool) -> list[tuple[int, str]]:
    with pytest.raises(WrongEvents) as wrong:
        READER.read(content, **how)
    return [(fault.index, fault.field) for fault in wrong.value.faults]


def test_every_way_to_send_the_same_events() -> None:
    one, two = body(num=2, properties={"price": 1.10}), body(keyword="奶粉\n")
    assert READER.read(one) == [one]
    assert READER.read(b" [" + one + b" ,\n" + two + b"]\n") == [one, two]
    assert READER.read(one + b"\r\n\n" + two, is_ndjson=True) == [one, two]


def test_text_stays_as_it_was_sent_but_on_one_line() -> None:
    sent = (
        b'{"event_id": "1",\r\n "event":"search","occurred_at":"2026-11-25T11:59:00",'
        b'"properties":{"price":1.10, "big":12345678901234567890123,"text":"\\u5976"}}'
    )
    assert READER.read(b"[" + sent + b"]") == READER.read(sent)
    assert READER.read(sent) == [sent.replace(b"\r\n", b"  ")]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"event_id": ""}, "event_id"),
        ({"event_id": None}, "event_id"),
        ({"event_id": 7}, "event_id"),
        ({"event_id": "x" * 65}, "event_id"),
        ({"event": "purchase"}, "event"),
        ({"openid": ["a"]}, "openid"),
        ({"keyword": "x" * 257}, "keyword"),
        ({"num": -1}, "num"),
        ({"num": 1.5}, "num"),
        ({"num": "2"}, "num"),
        ({"num": True}, "num"),
        ({"properties": [1]}, "properties"),
        ({"properties": "{}"}, "properties"),
        ({"opend_id": "typing error"}, "opend_id"),
        ({"occurred_at": "2026-11-31 00:00:00"}, "occurred_at"),
        ({"occurred_at": "2026-11-25"}, "occurred_at"),
        ({"occurred_at": "20261125T115900"}, "occurred_at"),
        ({"occurred_at": 1795579140}, "occurred_at"),
        ({"occurred_at": "2026-11-25 12:15:01"}, "occurred_at"),
        ({"occurred_at": "2026-11-25T04:15:01Z"}, "occurred_at"),
        ({"occurred_at": "2026-10-26 11:59:59"}, "occurred_at"),
        ({"properties": {"text": "x" * 16_000}}, ""),
        ({"properties": {"text": "a\0"}}, ""),
    ],
)
def test_a_wrong_event_is_named_by_index_and_field(
    changed: dict[str, Any], field: str
) -> None:
    wrong = json.dumps(EVENT | changed).encode()
    found = faults(b"[" + body() + b"," + wrong + b"]")
    assert found == [(1, field)]
    assert faults(body() + b"\n" + wrong, is_ndjson=True) == found


@pytest.mark.parametrize(
    "changed",
    [
        {"occurred_at": "2026-11-25 12:15:00"},
        {"occurred_at": "2026-11-25T04:15:00.000Z"},
        {"occurred_at": "2026-10-26T12:00:00+08:00"},
        {"openid": None, "properties": None, "num": None},
        {"openid": "", "num": 0},
        {"keyword": "NaN Infinity \\u0000 1e9999"},
    ],
)
def test_edges_that_are_right(changed: dict[str, Any]) -> None:
    assert READER.read(body(**changed)) == [body(**changed)]


@pytest.mark.parametrize("field", list(EVENT))
def test_required_fields(field: str) -> None:
    event = {name: value for name, value in EVENT.items() if name != field}
    assert faults(json.dumps(event).encode()) == [(0, field)]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b" ", b"[", b"[]", b"[{}", b"[{},]", b"[{} {}]", b"[{}]x", b"nul"),
        *(b"7", b'"text"', b"[1]", b"\xff", b"[\xff]", b"{}{}", b'{"event_id":'),
        b"[" * 100_000,
        body().replace(b'"e1"', b'"e1","properties":{"a":NaN}'),
        body().replace(b'"e1"', b'"e1","properties":{"a":1e99999}'),
        body().replace(b'"e1"', b'"\xff"'),
        body().replace(b'"e1"', b'"a\nb"'),
        b"[" + body().replace(b'"e1"', b'"half \\ud800"') + b"]",
    ],
)
def test_what_is_no_event(content: bytes) -> None:
    assert faults(content)[0][0] == 0


def test_a_batch_has_an_end() -> None:
    events = [body(event_id=f"e{at}") for at in range(MAX_EVENTS + 1)]
    assert len(READER.read(b"[" + b",".join(events[:-1]) + b"]")) == MAX_EVENTS
    assert faults(b"[" + b",".join(events) + b"]") == [(0, "")]
    assert faults(b"\n".join(events), is_ndjson=True) == [(0, "")]


@pytest.mark.parametrize("depth", [1, 100, 190, 197, 198, 199, 200, 201, 5_000])
def test_landing_reads_whatever_depth_is_taken(depth: int) -> None:
    nested = b'{"a":' * depth + b"1" + b"}" * depth
    event = body().replace(b'"e1"', b'"e1","properties":' + nested)
    try:
        (line,) = READER.read(event)
    except WrongEvents:
        assert depth > 190
    else:
        assert depth < 200
        assert parse_line(line, {"properties"})["properties"] == nested.decode()


_TEXT = st.text('a奶\0\n"\\u\ud800', max_size=8)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(list(events_table().columns)), _JSON))
def test_what_is_taken_lands_as_a_row(changed: dict[str, Any]) -> None:
    for ascii_only in (True, False):
        sent = json.dumps(EVENT | changed, ensure_ascii=ascii_only)
        content = sent.encode(errors="surrogatepass")
        try:
            (line,) = READER.read(content)
        except WrongEvents:
            continue
        try:
            row = parse_line(line, {"properties"})
        except Unreadable as error:
            pytest.fail(f"taken, but landing says {error}")
        assert row["event_id"] == (EVENT | changed)["event_id"]
