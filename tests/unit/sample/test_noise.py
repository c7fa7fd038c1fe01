from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from ingestion.sample.accounts import COUNTER, account_phone
from ingestion.sample.damage import other_id
from ingestion.sample.rates import NOISE_FILE, NoiseRates, load_rates
from ingestion.sample.world import World
from tests.unit.sample.files import read_table
from warehouse.errors import QuanyuError

KINDS = {
    "duplicate_row", "superseded_row", "excel_id_row", "missing_required_row",
    "bad_date_row", "negative_amount_row", "torn_line", "undecodable_line",
    "totals_row",
}  # fmt: skip


def test_every_rate_is_declared():
    declared = yaml.safe_load(NOISE_FILE.read_text("utf-8"))["default"]
    assert set(declared) == set(NoiseRates.model_fields)
    assert all(rate > 0 for rate in declared.values())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("default: {loud: 0.1}", "loud"), ("default: {torn_line: 3}", "torn_line")],
)
def test_a_wrong_rate_is_named(tmp_path: Path, text: str, sentence: str):
    path = tmp_path / "noise.yml"
    path.write_text(text)
    with pytest.raises(QuanyuError, match=sentence):
        load_rates("default", path)


def test_every_kind_of_damage_occurs(truth: dict[str, pd.DataFrame]):
    injected = truth["injected"]
    assert set(injected["kind"]) >= KINDS
    assert set(injected["kind"]) >= {
        "deposit_only", "unpaid", "exchange", "reshipment", "test_order",
        "training_receipt", "refund_only", "return",
    }  # fmt: skip
    damaged = injected[injected["kind"].isin(KINDS)]
    assert (damaged["expected"] != "staged").all()


def test_damaged_rows_are_in_the_files(drops: Path, truth: dict[str, pd.DataFrame]):
    injected = truth["injected"]
    mine = injected[(injected["channel"] == "tmall") & (injected["table"] == "orders")]
    orders = read_table(drops, "tmall", "orders")
    ids = orders["订单编号"].str.strip()
    kinds = mine.groupby("kind")["record_id"].agg(list)
    assert (ids == "1.23E+18").sum() == len(kinds["excel_id_row"])
    assert (orders["店铺ID"] == "合计").sum() == len(kinds["totals_row"])
    broken = orders[ids.isin(kinds["negative_amount_row"])]
    assert (broken["应付商品金额"].astype(float) < 0).any()
    blank = orders[ids.isin(kinds["missing_required_row"])]
    assert (blank["买家OUID"] == "").any()
    twice = orders[ids.isin(kinds["duplicate_row"])]
    assert twice.duplicated().sum() == len(kinds["duplicate_row"])


def test_noise_only_adds_rows(drops: Path, clean_drops: Path):
    """Every receipt and order of the clean world is in the noisy one, unchanged."""
    for channel, table, key, money in (
        ("pos", "receipts", ["store_code", "receipt_no"], "goods_amount"),
        ("tmall", "orders", ["订单编号"], "应付商品金额"),
    ):
        clean = read_table(clean_drops, channel, table)
        noisy = read_table(drops, channel, table)
        noisy[key] = noisy[key].apply(lambda values: values.str.strip())
        both = clean.merge(noisy, on=key, how="left", suffixes=("", "_noisy"))
        assert both[f"{money}_noisy"].notna().all()
        # a damaged copy has an id of its own, so what carries this id says the same
        assert (both[f"{money}_noisy"] == both[money]).all()


def test_damaged_copies_get_ids_of_their_own():
    assert other_id("1230000000000209458") == "9930000000000209458"
    assert other_id("E20170104190832000040") == "E99170104190832000040"
    assert other_id("M10000464") == "M99000464"


def test_a_recycled_number_has_one_owner_at_a_time(world: World):
    people = world.people
    later = people[people["recycled_from"] >= 0]
    assert len(later) > 0
    former = people.iloc[later["recycled_from"]]
    assert (former["phone_1"].to_numpy() == later["phone_2"].to_numpy()).all()
    gap = later["changed_at"].to_numpy() - former["changed_at"].to_numpy()
    assert (gap >= np.timedelta64(109, "D")).all()
    accounts = world.accounts
    theirs = np.flatnonzero(accounts["person"].isin(former.index))
    at = later["changed_at"].max().to_datetime64()
    shown = account_phone(world.accounts, people, theirs, np.full(len(theirs), at))
    assert not set(shown) & set(later["phone_2"])


def test_the_counter_phone_is_on_several_cards(world: World):
    counter = world.accounts[world.accounts["phone_kind"] == COUNTER]
    assert len(counter) >= 3
    assert counter["odd_phone"].nunique() == 1
    assert counter["person"].nunique() >= 3


def test_shared_devices_belong_to_neighbours(world: World):
    owners = world.people.groupby("device_id").size()
    assert owners.max() in (2, 3)


def test_most_numbers_in_files_can_be_cleaned(drops: Path):
    phones = read_table(drops, "tmall", "members")["手机号"]
    given = phones[phones != ""]
    plain = given.str.fullmatch("16[0-9]{9}").mean()
    assert 0.8 < plain < 1.0
    digits = given.str.normalize("NFKC").str.replace(r"\D", "", regex=True).str[-11:]
    assert digits.str.fullmatch("1[0-9]{10}|0+").all()


def test_rates_are_near_what_is_declared(world: World):
    rates = world.rates
    events = world.events
    online = world.orders[world.orders["channel"] > 0]
    for found, declared in (
        ((~events["shows_openid"]).mean(), rates.event_device_only),
        ((world.late_orders > 0).mean(), rates.late_row),
        ((online["receiver"] != online["person"]).mean(), rates.gift_receiver),
        (world.people["changed_at"].notna().mean(), rates.phone_changed),
    ):
        assert found == pytest.approx(declared, rel=0.5, abs=0.02)
