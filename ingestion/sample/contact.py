"""Campaign sends, consents and guides: how a brand may reach and does reach people."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ingestion.sample.columns import numbered
from ingestion.sample.dice import DAY, Dice
from ingestion.sample.people import NEVER
from ingestion.sample.shops import POS, TMALL, channels_with
from ingestion.sample.source import Source

SENDS_PER_YEAR = 8  # routine sends to an online member
OFTEN, OFTEN_PER_YEAR = 0.05, 110  # of online members: on every list
YEAR_DAYS = 364


def make_touches(
    source: Source, accounts: pd.DataFrame, people: pd.DataFrame, dice: Dice
) -> pd.DataFrame:
    """Return one row per send: the real campaigns' audiences, and routine sends."""
    rng = dice.stream("touches")
    campaigns = source.campaigns.set_index("campaign_id")
    person = pd.Series(people.index, index=people["household_id"])
    pairs = source.campaign_pairs.assign(
        person=source.campaign_pairs["household_id"].map(person[person.index >= 0])
    )
    sends = channels_with("has_touches")[accounts["channel"].to_numpy()]
    members = accounts[sends & accounts["is_member"] & (accounts["seq"] == 1)]
    members = members.assign(account=members.index)[["account", "person", "channel"]]
    sent = pairs.merge(members, on="person").sort_values(
        ["campaign_id", "household_id", "account"], ignore_index=True
    )
    sent = sent[(sent["channel"] == POS) | (rng.random(len(sent)) < 0.35)]
    day = campaigns["start_date"].loc[sent["campaign_id"]].to_numpy()
    campaign = pd.DataFrame(
        {
            "account": sent["account"].to_numpy(),
            "campaign": "C" + sent["campaign_id"].astype(str).str.zfill(2).to_numpy(),
            "sent_at": day.astype("datetime64[s]")
            + rng.integers(9 * 3600, 19 * 3600, len(sent)).astype("timedelta64[s]"),
        }
    )
    online = members.loc[members["channel"] != POS, "account"].to_numpy()
    often = rng.random(len(online)) < OFTEN
    owner = np.repeat(
        online, rng.poisson(np.where(often, OFTEN_PER_YEAR, SENDS_PER_YEAR))
    )
    routine = pd.DataFrame(
        {
            "account": owner,
            "campaign": None,
            "sent_at": np.datetime64("2017-01-01", "s")
            + rng.integers(0, YEAR_DAYS + 1, len(owner)) * DAY
            + rng.integers(9 * 3600, 20 * 3600, len(owner)).astype("timedelta64[s]"),
        }
    )
    touches = pd.concat([campaign, routine], ignore_index=True)
    known = (
        touches["sent_at"].to_numpy()
        >= accounts["joined_at"].to_numpy()[touches["account"]]
    )
    touches = touches[known]
    order = np.lexsort((touches["account"], touches["sent_at"]))
    touches = touches.take(order).reset_index(drop=True)
    count = len(touches)
    channel = accounts["channel"].to_numpy()[touches["account"]]
    second = np.select([channel == POS, channel == TMALL], ["mail", "im"], "wechat")
    status = rng.choice(3, count, p=[0.95, 0.04, 0.01])
    clicks = (status == 0) & (rng.random(count) < 0.12)
    clicked = touches["sent_at"].to_numpy() + rng.integers(
        30, 2 * 86_400, count
    ).astype("timedelta64[s]")
    return touches.assign(
        medium=np.where(rng.random(count) < 0.5, "sms", second),
        status=status,
        clicked_at=np.where(clicks, clicked, NEVER).astype("datetime64[s]"),
        touch_id=numbered("SD", np.arange(1, count + 1), 10),
    )


