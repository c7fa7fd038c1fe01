"""Text messages against stubs that the vendors' SDKs pass as well."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from activation.destinations.base import (
    Batch,
    BatchError,
    Destination,
    FatalError,
    Member,
    Op,
    QuotaError,
    RetryableError,
)
from activation.destinations.tencent_sms.payload import next_morning
from tests.integration.destinations.sending import RUN, batch, opened, sync_to
from tests.stubs.running import RunningStub, running_stub

ALIYUN = {
    "type": "aliyun_sms",
    "access_key_id_env": "TEST_KEY_ID",
    "access_key_secret_env": "TEST_KEY_SECRET",
    "url_env": "TEST_URL",
    "sign_name": "全域商城",
    "template_code": "SMS_1",
}
TENCENT = {
    "type": "tencent_sms",
    "secret_id_env": "TEST_KEY_ID",
    "secret_key_env": "TEST_KEY_SECRET",
    "url_env": "TEST_URL",
    "app_id": "14000",
    "sign_name": "全域",
    "template_id": "77",
    "max_rows": 200,
}
KEYS = {"aliyun_sms": ("ak-test", "ak-secret"), "tencent_sms": ("id-test", "sk-test")}


@pytest.fixture(params=["aliyun_sms", "tencent_sms"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stub(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunningStub]:
    with running_stub(kind, tmp_path / "stub") as running:
        monkeypatch.setenv("TEST_KEY_ID", KEYS[kind][0])
        monkeypatch.setenv("TEST_KEY_SECRET", KEYS[kind][1])
        monkeypatch.setenv("TEST_URL", running.url)
        yield running


def destination(kind: str, **settings: Any) -> Destination:
    written = "cn_mobile" if kind == "aliyun_sms" else "e164"
    fields = {
        "mobile_sha256": {"from": "contact.phone", "as": "cn_mobile_sha256"},
        "mobile": {"from": "contact.phone", "as": written},
        "name": {"from": "tags.tier"},
    }
    base = ALIYUN if kind == "aliyun_sms" else TENCENT
    return opened(sync_to({**base, **settings}, "mobile_sha256", fields))


def messages(kind: str, *numbers: int, op: Op = "add") -> Batch:
    run = replace(RUN, columns=("mobile", "name"), started_at=datetime.now(tz=UTC))
    prefix = "" if kind == "aliyun_sms" else "+86"
    members = [
        Member(
            hashlib.sha256(f"138{n:08}".encode()).hexdigest(),
            {"mobile": f"{prefix}138{n:08}", "name": f'金"卡&{n}'},
        )
        for n in numbers
    ]
    return batch(op, *members, run=run)


def sent(stub: RunningStub) -> list[str]:
    rows = stub.query("select number from sent order by number")
    return [row[0].removeprefix("+86") for row in rows]


def test_messages_arrive_with_their_variables(kind: str, stub: RunningStub) -> None:
    one = {} if kind == "aliyun_sms" else {"template_params": ["name"], "max_rows": 1}
    to = destination(kind, **one)
    for number in (1, 2):
        assert to.send(messages(kind, number)).errors == ()
    assert sent(stub) == ["13800000001", "13800000002"]
    variables = [row[0] for row in stub.query("select variables from sent")]
    if kind == "aliyun_sms":
        assert [json.loads(text) for text in variables] == [
            {"name": '金"卡&1'},
            {"name": '金"卡&2'},
        ]
    else:
        assert variables == [str(['金"卡&1']), str(['金"卡&2'])]


def test_a_lost_answer_is_looked_up_not_repeated(kind: str, stub: RunningStub) -> None:
    to, asked = destination(kind), messages(kind, 1, 2, 3)
    stub.misbehave({"kind": "lost"})
    with pytest.raises(RetryableError) as caught:
        to.send(asked)
    assert caught.value.maybe_taken
    assert to.lookup(asked).sent == {member.key for member in asked.members}
    never = replace(messages(kind, 1, 9), idempotency_key="another")
    assert to.lookup(never).sent == frozenset()
    assert len(sent(stub)) == 3


def test_wrong_key_signature_and_template_stop_the_run(
    kind: str, stub: RunningStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    for settings in (
        {"sign_name": "另一个"},
        {"template_code": "x", "template_id": "x"},
    ):
        base = ALIYUN if kind == "aliyun_sms" else TENCENT
        own = {name: value for name, value in settings.items() if name in base}
        with pytest.raises(FatalError, match="check key, signature and template"):
            destination(kind, **own).send(messages(kind, 1))
    monkeypatch.setenv("TEST_KEY_SECRET", "wrong")
    with pytest.raises(FatalError, match="Signature"):
        destination(kind).send(messages(kind, 1))
    assert sent(stub) == []


@pytest.mark.parametrize("kind", ["aliyun_sms"])
def test_aliyun_refuses_whole_batches(kind: str, stub: RunningStub) -> None:
    to, wrong = destination(kind), messages(kind, 1, 2)
    wrong.members[1].fields["mobile"] = "12"
    with pytest.raises(BatchError) as caught:
        to.send(wrong)
    assert caught.value.code == "isv.MOBILE_NUMBER_ILLEGAL"
    for code, maybe_taken in (("Throttling.User", False), ("isp.SYSTEM_ERROR", True)):
        stub.misbehave({"kind": "body", "body": {"Code": code}})
        with pytest.raises(RetryableError) as busy:
            to.send(messages(kind, 1))
        assert busy.value.maybe_taken is maybe_taken
    assert sent(stub) == []


@pytest.mark.parametrize("kind", ["tencent_sms"])
def test_tencent_refuses_numbers_one_by_one(kind: str, stub: RunningStub) -> None:
    to, asked = destination(kind), messages(kind, 1, 2, 3)
    asked.members[0].fields["mobile"] = "+861"
    stub.tell(blacklist="+8613800000002")
    errors = {error.key: error.code for error in to.send(asked).errors}
    assert errors == {
        asked.members[0].key: "InvalidParameterValue.IncorrectPhoneNumber",
        asked.members[1].key: "FailedOperation.PhoneNumberInBlacklist",
    }
    assert sent(stub) == ["13800000003"]
    stub.tell(quiet=True)
    with pytest.raises(QuotaError) as caught:
        to.send(asked)
    assert caught.value.until == next_morning()


def test_morning_comes_after_now() -> None:
    shanghai = datetime.fromisoformat("2026-11-30T22:10:00+08:00")
    assert next_morning(shanghai) == datetime.fromisoformat("2026-12-01T08:00:00+08:00")
    assert next_morning(shanghai + timedelta(hours=3)) == next_morning(shanghai)


@pytest.mark.parametrize("kind", ["aliyun_sms"])
def test_the_sdk_of_aliyun_passes_the_stub_as_we_do(
    kind: str, stub: RunningStub
) -> None:
    sdk = pytest.importorskip("alibabacloud_dysmsapi20170525.client")
    from alibabacloud_dysmsapi20170525 import models
    from alibabacloud_tea_openapi.utils_models import Config

    host = urlsplit(stub.url).netloc
    keys = {"access_key_id": "ak-test", "access_key_secret": "ak-secret"}
    client = sdk.Client(Config(**keys, endpoint=host, protocol="http"))
    answer = client.send_batch_sms(
        models.SendBatchSmsRequest(
            phone_number_json=json.dumps(["13800000001"]),
            sign_name_json=json.dumps(["全域商城"]),
            template_param_json=json.dumps([{"name": '金"卡&1'}]),
            template_code="SMS_1",
            out_id="of-the-sdk",
        )
    )
    assert answer.body.code == "OK"
    destination(kind).send(messages(kind, 1))
    rows = stub.query("select number, variables from sent")
    assert [row[0] for row in rows] == ["13800000001"] * 2
    assert json.loads(rows[0][1]) == json.loads(rows[1][1])


@pytest.mark.parametrize("kind", ["tencent_sms"])
def test_the_sdk_of_tencent_passes_the_stub_as_we_do(
    kind: str, stub: RunningStub
) -> None:
    sdk = pytest.importorskip("tencentcloud.sms.v20210111.sms_client")
    from tencentcloud.common.credential import Credential
    from tencentcloud.common.profile.client_profile import ClientProfile
    from tencentcloud.common.profile.http_profile import HttpProfile
    from tencentcloud.sms.v20210111 import models

    http = HttpProfile(endpoint=urlsplit(stub.url).netloc)
    http.scheme = "http"
    client = sdk.SmsClient(
        Credential("id-test", "sk-test"),
        "ap-guangzhou",
        ClientProfile(httpProfile=http),
    )
    request = models.SendSmsRequest()
    request.from_json_string(
        json.dumps(
            {
                "PhoneNumberSet": ["+8613800000001"],
                "SmsSdkAppId": "14000",
                "SignName": "全域",
                "TemplateId": "77",
                "SessionContext": "of-the-sdk",
            }
        )
    )
    assert client.SendSms(request).SendStatusSet[0].Code == "Ok"
    destination(kind).send(messages(kind, 1))
    rows = stub.query("select number, variables from sent")
    assert rows[0] == rows[1] == ["+8613800000001", "[]"]
