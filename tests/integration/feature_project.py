"""The feature models by themselves: a dbt project whose marts a test writes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
from psycopg import sql

from tests.integration import dbt_runs
from warehouse.connection import connect, copy_frame, read_frame
from warehouse.settings import project_root

# What the features read of each mart.
MARTS = {
    "fct_order_lines": (
        "customer_id bigint, brand_code text, category text, channel_code text,"
        " product_key bigint, store_code text, shop_code text,"
        " paid_on date, quantity int, list_amount numeric(18, 2),"
        " coupon_amount numeric(18, 2), goods_amount numeric(18, 2),"
        " is_valid_line boolean"
    ),
    "fct_events": "customer_id bigint, event_type text, occurred_on date",
    "fct_coupons": "customer_id bigint, action text, occurred_on date",
    "fct_refunds": "customer_id bigint, completed_on date",
    "fct_touches": (
        "customer_id bigint, status text, sent_on date, clicked_at timestamptz,"
        " campaign_code text"
    ),
    "fct_ad_exposures": "customer_id bigint, action text, occurred_on date",
    "fct_member_tiers": "customer_id bigint, tier text, from_on date",
    "fct_interactions": "customer_id bigint, occurred_on date",
    "fct_leads": "customer_id bigint, submitted_on date",
    "fct_guide_contacts": "customer_id bigint, added_on date",
    "dim_customers": (
        "customer_id bigint, gender text, birthday date, joined_at timestamptz,"
        " is_employee boolean"
    ),
    "dim_dates": "date_day date",
    # Seeds, so that a test can see every edge of a rule.
    "brand_rules": "brand_code text, slowing_days int, sleeping_days int",
    "churn_rules": (
        "gap_quantile_z numeric(6, 3), lean_gaps int, least_days int, most_days int"
    ),
    "reactivation_rules": "brand_code text, window_days int",
    "high_value_rules": "window_days int, high_value_amount numeric(18, 2)",
    "dim_products": (
        "product_key bigint, item_code text, name text, department text, category text,"
        " product_type text, brand_code text, manufacturer_code text,"
        " list_price_amount numeric(18, 2)"
    ),
    # A seed; the features cannot tell.
    "product_categories": "match_on text, source_value text, product_category text",
}
MACROS = (
    "as_of_date",
    "generate_schema_name",
    "portable/bigint_key",
    "portable/local_date",
)
FEATURES = (
    "feat_purchase_days",
    "feat_base_dates",
    "feat_scope",
    "feat_engagement",
    "feat_customer",
    "feat_customer_brand",
    "feat_customer_orders",
    "label_repurchase",
    "label_value",
    "label_next_purchases",
    "feat_customer_days",
    "feat_category_months",
    "feat_sign_days",
    "feat_customer_rhythm",
    "feat_reached",
    "feat_buyer",
    "feat_churn",
    "feat_sleeper",
    "feat_high_potential",
    "label_purchase",
    "label_repurchase_30d",
    "label_churn",
    "label_reactivation",
    "label_high_value",
    "feat_lookalike",
    "feat_lookalike_traits",
    "feat_products",
    "feat_product_days",
    "feat_category_days",
)


class FeatureProject:
    """A copy of the feature layer in `folder`, reading marts the test gives."""

    def __init__(self, folder: Path) -> None:
        """Copy models and macros; each mart becomes a view of test_input."""
        source = project_root() / "dbt_project"
        self.folder = folder / "project"
        models = self.folder / "models"
        shutil.copytree(source / "models" / "features", models / "features")
        for schema in models.rglob("*.yml"):
            schema.unlink()
        (models / "marts").mkdir()
        for mart in MARTS:
            (models / "marts" / f"{mart}.sql").write_text(
                "select * from test_input.{{ this.name }}"
            )
        (self.folder / "macros").mkdir()
        for macro in MACROS:
            shutil.copy(source / "macros" / f"{macro}.sql", self.folder / "macros")
        shutil.copy(source / "profiles.yml", self.folder)
        (self.folder / "dbt_project.yml").write_text(
            "name: quanyu\nversion: '0.1.0'\nprofile: quanyu\n"
            "flags: {send_anonymous_usage_stats: false}\n"
            "vars: {training_customers: 100000}\n"
            "models:\n  quanyu:\n"
            "    features: {+schema: features, +materialized: table}\n"
            "    marts: {+schema: marts, +materialized: view}\n"
        )

    def land(self, marts: dict[str, pd.DataFrame]) -> None:
        """Replace the rows of every mart; one that is not given is empty."""
        with connect() as conn:
            conn.execute("create schema if not exists test_input")
            for mart, columns in MARTS.items():
                conn.execute(
                    f"create table if not exists test_input.{mart} ({columns})"
                )
                conn.execute(f"truncate test_input.{mart}")
                if mart in marts:
                    copy_frame(conn, f"test_input.{mart}", marts[mart])

    def build(self, base_date: str) -> dict[str, pd.DataFrame]:
        """Run the feature models as of the end of a day and return their rows."""
        errors = dbt_runs.build(self.folder, base_date, command="run")
        assert not errors, errors
        with connect() as conn:
            return {
                name: read_frame(
                    conn,
                    sql.SQL("select * from {}").format(
                        sql.Identifier("features", name)
                    ),
                )
                for name in FEATURES
            }
