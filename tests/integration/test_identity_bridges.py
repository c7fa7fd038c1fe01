"""Hashed phones meet plain ones by the channel's key; the key is nobody else's."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.integration.dbt_runs import run_dbt
from tests.integration.identity_project import IdentityProject, Record, rows

KEY, PHONE = r"salt of \ the brand", "16000000001"
HASH = hashlib.sha256(f"{KEY}{PHONE}".encode()).hexdigest().upper()
RECORDS = [
    Record(1, "pos", "member", 0, {"pos_member_no": "ann", "phone": PHONE}),
    Record(2, "tmall", "member", 1, {"tmall_ouid": "ann", "phone_hash": HASH}),
    Record(3, "tmall", "member", 1, {"tmall_ouid": "bob", "phone_hash": "0" * 64}),
]


@pytest.mark.slow
def test_a_hash_ties_what_its_phone_would(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = IdentityProject(tmp_path)
    types = (project.seeds / "oneid_identifier_types.csv").read_text().splitlines()
    email = next(line for line in types if line.startswith("email,"))
    project.write_seed(
        "oneid_identifier_types", [email.replace("email,", "phone_hash,", 1)]
    )
    project.write_seed("oneid_hash_bridges", ["phone_hash,phone,sha256,tmall,2,why"])
    project.land(RECORDS)
    message = run_dbt(
        project.folder, "build", "--indirect-selection", "empty",
        "--select", "resource_type:seed", "assert_link_rules_are_right",
    )  # fmt: skip
    assert "the key is not set: QUANYU_HASH_KEY_TMALL" in message

    monkeypatch.setenv("QUANYU_HASH_KEY_TMALL", KEY)
    project.build(9, "--exclude-resource-type", "unit_test")
    owner = dict(rows("select record_key, customer_id from identity.oneid_records"))
    assert owner[1] == owner[2] != owner[3]
    rule = "select count(*) from identity.oneid_links where link_rule = 'hash_bridge'"
    assert rows(rule) == [(1,)]
    written = [
        path
        for folder in ("target", "logs")
        for path in (project.folder / folder).rglob("*")
        if path.is_file() and KEY.encode() in path.read_bytes()
    ]
    assert not written, "the key is in no file that dbt writes"
