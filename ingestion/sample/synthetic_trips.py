"""Who the synthetic people are and when they buy: BG/NBD on a calendar with seasons.

A person buys at random moments of an inner time that runs fast before festivals and
slowly during them, at a rate of his own, and leaves for good after some purchase
(Fader, Hardie and Lee 2005). docs/sample.md tells the processes one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingestion.sample.dice import Floats, Ints, Mask
from ingestion.sample.synthetic_rates import Archetype, Calendar, SyntheticRates

YEAR = np.datetime64("2017-01-01", "s")
DAYS = 365
DAY = 86_400  # seconds
WEEKS = DAYS / 7
# births of the children that baby households have
BORN = (np.datetime64("2015-01-01"), np.datetime64("2017-08-01"))


class Clock:
    """A calendar's inner time in weeks, and the seconds of the year it stands for."""

    def __init__(self, calendar: Calendar, hours: tuple[float, ...]) -> None:
        weight = self.day_factors(calendar)
        share = np.asarray(hours) / sum(hours)
        weeks = (weight / weight.sum() * WEEKS)[:, None] * share
        self._weeks = np.r_[0.0, np.cumsum(weeks.ravel())]
        self._seconds = np.arange(DAYS * 24 + 1) * 3600.0

    @staticmethod
    def day_factors(calendar: Calendar) -> Floats:
        """Return how busy each day of the year is."""
        day = YEAR.astype("datetime64[D]") + np.arange(DAYS)
        weekday = (day.astype("int64") + 3) % 7
        factor = np.asarray(calendar.weekdays)[weekday]
        for days in calendar.days:
            first, last = np.datetime64(days.first), np.datetime64(days.last)
            factor = np.where((day >= first) & (day <= last), days.factor, 1) * factor
        return factor

    def seconds(self, weeks: Floats) -> Floats:
        """Return the second of the year at which that inner time has run."""
        return np.interp(weeks, self._weeks, self._seconds)

    def weeks(self, seconds: Floats) -> Floats:
        """Return the inner time that has run by a second of the year."""
        return np.interp(seconds, self._seconds, self._weeks)


@dataclass(frozen=True)
class Persons:
    """What drives each person; times are seconds of the year, -1 for never."""

    archetype: Ints
    rate: Floats  # purchases per week
    leaving: Floats  # probability of leaving after a repeat purchase
    entered: Ints  # the first purchase
    dropped_out: Ints
    taste: np.ndarray  # shares of the groups, counted up
    price_place: np.ndarray  # on the ladder from the cheapest product to the dearest
    pantry: Floats  # days until the usual group runs out, 0 for nobody's
    born: np.ndarray  # the child of a baby household, NaT for others


@dataclass(frozen=True)
class Trips:
    """One row per basket: who, at which second, for which campaign (-1: for none).

    `due` says how often the person's usual group has run out since the basket before.
    """

    person: Ints
    second: Ints
    campaign: Ints
    due: Ints


def take_trips(
    rng: np.random.Generator,
    rates: SyntheticRates,
    clocks: dict[str, Clock],
    campaigns: pd.DataFrame,
    count: int,
) -> tuple[Persons, Trips, tuple[Ints, Ints]]:
    """Draw `count` people and their baskets, by person and time.

    The third value is who is targeted by what: rows of people, rows of `campaigns`.
    """
    kinds = list(rates.archetypes.values())
    kind = rng.choice(len(kinds), count, p=[kind.share for kind in kinds])
    rate, leaving, taste = _drives(rng, rates, kinds, kind)
    old = rng.random(count) < rates.people.old
    draw = rng.random(count)
    # an old customer's first purchase of the year, given that there is one
    since_new_year = -np.log1p(-draw * -np.expm1(-rate * WEEKS)) / rate
    entered = np.where(old, since_new_year, draw * WEEKS)
    repeats = rng.poisson(rate * (WEEKS - entered))
    whom = np.repeat(np.arange(count), repeats)
    weeks = entered[whom] + rng.random(len(whom)) * (WEEKS - entered)[whom]
    clock_of = [clocks[kind.calendar] for kind in kinds]
    entry = _seconds(clock_of, kind, entered)
    targeted, called = _targets(rng, rates, campaigns, old, entry)
    begin, end = (
        np.array([clock.weeks(_second(campaigns[name])) for clock in clock_of])
        for name in ("start_date", "end_date")
    )
    opens = np.maximum(begin[kind[targeted], called], entered[targeted])
    span = np.maximum(end[kind[targeted], called] - opens, 0)
    more = rng.poisson(rates.campaigns.lift * rate[targeted] * span)
    extra = np.repeat(np.arange(len(targeted)), more)
    person = np.r_[np.arange(count), whom, targeted[extra]]
    inner = np.r_[entered, weeks, opens[extra] + rng.random(len(extra)) * span[extra]]
    campaign = np.r_[np.full(count + len(whom), -1), called[extra]]
    second = _seconds(clock_of, kind[person], inner)
    pantry = _pantries(rng, kinds, kind)
    lured = (campaign >= 0) | (np.arange(len(person)) < count)
    second = _when_empty(rng, second, entry[person], pantry[person], lured)
    order = np.argsort(person * 2**26 + second, kind="stable")
    person, second, campaign = person[order], second[order], campaign[order]
    # who has made so many repeat purchases leaves with the last of them
    lasts = rng.geometric(np.maximum(leaving, 1e-9))
    first = np.flatnonzero(np.r_[True, person[1:] != person[:-1]])
    rank = np.arange(len(person)) - first[person]
    left = np.full(count, -1)
    final = rank == lasts[person]
    left[person[final]] = second[final]
    kept = rank <= lasts[person]
    person, second, campaign = person[kept], second[kept], campaign[kept]
    months = rng.integers(0, (BORN[1] - BORN[0]).astype(int), count)
    parent = np.array([_has_child(kind) for kind in kinds])[kind]
    persons = Persons(
        archetype=kind,
        rate=rate,
        leaving=leaving,
        entered=entry,
        dropped_out=left,
        taste=taste,
        price_place=rng.random(count, dtype="float32"),
        pantry=pantry,
        born=np.where(parent, BORN[0] + months, np.datetime64("NaT", "D")),
    )
    due = _due(second - entry[person], pantry[person], person)
    return persons, Trips(person, second, campaign, due), (targeted, called)


