"""The members' club: its users, what they share, and what they do there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingestion.sample.behaviour import KEYWORDS
from ingestion.sample.dice import (
    Ints,
    Mask,
    Times,
    only,
    pick_some,
    seconds,
    texts,
    tokens,
)
from ingestion.sample.people import NEVER
from ingestion.sample.world import World

CLUB, CLUB_PREFIX = "mini_program", "M"  # the channel; stands before item numbers
JOINS = 0.55  # of people: use the club
SHOWS_UNIONID = 0.82  # of users: allow the unionid, sooner or later
SHOWS_PHONE = 0.88  # of users with unionid: bind a phone; all of the others do
INVITED = 0.25  # of users: came by somebody's invitation
SHARES = 1.2  # of a user and year
OPENERS = 0.9  # of a share
TOLD_BY_EVENT = 0.85  # of shares and openings: there is an event, too
SESSIONS = 7  # of a user and year, before no order
FIRST_USERS = np.datetime64("2016-07-01T09:00:00", "s")
LAST_USERS = np.datetime64("2017-12-29T20:00:00", "s")
YEAR = np.datetime64("2017-01-01T08:00:00", "s")
END = np.datetime64("2017-12-31T22:00:00", "s")
SCENES = texts(["1001", "1007", "1011", "1035", "1089"])
PAGES = ("pages/home", "pages/item", "pages/coupons", "pages/live", "pages/mine")
HOME, ITEM, COUPONS, LIVE, MINE = range(5)
WHAT = (
    "page_view", "product_view", "add_to_cart", "remove_from_cart", "search",
     "check_in", "form_submit", "coupon_view", "live_view",
     "join", "share", "share_open",
)  # fmt: skip
VIEW, LOOK, CART, UNCART, SEARCH, CHECK_IN, FORM, COUPON, WATCH = range(9)
JOIN, SHARE, OPEN = 9, 10, 11
PAGE_OF = np.array(
    [HOME, ITEM, ITEM, ITEM, HOME, MINE, MINE, COUPONS, LIVE, MINE, ITEM, ITEM]
)
LIKELY = (0.3, 0.3, 0.08, 0.02, 0.08, 0.08, 0.02, 0.07, 0.05)


@dataclass(frozen=True)
class Club:
    """Frames of the club; `user` and its like are rows of `users`."""

    users: pd.DataFrame
    shares: pd.DataFrame
    events: pd.DataFrame


def make_club(world: World) -> Club:
    """Tell the club's year."""
    users = _users(world)
    items = _items(world)
    shares = _shares(world, users, items)
    return Club(users, shares, _events(world, users, shares, items))


def _items(world: World) -> Ints:
    """Return the items that the club shows: what any shop sold."""
    return np.unique(world.lines["product_id"].to_numpy())


def between(begin: Times, end: Times, draw: np.ndarray) -> Times:
    """Return moments between two of each row, by draws of 0 to 1."""
    span = np.maximum((end - begin).astype("int64"), 0)
    return begin + (span * draw).astype("int64").astype("timedelta64[s]")


def _users(world: World) -> pd.DataFrame:
    """One row per person who uses the club, in the order in which they came."""
    rng = world.dice.stream("club users")
    people = world.people
    draw = rng.random(len(people))
    draw[(people["kind"] == "test").to_numpy()] = 1.0
    person = np.flatnonzero(draw < JOINS)
    count = len(person)
    begin = np.full(count, FIRST_USERS)
    created = between(begin, np.full(count, LAST_USERS), rng.random(count))
    order = np.lexsort((person, created))
    person, created = person[order], created[order]
    unionid = rng.random(count) < SHOWS_UNIONID
    later = rng.random(count) < 0.2
    allowed = np.where(later, created + seconds(1, 60 * 24, rng.random(count)), created)
    phone = ~unionid | (rng.random(count) < SHOWS_PHONE)
    late = unionid & (rng.random(count) < world.rates.late_phone)
    bound = np.where(late, created + seconds(24, 60 * 24, rng.random(count)), created)
    member = rng.random(count) < 0.8
    joined = created + seconds(0.05, 20 * 24, rng.random(count) ** 3)
    # who has ever come here may have invited who came later
    inviter = np.floor(np.arange(count) * rng.random(count)).astype("int64")
    invited = (rng.random(count) < INVITED) & (np.arange(count) > 0)
    return pd.DataFrame(
        {
            "person": person,
            "openid": tokens(rng, count, "oC"),
            "created_at": created,
            "joined_at": np.where(member, joined, NEVER),
            "allowed_at": np.where(unionid, allowed, NEVER),
            "bound_at": np.where(phone, bound, NEVER),
            "changed_at": _phone_changes(
                world, person, np.where(phone, bound, NEVER), rng.random((2, count))
            ),
            "inviter": np.where(invited, inviter, -1),
            "scene": SCENES[rng.integers(0, len(SCENES), count)],
            "change_id": texts([f"IC{number:08d}" for number in range(1, count + 1)]),
        }
    )


