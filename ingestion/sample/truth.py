"""What really happened: who is who, where each source line went, what was added."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ingestion.sample.damage import Injected
from ingestion.sample.purchases import MONEY, POS, channel_of
from ingestion.sample.world import World

CHANNELS = np.array(["pos", "tmall", "youzan"], dtype=object)
STAGED = "staged"


def people_truth(
    world: World, shown: dict[tuple[str, str], np.ndarray]
) -> pd.DataFrame:
    """Return (channel, record_type, record_id, person_id) of the records written.

    `shown` has, by channel and table, the world's rows that the files hold. Records of
    nobody (till trainings) are left out.
    """
    accounts = world.accounts
    owner = accounts["person"].to_numpy()
    person_of = {
        "member": owner,
        "order": world.orders["person"].to_numpy(),
        **{
            kind: owner[frame["account"].to_numpy()]
            for kind, frame in _by_account(world).items()
        },
    }
    id_of = {
        "member": accounts["account_id"].to_numpy(),
        "order": world.orders["order_id"].to_numpy(),
        "points": world.points["flow_id"].to_numpy(),
        "coupon": world.coupons["coupon_id"].to_numpy(),
        "touch": world.touches["touch_id"].to_numpy(),
        "consent": world.consents["consent_id"].to_numpy(),
        "event": world.events["event_id"].to_numpy(),
    }
    kinds = {
        "members": "member", "customers": "member", "orders": "order",
        "trades": "order", "receipts": "order", "points": "points",
        "coupons": "coupon", "touches": "touch", "consents": "consent",
        "events": "event",
    }  # fmt: skip
    person_id = world.people["person_id"].to_numpy()
    parts = []
    for (channel, table), rows in sorted(shown.items()):
        if table not in kinds:
            continue
        kind = kinds[table]
        person = person_of[kind][rows]
        somebody = person >= 0
        parts.append(
            pd.DataFrame(
                {
                    "channel": channel,
                    "record_type": kind,
                    "record_id": id_of[kind][rows[somebody]],
                    "person_id": person_id[person[somebody]],
                }
            )
        )
    truth = pd.concat(parts, ignore_index=True)
    return truth.drop_duplicates(
        ["channel", "record_type", "record_id"], ignore_index=True
    )


def _by_account(world: World) -> dict[str, pd.DataFrame]:
    return {
        "points": world.points,
        "coupon": world.coupons,
        "touch": world.touches,
        "consent": world.consents,
        "event": world.events,
    }


def lines_truth(world: World, shown: np.ndarray) -> pd.DataFrame:
    """Return where each source line went, of the rows of world.lines written."""
    rows = np.sort(shown)
    rows = rows[world.lines["source_line"].to_numpy()[rows] >= 0]
    lines = world.lines.iloc[rows].sort_values("source_line", ignore_index=True)
    orders = world.orders.iloc[lines["order"].to_numpy()]
    return pd.DataFrame(
        {
            "source_line": lines["source_line"],
            "channel": CHANNELS[orders["channel"].to_numpy()],
            "order_id": orders["order_id"].to_numpy(),
            "line_id": lines["line_id"],
            "goods_amount": lines["goods"] / 100,
            "goods_cents": lines["goods"],
        }
    )


def latent_truth(world: World, latent: pd.DataFrame) -> pd.DataFrame:
    """Return what drives each person of a synthetic source, under his person_id."""
    person_id = world.people.set_index("household_id")["person_id"]
    told = latent.drop(columns="household_id")
    told.insert(0, "person_id", person_id.loc[latent["household_id"]].to_numpy())
    return told


def added_orders(
    world: World, orders: np.ndarray, lines: np.ndarray, refunds: np.ndarray
) -> list[Injected]:
    """Return the orders, lines and refunds written that the source does not have."""
    found: list[Injected] = []
    frame = world.orders
    order_table = np.array(["receipts", "orders", "trades"], dtype=object)
    line_table = np.array(
        ["receipt_lines", "order_lines", "trades.orders"], dtype=object
    )
    kind = frame["kind"].to_numpy()

    def note(
        table: np.ndarray, ids: np.ndarray, owner: np.ndarray, kinds: np.ndarray
    ) -> None:
        channel = frame["channel"].to_numpy()[owner]
        found.extend(
            Injected(*values, STAGED)
            for values in zip(
                CHANNELS[channel], table[channel], ids, kinds, strict=True
            )
        )

    added = np.sort(orders[kind[orders] != ""])
    note(order_table, frame["order_id"].to_numpy()[added], added, kind[added])
    owner = world.lines["order"].to_numpy()
    extra = np.sort(lines[world.lines["source_line"].to_numpy()[lines] < 0])
    note(line_table, world.lines["line_id"].array.take(extra).to_numpy(), owner[extra],
         kind[owner[extra]])  # fmt: skip
    refunds = np.sort(refunds)
    order = world.refunds["order"].to_numpy()[refunds]
    note(
        np.array(["refunds"] * 3, dtype=object),
        world.refunds["refund_id"].to_numpy()[refunds],
        order,
        world.refunds["refund_type"].to_numpy()[refunds],
    )
    return found


__all__ = ["MONEY", "POS", "added_orders", "channel_of", "lines_truth", "people_truth"]
