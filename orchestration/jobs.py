"""The daily job and its schedule."""

from __future__ import annotations

import dagster as dg

daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all(),
    description="Land, resolve, score, tag, select, push: everything of one day.",
)

every_morning = dg.ScheduleDefinition(
    name="every_morning",
    job=daily,
    cron_schedule="0 6 * * *",
    execution_timezone="Asia/Shanghai",
    description="After the night's channel exports have arrived.",
)
