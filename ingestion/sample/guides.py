"""WeCom: guides' contacts, how each came and went, and what guides did about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingestion.sample.club import END, YEAR, between
from ingestion.sample.contact import pick_guide
from ingestion.sample.dice import (
    DAY,
    Ints,
    Times,
    only,
    pick_some,
    seconds,
    texts,
    tokens,
)
from ingestion.sample.people import NEVER, phone_at
from ingestion.sample.reference import OPENING
from ingestion.sample.shops import YOUZAN
from ingestion.sample.world import World

CONTACTS, STRANGERS = 0.45, 0.12  # of those in the mini-shops, of others: contacts
KNOWN = 0.6  # of contacts: the unionid is known at once
CONVERTED = 0.8  # of the others: within 90 days
REFRESHED = 0.7  # of those converted: the contact itself shows the unionid then
NOTED = 0.3  # of contacts: the guide notes a phone
OLDER = 0.06  # of contacts: added before the first export
BY_CODE = 0.7  # of additions: by a QR code
LEAVES, RETURNS = 0.15, 0.3  # of contacts: delete or are deleted; of those: are back
SENDS, CLICKS = 7, 0.14  # a contact and year; of what arrived
TASKS, OWN_TASKS = 1.6, 6  # a contact and year; a guide and year about nobody
PLACES = texts(["door", "till", "parcel"])
PLACE_NAMES = texts(["入口台卡", "收银台台卡", "包裹卡"])
ADD, BY_GUIDE, BY_CONTACT = range(3)
CHANGES = ("add_external_contact", "del_external_contact", "del_follow_user")
SENT, GONE, LIMITED = 1, 2, 3
TASK_TYPES = texts(
    ["welcome", "follow_up", "birthday", "replenish", "win_back", "invite"]
)
OUTCOMES = texts(["reached", "not_reached", "bought", "refused"])


@dataclass(frozen=True)
class Guided:
    """Frames of WeCom; `contact` is a row of `contacts`, `staff` of the staff."""

    contacts: pd.DataFrame
    relations: pd.DataFrame
    codes: pd.DataFrame
    sends: pd.DataFrame
    tasks: pd.DataFrame


def make_guided(world: World) -> Guided:
    """Tell the guides' year."""
    contacts = _contacts(world)
    codes = _codes(world)
    relations = _relations(world, contacts)
    return Guided(
        contacts,
        relations,
        codes,
        _sends(world, contacts),
        _tasks(world, contacts),
    )


