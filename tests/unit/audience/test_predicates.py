"""Predicates over tags, and those saved by name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from audience.entries import load_tags
from audience.predicates import (
    Vocabulary,
    load_predicates,
    load_vocabulary,
    read_predicate,
)
from warehouse.errors import QuanyuError
from warehouse.settings import dbt_project_dir

PROJECT = dbt_project_dir()


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(PROJECT)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the tags and their seeds."""
    for folder in ("models/tags", "seeds/tags"):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    return tmp_path


def test_the_saved_predicates_are_right() -> None:
    assert len(load_predicates(PROJECT)) >= 6


def test_a_saved_predicate_is_used_by_name(vocabulary: Vocabulary) -> None:
    condition = read_predicate("high_value and not unhappy", vocabulary)
    assert condition.sql(dialect="postgres") == (
        "(value_tier IN ('v4', 'v5')) AND NOT "
        "(engagement_bad_review_count_365d >= 1 OR service_has_open_case)"
    )


def test_saved_predicates_may_name_earlier_ones(vocabulary: Vocabulary) -> None:
    condition = vocabulary.saved["sleeping_high_value"].condition
    names = {column.name for column in condition.find_all(type(condition.this.this))}
    assert not names & set(vocabulary.saved)
    assert "value_tier" in condition.sql()


@pytest.mark.parametrize(
    "text",
    [
        "purchase_order_count = 0",
        "value_tier in ('v4', 'v5') and not service_has_open_case",
        "risk_exclusion is null or risk_exclusion <> 'employee'",
        "category_run_out_on between base_date and base_date + 14",
        "behaviour_last_visit_on >= '2017-12-01'",
        "base_date - engagement_last_review_on > 30",
        "purchase_net_amount_365d > -1.5 * purchase_order_count",
        "behaviour_last_keyword like '%奶粉%'",
        "channel_is_cross_channel_365d is true",
        "category_formula_stage in (1, 2)",
    ],
)
def test_what_may_be_said(text: str, vocabulary: Vocabulary) -> None:
    read_predicate(text, vocabulary)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "position 1: a condition is missing"),
        ("purchase_order_count = ", "not a condition"),
        ("purchase_order_count = 'x", "position 1: a quotation is not closed"),
        ("purchase_order_count = 1; drop table x", "position 25: one condition"),
        ("purchase_order_count in (select 1)", "position 26: no subquery"),
        ("exists (select 1)", "position 1: no subquery"),
        ("purchase_order_count > 1 -- all", "no comment"),
        ("value_tier = 'v5' and shoe_size > 40", "position 23: there is no tag shoe_"),
        ("wide.value_tier = 'v5'", "there is no tag wide.value_tier"),
        ("value_tier", "position 1: a text is no condition"),
        ("purchase_order_count + 1", "position 1: a number is no condition"),
        ("value_tier in ('v4', 'v9')", "position 22: value_tier is never 'v9'"),
        ("value_tier > 3", "position 14: 3 is a number, value_tier a text"),
        ("behaviour_last_visit_on > 'soon'", "'soon' is a text, behaviour_last_visit"),
        ("service_has_open_case > true", "a condition is not compared so"),
        ("purchase_order_count like '1%'", "a number is not compared so"),
        ("pg_sleep(10) = 1", "is no tag, value or comparison"),
        ("purchase_order_count::text = '1'", "is no tag, value or comparison"),
        ("purchase_order_count extra", "is no tag, value or comparison"),
        ("product_category = 'bakery'", "there is no tag product_category"),
    ],
)
def test_what_may_not_be_said(text: str, fault: str, vocabulary: Vocabulary) -> None:
    with pytest.raises(QuanyuError) as error:
        read_predicate(text, vocabulary)
    assert fault in str(error.value)


def test_a_wrong_row_is_named(project: Path) -> None:
    seed = project / "seeds/tags/saved_predicates.csv"
    line = len(seed.read_text().splitlines())
    with seed.open("a") as file:
        file.write(
            "tall,高,height > 180,crm\n"
            "high_value,又一个,purchase_order_count > 1,crm\n"
            "value_tier,标签,purchase_order_count > 1,crm\n"
            "early,早,late and high_value,crm\n"
            "late,晚,purchase_order_count > 1,nobody\n"
            "Loud,响,purchase_order_count > 1,crm\n"
            "twin,高价值,purchase_order_count > 1,crm\n"
        )
    with pytest.raises(QuanyuError) as error:
        load_predicates(project)
    faults = str(error.value).splitlines()
    assert [fault.split(": ", 1)[0] for fault in faults] == [
        f"saved_predicates.csv line {line + number}" for number in range(1, 8)
    ]
    for fault, words in zip(
        faults,
        (
            "position 1: there is no tag height",
            "high_value is taken",
            "value_tier is taken",
            "position 1: there is no tag late",
            "owner 'nobody' is none of",
            "'Loud' is no snake_case name",
            "twin needs a name_zh of its own",
        ),
        strict=True,
    ):
        assert words in fault


def test_every_tag_has_a_kind(vocabulary: Vocabulary) -> None:
    for tag in load_tags(PROJECT):
        if tag.entity == "customer":
            assert vocabulary.kind(tag.code) in ("number", "text", "date", "condition")
