"""The woe family: the bin of each habit, looked up one by one."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from tests.integration.tags.definitions.brand import brand_main
from tests.integration.tags.person import Person
from tests.integration.tags.rows import Row

PLACES = Decimal("0.0001")


def _lines(person: Person) -> list[Row]:
    """Return valid lines of the main brand, oldest first."""
    main = brand_main(person)
    lines = [
        line
        for line in person.lines
        if line["is_valid_line"] and line["brand_code"] == main
    ]
    return sorted(lines, key=lambda line: line["paid_on"])


def _weight(person: Person, feature: str, measure: float | None) -> Decimal | None:
    """Return the weight of the bin of the newest fit that a measure falls into."""
    fits = person.tables.by("ml.woe_bins", "feature").get(feature, [])
    days = [one["base_date"] for one in fits if one["base_date"] <= person.today]
    main = brand_main(person)
    if not days or not _lines(person):
        return None
    for one in fits:
        if one["base_date"] != max(days) or one["brand_code"] != main:
            continue
        if measure is None:
            fits_in = one["is_missing"]
        else:
            above = one["from_value"] is None or one["from_value"] <= measure
            below = one["to_value"] is None or measure < one["to_value"]
            fits_in = above and below and not one["is_missing"]
        if fits_in:
            return Decimal(repr(one["woe"])).quantize(PLACES, ROUND_HALF_UP)
    return None


def _share(person: Person, wanted: str) -> float | None:
    """Return the share of lines of 180 days that are discounted or online."""
    lines = [line for line in _lines(person) if person.within(line["paid_on"], 180)]
    if not lines:
        return None
    chosen = [
        line
        for line in lines
        if (wanted == "online" and line["channel_code"] != "pos")
        or (
            wanted == "discounted"
            and line["list_amount"] is not None
            and line["list_amount"] > line["goods_amount"]
        )
    ]
    return len(chosen) / len(lines)


def woe_recency(person: Person) -> Decimal | None:
    lines = _lines(person)
    days = (person.today - lines[-1]["paid_on"]).days if lines else None
    return _weight(person, "days_since_last_purchase", days)


def woe_frequency(person: Person) -> Decimal | None:
    days = {line["paid_on"] for line in _lines(person)}
    seen = sum(person.within(day, 90) for day in days)
    return _weight(person, "purchase_days_90d", seen)


def woe_spend(person: Person) -> Decimal | None:
    spent = sum(
        (
            line["goods_amount"]
            for line in _lines(person)
            if person.within(line["paid_on"], 365)
        ),
        Decimal(0),
    )
    return _weight(person, "goods_amount_365d", float(spent))


def woe_regularity(person: Person) -> Decimal | None:
    """A month counts by the day of its first purchase."""
    months, counted = set(), 0
    for line in _lines(person):
        month = (line["paid_on"].year, line["paid_on"].month)
        if month not in months:
            months.add(month)
            counted += person.within(line["paid_on"], 365)
    return _weight(person, "purchase_months_365d", counted)


def woe_discount(person: Person) -> Decimal | None:
    return _weight(person, "discounted_line_rate_180d", _share(person, "discounted"))


def woe_online(person: Person) -> Decimal | None:
    return _weight(person, "online_line_rate_180d", _share(person, "online"))


def woe_total(person: Person) -> Decimal | None:
    weights = [
        habit(person)
        for habit in (
            woe_recency,
            woe_frequency,
            woe_spend,
            woe_regularity,
            woe_discount,
            woe_online,
        )
    ]
    found = [weight for weight in weights if weight is not None]
    return sum(found, Decimal(0)) if found else None
