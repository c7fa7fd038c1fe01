"""The prediction family: the score is taken as given, which one holds is not."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.tags.definitions.brand import brand_main
from tests.integration.tags.person import Person


def _band(person: Person, brand: str | None) -> str | None:
    """The band of the newest published run, in the month its scores speak of."""
    runs = [
        run
        for run in person.tables["ml.model_run"]
        if run["model"] == "repurchase"
        and run["is_published"]
        and run["retired_at"] is None
        and run["base_date"] <= person.today
    ]
    if not runs:
        return None
    newest = max(runs, key=lambda run: run["base_date"])
    scored, tomorrow = newest["base_date"], person.today + timedelta(days=1)
    months = (tomorrow.year - scored.year) * 12 + tomorrow.month - scored.month
    if months > 1:
        return None
    scores = person.of("ml.scores")
    bands = [
        str(score["band"])
        for score in scores
        if score["run_id"] == newest["run_id"] and score["brand_code"] == brand
    ]
    return bands[0] if bands else None


def prediction_repurchase_band(person: Person) -> str | None:
    return _band(person, brand_main(person))


def prediction_repurchase_band_baby(person: Person) -> str | None:
    return _band(person, "baby")


def prediction_repurchase_band_ginseng(person: Person) -> str | None:
    return _band(person, "ginseng")


def prediction_repurchase_band_skincare(person: Person) -> str | None:
    return _band(person, "skincare")


def prediction_repurchase_band_supermarket(person: Person) -> str | None:
    return _band(person, "supermarket")
