"""Behaviour tags by configuration: the rows of the seed behaviour_tags."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import QuanyuError

SEED = Path("seeds/tags/behaviour_tags.csv")

# What a measure is as a column: data type, type of the entry, column of
# customer_behaviour_tags it comes from.
TYPED = {
    "count": ("bigint", "number", "value_number"),
    "distinct": ("bigint", "number", "value_number"),
    "sum": ("numeric(18, 2)", "number", "value_number"),
    "average": ("numeric(18, 2)", "number", "value_number"),
    "days_since": ("integer", "number", "value_number"),
    "first": ("date", "date", "value_on"),
    "last": ("date", "date", "value_on"),
    "top": ("text", "text", "tag_value"),
}
# Who has none of the events has counted and summed up to nothing.
ZERO_WHEN_NONE = ("count", "distinct", "sum")


@dataclass(frozen=True)
class Rule:
    """One row of the seed, with the line it stands on."""

    line: int
    code: str
    measure: str
    is_promoted: bool
    row: dict[str, str]


def load_rules(project: Path) -> list[Rule]:
    """Return the rules of a dbt project, in the order of the file."""
    rows = csv.DictReader(io.StringIO((project / SEED).read_text(encoding="utf-8")))
    return [
        Rule(
            line=number,
            code=row["tag_code"],
            measure=row["measure"],
            is_promoted=row["is_promoted"].lower() == "true",
            row=row,
        )
        for number, row in enumerate(rows, start=2)
    ]


def find_rule(rules: list[Rule], code: str) -> Rule:
    """Return the rule of a code."""
    for rule in rules:
        if rule.code == code:
            return rule
    raise QuanyuError(
        f"There is no configured tag {code}; behaviour_tags.csv has "
        f"{', '.join(rule.code for rule in rules)}."
    )


def written(rules: list[Rule]) -> str:
    """Return the file that holds these rules."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rules[0].row), lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {**rule.row, "is_promoted": str(rule.is_promoted).lower()} for rule in rules
    )
    return file.getvalue()
