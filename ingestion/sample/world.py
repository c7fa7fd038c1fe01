"""The whole year of the group, as frames that every channel tells in its own words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ingestion.sample.accounts import make_accounts, shown_fields
from ingestion.sample.aftersales import add_orders, make_refunds
from ingestion.sample.behaviour import make_events
from ingestion.sample.contact import (
    make_assignments,
    make_consents,
    make_touches,
    pick_guide,
)
from ingestion.sample.dice import Dice, Ints, Times
from ingestion.sample.loyalty import Ledger, make_coupons, make_points
from ingestion.sample.names import phone_numbers
from ingestion.sample.people import make_people
from ingestion.sample.purchases import (
    make_purchases,
    number_orders,
    price_orders,
    ship_parcels,
)
from ingestion.sample.rates import NoiseRates
from ingestion.sample.reference import (
    make_campaigns,
    make_products,
    make_staff,
    make_stores,
)
from ingestion.sample.shops import POS
from ingestion.sample.source import Source


@dataclass(frozen=True)
class World:
    """Everything that happened; `person`, `account`, `order` ... are row numbers.

    Money is in cents, times are Asia/Shanghai without offset.
    """

    rates: NoiseRates
    dice: Dice
    people: pd.DataFrame
    stores: pd.DataFrame
    staff: pd.DataFrame
    products: pd.DataFrame
    campaigns: pd.DataFrame
    accounts: pd.DataFrame
    orders: pd.DataFrame
    lines: pd.DataFrame
    refunds: pd.DataFrame
    points: pd.DataFrame
    coupons: pd.DataFrame
    touches: pd.DataFrame
    consents: pd.DataFrame
    assignments: pd.DataFrame
    events: pd.DataFrame

    def prepare(self) -> None:
        """Work out now what every channel asks for, before they go separate ways."""
        _ = self.late_orders, self._refunded

    @cached_property
    def late_orders(self) -> Ints:
        """Return by how many drops each order and its lines are late."""
        return self.lateness("orders", len(self.orders))

    def lateness(self, topic: str, count: int) -> Ints:
        """Draw how many drops late each of `count` rows arrives."""
        rng = self.dice.stream(f"late {topic}")
        late = rng.random(count) < self.rates.late_row
        return np.where(late, rng.integers(1, 4, count), 0)

    @cached_property
    def _refunded(self) -> Ledger:
        done = self.refunds[~self.refunds["is_refused"]]
        return Ledger(
            done["order"].to_numpy(),
            done["decided_at"].to_numpy(),
            done["amount"].to_numpy(),
        )

    def refunded_until(self, order: Ints, at: Times) -> Ints:
        """Return the cents refunded on orders by the given times."""
        return self._refunded.until(order, at)

    def refund_moments(self, mask: np.ndarray) -> tuple[Ints, Times]:
        """Return the orders (of `mask`) and times at which a refund was paid."""
        done = self.refunds[~self.refunds["is_refused"] & (self.refunds["amount"] > 0)]
        mine = done[mask[done["order"].to_numpy()]]
        return mine["order"].to_numpy(), mine["decided_at"].to_numpy()


def build_world(source: Source, rates: NoiseRates, dice: Dice) -> World:
    """Tell the year: people, purchases, after-sales, loyalty, contacts, behaviour."""
    stores = make_stores(source, dice)
    spare = phone_numbers(dice.stream("work phones"), 3 * len(stores) + 400)
    staff = make_staff(stores, spare[1:], dice)
    people = make_people(source, stores, rates, dice)
    orders, lines = make_purchases(source, people, stores, dice)
    orders = orders.assign(
        goods_sum=np.bincount(lines["order"], lines["goods"], len(orders))
    )
    refunds, orders = make_refunds(orders, lines, dice)
    testers = np.flatnonzero(people["kind"] == "test")
    orders, lines = add_orders(orders, lines, refunds, testers, rates=rates, dice=dice)
    accounts, account = make_accounts(orders, people, spare[0], rates, dice)
    orders = price_orders(orders, lines, dice, "orders").assign(account=account)
    orders["guide"] = np.where(
        orders["channel"] == POS,
        pick_guide(
            orders["store"].to_numpy(), orders["person"].to_numpy(), stores, staff
        ),
        -1,
    )
    orders = shown_fields(orders, accounts, people, rates, dice)
    orders, lines = number_orders(orders, lines, stores)
    lines = ship_parcels(orders, lines, dice)
    points, used = make_points(orders, accounts, refunds, dice)
    orders = orders.assign(points=used)
    return World(
        rates=rates,
        dice=dice,
        people=people,
        stores=stores,
        staff=staff,
        products=make_products(source, dice),
        campaigns=make_campaigns(source),
        accounts=accounts,
        orders=orders,
        lines=lines,
        refunds=refunds,
        points=points,
        coupons=make_coupons(source, orders, accounts, people, dice),
        touches=make_touches(source, accounts, people, dice),
        consents=make_consents(accounts, dice),
        assignments=make_assignments(accounts, stores, staff, dice),
        events=make_events(orders, lines, accounts, people, rates=rates, dice=dice),
    )