def _has_child(kind: Archetype) -> bool:
    return kind.pantry is not None and kind.pantry.group == "formula"


def _second(days: pd.Series) -> Floats:
    return (days.to_numpy().astype("datetime64[s]") - YEAR).astype("float64")


def _seconds(clock_of: list[Clock], kind: Ints, weeks: Floats) -> Ints:
    """Turn inner time into seconds of the year, each by the calendar of its kind."""
    found = np.empty(len(weeks), dtype="int64")
    for number, clock in enumerate(clock_of):
        mine = kind == number
        found[mine] = clock.seconds(weeks[mine]).astype("int64")
    return np.minimum(found, DAYS * DAY - 1)


def _drives(
    rng: np.random.Generator,
    rates: SyntheticRates,
    kinds: list[Archetype],
    kind: Ints,
) -> tuple[Floats, Floats, np.ndarray]:
    """Draw purchase rates, leaving probabilities and tastes."""

    def each(values: list[float]) -> Floats:
        return np.array(values)[kind]

    rate = rng.gamma(
        each([kind.rate.shape for kind in kinds]),
        1 / each([kind.rate.scale for kind in kinds]),
    )
    leaving = rng.beta(
        each([kind.dropout.a for kind in kinds]),
        each([kind.dropout.b for kind in kinds]),
    )
    weights = np.array(
        [[kind.prefers.get(name, 0.0) for name in rates.groups] for kind in kinds]
    )
    taste = np.cumsum(rng.standard_gamma(weights[kind], dtype="float32"), axis=1)
    return np.maximum(rate, 1e-9), leaving, taste / taste[:, -1:]


def _targets(
    rng: np.random.Generator,
    rates: SyntheticRates,
    campaigns: pd.DataFrame,
    old: Mask,
    entry: Ints,
) -> tuple[Ints, Ints]:
    """Draw whom each campaign reaches, of those who were customers when it began."""
    share = campaigns["campaign_type"].map(rates.campaigns.targeted).fillna(0)
    hit = rng.random((len(old), len(campaigns)), dtype="float32") < share.to_numpy()
    hit &= old[:, None] | (entry[:, None] < _second(campaigns["start_date"]))
    person, campaign = np.nonzero(hit)
    return person, campaign


def _pantries(rng: np.random.Generator, kinds: list[Archetype], kind: Ints) -> Floats:
    """Draw in how many days each person's usual group runs out; 0 for never."""
    share, low, high = np.array(
        [(p.share, *p.days) if (p := kind.pantry) else (0, 0, 0) for kind in kinds]
    ).T
    has = rng.random(len(kind)) < share[kind]
    return np.where(has, low[kind] + (high - low)[kind] * rng.random(len(kind)), 0)


def _when_empty(
    rng: np.random.Generator, second: Ints, entry: Ints, pantry: Floats, lured: Mask
) -> Ints:
    """Put off a purchase until the usual group runs out; the hour stays as it was."""
    late = rng.random(len(second)) * 1.5 * DAY
    cycle = np.where(pantry > 0, pantry, 1) * DAY
    empty = entry + (np.floor((second - entry) / cycle) + 1) * cycle + late
    moved = (empty.astype("int64") // DAY) * DAY + second % DAY
    waits = (pantry > 0) & ~lured & (moved > entry) & (moved < DAYS * DAY)
    return np.where(waits, moved, second)


def _due(since_entry: Ints, pantry: Floats, person: Ints) -> Ints:
    """Count how often the usual group ran out since the basket before."""
    cycle = np.where(pantry > 0, pantry, 1) * DAY
    emptied = np.floor((since_entry + DAY) / cycle).astype("int64")
    first = np.r_[True, person[1:] != person[:-1]]
    before = np.where(first, -1, np.r_[0, emptied[:-1]])
    return np.where(pantry > 0, np.minimum(emptied - before, 4), 0)
