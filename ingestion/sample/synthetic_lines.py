"""What lies in the synthetic baskets: products, pieces, prices and what comes off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.sample.dice import Dice, Floats, Ints, Mask
from ingestion.sample.synthetic_catalogue import FORMULA, Catalogue
from ingestion.sample.synthetic_rates import SyntheticRates
from ingestion.sample.synthetic_trips import DAY, DAYS, YEAR, Clock, Persons

LITRES = (9_000, 3_000)  # a tank of fuel: mean and spread of its quantity in the source
FACE = 50  # cents: a campaign's coupon is worth this and up to nine times more
BUSY = 1.3  # a day of an event: busier than an ordinary day by this factor


@dataclass(frozen=True)
class Baskets:
    """One row per basket, in time order; `face` is the coupon paid with, in cents."""

    person: Ints
    second: Ints
    due: Ints
    is_lured: Mask
    face: Ints


class Shelf:
    """What is for sale: the catalogue, and each week's promotions."""

    def __init__(
        self, rates: SyntheticRates, catalogue: Catalogue, dice: Dice, clock_name: str
    ) -> None:
        self.rates, self.catalogue = rates, catalogue
        calendar = rates.calendars[clock_name]
        weekday = np.asarray(calendar.weekdays)
        day = np.arange(DAYS) + YEAR.astype("datetime64[D]")
        busy = Clock.day_factors(calendar) / weekday[(day.astype("int64") + 3) % 7]
        self.is_event = busy >= BUSY
        weeks = DAYS // 7 + 1
        event_week = np.zeros(weeks, dtype=bool)
        event_week[np.unique(np.flatnonzero(self.is_event) // 7)] = True
        prices = rates.prices
        share = np.where(event_week, prices.promoted_event, prices.promoted)
        rng = dice.stream("synthetic promotions")
        size = (weeks, len(catalogue.product_id))
        on = rng.random(size, dtype="float32") < share[:, None]
        depth = np.array(prices.depths, dtype="float32")
        self.depth = np.where(on, depth[rng.integers(0, len(depth), size)], 0)


def fill_baskets(
    rng: np.random.Generator, shelf: Shelf, persons: Persons, baskets: Baskets
) -> dict[str, np.ndarray]:
    """Return the lines of baskets: `basket` (its row), product, quantity and money."""
    rates, catalogue = shelf.rates, shelf.catalogue
    kinds = list(rates.archetypes.values())
    who = baskets.person
    kind = persons.archetype[who]
    mean, shape = np.array([(k.basket.mean, k.basket.shape) for k in kinds]).T
    lines = 1 + rng.poisson(rng.gamma(shape[kind], (mean / shape)[kind]))
    basket = np.repeat(np.arange(len(who)), lines)
    first = np.r_[True, basket[1:] != basket[:-1]][: len(basket)]
    usual_group = [
        rates.group_number[k.pantry.group] if k.pantry else -1 for k in kinds
    ]
    draw = rng.random(len(basket), dtype="float32")
    group = (draw[:, None] > persons.taste[who][:, :-1][basket]).sum(axis=1)
    runs_out = first & (baskets.due > 0)[basket]
    group = np.where(runs_out, np.array(usual_group)[kind][basket], group)
    group, pool = _stages(shelf, group, persons, baskets, basket)
    product = _products(rng, shelf, (group, pool), persons, who[basket])
    # what somebody takes twice is one line
    _, kept = np.unique(basket * 2**20 + product, return_index=True)
    kept.sort()
    basket, group, product = basket[kept], group[kept], product[kept]
    first, runs_out = first[kept], runs_out[kept]
    count = len(basket)
    pieces = np.array([g.quantity - 1 for g in rates.groups.values()])[group]
    quantity = 1 + rng.poisson(pieces)
    quantity = np.where(runs_out, np.maximum(quantity, baskets.due[basket]), quantity)
    # fuel by the litre, but not what else is sold at a pump
    fuel = np.flatnonzero(
        (group == rates.group_number["fuel"]) & (catalogue.unit_price[product] < 1)
    )
    litres = rng.normal(*LITRES, len(fuel))
    quantity[fuel] = np.clip(litres, 1_000, 30_000).astype("int64")
    price = catalogue.unit_price[product] * quantity
    full = np.maximum(np.rint(price).astype("int64"), 1)
    money = _take_off(rng, shelf, baskets, full, (basket, product, first))
    whim = rng.random(count)
    given = ~first & (whim < rates.prices.gift_line)
    voided = ~first & (whim > 1 - rates.prices.voided_line)
    for name in ("platform_discount", "coupon", "goods"):
        money[name][given] = 0
    money["shop_discount"][given] = full[given]
    for values in money.values():
        values[voided] = 0
    quantity[voided] = 0
    return {
        "basket": basket,
        "product_id": catalogue.product_id[product],
        "quantity": quantity,
        **money,
    }


def _stages(
    shelf: Shelf, group: Ints, persons: Persons, baskets: Baskets, basket: Ints
) -> tuple[Ints, Ints]:
    """Return (group, pool): formula is of the child's stage, and ends with the last."""
    rates = shelf.rates
    formula = rates.group_number[FORMULA]
    rows = np.flatnonzero(group == formula)
    of = basket[rows]
    today = YEAR.astype("datetime64[D]") + baskets.second[of] // DAY
    days = (today - persons.born[baskets.person[of]]).astype("int64")
    ends = [stage.until_month for stage in rates.formula_stages]
    stage = np.searchsorted(ends, days / 30.44, side="right")
    weaned = stage == len(ends)
    group = group.copy()
    group[rows[weaned]] = rates.group_number["baby_food"]
    pool = group.copy()
    pool[rows[~weaned]] = shelf.catalogue.first_stage + stage[~weaned]
    return group, pool


def _products(
    rng: np.random.Generator,
    shelf: Shelf,
    which: tuple[Ints, Ints],
    persons: Persons,
    person: Ints,
) -> Ints:
    """Draw products near the person's place on the price ladder, or his usual one."""
    rates = shelf.rates
    group, pool = which
    loyal = np.array([g.loyal for g in rates.groups.values()])[group]
    draw = rng.random(len(group))
    # the usual product of a person and pool is always the same one
    usual = _scattered(person * 64 + pool)
    stray = np.where(rng.random(len(group)) < loyal, usual, draw)
    spread = rates.people.price_spread
    place = persons.price_place[person] + spread * (2 * stray - 1)
    # who would stray beyond an end of the ladder turns round
    return shelf.catalogue.draw(pool, 1 - np.abs(1 - np.abs(place)))


def _scattered(number: Ints) -> Floats:
    """Return a share in [0, 1) that a number always has (SplitMix64)."""
    with np.errstate(over="ignore"):
        bits = number.astype("uint64") * np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((bits ^ (bits >> np.uint64(31))) >> np.uint64(11)) / 2**53


def _take_off(
    rng: np.random.Generator,
    shelf: Shelf,
    baskets: Baskets,
    full: Ints,
    of: tuple[Ints, Ints, Mask],
) -> dict[str, Ints]:
    """Return the money of lines in cents: list is goods and all discounts together."""
    basket, product, first = of
    rates, prices = shelf.rates, shelf.rates.prices
    day = baskets.second[basket] // DAY
    cut = shelf.depth[day // 7, product].astype("float64")
    cut += np.where(baskets.is_lured[basket], rates.campaigns.price_cut, 0)
    draw = rng.random((3, len(full)))
    at_event = shelf.is_event[day]
    helped = draw[0] < np.where(at_event, prices.platform_event, prices.platform)
    couponed = draw[1] < prices.coupon
    shop_discount = (full * cut).astype("int64")
    platform = np.where(helped, (full * (0.05 + 0.1 * draw[2])).astype("int64"), 0)
    coupon = np.where(couponed, np.minimum(full // 8, 500), 0)
    # the coupon of a campaign is taken off the first line
    face = np.where(first, baskets.face[basket], 0)
    coupon = np.where(face > 0, np.minimum(face, full // 3), coupon)
    return {
        "goods": full - shop_discount - platform - coupon,
        "shop_discount": shop_discount,
        "platform_discount": platform,
        "coupon": coupon,
        "list": full,
    }
