"""Accounts: who is known to which shop, under which ids, with which phone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sample.columns import (
    TEXT,
    joined,
    numbered,
    starred_name,
    starred_phone,
    stored,
)
from ingestion.sample.dice import DAY, Dice, only, pick_some, seconds, texts, tokens
from ingestion.sample.people import NEVER, phone_at
from ingestion.sample.rates import NoiseRates
from ingestion.sample.shops import (
    CHANNELS,
    DOUYIN,
    POS,
    SHOPS,
    XIAOHONGSHU,
    YOUZAN,
    channel_of,
    weights,
)

PLACEHOLDERS = ("13800000000", "11111111111", "00000000000")
POS_NON_MEMBERS = 0.06  # of store customers: never take a card
EXTRA_SHOP = 0.08  # of buyers: also joined another online shop, without an order
ONLY_FANS = 0.5  # of those who came to Xiaohongshu without an order: never joined
JOINED_AHEAD = 0.1  # of members: joined a week or more before their first order
OLDER_UNTIL = np.array("2016-12-31T09:00:00", dtype="datetime64[s]")
OWN, NO_PHONE, PLACEHOLDER, COUNTER = range(4)


def make_accounts(
    orders: pd.DataFrame,
    people: pd.DataFrame,
    counter_phone: str,
    rates: NoiseRates,
    dice: Dice,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return (accounts, account of each order or -1).

    One row per person and shop, more when registered twice. `shows_from` is when the
    account shows the person's new number (NaT: never), `bound_at` when it shows one at
    all. Guests and fans have an id where the channel gives one, but no membership.
    """
    accounts = _base(orders, people, dice)
    rng = dice.stream("accounts")
    count = len(accounts)
    person, channel = accounts["person"].to_numpy(), accounts["channel"].to_numpy()
    tester = (people["kind"] == "test").to_numpy()[person]
    guest = np.where(
        channel == POS,
        (rng.random(count) < POS_NON_MEMBERS) & ~accounts["redeems"].to_numpy(),
        (rng.random(count) < rates.shop_guest) & (accounts["orders"] <= 2),
    ).astype(bool)
    buys = (accounts["orders"] > 0).to_numpy()
    guest &= buys & ~tester
    only_fan = dice.stream("fans").random(count) < ONLY_FANS
    guest |= ~buys & (channel == XIAOHONGSHU) & only_fan
    first = accounts["first_at"].to_numpy()
    joined = np.where(
        rng.random(count) < JOINED_AHEAD,
        first - seconds(8 * 24, 28 * 24, rng.random(count)),
        first - seconds(0.02, 2, rng.random(count)),
    )
    # most people of a loyal group joined in earlier years
    older = (accounts["orders"] > 12).to_numpy() & (rng.random(count) < 0.7)
    years = seconds(24, 3 * 365 * 24, rng.random(count))
    joined = np.where(older, OLDER_UNTIL - years, joined)
    accounts = accounts.assign(
        is_member=~guest,
        joined_at=joined.astype("datetime64[s]"),
        account_id=_account_ids(rng, channel, _card_numbers(rng, count)),
        openid=tokens(rng, count, "o5"),
        seq=1,
    )
    accounts = _add_phones(accounts, people, counter_phone, rates, dice)
    accounts = _add_profile(accounts, people, rates, dice)
    return _register_twice(accounts, orders, people, rates, dice)


def account_phone(
    accounts: pd.DataFrame, people: pd.DataFrame, row: np.ndarray, at: np.ndarray
) -> np.ndarray:
    """Return the phone that account rows show at the given times, None for none."""
    person = accounts["person"].to_numpy()[row]
    shows_new = at >= accounts["shows_from"].to_numpy()[row]
    own = np.where(
        shows_new,
        people["phone_2"].to_numpy()[person],
        people["phone_1"].to_numpy()[person],
    )
    kind = accounts["phone_kind"].to_numpy()[row]
    given = np.where(kind == OWN, own, accounts["odd_phone"].to_numpy()[row])
    bound = at >= accounts["bound_at"].to_numpy()[row]
    return only(bound & (kind != NO_PHONE), given)


