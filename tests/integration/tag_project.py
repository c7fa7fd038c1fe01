"""Tags and segments by themselves: a dbt project whose marts a test writes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from psycopg import sql

from warehouse.connection import connect, copy_rows
from warehouse.dbt import environment
from warehouse.settings import dbt_project_dir

# What tags and segments read of each mart.
MARTS = {
    "dim_customers": (
        "customer_id bigint, gender text, gender_is_inferred boolean, birthday date,"
        " baby_birthday date, region_code text, is_member boolean,"
        " joined_at timestamptz, member_tier_tmall text, member_tier_youzan text,"
        " member_tier_pos text, is_employee boolean"
    ),
    "dim_contact_points": "customer_id bigint, kind text, value text",
    "dim_regions": "region_code text, city_tier text",
    "dim_products": (
        "product_key bigint, item_code text, department text, category text,"
        " is_gift_set boolean, consumption_days int, formula_stage int"
    ),
    "fct_orders": (
        "order_key bigint, parent_order_key bigint, customer_id bigint,"
        " channel_code text, order_type text, order_status text,"
        " deposit_paid_at timestamptz, paid_at timestamptz, paid_on date,"
        " goods_amount numeric(18, 2), net_amount numeric(18, 2),"
        " is_valid_order boolean, invalid_reason text"
    ),
    "fct_order_lines": (
        "order_line_key bigint, order_key bigint, customer_id bigint,"
        " brand_code text, product_key bigint, line_type text,"
        " quantity numeric(18, 3), net_amount numeric(18, 2), paid_at timestamptz,"
        " paid_on date, is_valid_line boolean"
    ),
    "fct_refunds": (
        "order_line_key bigint, customer_id bigint, refund_type text, status text,"
        " quantity numeric(18, 3)"
    ),
    "fct_events": (
        "customer_id bigint, event_type text, occurred_at timestamptz,"
        " occurred_on date, product_key bigint, quantity numeric(18, 3)"
    ),
    "fct_points": (
        "points_key bigint, customer_id bigint, channel_code text, shop_code text,"
        " entry_type text, points bigint, order_key bigint, expires_on date,"
        " occurred_on date"
    ),
    "fct_coupons": (
        "coupon_event_key bigint, customer_id bigint, channel_code text,"
        " coupon_id text, action text, valid_from date, valid_to date,"
        " order_key bigint, occurred_at timestamptz"
    ),
    "fct_touches": "customer_id bigint, status text, sent_on date",
}
SEEDS = ("tags", "calendar")
FOLDERS = ("models/tags", "models/segments", "macros", "tests/generic")


class TagProject:
    """A copy of tags and segments in `folder`, reading marts the test gives."""

    def __init__(self, folder: Path) -> None:
        """Copy models, macros and seeds; each mart becomes a view of test_input."""
        source = dbt_project_dir()
        self.folder = folder / "project"
        unit_tests = shutil.ignore_patterns("unit_tests")
        for name in (*FOLDERS, *(f"seeds/{seed}" for seed in SEEDS)):
            shutil.copytree(source / name, self.folder / name, ignore=unit_tests)
        shutil.copy(
            source / "models/features/_ml__sources.yml", self.folder / "models/tags"
        )
        marts = self.folder / "models" / "marts"
        marts.mkdir()
        for mart in MARTS:
            (marts / f"{mart}.sql").write_text(
                "{{ config(materialized='view', contract={'enforced': false}) }}\n"
                "select * from test_input.{{ this.name }}"
            )
        for name in ("dbt_project.yml", "profiles.yml", "packages.yml"):
            shutil.copy(source / name, self.folder)
        (self.folder / "dbt_packages").symlink_to(source / "dbt_packages")

    def land(self, marts: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        """Replace the rows of every mart; what is not given is empty or null."""
        with connect() as conn:
            conn.execute("create schema if not exists test_input")
            for mart, columns in MARTS.items():
                table = sql.Identifier("test_input", mart)
                conn.execute(
                    sql.SQL("create table if not exists {} (").format(table)
                    + sql.SQL(columns)
                    + sql.SQL(")")
                )
                conn.execute(sql.SQL("truncate {}").format(table))
                names = [
                    column.name
                    for column in conn.execute(
                        sql.SQL("select * from {}").format(table)
                    ).description
                    or ()
                ]
                copy_rows(
                    conn,
                    f"test_input.{mart}",
                    names,
                    ([row.get(name) for name in names] for row in marts.get(mart, ())),
                )

    def build(self, base_date: str, *arguments: str) -> None:
        """Run `dbt build` as of the end of a day."""
        command = [
            sys.executable, "-c", "from dbt.cli.main import cli; cli()", "build",
            "--vars", f"{{base_date: '{base_date}'}}", "--no-use-colors",
            "--project-dir", str(self.folder), "--profiles-dir", str(self.folder),
            *arguments,
        ]  # fmt: skip
        result = subprocess.run(
            command,
            env={**os.environ, **environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout[-6000:]
