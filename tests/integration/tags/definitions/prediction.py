"""The prediction family: the score is taken as given, which one holds is not."""

from __future__ import annotations

from tests.integration.tags.definitions.brand import brand_main
from tests.integration.tags.definitions.category import (
    category_lapsed,
    category_preferred,
    year_categories,
)
from tests.integration.tags.definitions.recommendation import categories
from tests.integration.tags.person import Person
from tests.integration.tags.published import published


def _band(person: Person, brand: str | None, model: str = "repurchase") -> str | None:
    bands = [
        str(row["band"])
        for row in published(person, model)
        if row["brand_code"] == brand
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


def prediction_repurchase_band_30d(person: Person) -> str | None:
    return _band(person, brand_main(person), "repurchase_30d")


def prediction_purchase_intent_band(person: Person) -> str | None:
    return _band(person, "all", "purchase_intent")


def prediction_churn_band(person: Person) -> str | None:
    return _band(person, "all", "churn")


def prediction_churn_horizon_days(person: Person) -> int | None:
    rows = published(person, "churn", "ml.churn_horizons")
    return int(rows[0]["churn_horizon_days"]) if rows else None


def prediction_reactivation_band(person: Person) -> str | None:
    return _band(person, brand_main(person), "reactivation")


def prediction_reactivation_offer(person: Person) -> str | None:
    """A threshold gift for whose tickets of the main brand are high enough."""
    if prediction_reactivation_band(person) is None:
        return None
    brand = brand_main(person)
    nets = [net for day, net in person.brands()[str(brand)] if person.within(day, 365)]
    if not nets:
        return None
    cuts = [
        row["from_value"]
        for row in person.tables["tag_cuts"]
        if row["cut_set"] == "reactivation_offer"
        and row["scope"] == brand
        and row["label"] == "threshold_gift"
    ]
    ticket = sum(nets) / len(nets)
    return "threshold_gift" if ticket >= cuts[0] else "category_gift"


def prediction_reactivation_category(person: Person) -> str | None:
    if prediction_reactivation_band(person) is None:
        return None
    return category_lapsed(person) or category_preferred(person)


def prediction_high_potential_pack(person: Person) -> str | None:
    rows = published(person, "high_potential", "ml.high_potential_packs")
    return str(rows[0]["pack"]) if rows else None


def prediction_next_category(person: Person) -> str | None:
    """The first of the list that has not been bought meanwhile."""
    found = sorted(categories(person, "new").items())
    left = [one for _, one in found if one not in year_categories(person)]
    return left[0] if left else None
