from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from ingestion.sample.generate import SampleOptions, generate, truth_folder
from tests.unit.sample.files import contract_tables, files_of, read, read_table
from warehouse.errors import QuanyuError


def every_file(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(drops: Path, options: SampleOptions):
    again = replace(options, out=drops.parent / "again")
    generate(again)
    assert every_file(again.out) == every_file(drops)
    assert every_file(truth_folder(again.out)) == every_file(truth_folder(drops))


@pytest.mark.parametrize(
    ("channel", "table"),
    contract_tables(),
    ids=lambda value: value if isinstance(value, str) else value["table"],
)
def test_files_keep_the_contract(drops: Path, channel: str, table: dict):
    files = files_of(drops, channel, table)
    assert files, "the opening export has every table"
    for path in files:
        frame = read(path, table)
        assert list(frame.columns) == list(table["columns"]), path.name
        assert len(frame) > 0


def test_no_file_is_outside_the_contracts(drops: Path):
    known = {
        path
        for channel, table in contract_tables()
        for path in files_of(drops, channel, table)
    }
    assert {path for path in drops.rglob("*") if path.is_file()} == known


def test_encodings_are_the_channels_own(drops: Path):
    orders = next(drops.glob("2017-12-29/tmall/orders_*.csv*")).read_bytes()
    if orders[:2] == b"\x1f\x8b":
        orders = gzip.decompress(orders)
    assert "店铺ID".encode("gb18030") in orders[:40]
    members = next(drops.glob("2017-12-29/tmall/members_*.csv*")).read_bytes()
    assert members.startswith(b"\xef\xbb\xbf" + "店铺ID".encode())


def test_an_order_comes_again_when_it_changes(drops: Path):
    orders = read_table(drops, "tmall", "orders")
    orders["订单编号"] = orders["订单编号"].str.strip()
    states = orders.groupby("订单编号")["订单状态"].agg(set)
    assert {"买家已付款", "卖家已发货"} <= set().union(*states[states.map(len) > 1])


def test_clean_files_hold_no_damage(clean_drops: Path):
    injected = pd.read_parquet(truth_folder(clean_drops) / "injected.parquet")
    assert set(injected["expected"]) == {"staged"}
    assert not injected["kind"].isin(["test_order", "training_receipt"]).any()
    phones = pd.concat(
        [
            read_table(clean_drops, "tmall", "members")["手机号"],
            read_table(clean_drops, "pos", "members")["phone"],
            read_table(clean_drops, "tmall", "orders")["收货人手机"],
        ]
    )
    assert phones.str.fullmatch(r"16[0-9]{9}").all()


def test_another_folder_is_not_overwritten(tmp_path: Path, options: SampleOptions):
    (tmp_path / "thesis.txt").write_text("five years of work")
    with pytest.raises(QuanyuError, match="holds no sample"):
        generate(replace(options, out=tmp_path))
    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"source": "other"}, "unknown source"),
        ({"noise": "loud"}, "unknown noise profile"),
        ({"households": 3}, "10 or more"),
        ({"seed": -1}, "--seed"),
    ],
)
def test_options_that_cannot_be_met(
    options: SampleOptions, change: dict, sentence: str
):
    with pytest.raises(QuanyuError, match=sentence):
        generate(replace(options, **change))
