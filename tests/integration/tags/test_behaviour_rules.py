"""Behaviour tags by configuration: against plain loops, and when a row is wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audience.promote import promote
from audience.rules import load_rules
from tests.integration.tags import configured
from tests.integration.tags.crowd import everybody
from tests.integration.tags.crowd.base import TODAY
from tests.integration.tags.project import TagProject
from tests.integration.tags.rows import select
from warehouse.connection import connect
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


@pytest.fixture
def project(module_database: str, tmp_path: Path) -> Iterator[TagProject]:
    project = TagProject(tmp_path)
    shutil.copytree(dbt_project_dir() / "tests/tags", project.folder / "tests/tags")
    project.land(everybody.marts(seed=3))
    return project


def test_a_wrong_row_is_named(project: TagProject) -> None:
    seed = project.folder / "seeds/tags/behaviour_tags.csv"
    lines = seed.read_text().splitlines()
    lines += [
        f"{row},说明" if row.endswith("true") else f"{row},行为,crm,false,说明"
        for row, _ in MISTAKES
    ]
    seed.write_text("\n".join(lines) + "\n")
    result = project.run(TODAY.isoformat(), "--select", "+customer_behaviour_tags")
    first = len(lines) - len(MISTAKES) + 1
    for number, (_, words) in enumerate(MISTAKES):
        place = rf"behaviour_tags\.csv line {first + number}: .*{re.escape(words)}"
        assert re.search(place, result.stdout), (words, result.stdout[-6000:])
    assert result.stdout.count(".csv line ") == len(MISTAKES), result.stdout[-6000:]
    # Nothing is computed with them.
    assert re.search(r"SKIP .*customer_behaviour_tags", result.stdout)


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
        assert configured.differences(conn, TODAY, seed) == []
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
