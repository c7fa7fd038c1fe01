"""Rows that analysts edit: computed as plain loops do, and named when wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audience.promote import promote
from audience.rules import load_rules
from audience.saved_predicates import load_vocabulary
from tests.integration.tags import configured
from tests.integration.tags.crowd import everybody
from tests.integration.tags.crowd.base import TODAY
from tests.integration.tags.project import TagProject
from tests.integration.tags.rows import select
from warehouse.connection import connect
from warehouse.errors import QuanyuError
from warehouse.settings import dbt_project_dir

CHECK = "assert_behaviour_tags_are_right"
MISTAKES = [
    ("visits,甲,event_search,,count,,30", "visits is not named behaviour_<what>"),
    (
        "behaviour_night_view_count_30d,乙,event_search,,count,,30",
        "behaviour_night_view_count_30d is there twice",
    ),
    (
        "behaviour_last_keyword,丙,event_search,,count,,30",
        "behaviour_last_keyword is taken by a column of tags_customer_behaviour",
    ),
    ("behaviour_d,末次搜索词,event_search,,count,,", "is the name of behaviour_last_"),
    ("behaviour_e,戊,event_search|page_view,,count,,", "page_view is no event type"),
    ("behaviour_f,己,event_search,,median,,", "median is no measure"),
    ("behaviour_g,庚,event_search,,count,amount,", "measured_column stays empty"),
    ("behaviour_h,辛,event_search,,sum,keyword,", "keyword is no column that sum can"),
    ("behaviour_i,壬,event_search,,count,,0", "window_days: 0 is no positive"),
    ("behaviour_j,癸,event_search,,count,,month", "window_days: month is no positive"),
    (
        "behaviour_k,子,event_search,colour = red,count,,",
        "filter colour = red: colour is no column",
    ),
    ("behaviour_l,丑,event_search,keyword ~ tea,count,,", "~ is no operator"),
    ("behaviour_m,寅,event_search,keyword =,count,,", "a value is missing"),
    ("behaviour_n,卯,event_search,keyword > a,count,,", "is a text and has no order"),
    ("behaviour_o,辰,review_written,rating > two,count,,", "two is no number"),
    ("behaviour_q,午,event_search,,count,,,行为,crm,true", "so it is not promoted"),
    ("behaviour_r,,event_search,,count,,", "are needed"),
    (
        "behaviour_p,巳,event_search,keyword = a and keyword = b and keyword = c and "
        "keyword = d,count,,",
        "three filters at most",
    ),
]

# Conditions nobody has anything against: every function there is, segments, groups.
RIGHT_PREDICATES = [
    "abs(round(purchase_net_amount - 3.5, 1)) > .5 or ceil(purchase_net_amount) > 2",
    "coalesce(purchase_order_count, 0) / nullif(purchase_order_count_30d, 0) % 3 > 2.",
    "greatest(purchase_first_on, date '2017-01-02') > cast('2017-01-01' as date)",
    "least(floor(purchase_net_amount), 3)::numeric = 3 and purchase_first_on notnull",
    "extract(isodow from Purchase_First_On) = 3 and value_tier is distinct from 'v3'",
    "starts_with(value_tier, 'v') and length(value_tier) = 2 and value_tier !~ '^x'",
    "purchase_first_on < base_date - interval '1 month' and not seg_quality",
    "seg_sleeping_plan and not seg_sleeping_plan__sms",
]

# Rows of saved_predicates, and what the build says of each; what audience/predicates.py
# says of it is in other words.
WRONG_PREDICATES = [
    ("tall,高,height > 180,crm", "there is no tag height"),
    ("high_value,又一个,purchase_order_count > 1,crm", "high_value is taken"),
    ("value_tier,标签,purchase_order_count > 1,crm", "value_tier is taken"),
    ("early,早,late and high_value,crm", "there is no tag late"),
    ("late,晚,purchase_order_count > 1,nobody", "owner nobody is none of"),
    ("Loud,响,purchase_order_count > 1,crm", "Loud is no snake_case name"),
    ("twin,高价值,purchase_order_count > 1,crm", "twin needs a name_zh of its own"),
    ("nothing,空,,crm", "a condition is missing"),
    ("goods,货,product_category = 'bakery',crm", "there is no tag product_category"),
    ("asleep,睡,pg_sleep(10) = 1,crm", "there is no tag pg_sleep"),
    ("nested,套,value_tier in (select 'v5'),crm", "there is no tag select"),
    ("two,两,purchase_order_count > 1; high_value,crm", "; is no part of a condition"),
    ("said,注,high_value -- calm,crm", "-- is no part of a condition"),
    ("open,开,(high_value or looking_now,crm", "parentheses are not closed"),
    ("v9,九,\"value_tier in ('v4', 'v9')\",crm", "value_tier is never 'v9', only v1"),
    ("number,数,value_tier > 3,crm", "3 is a number, value_tier a text"),
    ("text,文,purchase_order_count = 'x',crm", "'x' is a text, purchase_order_count a"),
    ("soon,快,behaviour_last_visit_on > 'soon',crm", "'soon' is a text, behaviour_"),
    ("still,仍,service_has_open_case > 1,crm", "service_has_open_case is not compared"),
]


@pytest.fixture
def project(module_database: str, tmp_path: Path) -> Iterator[TagProject]:
    project = TagProject(tmp_path)
    shutil.copytree(dbt_project_dir() / "tests/tags", project.folder / "tests/tags")
    project.land(everybody.marts(seed=3))
    return project


def test_a_wrong_row_is_named(project: TagProject) -> None:
    rows = [
        f"{row},说明" if row.endswith("true") else f"{row},行为,crm,false,说明"
        for row, _ in MISTAKES
    ]
    first = append(project, "behaviour_tags", rows)
    right = [
        f'right_{number},对{number},"{condition}",crm'
        for number, condition in enumerate(RIGHT_PREDICATES)
    ]
    first_predicate = len(right) + append(
        project, "saved_predicates", [*right, *(row for row, _ in WRONG_PREDICATES)]
    )
    result = project.run(
        TODAY.isoformat(), "--select", "+customer_behaviour_tags", "saved_predicates"
    )
    for seed, start, mistakes in (
        ("behaviour_tags", first, MISTAKES),
        ("saved_predicates", first_predicate, WRONG_PREDICATES),
    ):
        for number, (_, words) in enumerate(mistakes):
            place = rf"{seed}\.csv line {start + number}: .*{re.escape(words)}"
            assert re.search(place, result.stdout), (words, result.stdout[-6000:])
        assert result.stdout.count(f"{seed}.csv line ") == len(mistakes)
    # Nothing is computed with them.
    assert re.search(r"SKIP .*customer_behaviour_tags", result.stdout)
    # What the build refuses, the reader of predicates refuses too.
    with pytest.raises(QuanyuError) as error:
        load_vocabulary(project.folder)
    refused = re.findall(r"^saved_predicates\.csv line (\d+)", str(error.value), re.M)
    lines = range(first_predicate, first_predicate + len(WRONG_PREDICATES))
    assert refused == [str(line) for line in lines]


def append(project: TagProject, seed: str, rows: list[str]) -> int:
    """Add rows to a seed; return the line of the first."""
    file = project.folder / f"seeds/tags/{seed}.csv"
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([*lines, *rows]) + "\n", "utf-8")
    return len(lines) + 1


def test_every_rule_is_computed_and_can_be_a_column(project: TagProject) -> None:
    seed = project.folder / "seeds/tags/behaviour_tags.csv"
    rules = load_rules(project.folder)
    for rule in rules:
        if not rule.is_promoted:
            promote(project.folder, rule.code)
    project.build(
        TODAY.isoformat(),
        *("--select", "+tags_customer_behaviour", "--indirect-selection", "cautious"),
    )
    with connect() as conn:
        assert configured.compare(conn, TODAY, seed).differences == []
        long: dict[int, dict[str, Any]] = {}
        for row in select(conn, "tags.customer_behaviour_tags"):
            long.setdefault(row["customer_id"], {})[row["tag_code"]] = row["tag_value"]
        wide = select(conn, "tags.tags_customer_behaviour")
    for rule in rules:
        values = {
            row["customer_id"]: "" if row[rule.code] is None else str(row[rule.code])
            for row in wide
        }
        nothing = {"count": "0", "distinct": "0", "sum": "0.00"}.get(rule.measure, "")
        assert values == {
            person: long.get(person, {}).get(rule.code, nothing) for person in values
        }
        assert len(set(values.values())) > 1, f"{rule.code} is constant"
