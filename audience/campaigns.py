"""How campaigns stand and what they changed, read from what the last run left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import dict_row

from warehouse.connection import Connection
from warehouse.errors import QuanyuError

NOT_BUILT = "Campaigns are not built: `quanyu run` builds them."

_CAMPAIGNS = """
select *
from reporting.rpt_campaigns
order by starts_on, campaign_code, population
"""
_SHEET = "select * from campaigns.cmp_campaigns where campaign_code = %s"
_LIFT = """
select lift.*, kpis.name_zh, kpis.kind
from campaigns.cmp_lift as lift
inner join seeds.campaign_kpis as kpis on lift.kpi = kpis.kpi
where
    lift.campaign_code = %(code)s
    and lift.base_date = (
        select max(base_date) from campaigns.cmp_lift where campaign_code = %(code)s
    )
order by lift.population, kpis.kind desc, lift.kpi
"""
_DAYS = """
select *
from reporting.rpt_campaign_days
where campaign_code = %s
order by population, day_on
"""


@dataclass(frozen=True)
class Report:
    """One campaign. Rows are dicts by column.

    sheet: cmp_campaigns. standing: rpt_campaigns, a row per population. lift: the
    newest cmp_lift with name_zh and kind of the KPI. days: rpt_campaign_days.
    """

    sheet: dict[str, Any]
    standing: list[dict[str, Any]]
    lift: list[dict[str, Any]]
    days: list[dict[str, Any]]

    def series(self, population: str, kpi: str) -> list[tuple[date, Any, Any]]:
        """Return day, treated and control of a KPI over that day's members."""
        return [
            (day["day_on"], day[f"treated_{kpi}"], day[f"control_{kpi}"])
            for day in self.days
            if day["population"] == population
        ]

    def warnings(self) -> list[str]:
        """Return what speaks against believing the figures, a sentence each."""
        if self.sheet["status"] == "planned":
            return []
        return [*self._nobody(), *self._unlike()]

    def _nobody(self) -> list[str]:
        known = [day["day_on"] for day in self.days if day["treated_count"]]
        if not known:
            return [
                "Nobody was in the segment when a day of it began: the history of "
                "memberships may have begun later (docs/campaigns.md)."
            ]
        if min(known) > self.sheet["starts_on"]:
            return [
                f"Members are known from {min(known)} on only: who came before is "
                "not measured."
            ]
        return []

    def _unlike(self) -> list[str]:
        found = []
        for row in self.standing:
            if row["is_control_of_wrong_size"]:
                found.append(
                    f"The control of the {row['population']} is "
                    f"{row['control_count']:,} of "
                    f"{row['treated_count'] + row['control_count']:,}, not "
                    f"{row['control_percent']:g}%: something other than the hash chose."
                )
        for row in self.lift:
            if row["is_unlike_before"]:
                found.append(
                    f"{row['name_zh']} ({row['population']}) differed before the start "
                    "already: do not read it as an effect."
                )
        return found


def read_campaigns(conn: Connection) -> list[dict[str, Any]]:
    """Return the rows of rpt_campaigns by start; QuanyuError: not built yet."""
    return _rows(conn, _CAMPAIGNS)


def read_report(conn: Connection, code: str) -> Report:
    """Return one campaign; QuanyuError: there is none of this code, or not built."""
    sheet = _rows(conn, _SHEET, [code])
    if not sheet:
        raise QuanyuError(
            f"There is no campaign {code}; `quanyu campaign list` lists them."
        )
    standing = [row for row in read_campaigns(conn) if row["campaign_code"] == code]
    return Report(
        sheet=sheet[0],
        standing=standing,
        lift=_rows(conn, _LIFT, {"code": code}),
        days=_rows(conn, _DAYS, [code]),
    )


def _rows(conn: Connection, query: str, values: Any = None) -> list[dict[str, Any]]:
    try:
        with conn.cursor(row_factory=dict_row) as cursor:
            return list(cursor.execute(query, values))
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        raise QuanyuError(NOT_BUILT) from error
