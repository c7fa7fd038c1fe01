"""What Douyin and the reviews of both platforms tell beside orders."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ingestion.sample.contents import YEAR_BEGINS
from ingestion.sample.douyin_ads import CAMPAIGNS, make_exposures
from ingestion.sample.douyin_content import (
    FOLLOW,
    UNFOLLOW,
    make_contents,
    make_interactions,
)
from ingestion.sample.douyin_leads import make_leads
from ingestion.sample.review_words import CLOSINGS, OPENINGS
from ingestion.sample.reviews import make_reviews
from ingestion.sample.shops import DOUYIN, SHOP_CODES, TMALL, channel_of
from ingestion.sample.world import World
from tests.unit.sample.files import read_table


@pytest.fixture(scope="module")
def contents(world: World) -> pd.DataFrame:
    return make_contents(world)


@pytest.fixture(scope="module")
def interactions(world: World, contents: pd.DataFrame) -> pd.DataFrame:
    return make_interactions(world, contents)


def test_contents_are_of_their_shop_and_watched_after_they_appear(
    contents: pd.DataFrame, interactions: pd.DataFrame
):
    watched = interactions[interactions["item"] >= 0]
    of = contents.iloc[watched["item"].to_numpy()]
    assert (of["published_at"].to_numpy() <= watched["at"].to_numpy()).all()
    assert (of["shop"].to_numpy() == watched["shop"].to_numpy()).all()
    without = interactions[interactions["item"] < 0]
    assert without["action"].isin([FOLLOW, UNFOLLOW]).all()


def test_an_open_id_means_something_in_its_shop_only(drops: Path, world: World):
    accounts = world.accounts
    shop_of = pd.Series(np.array(SHOP_CODES)[accounts["shop"]], accounts["account_id"])
    told = read_table(drops, "douyin", "interactions")
    known = told[told["doudian_open_id"].isin(shop_of.index)]
    assert len(known) > 100
    assert (shop_of.loc[known["doudian_open_id"]].to_numpy() == known["shop_id"]).all()


def test_a_hash_is_that_of_a_device_the_other_channels_tell(
    drops: Path, world: World, interactions: pd.DataFrame
):
    people = world.people
    devices = pd.concat([people["device_id"], people["second_device_id"]]).dropna()
    ours = interactions["person"] >= 0
    assert set(interactions.loc[ours, "device"]) <= set(devices)
    assert not set(interactions.loc[~ours, "device"]) & set(devices)
    events = read_table(drops, "youzan", "events")["device_id"]
    assert {sha256(device.encode()).hexdigest() for device in events.dropna()} & set(
        read_table(drops, "douyin", "ad_exposures")["device_hash"]
    )


def test_a_click_follows_its_showing_and_campaigns_keep_their_days(world: World):
    told = make_exposures(world)
    shown = told[~told["is_click"]].set_index("exposure_id")
    clicks = told[told["is_click"]]
    assert shown.index.is_unique
    assert 0 < len(clicks) < len(shown) / 5
    of = shown.loc[clicks["exposure_id"]]
    assert (of["at"].to_numpy() < clicks["at"].to_numpy()).all()
    assert (of["device"].to_numpy() == clicks["device"].to_numpy()).all()
    assert (clicks["cost"] == 0).all()
    assert (shown["cost"] > 0).all()
    day = (shown["at"].to_numpy() - YEAR_BEGINS) // np.timedelta64(1, "D") + 1
    first, last = (np.array([row[n] for row in CAMPAIGNS]) for n in (1, 2))
    campaign = shown["campaign"].to_numpy()
    assert ((first[campaign] <= day) & (day <= last[campaign])).all()
    assert shown["campaign"].nunique() > 2


def test_leads_are_somebodys_only_where_something_says_so(
    world: World, contents: pd.DataFrame
):
    told = make_leads(world, contents)
    hidden = told["open_id"].isna() & ~told["is_verified"]
    assert ((told["person"] < 0) == hidden).all()
    people = world.people
    shown = told[told["is_verified"]]
    numbers = people.iloc[shown["person"]][["phone_1", "phone_2"]]
    assert numbers.eq(shown["phone"].to_numpy(), axis=0).any(axis=1).all()


@pytest.mark.parametrize("channel", [TMALL, DOUYIN])
def test_words_fit_the_stars(world: World, channel: int):
    told = make_reviews(world, channel)
    assert told["review_id"].is_unique
    assert (
        channel_of(world.accounts["shop"].to_numpy()[told["account"]]) == channel
    ).all()
    completed = world.orders["completed_at"].to_numpy()[told["order"]]
    assert (completed < told["written_at"].to_numpy()).all()
    assert told["words"].isna().mean() == pytest.approx(0.15, abs=0.1)
    assert told["words"].nunique() > 0.6 * told["words"].notna().sum()
    for row in told.dropna(subset="words").itertuples():
        mood = 0 if row.stars <= 2 else 1 if row.stars == 3 else 2
        assert row.words.startswith(OPENINGS[mood])
        assert row.words.endswith(CLOSINGS[mood])


def test_reviews_are_of_lines_bought_and_some_hide_their_writer(
    drops: Path, world: World
):
    told = read_table(drops, "douyin", "reviews")
    told = told[told["comment_id"].str.match(r"DR\d{11}$", na=False)]
    told = told[told["sku_order_id"].isin(world.lines["line_id"])]
    order = world.lines.set_index("line_id")["order"].loc[told["sku_order_id"]]
    assert (world.orders["order_id"].to_numpy()[order] == told["order_id"]).all()
    hidden = told["doudian_open_id"].fillna("") == ""
    assert 0.05 < hidden.mean() < 0.5
