from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from activation.specs import SYNCS, SyncSpec, load_sync, load_syncs, read_sync
from warehouse.errors import QuanyuError
from warehouse.settings import dbt_project_dir

CONSENT = {
    "legal_entity": "全域零售(上海)有限公司",
    "brand": "supermarket",
    "purpose": "marketing",
    "channel": "sms",
}
GOOD: dict[str, Any] = {
    "description": "test",
    "owner": "crm@example.com",
    "segment": "seg_second_order_due",
    "destination": {"type": "file", "directory": "out"},
    "key": "customer_id",
    "map": {
        "customer_id": {"from": "customer_id"},
        "mobile": {"from": "contact.phone", "as": "e164"},
    },
    "consent": CONSENT,
}


def written(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "activation" / "syncs" / "to_file.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def changed(**changes: Any) -> dict[str, Any]:
    return {**GOOD, **changes}


def test_committed_syncs_are_valid_and_their_segments_exist() -> None:
    syncs = load_syncs()
    assert [sync.name for sync in syncs] == sorted(p.stem for p in SYNCS.glob("*.yml"))
    segments = {p.stem for p in (dbt_project_dir() / "models/segments").rglob("*.sql")}
    assert {sync.segment for sync in syncs} <= segments


def test_read_sync_fills_defaults(tmp_path: Path) -> None:
    sync = read_sync(written(tmp_path, GOOD))
    assert sync.name == "to_file"
    assert (sync.guard.min_rows, sync.guard.max_remove_pct) == (1, 20)
    assert sync.holdout is None
    assert SyncSpec.model_validate(sync.stored()) == sync


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            changed(guard={"max_remove_pc": 5}),
            "guard.max_remove_pc: is not a known key",
        ),
        (changed(colour="red"), "colour: is not a known key"),
        (changed(segment="vip"), "segment: String should match"),
        (changed(key="phone"), "the sync: key: 'phone' is not a field of map"),
        (changed(key="mobile"), "key: 'mobile' must be customer_id or a hashed"),
        (changed(destination={"type": "fax"}), "destination: type: must be one of"),
        (changed(destination={"type": "file"}), "destination: directory: Field"),
        (changed(consent={**CONSENT, "purpose": "fun"}), "consent.purpose: "),
        (
            changed(map={"customer_id": {"from": "select 1"}}),
            "map.customer_id: from: 'select 1' is none of customer_id, contact.phone",
        ),
        (
            changed(map={**GOOD["map"], "mobile": {"from": "contact.phone"}}),
            "map.mobile: as: must be one of cn_mobile, cn_mobile_md5",
        ),
        (
            changed(map={**GOOD["map"], "tier": {"from": "tags.tier", "as": "e164"}}),
            "map.tier: as: tags.tier is sent as it is",
        ),
        (
            changed(map={**GOOD["map"], "open": {"from": "contact.wechat_openid"}}),
            "map.open: scope: a wechat_openid",
        ),
        (["a list"], "must hold keys"),
    ],
)
def test_mistake_names_file_and_key(
    tmp_path: Path, content: Any, sentence: str
) -> None:
    with pytest.raises(QuanyuError) as caught:
        read_sync(written(tmp_path, content))
    assert str(caught.value).startswith("activation/syncs/to_file.yml")
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unknown_sync_names_the_known_ones() -> None:
    with pytest.raises(QuanyuError, match="second_order_due_to_file"):
        load_sync("no_such_sync")


@pytest.mark.parametrize(
    ("change", "is_resend"),
    [
        ({"description": "another"}, False),
        ({"consent": {**CONSENT, "channel": "phone"}}, False),
        ({"holdout": {"percent": 5, "salt": "x"}}, False),
        ({"destination": {"type": "file", "directory": "out", "max_rows": 7}}, False),
        ({"destination": {"type": "file", "directory": "elsewhere"}}, True),
        ({"map": {"customer_id": {"from": "customer_id"}}}, True),
    ],
)
def test_mapping_hash_changes_when_all_must_be_sent_again(
    change: dict[str, Any], is_resend: bool
) -> None:
    before = SyncSpec.model_validate({"name": "to_file", **GOOD})
    after = SyncSpec.model_validate({"name": "to_file", **GOOD, **change})
    assert (before.mapping_hash != after.mapping_hash) is is_resend


def test_missing_environment_names_what_is_unset(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QUANYU_WEBHOOK_URL", "http://127.0.0.1:1")
    monkeypatch.delenv("QUANYU_WEBHOOK_SECRET", raising=False)
    webhook = load_sync("repurchase_mid_low_to_webhook")
    assert webhook.missing_environment() == ["QUANYU_WEBHOOK_SECRET"]
    assert load_sync("second_order_due_to_file").missing_environment() == []


def test_tags_of_committed_syncs_are_catalogued() -> None:
    catalogued = {
        column["name"]
        for path in (dbt_project_dir() / "models/tags/customer").glob("*.yml")
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        for column in model.get("columns", [])
    }
    used = {field.tag_column for sync in load_syncs() for field in sync.map.values()}
    assert used - {None} <= catalogued
