"""Refunds of real lines, and orders that the source does not have.

The added orders (deposit only, unpaid, exchanges, re-shipments, tests, till trainings)
are clones of real ones with another fate; each carries its `kind`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ingestion.sample.dice import DAY, Dice, Mask, pick_some, seconds
from ingestion.sample.people import NEVER
from ingestion.sample.purchases import MONEY
from ingestion.sample.rates import NoiseRates
from ingestion.sample.shops import POS

ONLINE_REFUNDS, POS_REFUNDS, WHOLE_REFUNDS = 0.012, 0.005, 0.003
UNPAID, DEPOSIT_ONLY, RESHIPPED = 0.01, 0.004, 0.002
REFUND_TYPES = ("refund_only", "return", "exchange")
# deposit-only orders of 双11, closed after it, and of 年货节, open at new year
OPEN_DEPOSITS = (
    ("2017-10-20", "2017-11-10", "2017-11-14"),
    ("2017-12-26", "2017-12-31", None),
)


def make_refunds(
    orders: pd.DataFrame, lines: pd.DataFrame, dice: Dice
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (refunds, orders); wholly refunded orders are closed in the latter."""
    rng = dice.stream("refunds")
    count = len(lines)
    order = lines["order"].to_numpy()
    online = (orders["channel"].to_numpy() != POS)[order]
    goods, quantity = lines["goods"].to_numpy(), lines["quantity"].to_numpy()
    sound = (goods > 0) & (quantity > 0) & (quantity < 100)
    spare = np.bincount(order, ~sound, len(orders)) == 0
    whole_order = pick_some(
        np.where(spare & (orders["channel"] != POS), rng.random(len(orders)), 1.0),
        WHOLE_REFUNDS,
        least=1,
    )
    draw = np.where(sound, rng.random(count), 1.0)
    single = pick_some(np.where(online, draw, 1.0), ONLINE_REFUNDS, least=3)
    single |= pick_some(np.where(online, 1.0, draw), POS_REFUNDS, least=3)
    whole = whole_order[order]
    rows = np.flatnonzero(single | whole)
    order, whole, online = order[rows], whole[rows], online[rows]
    number = len(rows)
    kind = rng.choice(3, number, p=[0.4, 0.48, 0.12])
    kind[whole] = 0
    paid = orders["paid_at"].to_numpy()[order]
    completed = orders["completed_at"].to_numpy()[order]
    by_order = rng.random((2, len(orders)))
    lag, span = rng.random(number), rng.random(number)
    lag, span = (
        np.where(whole, by_order[0][order], lag),
        np.where(whole, by_order[1][order], span),
    )
    before_shipping = online & (kind == 0)
    applied = np.where(
        before_shipping,
        paid + seconds(0.5, 3, lag),
        np.where(online, completed, paid) + seconds(2, 170, lag),
    )
    decided = applied + np.where(
        before_shipping & whole, seconds(0.5, 2, span), seconds(8, 140, span)
    )
    refused = ~whole & (rng.random(number) < 0.08)
    partial = ~whole & (kind == 0) & (rng.random(number) < 0.4)
    share = np.where(partial, 0.2 + 0.6 * rng.random(number), 1.0)
    amount = np.maximum(1, np.rint(goods[rows] * share)).astype("int64")
    refunds = pd.DataFrame(
        {
            "refund_id": (7_300_000_000_000 + np.arange(1, number + 1) * 3_571).astype(
                str
            ),
            "line": rows,
            "order": order,
            "refund_type": np.asarray(REFUND_TYPES, dtype=object)[kind],
            "applied_at": applied.astype("datetime64[s]"),
            "decided_at": decided.astype("datetime64[s]"),
            "is_refused": refused,
            "amount": np.where(kind == 2, 0, amount),
            "quantity": np.where(kind == 0, 0, quantity[rows]),
            "reason": np.asarray(
                ["不想要了", "质量问题", "少件漏发", "描述不符", "尺寸不合适"],
                dtype=object,
            )[rng.integers(0, 5, number)],
        }
    )
    closed = orders["closed_at"].to_numpy().copy()
    closed[order[whole]] = refunds["decided_at"].to_numpy()[whole]
    gone = np.flatnonzero(whole_order)
    orders = orders.assign(closed_at=closed)
    orders.loc[gone, ["shipped_at", "completed_at"]] = NEVER
    return refunds, orders


