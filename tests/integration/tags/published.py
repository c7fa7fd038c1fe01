"""Which published row of a model holds for a person today."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.tags.person import Person
from tests.integration.tags.rows import Row


def held(person: Person, model: str, table: str) -> Row | None:
    """Return the row of the newest published run, in the month it speaks of."""
    runs = [
        run
        for run in person.tables["ml.model_run"]
        if run["model"] == model and run["is_published"] and run["retired_at"] is None
    ]
    if not runs:
        return None
    newest = max(runs, key=lambda run: run["base_date"])
    scored, tomorrow = newest["base_date"], person.today + timedelta(days=1)
    months = (tomorrow.year - scored.year) * 12 + tomorrow.month - scored.month
    if scored > person.today or months > 1:
        return None
    for row in person.of(table):
        if row["run_id"] == newest["run_id"]:
            return row
    return None