def _contacts(world: World) -> pd.DataFrame:
    """One row per guide's contact, with how and when the unionid became known."""
    rng = world.dice.stream("wecom contacts")
    people, staff = world.people, world.staff
    guide = _guides(world)
    accounts = world.accounts
    channel = accounts["channel"].to_numpy()
    chance = np.full(len(people), STRANGERS)
    chance[accounts["person"].to_numpy()[channel == YOUZAN]] = CONTACTS
    draw = rng.random(len(people))
    draw[(people["kind"] == "test").to_numpy()] = 1.0
    created = between(
        np.full(len(people), YEAR), np.full(len(people), END), rng.random(len(people))
    )
    # nobody becomes the contact of a guide who has left
    gone = staff["changed_at"].to_numpy()[guide]
    gone = (staff["final_status"] == "left").to_numpy()[guide] & (created >= gone)
    person = np.flatnonzero((guide >= 0) & (draw < chance) & ~gone)
    created, guide, count = created[person], guide[person], len(person)
    known = rng.random(count) < KNOWN
    lot = np.where(known, 1.0, rng.random(count))
    late = pick_some(lot, world.rates.late_conversion, least=1)
    converts = late | (lot < world.rates.late_conversion + CONVERTED)
    # early enough for an answer within the year
    created = np.where(late, YEAR + (created - YEAR) // 2, created)
    waits = np.where(
        late,
        seconds(90.1 * 24, 150 * 24, rng.random(count)),
        seconds(0.5, 89 * 24, rng.random(count) ** 2),
    )
    converted = np.where(converts, created + waits, NEVER).astype("datetime64[s]")
    # what comes too late may be of somebody else: it must not tie
    someone = rng.integers(0, max(1, count), count)
    whose = np.where(late & (rng.random(count) < 0.5), person[someone], person)
    shows = ~late & (rng.random(count) < REFRESHED)
    deleted = between(created, np.full(count, END), rng.random(count))
    deleted = np.where(rng.random(count) < LEAVES, deleted, NEVER)
    return pd.DataFrame(
        {
            "person": person,
            "staff": guide,
            "external_userid": tokens(rng, count, "wm"),
            "pending_id": tokens(rng, count, "pe"),
            "is_known": known,
            "created_at": created,
            "converted_at": converted,
            "is_late": late,
            "converts_to": whose,
            "shown_at": np.where(shows, converted, NEVER).astype("datetime64[s]"),
            "noted_phone": _noted_phones(world, person, created, rng),
            "deleted_at": deleted.astype("datetime64[s]"),
            "by_guide": rng.random(count) < 0.2,
            "is_older": rng.random(count) < OLDER,
            "conversion_id": texts([f"CV{n:09d}" for n in range(1, count + 1)]),
        }
    )


def _guides(world: World) -> Ints:
    """Return each person's guide (row of staff): the store's own, or any other's."""
    people, staff = world.people, world.staff
    every = np.arange(len(people))
    own = pick_guide(people["home_store"].to_numpy(), every, world.stores, staff)
    guides = np.flatnonzero(staff["role"] == "guide")
    if not len(guides):
        return own
    return np.where(own >= 0, own, guides[every % len(guides)])


def _noted_phones(
    world: World, person: Ints, at: Times, rng: np.random.Generator
) -> np.ndarray:
    """Return what guides noted: mostly the contact's own phone, sometimes another's."""
    count = len(person)
    other = person[rng.integers(0, max(1, count), count)]
    wrong = rng.random(count) < world.rates.wrong_remark_phone
    whose = np.where(wrong, other, person)
    return only(rng.random(count) < NOTED, phone_at(world.people, whose, at))


def _codes(world: World) -> pd.DataFrame:
    """One row per QR code: each guide has one at every place of the store."""
    staff = world.staff
    guides = np.flatnonzero(staff["role"] == "guide")
    place = np.tile(np.arange(len(PLACES)), len(guides))
    guide = np.repeat(guides, len(PLACES))
    code = texts(staff["staff_code"])[guide]
    return pd.DataFrame(
        {
            "staff": guide,
            "state": code + "-" + PLACES[place],
            "name": PLACE_NAMES[place],
            "config_id": texts([f"QR{n:07d}" for n in range(1, len(guide) + 1)]),
            "created_at": OPENING,
        }
    )


def _relations(world: World, contacts: pd.DataFrame) -> pd.DataFrame:
    """One row per addition and deletion, in time order."""
    rng = world.dice.stream("wecom relations")
    count = len(contacts)
    every = np.arange(count)
    deleted = contacts["deleted_at"].to_numpy()
    by = np.where(contacts["by_guide"], BY_GUIDE, BY_CONTACT)
    add = np.full(count, ADD)
    back = deleted + seconds(24, 60 * 24, rng.random(count))
    returns = ~np.isnat(deleted) & (rng.random(count) < RETURNS)
    parts = [
        (~contacts["is_older"].to_numpy(), add, contacts["created_at"].to_numpy()),
        (~np.isnat(deleted), by, deleted),
        # often the other side deletes as well, some time later
        (
            ~np.isnat(deleted) & ~returns & (rng.random(count) < 0.2),
            np.where(by == BY_GUIDE, BY_CONTACT, BY_GUIDE),
            deleted + seconds(1, 20 * 24, rng.random(count)),
        ),
        (returns, add, back),
    ]
    frames = [
        pd.DataFrame(
            {
                "contact": every[some],
                "change": what[some],
                "at": at[some],
            }
        )
        for some, what, at in parts
    ]
    relations = pd.concat(frames, ignore_index=True)
    relations = relations.sort_values(
        ["at", "contact"], kind="stable", ignore_index=True
    )
    staff = contacts["staff"].to_numpy()[relations["contact"]]
    code = texts(world.staff["staff_code"])[staff]
    place = PLACES[rng.integers(0, len(PLACES), len(relations))]
    by_code = (relations["change"] == ADD) & (rng.random(len(relations)) < BY_CODE)
    return relations.assign(
        person=contacts["person"].to_numpy()[relations["contact"]],
        staff=staff,
        state=only(by_code, code + "-" + place),
        event_id=texts([f"RE{n:09d}" for n in range(1, len(relations) + 1)]),
    )


def _sends(world: World, contacts: pd.DataFrame) -> pd.DataFrame:
    """One row per group send to a contact, some of them of the real campaigns."""
    rng = world.dice.stream("wecom sends")
    campaigns = world.campaigns
    owner = np.repeat(np.arange(len(contacts)), rng.poisson(SENDS, len(contacts)))
    created = contacts["created_at"].to_numpy()[owner]
    at = between(created, np.full(len(owner), END), rng.random(len(owner)))
    hour = rng.integers(9 * 3600, 20 * 3600, len(owner)).astype("timedelta64[s]")
    at = at.astype("datetime64[D]").astype("datetime64[s]") + hour
    number = rng.integers(0, max(1, len(campaigns)), len(owner))
    starts = campaigns["start_date"].to_numpy().astype("datetime64[s]")[number]
    ends = campaigns["end_date"].to_numpy().astype("datetime64[s]")[number]
    running = (starts <= at) & (at < ends + DAY)
    sends = pd.DataFrame(
        {
            "contact": owner,
            "person": contacts["person"].to_numpy()[owner],
            "staff": contacts["staff"].to_numpy()[owner],
            "campaign": only(running, texts(campaigns["campaign_code"])[number]),
            "sent_at": at,
        }
    )[at > created].sort_values(["sent_at", "contact"], kind="stable")
    sends = sends.reset_index(drop=True)
    count, at = len(sends), sends["sent_at"].to_numpy()
    gone = contacts["deleted_at"].to_numpy()[sends["contact"]] <= at
    status = np.where(gone, GONE, np.where(rng.random(count) < 0.08, LIMITED, SENT))
    clicks = (status == SENT) & (rng.random(count) < CLICKS)
    clicked = at + rng.integers(30, 2 * 86_400, count).astype("timedelta64[s]")
    return sends.assign(
        status=status,
        clicked_at=np.where(clicks, clicked, NEVER).astype("datetime64[s]"),
        send_id=texts([f"MG{n:010d}" for n in range(1, count + 1)]),
    )


def _tasks(world: World, contacts: pd.DataFrame) -> pd.DataFrame:
    """One row per task; those about nobody (`contact` -1) are to invite people."""
    rng = world.dice.stream("wecom tasks")
    owner = np.repeat(np.arange(len(contacts)), rng.poisson(TASKS, len(contacts)))
    guides = np.unique(contacts["staff"].to_numpy())
    alone = np.repeat(guides, rng.poisson(OWN_TASKS, len(guides)))
    contact = np.r_[owner, np.full(len(alone), -1)]
    staff = np.r_[contacts["staff"].to_numpy()[owner], alone]
    count, about = len(contact), contact >= 0
    begin = np.full(count, YEAR)
    begin[about] = contacts["created_at"].to_numpy()[owner]
    day = between(begin, np.full(count, END), rng.random(count)).astype("datetime64[D]")
    given = day.astype("datetime64[s]") + DAY + np.timedelta64(9 * 3600, "s")
    tasks = pd.DataFrame(
        {
            "contact": contact,
            "staff": staff,
            "task_type": np.where(
                about, TASK_TYPES[rng.integers(0, 5, count)], TASK_TYPES[5]
            ),
            "assigned_at": given,
            "due_at": given + 3 * DAY,
            "done_at": np.where(
                rng.random(count) < 0.8,
                given + seconds(0.2, 4.5 * 24, rng.random(count)),
                NEVER,
            ).astype("datetime64[s]"),
            "outcome": OUTCOMES[rng.choice(4, count, p=[0.45, 0.3, 0.15, 0.1])],
        }
    ).sort_values(["assigned_at", "contact", "staff"], kind="stable")
    person = np.r_[contacts["person"].to_numpy(), -1]
    return tasks.assign(
        person=person[tasks["contact"]],
        task_id=texts([f"TK{n:09d}" for n in range(1, count + 1)]),
    ).reset_index(drop=True)