def _base(orders: pd.DataFrame, people: pd.DataFrame, dice: Dice) -> pd.DataFrame:
    """One row per person and shop that meet: buyers, prospects, extra joins."""
    buying = orders[orders["person"] >= 0]
    met = (
        buying.groupby(["person", "shop"], sort=True)
        .agg(first_at=("created_at", "min"), orders=("order_type", "size"))
        .reset_index()
    )
    stores = buying[buying["channel"] == POS].groupby("person")["store"].first()
    rng = dice.stream("joins")
    lookers = np.flatnonzero(people["kind"] == "prospect")
    buyers = met["person"].unique()
    extra = buyers[rng.random(len(buyers)) < EXTRA_SHOP]
    joins = pd.DataFrame(
        {
            "person": np.r_[lookers, extra],
            "shop": np.r_[
                rng.choice(len(SHOPS), len(lookers), p=weights("prospects")),
                rng.choice(len(SHOPS), len(extra), p=weights("joiners")),
            ],
            "first_at": np.datetime64("2017-01-05T10:00:00", "s")
            + (rng.random(len(lookers) + len(extra)) ** 0.7 * 357 * 86_400)
            .astype("int64")
            .astype("timedelta64[s]"),
            "orders": 0,
        }
    )
    every = pd.concat([met, joins]).drop_duplicates(["person", "shop"])
    every = every.sort_values(["person", "shop"]).reset_index(drop=True)
    store = every["person"].map(stores)
    return every.assign(
        channel=channel_of(every["shop"].to_numpy()),
        store=store.fillna(every["person"].map(people["home_store"])).astype("int64"),
        redeems=people["redeems"].to_numpy()[every["person"]],
    )


def _account_ids(
    rng: np.random.Generator, channel: np.ndarray, cards: np.ndarray
) -> np.ndarray:
    """Return each account's id in its channel: the card number in the stores."""
    prefix = texts([channel.account_prefix for channel in CHANNELS])[channel]
    return np.where(channel == POS, cards, prefix + tokens(rng, len(channel), ""))


def _card_numbers(rng: np.random.Generator, count: int) -> np.ndarray:
    drawn = rng.permutation(9 * count)[:count] + 10_000_000
    return texts(numbered("M", drawn))


def _add_phones(
    accounts: pd.DataFrame,
    people: pd.DataFrame,
    counter_phone: str,
    rates: NoiseRates,
    dice: Dice,
) -> pd.DataFrame:
    """Decide which phone an account shows, and when it learns of a new number."""
    rng = dice.stream("account phones")
    count = len(accounts)
    person = accounts["person"].to_numpy()
    channel = accounts["channel"].to_numpy()
    member = accounts["is_member"].to_numpy()
    joined = accounts["joined_at"].to_numpy()
    tester = (people["kind"] == "test").to_numpy()[person]
    # of a recycled number both owners are known well, else nobody could tell them apart
    plain = ~people["gave_up"].to_numpy()[person]
    plain &= (people["recycled_from"] < 0).to_numpy()[person] & ~tester
    card = (channel == POS) & member & plain
    draw = np.where(card, rng.random(count), 1.0)
    counter = pick_some(draw, rates.counter_phone, least=3)
    placeholder = pick_some(np.where(card & ~counter, rng.random(count), 1.0),
                            rates.placeholder_phone, least=1)  # fmt: skip
    missing = plain & (rng.random(count) < rates.missing_phone)
    kind = np.select(
        [counter, placeholder | tester, missing], [COUNTER, PLACEHOLDER, NO_PHONE], OWN
    )
    odd = texts(PLACEHOLDERS)[rng.integers(0, len(PLACEHOLDERS), count)]
    changed = people["changed_at"].to_numpy()[person]
    lag = seconds(1, 45 * 24, rng.random(count))
    told = (rng.random(count) < 0.85) | ~plain
    shows = np.where(told, changed + lag, NEVER)
    shows = np.where(joined >= changed, joined, shows)
    late = (channel != POS) & plain & (rng.random(count) < rates.late_phone)
    bound = np.where(late, joined + seconds(24, 60 * 24, rng.random(count)), joined)
    return accounts.assign(
        phone_kind=kind,
        odd_phone=np.where(kind == COUNTER, counter_phone, odd),
        shows_from=shows.astype("datetime64[s]"),
        bound_at=bound.astype("datetime64[s]"),
    )


