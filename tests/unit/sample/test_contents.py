"""What people do with contents before they buy, and the contacts they leave."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ingestion.sample import kuaishou_content as kuaishou
from ingestion.sample import xiaohongshu_content as xiaohongshu
from ingestion.sample.contents import ANY, bought, meet, viewers
from ingestion.sample.people import phone_at
from ingestion.sample.shops import KUAISHOU, XIAOHONGSHU
from ingestion.sample.world import World
from ingestion.sample.xiaohongshu import follows_shop
from ingestion.sample.xiaohongshu_leads import make_leads

FORTNIGHT = np.timedelta64(15, "D")


@pytest.fixture(scope="module")
def notes(world: World) -> pd.DataFrame:
    return xiaohongshu.make_notes(world)


@pytest.fixture(scope="module")
def lives(world: World) -> pd.DataFrame:
    return kuaishou.make_lives(world)


@pytest.fixture(scope="module")
def read(world: World, notes: pd.DataFrame) -> pd.DataFrame:
    return xiaohongshu.make_interactions(world, notes)


@pytest.fixture(scope="module")
def watched(world: World, lives: pd.DataFrame) -> pd.DataFrame:
    return kuaishou.make_interactions(world, lives)


@pytest.fixture(scope="module")
def leads(world: World, notes: pd.DataFrame) -> pd.DataFrame:
    return make_leads(world, notes)


def test_contents_are_met_as_a_patient_reader_would_choose():
    rng = np.random.default_rng(3)
    start = np.datetime64("2017-01-01T00:00:00", "s")
    contents = pd.DataFrame(
        {
            "department": np.sort(rng.integers(-1, 4, 40)),
            "published_at": start + rng.integers(0, 900, 40).astype("timedelta64[s]"),
        }
    ).sort_values(["department", "published_at"], ignore_index=True)
    sought = rng.choice([ANY, -1, 0, 1, 2, 3, 9], 300)
    at = start + rng.integers(-50, 950, 300).astype("timedelta64[s]")
    draw = rng.random(300)
    met = meet(contents, sought, at, draw)
    for number in range(300):
        there = contents[contents["published_at"] <= at[number]]
        own = there[there["department"] == sought[number]]
        choice = (own if len(own) else there).sort_values("published_at", kind="stable")
        if choice.empty:
            assert met[number] == -1
        else:
            place = len(choice) - 1 - int(draw[number] ** 2 * len(choice))
            assert met[number] == choice.index[place]


def test_nothing_happens_to_a_content_that_is_not_there_yet(
    notes: pd.DataFrame,
    read: pd.DataFrame,
    lives: pd.DataFrame,
    watched: pd.DataFrame,
):
    about = read[read["note"] >= 0]
    assert (about["at"] > notes["published_at"].to_numpy()[about["note"]]).all()
    inside = watched[watched["live"] >= 0]
    assert (inside["at"] >= lives["start_at"].to_numpy()[inside["live"]]).all()
    assert (inside["at"] <= lives["end_at"].to_numpy()[inside["live"]]).all()
    # follows are about the shop
    follows = (xiaohongshu.FOLLOW, xiaohongshu.UNFOLLOW)
    assert (read["action"].isin(follows) == (read["note"] < 0)).all()


def test_most_orders_come_after_a_look(
    world: World, read: pd.DataFrame, watched: pd.DataFrame
):
    for channel, told, share in (
        (XIAOHONGSHU, read, xiaohongshu.LED_BY_NOTES),
        (KUAISHOU, watched, kuaishou.LED_BY_LIVES),
    ):
        orders = bought(world, channel)
        orders["viewer"] = viewers(world, channel).of_accounts(
            orders["account"].to_numpy()
        )
        looks = told[(told["action"] == 0) & ~told["is_casual"]]
        both = orders.merge(looks, on="viewer", suffixes=("", "_seen"))
        ahead = both["at"] - both["at_seen"]
        led = both[(ahead > np.timedelta64(0)) & (ahead < FORTNIGHT)]["order"].nunique()
        assert led / len(orders) > share - 0.1


def test_buyers_do_more_with_contents_than_lookers(world: World, read: pd.DataFrame):
    people = viewers(world, XIAOHONGSHU)
    done = read[read["action"].isin([xiaohongshu.LIKE, xiaohongshu.COLLECT])]
    count = np.bincount(done["viewer"], minlength=len(people.account))
    assert count[people.orders > 0].mean() > 3 * count[people.is_stranger].mean()


def test_what_is_clicked_on_the_way_to_an_order_is_bought(
    world: World, watched: pd.DataFrame
):
    clicks = watched[(watched["action"] == kuaishou.CLICK) & ~watched["is_casual"]]
    people = viewers(world, KUAISHOU)
    account = people.account[clicks["viewer"]]
    orders = bought(world, KUAISHOU)
    pairs = set(zip(orders["account"], orders["product_id"], strict=True))
    assert len(clicks)
    assert set(zip(account, clicks["product_id"], strict=True)) <= pairs


def test_whom_nobody_can_know_is_nobody_in_the_truth(
    world: World, read: pd.DataFrame, watched: pd.DataFrame, leads: pd.DataFrame
):
    for channel, told, name in (
        (XIAOHONGSHU, read, "user_id"),
        (KUAISHOU, watched, "open_id"),
    ):
        stranger = viewers(world, channel).is_stranger[told["viewer"]]
        assert stranger.any()
        assert ((told["person"] < 0) == (told[name].isna() | stranger)).all()
    unknown = leads["user_id"].isna() & ~leads["is_verified"]
    assert ((leads["person"] < 0) == unknown).all()


def test_a_verified_phone_is_the_askers_own(world: World, leads: pd.DataFrame):
    asker, at = leads["asker"].to_numpy(), leads["submitted_at"].to_numpy()
    own = leads["phone"].to_numpy() == phone_at(world.people, asker, at)
    assert own[leads["is_verified"]].all()


def test_fans_have_followed(world: World, read: pd.DataFrame):
    fans = np.flatnonzero(follows_shop(world))
    follows = read[read["action"] == xiaohongshu.FOLLOW]
    # who followed in earlier years is not in the year's log
    joined = viewers(world, XIAOHONGSHU).joined_at[fans]
    of_year = fans[joined > np.datetime64("2017-01-05")]
    assert set(of_year) <= set(follows["viewer"])
    left = read[read["action"] == xiaohongshu.UNFOLLOW]["viewer"]
    assert not set(left) & set(fans)
