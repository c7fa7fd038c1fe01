"""What the stores and the call centre hear and count: service cases, door counters.

Cases follow the world's refunds and orders; counters see at least everybody who paid.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from ingestion.sample import tell
from ingestion.sample.dice import DAY, Ints, Texts, Times, only, seconds, texts
from ingestion.sample.export import ExportTable, moment, pick, text, versions
from ingestion.sample.people import NEVER, phone_at
from ingestion.sample.shops import CHANNEL_CODES, POS
from ingestion.sample.world import World

CONSULT, COMPLAINT, RETURN, REPAIR, INVOICE = range(5)
TYPES = ("CONSULT", "COMPLAINT", "RETURN", "REPAIR", "INVOICE")
SAID = texts(
    ["想问一下怎么用", "投诉，要求处理", "要退货", "坏了，能修吗", "需要开发票"]
)
CHANNELS = ("PHONE", "STORE", "IM")
OF_REFUNDS, OF_ORDERS, OF_MEMBERS = 0.35, 0.01, 0.03
COMPLAINS = ("质量问题", "描述不符")  # reasons of refunds that are complaints, often
ORDER_MIX = (0.5, 0.2, 0.1, 0.2)  # of CONSULT, COMPLAINT, REPAIR, INVOICE
# counters hang over the doors of stores with a receipt every other day, since this day
COUNTED_FROM, COUNTED_RECEIPTS, TWO_DOORS = np.datetime64("2017-10-01"), 180, 2_500
LOOKERS, PASSERS = 1.6, 5.0  # people beside a buyer who come in, and who pass by
HOUR = np.timedelta64(3_600, "s")


def service_tables(world: World) -> list[ExportTable]:
    """Return the tables of the call centre and of the door counters."""
    return [_service_cases(world), _store_traffic(world)]


def make_cases(world: World) -> pd.DataFrame:
    """Return one row per case in time order: whose, about what, when answered."""
    rng = world.dice.stream("service cases")
    cases = pd.concat(
        [
            _about_refunds(world, rng),
            _about_orders(world, rng),
            _by_members(world, rng),
        ],
        ignore_index=True,
    )
    cases = cases[cases["opened_at"] < np.datetime64("2018-01-01")].sort_values(
        ["opened_at", "person", "order"], kind="stable", ignore_index=True
    )
    count = len(cases)
    order = cases["order"].to_numpy()
    in_store = (order >= 0) & (world.orders["channel"].to_numpy()[order] == POS)
    draw = rng.random(count)
    channel = np.where(
        in_store, np.searchsorted((0.45, 0.9), draw), np.where(draw < 0.4, 0, 2)
    )
    waits = np.where(channel == 2, 1.0, 0.1) * rng.lognormal(0.0, 1.0, count)
    replied = cases["opened_at"].to_numpy() + _hours(np.minimum(waits, 40))
    closed = replied + seconds(0.3, 120, rng.random(count) ** 2)
    stays_open = rng.random(count) < 0.04
    mood = np.where(cases["kind"] == COMPLAINT, 2.6, 4.3) + rng.normal(0, 0.9, count)
    rated = ~stays_open & (rng.random(count) < 0.45)
    return cases.assign(
        case_id=texts([f"A{number:09d}" for number in range(1, count + 1)]),
        channel=channel,
        replied_at=replied,
        closed_at=np.where(stays_open, NEVER, closed).astype("datetime64[s]"),
        satisfaction=np.where(rated, np.clip(np.rint(mood), 1, 5), np.nan),
        **_callers(world, cases, rng),
    )


def _case(
    person: Ints, order: Ints, line: Ints, kind: Ints, opened: np.ndarray
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "person": person,
            "order": order,
            "line": line,
            "kind": kind,
            "opened_at": opened.astype("datetime64[s]"),
        }
    )


def _about_refunds(world: World, rng: np.random.Generator) -> pd.DataFrame:
    refunds = world.refunds
    person = world.orders["person"].to_numpy()[refunds["order"]]
    chosen = (rng.random(len(refunds)) < OF_REFUNDS) & (person >= 0)
    rows = np.flatnonzero(chosen)
    mine = refunds.iloc[rows]
    angry = mine["reason"].isin(COMPLAINS) & (rng.random(len(rows)) < 0.6)
    sent_back = mine["refund_type"] != "refund_only"
    kind = np.select([angry, sent_back], [COMPLAINT, RETURN], CONSULT)
    opened = mine["applied_at"].to_numpy() + seconds(0.02, 20, rng.random(len(rows)))
    order, line = mine["order"].to_numpy(), mine["line"].to_numpy()
    return _case(person[rows], order, line, kind, opened)


def _about_orders(world: World, rng: np.random.Generator) -> pd.DataFrame:
    orders = world.orders
    fit = (orders["kind"] == "") & orders["paid_at"].notna() & (orders["person"] >= 0)
    rows = np.flatnonzero(fit & (rng.random(len(orders)) < OF_ORDERS))
    kinds = (CONSULT, COMPLAINT, REPAIR, INVOICE)
    kind = rng.choice(kinds, len(rows), p=ORDER_MIX)
    opened = orders["paid_at"].to_numpy()[rows] + seconds(1, 200, rng.random(len(rows)))
    line = np.searchsorted(world.lines["order"].to_numpy(), rows)
    return _case(orders["person"].to_numpy()[rows], rows, line, kind, opened)


def _by_members(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Questions about nothing that was ordered."""
    accounts = world.accounts
    chosen = accounts["is_member"] & (rng.random(len(accounts)) < OF_MEMBERS)
    rows = np.flatnonzero(chosen)
    joined = accounts["joined_at"].to_numpy()[rows]
    since = np.maximum(joined, np.datetime64("2017-01-01", "s"))
    span = (np.datetime64("2018-01-01", "s") - since).astype("int64")
    spent = (span * rng.random(len(rows))).astype("int64").astype("timedelta64[s]")
    nothing = np.full(len(rows), -1)
    kind = np.full(len(rows), CONSULT)
    person = accounts["person"].to_numpy()[rows]
    return _case(person, nothing, nothing, kind, since + spent)