def _phone_changes(world: World, person: Ints, bound: Times, draw: np.ndarray) -> Times:
    """Return when users tell the club of their new number, NaT for never.

    Of a recycled number both owners tell, else nobody could tell them apart.
    """
    people = world.people
    changed = people["changed_at"].to_numpy()[person]
    recycled = people["gave_up"].to_numpy()[person]
    recycled |= people["recycled_from"].to_numpy()[person] >= 0
    tells = (changed > bound) & (recycled | (draw[0] < 0.9))
    told = changed + seconds(0.5, 20 * 24, draw[1])
    return np.where(tells, told, NEVER).astype("datetime64[s]")


def shown_phone(world: World, users: pd.DataFrame, row: Ints, at: Times) -> np.ndarray:
    """Return the phone bound at the given times, None for none."""
    people = world.people
    person = users["person"].to_numpy()[row]
    bound = users["bound_at"].to_numpy()[row]
    told = users["changed_at"].to_numpy()[row]
    new = (at >= told) | (bound >= people["changed_at"].to_numpy()[person])
    phone = np.where(
        new,
        people["phone_2"].to_numpy()[person],
        people["phone_1"].to_numpy()[person],
    )
    return only(at >= bound, phone)


def _shares(world: World, users: pd.DataFrame, items: Ints) -> pd.DataFrame:
    """One row per share, `opener` -1, and one per share and opener."""
    rng = world.dice.stream("club shares")
    sharer = np.repeat(np.arange(len(users)), rng.poisson(SHARES, len(users)))
    count = len(sharer)
    created = users["created_at"].to_numpy()
    at = between(
        np.maximum(created[sharer], YEAR), np.full(count, END), rng.random(count)
    )
    product = items[rng.integers(0, max(1, len(items)), count)]
    shares = pd.DataFrame(
        {
            "sharer": sharer,
            "person": users["person"].to_numpy()[sharer],
            "product_id": np.where(rng.random(count) < 0.7, product, -1),
            "shared_at": at,
        }
    ).sort_values(["shared_at", "sharer"], kind="stable", ignore_index=True)
    shares["share_id"] = texts([f"SH{number:09d}" for number in range(1, count + 1)])
    share = np.repeat(np.arange(count), rng.poisson(OPENERS, count))
    opened = shares["shared_at"].to_numpy()[share]
    opened = opened + seconds(0.02, 9 * 24, rng.random(len(share)) ** 3)
    # anybody who is there by then; now and then the sharer himself
    there = np.searchsorted(created, opened, side="right")
    opener = np.floor(there * rng.random(len(share))).astype("int64")
    himself = rng.random(len(share)) < 0.03
    opener = np.where(himself, shares["sharer"].to_numpy()[share], opener)
    openings = shares.iloc[share].assign(opener=opener, opened_at=opened)
    openings = openings.drop_duplicates(["share_id", "opener"])
    openings = openings[openings["opened_at"] <= END]
    every = pd.concat(
        [shares.assign(opener=-1, opened_at=NEVER), openings], ignore_index=True
    )
    return every.assign(opened_at=every["opened_at"].astype("datetime64[s]"))


