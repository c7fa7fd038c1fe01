from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from activation.destinations.base import (
    Batch,
    BatchError,
    FatalError,
    Member,
    Op,
    RetryableError,
    RunInfo,
)
from activation.destinations.file import payload as file_payload
from activation.destinations.webhook import payload

NOW = datetime.now(tz=UTC).replace(microsecond=0)
RUN = RunInfo(
    sync="vip_to_file",
    run_id=12,
    run_key="1a2b3c4d-0000-0000-0000-000000000000",
    base_date=date(2017, 11, 30),
    started_at=datetime(2017, 12, 1, 1, tzinfo=UTC),
    key="customer_id",
    columns=("mobile", "is_vip", "note"),
)


def batch(op: Op = "add") -> Batch:
    members = (
        Member("1", {"mobile": "+8613812345678", "is_vip": True, "note": '二,"单"'}),
        Member("2", {"mobile": None, "is_vip": False, "note": None}),
    )
    if op == "remove":
        members = (Member("1"), Member("2"))
    return Batch(RUN, 3, op, "ab" * 32, members)


def test_csv_part() -> None:
    assert file_payload.render_part(batch()).decode().splitlines() == [
        "op,customer_id,mobile,is_vip,note",
        'add,1,+8613812345678,true,"二,""单"""',
        "add,2,,false,",
    ]
    assert file_payload.render_part(batch("remove")).decode().splitlines()[1:] == [
        "remove,1,,,",
        "remove,2,,,",
    ]


def test_manifest_counts_and_hashes_what_lies_there() -> None:
    content = file_payload.render_part(batch())
    part = file_payload.describe_part("part-00003.csv", content)
    assert (part.rows, part.bytes) == (2, len(content))
    manifest = json.loads(file_payload.render_manifest(RUN, [part, part]))
    assert (manifest["run"], manifest["rows"]) == ("run-000012-1a2b3c4d", 4)
    assert file_payload.render_manifest(RUN, [part]) == file_payload.render_manifest(
        RUN, [part]
    )


def test_body_and_message_id_are_the_same_on_every_attempt() -> None:
    body = json.loads(payload.render_body(batch()))
    assert payload.render_body(batch()) == payload.render_body(batch())
    assert body["type"] == "audience.upserted"
    assert body["data"]["members"][0]["key"] == "1"
    removal = json.loads(payload.render_body(batch("remove")))
    assert removal["data"]["members"] == [{"key": "1"}, {"key": "2"}]
    assert payload.message_id(batch()) == "msg_" + "ab" * 16


def test_signature_is_verified_by_the_reference_library() -> None:
    webhook = Webhook("whsec_" + "QUJD" * 8)
    request = payload.sign(
        webhook, "msg_1", payload.render_body(batch()), datetime.now(UTC)
    )
    assert webhook.verify(request.body, request.headers)["data"]["op"] == "add"
    with pytest.raises(WebhookVerificationError):
        webhook.verify(request.body + b" ", request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "REVG" * 8).verify(request.body, request.headers)


@pytest.mark.parametrize("body", [b"", b"thanks", b"[]", b'{"errors": null}'])
def test_any_2xx_is_a_yes(body: bytes) -> None:
    assert payload.read_answer(204, {}, body, batch(), NOW).errors == ()


def test_row_errors_are_read_from_a_2xx() -> None:
    body = b'{"errors": [{"key": "2", "code": "bad_phone"}, 7]}'
    (error,) = payload.read_answer(200, {}, body, batch(), NOW).errors
    assert (error.key, error.code, error.message) == ("2", "bad_phone", "")


def test_errors_about_strangers_leave_the_outcome_open() -> None:
    with pytest.raises(RetryableError, match="not sent"):
        payload.read_answer(200, {}, b'{"errors": [{"key": "9"}]}', batch(), NOW)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, RetryableError),
        (408, RetryableError),
        (500, RetryableError),
        (502, RetryableError),
        (400, BatchError),
        (413, BatchError),
        (422, BatchError),
        (302, FatalError),
        (401, FatalError),
        (404, FatalError),
        (410, FatalError),
    ],
)
def test_status_says_what_to_do(status: int, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        payload.read_answer(status, {}, b"", batch(), NOW)
    assert getattr(caught.value, "disable", False) is (status == 410)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("Fri, 01 Dec 2017 00:01:00 GMT", 60),
        ("Thu, 30 Nov 2017 00:00:00 GMT", 0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    now = datetime(2017, 12, 1, tzinfo=UTC)
    assert payload.retry_after({"retry-after": value}, now) == seconds
