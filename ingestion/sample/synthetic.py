"""A synthetic source: as many people as wanted, with the catalogue of the real one.

It makes the same Source as complete_journey, so that channels, formats and truth are
the same. People and lines are drawn in blocks, each from a stream of its own: the seed
alone says what happens, however many threads draw.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from typing import TypeVar

import numpy as np
import pandas as pd

from ingestion.sample.dice import Dice, Ints
from ingestion.sample.source import Source
from ingestion.sample.synthetic_catalogue import Catalogue, load_catalogue
from ingestion.sample.synthetic_demographics import draw_demographics, named
from ingestion.sample.synthetic_lines import FACE, Baskets, Shelf, fill_baskets
from ingestion.sample.synthetic_rates import SyntheticRates, load_synthetic_rates
from ingestion.sample.synthetic_trips import (
    DAY,
    YEAR,
    Clock,
    Persons,
    Trips,
    take_trips,
)

PEOPLE_AT_ONCE = 50_000
BASKETS_AT_ONCE = 50_000
FIRST_BASKET = 40_000_000_001
EVERYDAY = "everyday"  # the calendar that the shelves' promotions follow
Done = TypeVar("Done")


def make_source(
    dice: Dice,
    people: int,
    rates: SyntheticRates | None = None,
    catalogue: Catalogue | None = None,
) -> Source:
    """Draw the year of so many people, each of whom buys at least once."""
    rates = rates or load_synthetic_rates()
    catalogue = catalogue or load_catalogue(rates)
    persons, trips, (targeted, called) = _everybody(dice, rates, catalogue, people)
    by_time = np.argsort(trips.second, kind="stable")
    trips = Trips(*(getattr(trips, f.name)[by_time] for f in fields(Trips)))
    upc, campaign, face = _redeemed(dice, rates, catalogue, trips)
    baskets = Baskets(trips.person, trips.second, trips.due, trips.campaign >= 0, face)
    paid = np.flatnonzero(face)
    return Source(
        lines=_lines(dice, rates, catalogue, persons, baskets),
        products=catalogue.products.sort_values("product_id", ignore_index=True),
        demographics=draw_demographics(
            dice.stream("synthetic demographics"), rates.people.known, persons.born
        ),
        campaigns=catalogue.campaigns,
        campaign_pairs=pd.DataFrame(
            {
                "campaign_id": catalogue.campaigns["campaign_id"].to_numpy()[called],
                "household_id": targeted + 1,
            }
        ),
        coupons=catalogue.coupons,
        redemptions=pd.DataFrame(
            {
                "household_id": trips.person[paid] + 1,
                "coupon_upc": upc[paid],
                "campaign_id": campaign[paid],
                "redemption_date": _days(trips.second[paid]).astype("datetime64[ns]"),
            }
        ),
        is_whole=True,
        latent=_latent(rates, persons),
    )


def _blocks(total: int, size: int, draw: Callable[[int, int], Done]) -> list[Done]:
    """Draw blocks (begin, end) side by side; numpy lets the other threads run."""
    begins = range(0, total, size)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(lambda at: draw(at, min(at + size, total)), begins))


def _everybody(
    dice: Dice, rates: SyntheticRates, catalogue: Catalogue, people: int
) -> tuple[Persons, Trips, tuple[Ints, Ints]]:
    """Draw all people; trips are by person, then by time."""
    clocks = {
        name: Clock(calendar, rates.hours) for name, calendar in rates.calendars.items()
    }

    def draw(begin: int, end: int) -> tuple[Persons, Trips, tuple[Ints, Ints]]:
        rng = dice.stream(f"synthetic people {begin}")
        persons, trips, (whom, what) = take_trips(
            rng, rates, clocks, catalogue.campaigns, end - begin
        )
        return persons, replace(trips, person=trips.person + begin), (
            whom + begin, what)  # fmt: skip

    parts = _blocks(people, PEOPLE_AT_ONCE, draw)
    return (
        Persons(*_together([part[0] for part in parts], Persons)),
        Trips(*_together([part[1] for part in parts], Trips)),
        (
            np.concatenate([part[2][0] for part in parts]),
            np.concatenate([part[2][1] for part in parts]),
        ),
    )


def _together(parts: list, kind: type) -> list[np.ndarray]:
    return [
        np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(kind)
    ]


def _redeemed(
    dice: Dice, rates: SyntheticRates, catalogue: Catalogue, trips: Trips
) -> tuple[Ints, Ints, Ints]:
    """Return by basket the coupon paid with, its campaign and its worth, else 0."""
    rng = dice.stream("synthetic redemptions")
    ids = catalogue.campaigns["campaign_id"].to_numpy()
    coupons = catalogue.coupons.sort_values(["campaign_id", "coupon_upc"])
    held = coupons["campaign_id"].to_numpy()
    begin = np.searchsorted(held, ids)
    number = np.searchsorted(held, ids, side="right") - begin
    brought = trips.campaign
    pays = (rng.random(len(brought)) < rates.campaigns.redeems) & (brought >= 0)
    pays &= number[brought] > 0
    at = begin[brought] + rng.integers(0, np.maximum(number[brought], 1))
    upc = np.where(pays, coupons["coupon_upc"].to_numpy()[np.where(pays, at, 0)], 0)
    return (
        upc,
        np.where(pays, ids[brought], 0),
        np.where(pays, FACE + upc % 10 * FACE, 0),
    )


def _lines(
    dice: Dice,
    rates: SyntheticRates,
    catalogue: Catalogue,
    persons: Persons,
    baskets: Baskets,
) -> pd.DataFrame:
    """Fill all baskets, and say in which store each was bought."""
    rng = dice.stream("synthetic stores")
    home = catalogue.draw_stores(rng.random(len(persons.rate)))
    count = len(baskets.person)
    away = rng.random(count) >= rates.people.at_home
    store = np.where(
        away, catalogue.draw_stores(rng.random(count)), home[baskets.person]
    )
    shelf = Shelf(rates, catalogue, dice, EVERYDAY)

    def draw(begin: int, end: int) -> dict[str, np.ndarray]:
        part = Baskets(*(getattr(baskets, f.name)[begin:end] for f in fields(Baskets)))
        rng = dice.stream(f"synthetic lines {begin}")
        lines = fill_baskets(rng, shelf, persons, part)
        lines["basket"] += begin
        return lines

    parts = _blocks(count, BASKETS_AT_ONCE, draw)
    lines = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    basket = lines.pop("basket")
    return pd.DataFrame(
        {
            "source_line": np.arange(len(basket)),
            "household_id": baskets.person[basket] + 1,
            "store_id": catalogue.store_id[store][basket],
            "basket_id": FIRST_BASKET + basket,
            **lines,
            "sold_at": (YEAR + baskets.second)[basket],
        },
        copy=False,
    )


def _days(second: Ints) -> np.ndarray:
    return YEAR.astype("datetime64[D]") + second // DAY


def _latent(rates: SyntheticRates, persons: Persons) -> pd.DataFrame:
    """Tell what drives each person; nothing of it is in the channels' files."""
    kinds = tuple(rates.archetypes)
    shares = np.diff(persons.taste, axis=1, prepend=np.float32(0))

    def moments(second: Ints) -> np.ndarray:
        return np.where(second >= 0, YEAR + second, np.datetime64("NaT", "s"))

    return pd.DataFrame(
        {
            "household_id": np.arange(1, len(persons.rate) + 1),
            "archetype": named(kinds, persons.archetype),
            "rate_per_week": persons.rate,
            "dropout_probability": persons.leaving,
            "entered_at": moments(persons.entered),
            "dropped_out_at": moments(persons.dropped_out),
            "favourite_group": named(tuple(rates.groups), shares.argmax(axis=1)),
            "favourite_share": shares.max(axis=1),
            "price_place": persons.price_place,
            "pantry_days": np.where(persons.pantry > 0, persons.pantry, np.nan),
            "baby_birthday": persons.born.astype("datetime64[s]"),
        }
    )
