"""Mistakes in the rules of identity stop the build, each with its file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.integration.dbt_runs import run_dbt
from tests.integration.identity_project import IdentityProject, Record, rows

MISTAKES = [
    ("oneid_blocked_values", "phone,13800138000X,placeholder", "written in lower case"),
    ("oneid_blocked_values", "fax,1,placeholder", "fax is no identifier type"),
    ("oneid_blocked_patterns", "phone,^1([0-9,placeholder", "is no regular expression"),
    ("oneid_blocked_patterns", "phone,^1,", "a reason is missing"),
    ("oneid_channel_trust", "tmall,member,0.5,twice", "of member must lie"),
    ("oneid_channel_trust", "taobao,member,0.5,unknown", "taobao is no channel"),
    ("oneid_budgets", "largest,-1,negative", "a budget has a measure"),
    ("survivorship", "age,latest,pos taobao,unknown", "taobao is no channel"),
    (
        "oneid_subject_types",
        "car,phone,车辆,true,no",
        "phone must be an identifier type",
    ),
    ("oneid_fuzzy_weights", "name,equal,1,no", "name needs an agreement"),
    ("oneid_fuzzy_blocks", "9,shoe_size,,,20,no", "shoe_size has no weight"),
    (
        "oneid_revoked_links",
        "fax,,1,email,,ann@example.com,2017-01-02,reviewer,a fax",
        "fax is no identifier type",
    ),
    (
        "oneid_forced_links",
        "phone,,1,email,,ann@example.com,2017-01-02,,nobody",
        "decided_on and decided_by",
    ),
]
TIED = [
    Record(1, "pos", "member", 0, {"pos_member_no": "ann", "phone": "16000000001"}),
    Record(2, "pos", "member", 0, {"pos_member_no": "bob", "phone": "16000000002"}),
]


@pytest.fixture
def project(tmp_path: Path, database: str) -> IdentityProject:
    project = IdentityProject(tmp_path)
    project.land(TIED)
    return project


def build_seeds(project: IdentityProject) -> str:
    """Load the seeds and check them."""
    return run_dbt(
        project.folder,
        "build",
        "--select",
        "resource_type:seed",
        "assert_identifier_rules_are_right",
        "assert_link_rules_are_right",
        "assert_identity_seeds_are_right",
        "--indirect-selection",
        "empty",
    )


@pytest.mark.slow
def test_a_wrong_row_is_named(project: IdentityProject) -> None:
    assert not build_seeds(project), "the seeds as they are hold no mistake"
    expected = []
    for seed, row, words in MISTAKES:
        project.write_seed(seed, [row])
        path = project.seeds / f"{seed}.csv"
        expected.append((seed, len(path.read_text().splitlines()), words))
    message = build_seeds(project)
    for seed, line, words in expected:
        assert re.search(rf"{seed}\.csv line {line}: .*{words}", message), message
    assert message.count(".csv line") == len(MISTAKES)

    # Nothing is resolved with them: what reads a seed waits for its check.
    vars_ = ("--vars", "{base_date: '2017-01-04'}")
    assert run_dbt(project.folder, "build", *vars_)
    for model in ("int_identity__identifiers", "oneid_links", "oneid_assignments"):
        assert rows(f"select to_regclass('identity.{model}')") == [(None,)]


@pytest.mark.slow
def test_reviewed_links_exist(project: IdentityProject) -> None:
    project.build(3, "--exclude-resource-type", "unit_test")
    mistakes = (
        ("pos_member_no,,ann,phone,,16000000002", "nothing to revoke"),
        ("pos_member_no,,ann,phone,,16000000009", "shows its second identifier"),
        ("pos_member_no,,eve,phone,,16000000001", "shows its first identifier"),
    )
    project.write_seed(
        "oneid_revoked_links",
        [f"{row},2017-01-02,reviewer,wrong" for row, _ in mistakes],
    )
    message = run_dbt(
        project.folder,
        "build",
        "--select",
        "oneid_revoked_links",
        "assert_reviewed_links_exist",
        "--vars",
        "{base_date: '2017-01-04'}",
    )
    for line, (_, words) in enumerate(mistakes, start=2):
        assert re.search(rf"oneid_revoked_links\.csv line {line}: .*{words}", message)
