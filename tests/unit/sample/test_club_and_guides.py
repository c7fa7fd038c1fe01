"""The club and the guides' contacts keep to what their contracts promise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ingestion.sample.club import Club, make_club, shown_phone
from ingestion.sample.guides import ADD, Guided, make_guided
from ingestion.sample.world import World
from tests.unit.sample.files import read_table

DAYS_90 = np.timedelta64(90, "D")


@pytest.fixture(scope="module")
def club(world: World) -> Club:
    return make_club(world)


@pytest.fixture(scope="module")
def guided(world: World) -> Guided:
    return make_guided(world)


def test_a_changed_binding_is_the_persons_changed_phone(world: World, club: Club):
    users = club.users[club.users["changed_at"].notna()]
    assert len(users)
    people = world.people.iloc[users["person"]]
    told, changed = users["changed_at"].to_numpy(), people["changed_at"].to_numpy()
    assert (told > changed).all(), "nobody tells of a number before having it"
    assert (told < changed + np.timedelta64(20, "D")).all()
    row = users.index.to_numpy()
    second = np.timedelta64(1, "s")
    bound = users["bound_at"].to_numpy()
    before = shown_phone(world, club.users, row, np.maximum(told - second, bound))
    assert (before == people["phone_1"].to_numpy()).all()
    after = shown_phone(world, club.users, row, told)
    assert (after == people["phone_2"].to_numpy()).all()


def test_a_number_is_bound_by_one_user_at_a_time(world: World, club: Club):
    users, row = club.users, np.arange(len(club.users))
    for day in pd.date_range("2017-01-01", "2018-01-01", freq="7D"):
        at = np.full(len(row), day.to_datetime64())
        phones = pd.Series(shown_phone(world, users, row, at)).dropna()
        assert phones.is_unique


def test_who_brings_whom_was_there_before(club: Club):
    users, shares = club.users, club.shares
    created = users["created_at"].to_numpy()
    invited = users[users["inviter"] >= 0]
    assert len(invited)
    assert (created[invited["inviter"]] <= invited["created_at"].to_numpy()).all()
    opened = shares[shares["opener"] >= 0]
    assert (created[opened["opener"]] <= opened["opened_at"].to_numpy()).all()
    assert (opened["opened_at"] > opened["shared_at"]).all()
    assert not opened.duplicated(["share_id", "opener"]).any()
    assert (opened["opener"] == opened["sharer"]).any(), "some open their own"


def test_events_are_their_users_and_name_nobody_when_anonymous(
    world: World, club: Club
):
    events = club.events
    users = club.users.iloc[events["user"]]
    assert (events["at"].to_numpy() >= users["created_at"].to_numpy()).all()
    shows = events["shows_unionid"].to_numpy()
    assert (users["allowed_at"].to_numpy() <= events["at"].to_numpy())[shows].all()
    named = events["event_id"][events["share_id"].notna()]
    assert events.set_index("event_id")["shows_openid"][named].all()
    device_only = ~events["shows_openid"] & ~events["shows_unionid"]
    assert 0 < device_only.mean() < 0.4


def test_late_conversions_are_those_after_90_days(
    guided: Guided, truth: dict[str, pd.DataFrame], drops: Path
):
    contacts = guided.contacts[guided.contacts["converted_at"].notna()]
    assert not contacts["is_known"].any()
    waited = contacts["converted_at"] - contacts["created_at"]
    assert ((waited > DAYS_90) == contacts["is_late"]).all()
    own = contacts["converts_to"] == contacts["person"]
    assert own[~contacts["is_late"]].all()
    injected = truth["injected"]
    due = injected[injected["expected"] == "rejected:expired_pending_id"]
    assert len(due)
    told = read_table(drops, "wecom", "id_conversions")["conversion_id"]
    assert told.isin(due["record_id"]).sum() == len(due), "told once, as they are"


def test_relations_begin_before_they_end_and_codes_are_the_guides(
    world: World, guided: Guided
):
    relations = guided.relations
    first = relations.drop_duplicates("contact").set_index("contact")
    older = guided.contacts["is_older"]
    began = first[~older[first.index]]
    assert (began["change"] == ADD).all()
    assert first["change"].ne(ADD)[older[first.index]].all()
    coded = relations[relations["state"].notna()]
    assert (coded["change"] == ADD).all()
    assert set(coded["state"]) <= set(guided.codes["state"])
    roles = world.staff["role"].to_numpy()[relations["staff"]]
    assert set(roles) == {"guide"}
