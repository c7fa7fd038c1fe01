"""Predicates over tags, and those saved by name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from audience.condition import Clause
from audience.entries import load_tags
from audience.predicates import parse_predicate
from audience.saved_predicates import load_vocabulary
from audience.vocabulary import Vocabulary
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
    assert len(load_vocabulary(PROJECT).saved) >= 6


def test_a_saved_predicate_is_used_by_name(vocabulary: Vocabulary) -> None:
    condition = parse_predicate("high_value and not unhappy", vocabulary)
    assert condition.tree.sql(dialect="postgres") == (
        "(value_tier IN ('v4', 'v5')) AND NOT "
        "(engagement_bad_review_count_365d >= 1 OR service_has_open_case)"
    )


def test_saved_predicates_may_name_earlier_ones(vocabulary: Vocabulary) -> None:
    condition = vocabulary.saved["sleeping_high_value"].condition
    assert not condition.names & set(vocabulary.saved)
    assert "value_tier" in condition.names


def test_a_condition_is_made_of_clauses(vocabulary: Vocabulary) -> None:
    condition = parse_predicate(
        "Value_Tier = 'v5' OR value_tier = 'v4' and not (calm or seg_quality)",
        vocabulary,
    )
    (either,) = condition.clauses
    assert (either.joined, len(either.clauses)) == ("or", 2)
    assert condition.names == {
        *("value_tier", "seg_quality", "campaign_touch_count_30d", "risk_exclusion"),
        "campaign_has_unsubscribed_365d",
    }

    def shape(clause: Clause) -> object:
        inner = [shape(one) for one in clause.clauses]
        return (clause.text, clause.joined, inner) if inner else clause.text

    assert [shape(one) for one in either.clauses] == [
        "value_tier = 'v5'",
        (
            "value_tier = 'v4' and not (calm or seg_quality)",
            "and",
            [
                "value_tier = 'v4'",
                (
                    "not (calm or seg_quality)",
                    "not",
                    [
                        (
                            "calm or seg_quality",
                            "or",
                            [
                                (
                                    "calm",
                                    "and",
                                    [
                                        "campaign_touch_count_30d < 6",
                                        "not campaign_has_unsubscribed_365d",
                                        "risk_exclusion is null",
                                    ],
                                ),
                                "seg_quality",
                            ],
                        )
                    ],
                ),
            ],
        ),
    ]
    assert [leaf.text for leaf in either.leaves()][-1] == "seg_quality"


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
        "value_tier > 'v2' and \"value_tier\" is distinct from 'v4'",
        "category_run_out_on <= base_date + interval '14 days'",
        "base_date < cast('2017-12-31' as date) + ((interval '1 day') * (14))",
        "extract(year from category_run_out_on) = 2018",
        "purchase_order_count_90d / 3 > 2 and purchase_order_count % 2 = 1",
        "purchase_net_amount_365d / nullif(purchase_order_count, 0) >= 99.5",
        "purchase_order_count::numeric / nullif(purchase_order_count_90d, 0) > 0.5",
        "round(purchase_net_amount_365d, 0) = 100 or abs(-1) = 1",
        "profile_city !~ '^(上|北)海?$' or starts_with(profile_city, '上')",
        "coalesce(wecom_is_friend, false) and greatest(purchase_order_count, 3) > 2",
        "behaviour_night_view_count_30d > 2",
        "seg_quality and not seg_marketing_suppressed",
    ],
)
def test_what_may_be_said(text: str, vocabulary: Vocabulary) -> None:
    parse_predicate(text, vocabulary)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "line 1, column 1: a condition is missing"),
        ("purchase_order_count = ", "not a condition"),
        (
            "purchase_order_count = 'x",
            "line 1, column 1: a quotation is not closed, or",
        ),
        ("purchase_order_count = 1; drop table x", "line 1, column 25: one condition"),
        ("purchase_order_count in (select 1)", "line 1, column 26: no subquery"),
        ("exists (select 1)", "line 1, column 1: no subquery"),
        ("purchase_order_count > 1 -- all", "no comment"),
        (
            "value_tier = 'v5' and shoe_size > 40",
            "line 1, column 23: there is no tag shoe_",
        ),
        ("wide.value_tier = 'v5'", "there is no tag wide.value_tier"),
        ("value_tier", "line 1, column 1: a text is no condition"),
        ("purchase_order_count + 1", "line 1, column 1: a number is no condition"),
        ("value_tier in ('v4', 'v9')", "line 1, column 22: value_tier is never 'v9'"),
        ("value_tier > 3", "line 1, column 14: 3 is a number, value_tier a text"),
        ("behaviour_last_visit_on > 'soon'", "'soon' is a text, behaviour_last_visit"),
        ("service_has_open_case > true", "a condition is not compared so"),
        ("purchase_order_count like '1%'", "a number is not compared so"),
        ("pg_sleep(10) = 1", "column 1: there is no function pg_sleep here"),
        ("count(*) over () > 1", "column 1: there is no function count here"),
        ("purchase_order_count::text = '1'", "column 23: text has no place"),
        ("value_tier::regclass = 3", "column 13: regclass has no place"),
        ("purchase_order_count extra", "column 22: extra has no place here"),
        ("/* all */ purchase_order_count > 1", "column 1: no comment"),
        ("1 = 1 union select 1", "column 7: no subquery"),
        ("value_tier = 'v5'\n  and value_teir = 'v4'", "line 2, column 7: there is no"),
        (
            "purchase_order_cuont > 4",
            "purchase_order_cuont; purchase_order_count is one",
        ),
        ("purchase_order_count = 1e3", "column 24: 1e3 is no number"),
        ("purchase_order_count between symmetric 1 and 2", "says more than a"),
        ("(purchase_order_count, 1) = (1, 2)", "is no tag, value or comparison"),
        ("purchase_order_count / 0 > 1", "divide by nullif(0, 0)"),
        ("1 / purchase_order_count > 1", "divide by nullif(purchase_order_count, 0)"),
        ("1.5 / nullif(purchase_order_count, 0) + 1 > 1", "stands alone on one side"),
        ("base_date + purchase_order_count > base_date", "do not add up"),
        ("'2017-02-30' < base_date", "base_date is a date, '2017-02-30' a text"),
        ("value_tier like 'v\\'", "a pattern does not end with a single \\"),
        ("profile_city ~ '[z-a]'", "a range of letters goes from the first"),
        ("profile_city ~ 'a{3,2}'", "a count goes from the smaller"),
        ("profile_city ~ 'a{99}b{99}c{99}'", "are 200 at most"),
        ("profile_city ~ '((a)*)*'", "a regular expression is made of"),
        ("profile_city ~ profile_province", "a pattern is a text in quotation"),
        ("!wecom_is_friend", "column 1: ! has no place"),
        ("value_tier = $$v5$$", "column 14: $$v5$$ has no place"),
        ("value_tier = 'v\x005'", "column 16: there is a sign that cannot be read"),
        ("(" * 40 + "1 = 1" + ")" * 40, "column 33: it is nested more than 32 levels"),
        ("not " * 40 + "wecom_is_friend", "it is nested more than 32 levels"),
        ("+".join(["purchase_order_count"] * 900) + "> 1", "nested too deeply"),
        ("x" * 30_000, "a condition has at most 20,000 letters"),
        ("product_category = 'bakery'", "there is no tag product_category"),
    ],
)
def test_what_may_not_be_said(text: str, fault: str, vocabulary: Vocabulary) -> None:
    with pytest.raises(QuanyuError) as error:
        parse_predicate(text, vocabulary)
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
        load_vocabulary(project)
    faults = str(error.value).splitlines()
    assert [fault.split(": ", 1)[0] for fault in faults] == [
        f"saved_predicates.csv line {line + number}" for number in range(1, 8)
    ]
    for fault, words in zip(
        faults,
        (
            "line 1, column 1: there is no tag height",
            "high_value is taken",
            "value_tier is taken",
            "line 1, column 1: there is no tag late",
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
            kind = vocabulary.kind(tag.code)
            assert kind and kind.word in ("number", "text", "date", "condition")
