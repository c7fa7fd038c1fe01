"""A wrong rule of points fails the build with its line and what is wrong with it."""

from __future__ import annotations

import pytest

from tests.integration.ledgers.operations import POOLS, RULES, SHOPS
from tests.integration.ledgers.project import LedgerProject

# Line of the rules as operations.py writes them, what to write there, the fault.
FAULTS = [
    (8, "group,all,all", "club,all,all", "line 8: pool_code is none of points_pools"),
    (4, "beauty,all,beauty,,,2", "beauty,all,beauty,,,0", "line 4: rate must be above"),
    (5, "tier,silver", "tier,slver", "line 5: condition_value is no tier of tag_cuts"),
    (9, "birthday_month", "birth_month", "line 9: condition_kind must be tier"),
    (
        11,
        "promotion,double11",
        "promotion,singles",
        "line 11: condition_value is no promotion",
    ),
    (13, "400,", "400.5,", "line 13: a cap is a whole number of points"),
    (
        15,
        "redeem,beauty,all,beauty",
        "redeem,beauty,all,all",
        "line 15: holds together",
    ),
    (16, "180,", "180,01-01", "line 16: a rolling end has days and no month_day"),
    (17, "2018-07-01", "2018-07-02", "line 2: needs a rule of kind expire"),
    (18, "01-15", "02-30", "line 18: a year_end has a month_day"),
    (
        12,
        "cap,group,all,all",
        "cap,group,all,shoes",
        "line 12: no shop has this channel",
    ),
]


@pytest.fixture(scope="module")
def project(
    module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> LedgerProject:
    project = LedgerProject(
        tmp_path_factory.mktemp("rules"),
        {"ledgers/points_pools": POOLS, "ledgers/points_rules": RULES},
    )
    project.land(
        {
            "dim_shops": [
                {"shop_code": shop, "channel_code": channel, "brand_code": brand}
                for shop, (channel, brand) in SHOPS.items()
            ]
        }
    )
    return project


def test_wrong_rules_are_named_with_their_lines(project: LedgerProject) -> None:
    rules = project.folder / "seeds" / "ledgers" / "points_rules.csv"
    check = ("--select", "path:seeds", "dim_shops", "dim_points_terms",
             "assert_points_rules_are_right")  # fmt: skip
    project.build("2019-06-30", *check)
    lines = RULES.splitlines()
    for line, right, wrong, _ in FAULTS:
        assert right in lines[line - 1], lines[line - 1]
        lines[line - 1] = lines[line - 1].replace(right, wrong, 1)
    rules.write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(AssertionError) as stopped:
        project.build("2019-06-30", *check)
    for _, _, _, fault in FAULTS:
        assert f"points_rules.csv {fault}" in str(stopped.value), str(stopped.value)
