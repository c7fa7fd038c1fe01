"""Which published rows of a model hold for a person today."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.tags.person import Person
from tests.integration.tags.rows import Row


def published(person: Person, model: str, table: str = "ml.scores") -> list[Row]:
    """Return a person's rows of the newest published run, in the month they are of."""
    runs = [
        run
        for run in person.tables["ml.model_run"]
        if run["model"] == model
        and run["is_published"]
        and run["retired_at"] is None
        and run["base_date"] <= person.today
    ]
    if not runs:
        return []
    newest = max(runs, key=lambda run: run["base_date"])
    scored, tomorrow = newest["base_date"], person.today + timedelta(days=1)
    if (tomorrow.year - scored.year) * 12 + tomorrow.month - scored.month > 1:
        return []
    return [row for row in person.of(table) if row["run_id"] == newest["run_id"]]