def _add_profile(
    accounts: pd.DataFrame, people: pd.DataFrame, rates: NoiseRates, dice: Dice
) -> pd.DataFrame:
    """Add what a person told this shop: e-mail, birthdays, tier, consent, leaving."""
    rng = dice.stream("profiles")
    count = len(accounts)
    person = accounts["person"].to_numpy()
    told = rng.random(count) < 0.85
    none = np.datetime64("NaT", "s")
    birthday = np.where(told, people["birthday"].to_numpy()[person], none)
    fake = np.isnat(birthday) & (rng.random(count) < rates.placeholder_birthday)
    odd = np.where(
        rng.random(count) < 0.6,
        np.datetime64("1900-01-01", "s"),
        np.datetime64("2000-01-01", "s"),
    )
    baby = people["baby_birthday"].to_numpy()[person]
    email = people["email"].to_numpy()[person].copy()
    has = pd.notna(email)
    cased = has & (rng.random(count) < rates.email_case)
    typo = has & ~cased & (rng.random(count) < rates.email_typo)
    email[cased] = [value.title() for value in email[cased]]
    email[typo] = [value[:3] + value[4:] for value in email[typo]]
    level = np.digitize(accounts["orders"], [3, 12, 40]) + 1
    joined = accounts["joined_at"].to_numpy()
    rises = (level >= 2) & (rng.random(count) < 0.4)
    leaves = (accounts["is_member"] & (rng.random(count) < 0.015)).to_numpy()
    sms = rng.random(count) < 0.8
    withdraws = sms & (rng.random(count) < 0.07)
    begin = np.maximum(joined + DAY, np.datetime64("2017-01-10T10:00:00", "s"))
    span = (np.datetime64("2018-01-05T00:00:00", "s") - begin).astype("int64")

    def some_day() -> np.ndarray:
        return begin + (span * rng.random(count)).astype("int64").astype(
            "timedelta64[s]"
        )

    def when(mask: np.ndarray) -> np.ndarray:
        return np.where(mask, some_day(), NEVER).astype("datetime64[s]")

    return accounts.assign(
        birthday=np.where(fake, odd, birthday).astype("datetime64[s]"),
        baby_birthday=np.where(rng.random(count) < 0.9, baby, none),
        email=only(rng.random(count) < 0.85, email),
        is_alias=rng.random(count) < rates.region_alias,
        tier_first=np.where(rises, level - 1, level),
        tier_last=level,
        tier_at=when(rises),
        left_at=when(leaves & (accounts["orders"] == 0).to_numpy()),
        sms_consent=sms,
        sms_withdrawn_at=when(withdraws),
    )


