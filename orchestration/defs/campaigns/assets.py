"""Where campaigns stand, beside their control: a table and two pictures."""

import dagster as dg

from audience.campaign_pictures import pictures, standing
from audience.campaigns import read_campaigns, read_report
from orchestration.metadata import picture, table
from orchestration.project import model_key
from warehouse.connection import connect

MEASURED = [model_key("rpt_campaigns"), model_key("rpt_campaign_days")]


@dg.asset(
    key=["campaigns", "campaign_report"],
    deps=MEASURED,
    group_name="campaigns",
    kinds={"matplotlib"},
)
def campaign_report() -> dg.MaterializeResult:
    """Show the KPI each campaign is decided by, treated beside control."""
    with connect() as conn:
        campaigns = read_campaigns(conn)
        codes = dict.fromkeys(
            row["campaign_code"] for row in campaigns if row["read_on"]
        )
        reports = [read_report(conn, code) for code in codes]
    return dg.MaterializeResult(
        metadata={
            "campaigns": dg.MetadataValue.md(table(standing(campaigns))),
            **{
                name: dg.MetadataValue.md(picture(name, png))
                for name, png in pictures(campaigns, reports).items()
            },
            "warnings": dg.MetadataValue.md(
                "\n".join(
                    f"- {report.sheet['campaign_code']}: {warning}"
                    for report in reports
                    for warning in report.warnings()
                )
                or "none"
            ),
        }
    )