def _events(
    world: World, users: pd.DataFrame, shares: pd.DataFrame, items: Ints
) -> pd.DataFrame:
    """Return events in time order with the identifiers that each of them shows."""
    rng = world.dice.stream("club events")
    parts = [
        _before_orders(world, users, rng),
        _sessions(users, items, rng),
        _joins(users),
        _told_shares(shares, rng),
    ]
    events = pd.concat(parts, ignore_index=True)
    events = events[(events["at"] >= YEAR) & (events["at"] <= END)]
    events = events.sort_values(
        ["at", "user", "what"], kind="stable", ignore_index=True
    )
    rng = world.dice.stream("club event identifiers")
    count, user = len(events), events["user"].to_numpy()
    what, at = events["what"].to_numpy(), events["at"].to_numpy()
    people, person = world.people, users["person"].to_numpy()[user]
    named = np.isin(what, (JOIN, SHARE, OPEN))
    device_only = pick_some(rng.random(count), world.rates.event_device_only) & ~named
    anonymous = pick_some(rng.random(count), world.rates.event_not_logged_in) & ~named
    allowed = users["allowed_at"].to_numpy()[user] <= at
    second = people["second_device_id"].to_numpy()[person]
    uses_second = pd.notna(second) & (rng.random(count) < 0.3)
    return events.assign(
        person=person,
        shows_openid=~device_only & ~anonymous,
        shows_unionid=~device_only & allowed & (rng.random(count) < 0.6),
        device=np.where(uses_second, second, people["device_id"].to_numpy()[person]),
        scene=SCENES[rng.integers(0, len(SCENES), count)],
        keyword=only(
            what == SEARCH, texts(KEYWORDS)[rng.integers(0, len(KEYWORDS), count)]
        ),
        seconds=rng.integers(2, 240, count),
        event_id=texts([f"CE{number:010d}" for number in range(1, count + 1)]),
    )


def _frame(
    user: Ints, what: Ints, at: Times, product: Ints, share: object = None
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user": user,
            "what": what,
            "at": at.astype("datetime64[s]"),
            "product_id": product,
            "share_id": share,
        }
    )


def _before_orders(
    world: World, users: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """A look at, and a put into the cart of, a part of what is bought anywhere."""
    orders, lines = world.orders, world.lines
    user_of = np.full(len(world.people) + 1, -1)
    user_of[users["person"].to_numpy()] = np.arange(len(users))
    order = lines["order"].to_numpy()
    user = user_of[orders["person"].to_numpy()[order]]
    fit: Mask = (user >= 0) & (lines["line_no"] <= 3).to_numpy()
    fit &= (lines["quantity"] > 0).to_numpy()
    rows = np.flatnonzero(fit & (rng.random(len(lines)) < 0.12))
    user, product = user[rows], lines["product_id"].to_numpy()[rows]
    bought = orders["created_at"].to_numpy()[order[rows]]
    looked = bought - seconds(0.5, 30, rng.random(len(rows)))
    known = looked >= users["created_at"].to_numpy()[user]
    carted = known & (rng.random(len(rows)) < 0.3)
    put = looked + rng.integers(5, 100, len(rows)).astype("timedelta64[s]")
    return pd.concat(
        [
            _frame(user[some], np.full(int(some.sum()), what), at[some], product[some])
            for some, what, at in ((known, LOOK, looked), (carted, CART, put))
        ]
    )


def _sessions(
    users: pd.DataFrame, items: Ints, rng: np.random.Generator
) -> pd.DataFrame:
    """Visits without an order."""
    keen = rng.gamma(0.9, SESSIONS / 0.9, len(users))
    owner = np.repeat(np.arange(len(users)), rng.poisson(keen))
    begin = np.maximum(users["created_at"].to_numpy()[owner], YEAR)
    start = between(begin, np.full(len(owner), END), rng.random(len(owner)))
    size = 1 + rng.poisson(1.5, len(owner))
    session = np.repeat(np.arange(len(owner)), size)
    step = np.arange(len(session)) - np.repeat(np.cumsum(size) - size, size)
    at = start[session] + (step * 45).astype("timedelta64[s]")
    what = rng.choice(len(LIKELY), len(session), p=LIKELY)
    product = items[rng.integers(0, max(1, len(items)), len(session))]
    product = np.where(np.isin(what, (LOOK, CART, UNCART)), product, -1)
    return _frame(owner[session], what, at, product)


def _joins(users: pd.DataFrame) -> pd.DataFrame:
    rows = np.flatnonzero(users["joined_at"].notna())
    at = users["joined_at"].to_numpy()[rows]
    return _frame(rows, np.full(len(rows), JOIN), at, np.full(len(rows), -1))


def _told_shares(shares: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The same shares and openings as events; a few are told by the share alone."""
    told = shares[rng.random(len(shares)) < TOLD_BY_EVENT]
    opening = (told["opener"] >= 0).to_numpy()
    return _frame(
        np.where(opening, told["opener"], told["sharer"]),
        np.where(opening, OPEN, SHARE),
        np.where(opening, told["opened_at"], told["shared_at"]),
        told["product_id"].to_numpy(),
        told["share_id"].to_numpy(),
    )