def make_consents(accounts: pd.DataFrame, dice: Dice) -> pd.DataFrame:
    """Return consent changes of stores and mini-shops, grants first."""
    rng = dice.stream("consents")
    asks = channels_with("has_consents")[accounts["channel"].to_numpy()]
    rows = np.flatnonzero(asks & accounts["is_member"])
    mine = accounts.iloc[rows]
    count = len(rows)
    joined = mine["joined_at"].to_numpy()
    is_pos = (mine["channel"] == POS).to_numpy()
    changes = []

    def grant(contact: str, purpose: str, mask: np.ndarray) -> None:
        late = (0.05 + rng.random(count)) * (
            np.datetime64("2017-12-31T20:00:00", "s") - joined
        ).astype("int64")
        leaves = mask & (rng.random(count) < 0.06)
        withdrawn = np.where(
            leaves, joined + late.astype("int64").astype("timedelta64[s]"), NEVER
        )
        if (contact, purpose) == ("sms", "marketing"):
            withdrawn = mine["sms_withdrawn_at"].to_numpy()
        for status, at, whom in (
            ("granted", joined, mask),
            ("withdrawn", withdrawn, mask & ~np.isnat(withdrawn)),
        ):
            changes.append(
                pd.DataFrame(
                    {
                        "account": rows[whom],
                        "contact": contact,
                        "purpose": purpose,
                        "status": status,
                        "occurred_at": at[whom],
                    }
                )
            )

    sms = mine["sms_consent"].to_numpy()
    mail = mine["email"].notna().to_numpy()
    baby = mine["baby_birthday"].notna().to_numpy()
    grant("sms", "marketing", sms)
    grant("sms", "service", rng.random(count) < 0.95)
    grant("phone", "marketing", rng.random(count) < 0.2)
    grant("email", "marketing", mail & (rng.random(count) < 0.6))
    grant("wechat", "marketing", ~is_pos & (rng.random(count) < 0.7))
    grant("sms", "child_data", baby & (rng.random(count) < 0.7))
    every = pd.concat(changes, ignore_index=True)
    every = every[every["occurred_at"] < np.datetime64("2018-01-01")]
    every = every.sort_values(
        ["occurred_at", "account", "contact", "purpose"],
        kind="stable",
        ignore_index=True,
    )
    return every.assign(consent_id=numbered("CS", np.arange(1, len(every) + 1), 9))


def guides_of(
    stores: pd.DataFrame, staff: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Return (first guide's row in staff, number of guides) per store."""
    guides = staff[staff["role"] == "guide"]
    number = np.bincount(guides["store"], minlength=len(stores))
    first = np.full(len(stores), -1)
    owners = guides["store"].to_numpy()
    first[owners[::-1]] = guides.index.to_numpy()[::-1]
    return first, number


def pick_guide(
    store: np.ndarray, person: np.ndarray, stores: pd.DataFrame, staff: pd.DataFrame
) -> np.ndarray:
    """Return the guide (row of staff) who serves a person in a store, or -1."""
    first, number = guides_of(stores, staff)
    guide = first[store] + person % np.maximum(number[store], 1)
    return np.where((number[store] > 0) & (person >= 0), guide, -1)


def make_assignments(
    accounts: pd.DataFrame, stores: pd.DataFrame, staff: pd.DataFrame, dice: Dice
) -> pd.DataFrame:
    """Return which guide serves which store member, from when until when."""
    rng = dice.stream("assignments")
    rows = np.flatnonzero((accounts["channel"] == POS) & accounts["is_member"])
    mine = accounts.iloc[rows]
    store = mine["store"].to_numpy()
    guide = pick_guide(store, mine["person"].to_numpy(), stores, staff)
    first, number = guides_of(stores, staff)
    starts = (
        mine["joined_at"].to_numpy().astype("datetime64[D]").astype("datetime64[s]")
    )
    starts = np.maximum(starts, np.datetime64("2017-01-01", "s"))
    left = (staff["final_status"] == "left").to_numpy()[guide] & (guide >= 0)
    gone = np.where(left, staff["changed_at"].to_numpy()[guide], NEVER)
    moves = (number[store] > 1) & ~left & (rng.random(len(rows)) < 0.1)
    day = np.datetime64("2017-03-01", "s") + rng.integers(0, 290, len(rows)) * DAY
    ends = np.where(moves, day, gone).astype("datetime64[D]").astype("datetime64[s]")
    kept = guide >= 0
    again = kept & ~np.isnat(ends) & (number[store] > 1)
    next_guide = first[store] + (guide - first[store] + 1) % np.maximum(
        number[store], 1
    )
    both = pd.concat(
        [
            pd.DataFrame({"account": rows, "staff": guide, "from": starts, "to": ends})[
                kept
            ],
            pd.DataFrame(
                {"account": rows, "staff": next_guide, "from": ends, "to": NEVER}
            )[again],
        ]
    )
    # who joined after the guide had left was never that guide's member
    both = both[~(both["to"] <= both["from"])]
    return both.sort_values(["from", "account"], kind="stable", ignore_index=True)
