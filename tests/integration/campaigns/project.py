"""Campaigns by themselves: a dbt project whose members and purchases a test writes."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.integration.tags.project import TagProject
from warehouse.settings import dbt_project_dir

# What campaigns read, by schema.
INPUTS = {
    "dim_dates": ("marts", "date_day date"),
    "fct_order_lines": (
        "marts",
        "customer_id bigint, product_key bigint, paid_on date, is_valid_line boolean",
    ),
    "int_purchases__orders": (
        "tags",
        "customer_id bigint, parent_order_key bigint, paid_on date,"
        " goods_amount numeric(18, 2), net_amount numeric(18, 2)",
    ),
    "tags_product_profile": ("tags", "product_key bigint, product_category text"),
    "tags_customer_risk": ("tags", "customer_id bigint, risk_exclusion text"),
    "segment_member_history": (
        "segments",
        "segment_code text, customer_id bigint, current_customer_id bigint,"
        " entered_on date, left_on date",
    ),
}
SEGMENTS = ("seg_quality", "seg_quality_no_bakery", "seg_ticket_v3_v4_lv1")
COPIED = (
    "models/campaigns",
    "models/reporting/campaigns",
    "seeds/campaigns",
    "tests/campaigns",
    "tests/generic",
    "macros",
)
HEADER = (
    "campaign_code,name_zh,play,segment_code,kind,mechanism,channel,starts_on,ends_on,"
    "control_percent,product_category,owner,goal"
)


class CampaignProject(TagProject):
    """A copy of the campaign models in `folder`, reading what the test gives."""

    def __init__(self, folder: Path) -> None:
        """Copy models, seeds, tests; inputs are views of test_input, segments names."""
        source = dbt_project_dir()
        self.folder = folder / "project"
        self.columns = {name: columns for name, (_, columns) in INPUTS.items()}
        unit_tests = shutil.ignore_patterns("unit_tests")
        for name in COPIED:
            shutil.copytree(source / name, self.folder / name, ignore=unit_tests)
        (self.folder / "seeds/tags").mkdir()
        shutil.copy(source / "seeds/tags/product_categories.csv", self.folder / "seeds")
        inputs = self.folder / "models/inputs"
        inputs.mkdir()
        for name, (schema, _) in INPUTS.items():
            (inputs / f"{name}.sql").write_text(
                f"{{{{ config(materialized='view', schema='{schema}') }}}}\n"
                "select * from test_input.{{ this.name }}"
            )
        for name in SEGMENTS:
            (inputs / f"{name}.sql").write_text(
                "{{ config(meta={'segment': {}}, materialized='ephemeral') }}\n"
                "select 1 as customer_id"
            )
        for name in ("dbt_project.yml", "profiles.yml", "packages.yml"):
            shutil.copy(source / name, self.folder)
        (self.folder / "dbt_packages").symlink_to(source / "dbt_packages")

    def register(self, *rows: str) -> None:
        """Write the sheet; a row is its code, play, segment, kind, days, percent,
        product category, separated by commas."""
        lines = [HEADER]
        for row in rows:
            code, play, segment, kind, starts, ends, percent, category = row.split(",")
            lines.append(
                f"{code},名称,{play},{segment},{kind},机制,短信,{starts},{ends},"
                f"{percent},{category},crm,目标"
            )
        self.write("campaign_sheet", "\n".join(lines) + "\n")

    def write(self, seed: str, text: str) -> None:
        """Replace a seed of campaigns."""
        (self.folder / f"seeds/campaigns/{seed}.csv").write_text(text, "utf-8")
