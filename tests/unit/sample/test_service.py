"""Service cases follow the world; counters saw everybody who paid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ingestion.sample.people import phone_at
from ingestion.sample.service import COUNTED_FROM, make_cases, make_traffic
from ingestion.sample.shops import POS
from ingestion.sample.world import World
from tests.unit.sample.files import read_table


@pytest.fixture(scope="module")
def cases(world: World) -> pd.DataFrame:
    return make_cases(world)


@pytest.fixture(scope="module")
def traffic(world: World) -> pd.DataFrame:
    return make_traffic(world)


def test_cases_are_about_something_their_person_bought_before(
    world: World, cases: pd.DataFrame
):
    about = cases[cases["order"] >= 0]
    assert 0 < len(about) < len(cases)
    orders = world.orders.iloc[about["order"]]
    assert (orders["person"].to_numpy() == about["person"].to_numpy()).all()
    assert (orders["paid_at"].to_numpy() < about["opened_at"].to_numpy()).all()
    line = about["line"].to_numpy()
    assert (world.lines["order"].to_numpy()[line] == about["order"].to_numpy()).all()


def test_every_case_can_be_led_to_its_person(world: World, cases: pd.DataFrame):
    accounts = world.accounts.set_index("account_id")
    carded = cases[cases["card"].notna()]
    phoned = cases[cases["phone"].notna()]
    assert len(carded)
    assert len(phoned)
    assert not (cases["card"].notna() & cases["phone"].notna()).any()
    assert (
        cases["card"].notna() | cases["phone"].notna() | (cases["order"] >= 0)
    ).all()
    owner = accounts.loc[carded["card"], "person"].to_numpy()
    assert (owner == carded["person"].to_numpy()).all()
    told = phoned["phone"].str.strip().str.fullmatch(r"\d{11}")
    plain = phoned[told.astype(bool)]
    own = phone_at(
        world.people, plain["person"].to_numpy(), plain["opened_at"].to_numpy()
    )
    digits = (
        plain["phone"]
        .str.strip()
        .str.translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    )
    assert (digits.to_numpy() == own).all()


def test_complaints_are_rated_worse_and_answers_come_before_the_end(
    cases: pd.DataFrame,
):
    rating = cases.groupby("kind")["satisfaction"].mean()
    assert rating[1] < rating[0]
    assert (cases["replied_at"] > cases["opened_at"]).all()
    closed = cases.dropna(subset="closed_at")
    assert (closed["closed_at"] > closed["replied_at"]).all()
    assert cases.loc[cases["closed_at"].isna(), "satisfaction"].isna().all()


def test_more_come_in_than_pay_in_every_hour(world: World, traffic: pd.DataFrame):
    paid = world.orders.loc[
        (world.orders["channel"] == POS)
        & (world.orders["paid_at"] >= COUNTED_FROM)
        & world.orders["store"].isin(traffic["store"])
    ]
    receipts = paid.groupby(["store", paid["paid_at"].dt.floor("h")]).size()
    people = traffic.groupby(["store", "hour"])[["entries", "passers"]].sum()
    receipts.index.names = people.index.names
    assert len(receipts)
    assert (people["entries"].reindex(receipts.index) >= receipts).all()
    assert (people["passers"] >= people["entries"]).all()


def test_doors_are_busy_when_tills_are(world: World, traffic: pd.DataFrame):
    came = np.bincount(traffic["hour"].dt.hour, traffic["passers"], minlength=24)
    paid = world.orders.loc[world.orders["channel"] == POS, "paid_at"]
    till = np.bincount(paid.dt.hour, minlength=24)
    assert np.corrcoef(came, till)[0, 1] > 0.9


def test_a_shut_store_counts_nobody(world: World, traffic: pd.DataFrame):
    shut = world.stores["shut_at"].to_numpy()[traffic["store"]]
    assert not (traffic["hour"].to_numpy() >= shut).any()


def test_corrections_only_find_people_who_were_missed(traffic: pd.DataFrame):
    corrected = traffic.dropna(subset="corrected_at")
    assert (corrected["missed"] <= corrected["entries"]).all()
    assert (corrected["corrected_at"] > corrected["told_at"]).all()
    assert (traffic.loc[traffic["corrected_at"].isna(), "missed"] == 0).all()


def test_a_case_comes_again_when_it_is_answered_and_closed(drops: Path):
    cases = read_table(drops, "pos", "service_cases")
    first = cases["closed_at"] == ""
    assert first.any()
    assert (cases.loc[first, "satisfaction"] == "").all()
