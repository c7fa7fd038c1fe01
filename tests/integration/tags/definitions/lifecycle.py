"""The lifecycle family."""

from __future__ import annotations

from tests.integration.tags.person import Person


def lifecycle_stage_baby(person: Person) -> str:
    kept = [day for day, net in person.brands().get("baby", []) if net > 0]
    if not kept:
        return "prospect"
    rule = next(r for r in person.tables["brand_rules"] if r["brand_code"] == "baby")
    if (person.today - min(kept)).days <= rule["new_days"]:
        return "new"
    silent = (person.today - max(kept)).days
    for stage in ("active", "slowing", "sleeping"):
        if silent <= rule[f"{stage}_days"]:
            return stage
    return "lost"
