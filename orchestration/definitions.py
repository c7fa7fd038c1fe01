"""The asset graph: channel file -> raw -> OneID -> tags -> audience -> push."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
from dagster_dbt import DbtCliResource

from orchestration.defs.activation.assets import completed_day, syncs
from orchestration.defs.activation.sensors import channel_jobs, resume_syncs
from orchestration.defs.audience.assets import people_copy
from orchestration.defs.campaigns.assets import campaign_report
from orchestration.defs.identity.assets import oneid_report
from orchestration.defs.ingestion.assets import landing
from orchestration.defs.ml.assets import models, woe_bins
from orchestration.defs.tags.assets import tag_checks, tag_report
from orchestration.defs.warehouse.assets import customers_and_facts, tags_and_segments
from orchestration.jobs import daily, every_morning
from orchestration.project import DBT_EXECUTABLE, dbt_project
from orchestration.resources import Day

# A daily job that misses a morning shows before the next one.
FRESH_DAILY = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=36))

defs = dg.Definitions(
    assets=dg.map_asset_specs(
        lambda spec: dg.apply_freshness_policy(spec, FRESH_DAILY),
        [
            landing,
            customers_and_facts,
            oneid_report,
            *models,
            woe_bins,
            tags_and_segments,
            tag_report,
            people_copy,
            campaign_report,
            *syncs,
            completed_day,
        ],
    ),
    asset_checks=[tag_checks],
    jobs=[daily, resume_syncs],
    schedules=[every_morning],
    sensors=[channel_jobs],
    resources={
        "day": Day(),
        "dbt": DbtCliResource(project_dir=dbt_project(), dbt_executable=DBT_EXECUTABLE),
    },
    # Local runs are one process: a process per step would cost seconds each.
    executor=dg.in_process_executor,
)
