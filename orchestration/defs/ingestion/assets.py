"""Channel files -> raw tables."""

from collections.abc import Iterator

import dagster as dg

from ingestion.landing import load_directory
from ingestion.report import LoadReport
from orchestration.inventory import shown, take_inventory
from orchestration.project import source_keys
from orchestration.resources import Day
from warehouse.connection import connect


@dg.multi_asset(
    specs=[
        dg.AssetSpec(key, group_name="landing", kinds={"postgres"})
        for key in [*source_keys("raw_"), *source_keys("landing")]
    ],
    name="landing",
    description="Land every new channel file of the landing directory by COPY.",
)
def landing(
    context: dg.AssetExecutionContext, day: Day
) -> Iterator[dg.MaterializeResult]:
    """Load the files that the ledger does not know yet.

    Without a directory of drops there is nothing to land: files may have come by
    `quanyu load`.
    """
    directory = day.directory()
    report = LoadReport(directory)
    with connect(application_name="quanyu-landing") as conn:
        if directory.exists() or day.landing_dir:
            report = load_directory(conn, directory)
        entries = take_inventory(conn)
    for key in sorted(context.selected_asset_keys):
        figures = report.metadata(*key.path[-2:])
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={
                **figures,
                "dagster/row_count": figures["rows"],
                **shown(entries.get(tuple(key.path[-2:]))),
            },
        )