def _register_twice(
    accounts: pd.DataFrame,
    orders: pd.DataFrame,
    people: pd.DataFrame,
    rates: NoiseRates,
    dice: Dice,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Give some members a second account, used for a few of the later orders."""
    rng = dice.stream("registered twice")
    fit = (accounts["is_member"] & (accounts["orders"] >= 3)).to_numpy()
    # a second card keeps the phone, unlike a second WeChat or Taobao account
    draw = np.where(fit, rng.random(len(accounts)), 1.0)
    twice = np.flatnonzero(pick_some(draw, rates.registered_twice, least=1))
    again = accounts.iloc[twice].copy()
    span = np.datetime64("2017-12-20", "s") - np.maximum(
        again["first_at"].to_numpy(), np.datetime64("2017-01-02", "s")
    )
    at = again["first_at"].to_numpy() + (
        span.astype("int64") * (0.3 + 0.6 * rng.random(len(again)))
    ).astype("int64").astype("timedelta64[s]")
    again = again.assign(
        seq=2,
        joined_at=at,
        bound_at=at,
        account_id=_account_ids(
            rng,
            again["channel"].to_numpy(),
            texts([f"M{90_000_000 + n}" for n in range(len(again))]),
        ),
        openid=tokens(rng, len(again), "o5"),
        tier_first=1, tier_last=1, tier_at=NEVER, left_at=NEVER,
        sms_withdrawn_at=NEVER,
    )  # fmt: skip
    changed = people["changed_at"].to_numpy()[again["person"]]
    again["shows_from"] = np.where(changed <= at, at, again["shows_from"].to_numpy())
    every = pd.concat([accounts, again], ignore_index=True)
    key = np.full((len(people) + 1, len(SHOPS)), -1)
    key[accounts["person"], accounts["shop"]] = np.arange(len(accounts))
    second = np.full(len(accounts), -1)
    second[twice] = len(accounts) + np.arange(len(again))
    account = np.where(orders["person"] >= 0, key[orders["person"], orders["shop"]], -1)
    other = np.where(account >= 0, second[account], -1)
    uses = (
        (other >= 0)
        & (orders["created_at"].to_numpy() >= every["joined_at"].to_numpy()[other])
        & (orders["kind"] == "").to_numpy()
        & (rng.random(len(orders)) < 0.3)
    )
    return every, np.where(uses, other, account)


def shown_fields(
    orders: pd.DataFrame,
    accounts: pd.DataFrame,
    people: pd.DataFrame,
    rates: NoiseRates,
    dice: Dice,
) -> pd.DataFrame:
    """Add to orders what each shows of its buyer and receiver."""
    rng = dice.stream("shown fields")
    count = len(orders)
    channel = orders["channel"].to_numpy()
    account = orders["account"].to_numpy()
    person = orders["person"].to_numpy()
    at = orders["created_at"].to_numpy()
    own = phone_at(people, person, at)
    member = accounts["is_member"].to_numpy()[account] & (account >= 0)
    kind = accounts["phone_kind"].to_numpy()[account]
    gap = rng.random(count) < rates.receipt_no_card
    card = (channel == POS) & member & ~gap
    gives = rng.random(count) < np.select(
        [~member, card & (kind != OWN), card], [0.5, 0.6, 0.15], 0.3
    )
    gives |= ~member & (rates.receipt_no_card == 0)
    receipt_phone = only(gives & (person >= 0), own)
    miss = rng.random((3, count)) < rates.buyer_field_missing
    shop_phone = account_phone(accounts, people, account, at)
    buyer_phone = only(~miss[0] & (kind == OWN), shop_phone)
    tester = (people["kind"] == "test").to_numpy()[person] & (person >= 0)
    gift = (rng.random(count) < rates.gift_receiver) & ~tester & (channel != POS)
    homes = np.flatnonzero(people["kind"] == "household")
    receiver = np.where(gift, homes[rng.integers(0, len(homes), count)], person)
    to_phone = phone_at(people, receiver, at)
    # a mini-shop sends what the buyer typed, a marketplace hides it
    draw = rng.random(count) * np.where(channel == YOUZAN, 2.2, 1.0)
    masked = draw < rates.masked_receiver
    private = ~masked & (draw < rates.masked_receiver + rates.privacy_receiver)
    odd = ~masked & ~private & (rng.random(count) < rates.placeholder_receiver)
    plain = pa.array(to_phone, TEXT)
    extension = pa.array(1000 + rng.integers(0, 9000, count))
    hidden = pc.case_when(
        pc.make_struct(*map(pa.array, (tester, masked, private, odd))),
        pa.scalar(PLACEHOLDERS[1], TEXT),
        starred_phone(plain),
        joined(plain, "-", extension),
        pa.scalar(PLACEHOLDERS[0], TEXT),
        plain,
    )
    name = pa.array(people["name"].to_numpy()[receiver], TEXT)
    name = pc.case_when(
        pc.make_struct(*map(pa.array, (tester, masked))),
        pa.scalar("测试", TEXT),
        starred_name(name),
        name,
    )
    staff = (channel == POS) & (orders["guide"] >= 0) & (rng.random(count) < 0.6)
    return orders.assign(
        shows_card=card,
        phone=np.where(channel == POS, receipt_phone, buyer_phone),
        shows_openid=(channel == YOUZAN) & ~miss[1],
        shows_unionid=np.isin(channel, [YOUZAN, DOUYIN]) & ~miss[2],
        receiver=receiver,
        receiver_name=stored(name),
        receiver_phone=stored(hidden),
        is_alias=rng.random(count) < rates.region_alias,
        guide=np.where(staff, orders["guide"], -1),
    )