def add_orders(
    orders: pd.DataFrame,
    lines: pd.DataFrame,
    refunds: pd.DataFrame,
    testers: np.ndarray,
    *,
    rates: NoiseRates,
    dice: Dice,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Append the orders that the source does not have; source_line is -1 there."""
    clones = [
        *_open_deposits(orders, lines, dice),
        _unpaid(orders, lines, dice),
        _replacements(orders, lines, refunds, dice),
        _trials(orders, lines, testers, rates, dice),
    ]
    all_orders, all_lines = [orders.assign(origin=-1)], [lines]
    total = len(orders)
    for new_orders, new_lines in clones:
        all_orders.append(new_orders)
        all_lines.append(new_lines.assign(order=new_lines["order"] + total))
        total += len(new_orders)
    merged = pd.concat(all_orders, ignore_index=True)
    times = [str(name) for name in merged if str(name).endswith("_at")]
    merged = merged.astype(dict.fromkeys(times, "datetime64[s]"))
    extra = (merged["kind"] != "").to_numpy()
    number = np.arange(len(merged))
    merged.loc[extra, "basket_id"] = 90_000_000_000 + number[extra]
    merged.loc[extra & (merged["channel"] != POS), "payment"] = (
        10**9 + number[extra & (merged["channel"] != POS).to_numpy()]
    )
    return merged, pd.concat(all_lines, ignore_index=True)


Clones = tuple[pd.DataFrame, pd.DataFrame]


def _clone(
    orders: pd.DataFrame, lines: pd.DataFrame, rows: np.ndarray, kind: str
) -> Clones:
    """Copy whole orders with their lines; `origin` remembers the row copied."""
    starts = np.searchsorted(lines["order"].to_numpy(), rows)
    counts = orders["line_count"].to_numpy()[rows]
    owner = np.repeat(np.arange(len(rows)), counts)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    copied = lines.iloc[starts[owner] + offset]
    return (
        orders.iloc[rows].assign(kind=kind, origin=-1, closed_at=NEVER),
        copied.assign(order=owner, source_line=-1),
    )


def _choose(fit: Mask, rate: float, least: int, dice: Dice, topic: str) -> np.ndarray:
    draw = np.where(fit, dice.stream(topic).random(len(fit)), 1.0)
    chosen = pick_some(draw, rate, least=min(least, int(fit.sum())))
    return np.flatnonzero(chosen)


def _sold_online(orders: pd.DataFrame) -> Mask:
    return (
        (orders["channel"] != POS)
        & (orders["goods_sum"] > 500)
        & (orders["line_count"] < 30)
    ).to_numpy()


def _open_deposits(
    orders: pd.DataFrame, lines: pd.DataFrame, dice: Dice
) -> list[Clones]:
    """Orders of former buyers whose deposit is paid and whose balance is not."""
    made = []
    for first, last, closed in OPEN_DEPOSITS:
        opens, ends = np.datetime64(first, "s"), np.datetime64(last, "s")
        fit = _sold_online(orders) & (orders["paid_at"] < opens).to_numpy()
        topic = f"deposits {first}"
        rows = _choose(fit, DEPOSIT_ONLY, 4, dice, topic)
        draw = dice.stream(topic + " times").random(len(rows))
        span = (ends - opens).astype("int64") + 70_000
        deposit = opens + (draw * span).astype("int64").astype("timedelta64[s]")
        new, copied = _clone(orders, lines, rows, "deposit_only")
        closing = NEVER if closed is None else np.datetime64(closed, "s")
        new = new.assign(
            order_type="presale",
            created_at=deposit - seconds(0.01, 0.1, draw),
            deposit_at=deposit,
            paid_at=NEVER, shipped_at=NEVER, completed_at=NEVER,
            closed_at=closing,
        )  # fmt: skip
        made.append((new, copied))
    return made


def _unpaid(orders: pd.DataFrame, lines: pd.DataFrame, dice: Dice) -> Clones:
    """First attempts at an order, given up, closed by the platform after a day."""
    rows = _choose(_sold_online(orders), UNPAID, 4, dice, "unpaid")
    draw = dice.stream("unpaid times").random(len(rows))
    new, copied = _clone(orders, lines, rows, "unpaid")
    created = orders["created_at"].to_numpy()[rows] - seconds(0.2, 20, draw)
    created = np.maximum(created, np.datetime64("2017-01-01T00:00:01", "s"))
    return new.assign(
        order_type="sale",
        created_at=created,
        deposit_at=NEVER, paid_at=NEVER, shipped_at=NEVER, completed_at=NEVER,
        closed_at=created + DAY,
    ), copied  # fmt: skip


def _replacements(
    orders: pd.DataFrame, lines: pd.DataFrame, refunds: pd.DataFrame, dice: Dice
) -> Clones:
    """Zero-value orders: exchanges agreed, and parcels sent a second time."""
    agreed = refunds[(refunds["refund_type"] == "exchange") & ~refunds["is_refused"]]
    wanted = (orders["channel"] != POS) & orders["closed_at"].isna()
    sound = (lines["quantity"] > 0) & (lines["quantity"] < 100)
    first_line = np.searchsorted(lines["order"].to_numpy(), np.arange(len(orders)))
    fit = wanted.to_numpy() & sound.to_numpy()[first_line]
    lost = _choose(fit, RESHIPPED, 3, dice, "reshipped")
    rows = np.r_[agreed["order"].to_numpy(), lost]
    is_exchange = np.arange(len(rows)) < len(agreed)
    draw = dice.stream("replacement times").random(len(rows))
    begins = np.r_[
        agreed["decided_at"].to_numpy(),
        orders["shipped_at"].to_numpy()[lost] + 4 * DAY,
    ].astype("datetime64[s]")
    created = begins + seconds(0.2, 20, draw)
    online = (orders["channel"] != POS).to_numpy()[rows]
    new = orders.take(rows).assign(
        kind=np.where(is_exchange, "exchange", "reshipment"),
        order_type=np.where(is_exchange, "exchange", "reshipment"),
        origin=rows,
        line_count=1,
        created_at=created,
        paid_at=created,
        deposit_at=NEVER,
        shipped_at=np.where(online, created + seconds(3, 30, draw), NEVER),
        completed_at=np.where(online, created + seconds(60, 200, draw), NEVER),
        closed_at=NEVER,
    )
    picked = np.r_[agreed["line"].to_numpy(), first_line[lost]]
    copied = lines.take(picked).assign(
        order=np.arange(len(rows)), source_line=-1, line_no=1, is_gift=False,
        **dict.fromkeys(MONEY, 0),
    )  # fmt: skip
    return new, copied


def _trials(
    orders: pd.DataFrame,
    lines: pd.DataFrame,
    testers: np.ndarray,
    rates: NoiseRates,
    dice: Dice,
) -> Clones:
    """Test orders of the shops' own accounts and trainings at the till."""
    small = (orders["line_count"] < 6).to_numpy()
    online = (orders["channel"] != POS).to_numpy()
    least = 2 if len(testers) else 0
    tests = _choose(small & online, rates.test_order, least, dice, "test orders")
    tills = _choose(small & ~online, rates.training_receipt, 2, dice, "trainings")
    if not len(testers):
        tests = tests[:0]
    new, copied = _clone(orders, lines, np.r_[tests, tills], "test_order")
    is_till = np.arange(len(new)) >= len(tests)
    who = testers[np.arange(len(new)) % max(1, len(testers))] if len(testers) else -1
    return new.assign(
        kind=np.where(is_till, "training_receipt", "test_order"),
        order_type=np.where(is_till, "training", "sale"),
        person=np.where(is_till, -1, who),
        created_at=new["paid_at"] - pd.Timedelta(seconds=90),
        deposit_at=NEVER,
    ), copied
