"""Making a column of a behaviour tag by configuration."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from audience.entries import load_tags
from audience.promote import ENTRIES, FAMILY, PIVOT, pivot, promote
from audience.rules import SEED, TYPED, load_rules, written
from warehouse.errors import QuanyuError
from warehouse.settings import dbt_project_dir

PROJECT = dbt_project_dir()
CODE = "behaviour_bakery_amount_90d"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the tags and their seeds."""
    for folder in ("models/tags", "seeds/tags"):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    return tmp_path


def texts(project: Path) -> dict[Path, str]:
    return {
        path: (project / path).read_text() for path in (SEED, PIVOT, FAMILY, ENTRIES)
    }


def test_what_is_committed_is_what_promote_writes() -> None:
    rules = load_rules(PROJECT)
    assert written(rules) == (PROJECT / SEED).read_text()
    assert pivot(rules) == (PROJECT / PIVOT).read_text()


def test_a_promoted_tag_is_a_column_with_an_entry(project: Path) -> None:
    before = texts(project)
    assert set(promote(project, CODE)) == set(before)
    (tag,) = (tag for tag in load_tags(project) if tag.code == CODE)
    assert (tag.data_type, tag.entry.type, tag.entry.name_zh) == (
        "numeric(18, 2)",
        "number",
        "近90天烘焙净消费",
    )
    after = texts(project)
    assert (
        f"coalesce(promoted.{CODE}, 0)\n            as {CODE}\n    from customers"
        in (after[FAMILY])
    )
    assert f"when tag_code = '{CODE}'" in after[PIVOT]
    changed = set(after[SEED].splitlines()) - set(before[SEED].splitlines())
    assert len(changed) == 1
    assert changed.pop().startswith(f"{CODE},")
    assert [rule.code for rule in load_rules(project) if rule.is_promoted][-1] == CODE


def test_every_rule_can_be_promoted(project: Path) -> None:
    rules = load_rules(project)
    for rule in rules:
        if not rule.is_promoted:
            promote(project, rule.code)
    types = {tag.code: tag.data_type for tag in load_tags(project)}
    assert {rule.code: types[rule.code] for rule in rules} == {
        rule.code: TYPED[rule.measure][0] for rule in rules
    }


@pytest.mark.parametrize(
    ("code", "change", "sentence"),
    [
        ("nobody", None, "There is no configured tag nobody; behaviour_tags.csv has"),
        (
            "behaviour_top_keyword_90d",
            None,
            "behaviour_top_keyword_90d is a column of tags_customer_behaviour already.",
        ),
        (CODE, (",merchandise,", ",nobody,"), "owner 'nobody' is none of crm"),
        (CODE, (",sum,", ",median,"), "median is no measure"),
        (
            CODE,
            ("近90天烘焙净消费", "末次搜索词"),
            "is the name of behaviour_last_keyword",
        ),
        (CODE, (CODE, "rfm_group"), "rfm_group is a column of tags_customer_rfm."),
        (CODE, ("交易/品类", "/"), "path: String should match"),
    ],
)
def test_what_cannot_be_promoted_changes_nothing(
    project: Path, code: str, change: tuple[str, str] | None, sentence: str
) -> None:
    if change:
        seed = project / SEED
        seed.write_text(
            "".join(
                line.replace(*change) if CODE in line else line
                for line in seed.read_text().splitlines(keepends=True)
            )
        )
        code = "rfm_group" if change[1] == "rfm_group" else code
    before = texts(project)
    with pytest.raises(QuanyuError, match=sentence):
        promote(project, code)
    assert texts(project) == before


def test_text_that_yaml_would_misread_is_quoted(project: Path) -> None:
    seed = project / SEED
    seed.write_text(
        seed.read_text().replace("近90天购买烘焙品类的净额", "口径: 近90天#净额")
    )
    promote(project, CODE)
    (tag,) = (tag for tag in load_tags(project) if tag.code == CODE)
    assert tag.description == "口径: 近90天#净额"