def _callers(
    world: World, cases: pd.DataFrame, rng: np.random.Generator
) -> dict[str, Texts]:
    """Return the card or the phone by which each case names its customer."""
    accounts, person = world.accounts, cases["person"].to_numpy()
    opened = cases["opened_at"].to_numpy()
    mine = (accounts["channel"] == POS) & accounts["is_member"] & (accounts["seq"] == 1)
    rows = np.flatnonzero(mine)
    card = np.full(len(world.people), -1)
    card[accounts["person"].to_numpy()[rows]] = rows
    own = card[person]
    has_card = (own >= 0) & (accounts["joined_at"].to_numpy()[own] <= opened)
    shows_card = has_card & (rng.random(len(cases)) < 0.45)
    # who names an order need not say more
    gives_phone = ~shows_card & ((cases["order"] < 0) | (rng.random(len(cases)) < 0.85))
    phone = only(gives_phone, phone_at(world.people, person, opened))
    return {
        "card": only(shows_card, texts(accounts["account_id"])[own]),
        "phone": tell.tick_phones(
            phone, world.rates.phone_excel, world.dice, "service cases"
        ),
    }


def _hours(count: np.ndarray) -> np.ndarray:
    return (count * 3_600).astype("int64").astype("timedelta64[s]")


def _service_cases(world: World) -> ExportTable:
    mine = tell.own(make_cases(world), "case_id", "service_case")
    row, at = versions(
        mine.frame["opened_at"], mine.frame["replied_at"], mine.frame["closed_at"]
    )
    orders, lines = world.orders, world.lines
    store = texts(world.stores["store_code"])

    def render(row: Ints, at: Times) -> pa.Table:
        order, line = mine.column("order", row), mine.column("line", row)
        kind, channel = mine.column("kind", row), mine.column("channel", row)
        closed = mine.column("closed_at", row) <= at
        rating = mine.column("satisfaction", row)
        about = order >= 0
        return pa.table(
            {
                "case_no": mine.texts("case_id", row),
                "case_type": pick(TYPES, kind),
                "channel": pick(CHANNELS, channel),
                "store_code": text(store[orders["store"].array[order]], channel == 1),
                "member_no": mine.texts("card", row),
                "phone": mine.texts("phone", row),
                "order_channel": text(
                    CHANNEL_CODES[orders["channel"].array[order]], about
                ),
                "order_no": text(orders["order_id"].array[order], about),
                "item_code": text(
                    texts(lines["product_id"].array[line].astype(str)), about
                ),
                "opened_at": moment(mine.column("opened_at", row)),
                "first_reply_at": moment(tell.happened(mine, "replied_at", row, at)),
                "closed_at": moment(tell.happened(mine, "closed_at", row, at)),
                "satisfaction": pa.array(
                    np.nan_to_num(rating).astype("int64"),
                    mask=~closed | np.isnan(rating),
                ),
                "content": text(SAID[kind]),
                "updated_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "pos.service_cases",
        mine,
        (row, at),
        render,
        id_column="case_no",
        faults=tell.faults(("case_type", "unknown_enum"), "opened_at"),
    )


def make_traffic(world: World) -> pd.DataFrame:
    """Return one row per counter and hour in which anybody was counted."""
    rng = world.dice.stream("store traffic")
    receipts = world.orders["channel"].to_numpy() == POS
    paid = world.orders["paid_at"].to_numpy()[receipts]
    store = world.orders["store"].to_numpy()[receipts]
    stores = world.stores
    yearly = np.bincount(store, minlength=len(stores))
    least = min(COUNTED_RECEIPTS, np.sort(yearly)[-3:].min())
    counted = np.flatnonzero(yearly >= max(least, 1))
    hours = np.arange(COUNTED_FROM, np.datetime64("2018-01-01"), HOUR).astype(
        "datetime64[s]"
    )
    busy = _busy_hours(paid)[(hours - hours[0]) // HOUR % 24]
    place = np.full(len(stores), -1)
    place[counted] = np.arange(len(counted))
    slot = (paid - hours[0]) // HOUR
    seen = (place[store] >= 0) & (slot >= 0) & (slot < len(hours))
    shape = (len(counted), len(hours))
    cell = np.ravel_multi_index((place[store[seen]], slot[seen]), shape)
    bought = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    expected = yearly[counted][:, None] / 365 * busy[None, :]
    shut = stores["shut_at"].to_numpy()[counted][:, None]
    expected = np.where(hours[None, :] >= shut, 0.0, expected)
    came = bought + rng.poisson(expected * LOOKERS)
    passed = came + rng.poisson(expected * PASSERS)
    which, when = np.nonzero(passed)
    frame = pd.DataFrame(
        {
            "store": counted[which],
            "hour": hours[when],
            "entries": came[which, when],
            "passers": passed[which, when],
        }
    )
    return _over_doors(frame, yearly, rng)


def _busy_hours(paid: Times) -> np.ndarray:
    """Return the share of a day's receipts that each hour has, as the world has it."""
    hour = (paid - paid.astype("datetime64[D]")) // HOUR
    return np.bincount(hour, minlength=24) / max(len(paid), 1)


def _over_doors(
    frame: pd.DataFrame, yearly: Ints, rng: np.random.Generator
) -> pd.DataFrame:
    """Split the people of large stores over two doors; some hours are corrected."""
    large = (yearly[frame["store"]] >= TWO_DOORS).astype(bool)
    aside = np.where(large, rng.binomial(frame["entries"], 0.3), 0)
    outside = np.where(large, rng.binomial(frame["passers"] - frame["entries"], 0.3), 0)
    first = frame.assign(
        counter="1",
        entries=frame["entries"] - aside,
        passers=frame["passers"] - aside - outside,
    )
    second = frame.assign(counter="2", entries=aside, passers=aside + outside)
    both = pd.concat([first, second[large & (second["passers"] > 0)]])
    both = both.sort_values(["hour", "store", "counter"], ignore_index=True)
    count = len(both)
    wrong = (rng.random(count) < 0.01) & (both["entries"] > 0)
    hour = both["hour"].to_numpy()
    return both.assign(
        told_at=hour + HOUR,
        corrected_at=np.where(
            wrong, hour.astype("datetime64[D]") + DAY + 3 * HOUR, NEVER
        ).astype("datetime64[s]"),
        missed=np.where(wrong, rng.binomial(both["entries"], 0.5), 0),
    )


def _store_traffic(world: World) -> ExportTable:
    mine = tell.own(make_traffic(world), "counter")
    row, at = versions(mine.frame["told_at"], mine.frame["corrected_at"])
    store = texts(world.stores["store_code"])

    def render(row: Ints, at: Times) -> pa.Table:
        known = mine.column("corrected_at", row) <= at
        missed = np.where(known, 0, mine.column("missed", row))
        return pa.table(
            {
                "store_code": text(store[mine.column("store", row)]),
                "counter_no": mine.texts("counter", row),
                "hour_start": moment(mine.column("hour", row)),
                "entries": pa.array(mine.column("entries", row) - missed),
                "passers": pa.array(mine.column("passers", row)),
                "updated_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "pos.store_traffic",
        mine,
        (row, at),
        render,
        id_column="counter_no",
        record_columns=("store_code", "counter_no", "hour_start"),
        faults=tell.faults(("entries", "bad_amount"), "hour_start", "entries"),
    )
