"""Landing contracts and what they claim in a landing directory."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingestion.contract import Channel, load_contract, load_contracts
from ingestion.drops import find_drops
from tests.unit.ingestion.reading import table
from warehouse.errors import QuanyuError


def test_contracts_of_all_channels_are_sound() -> None:
    contracts = load_contracts()
    assert {"pos", "tmall", "youzan"} <= set(contracts)
    for contract in contracts.values():
        for one in contract.tables:
            for pattern in one.files:
                assert contract.table_of(pattern.replace("*", "20170101")) == one
            assert not contract.raw_schema.startswith(contract.channel)
            assert all(len(name.encode()) < 64 for name in one.landed_columns)


def test_a_contract_that_contradicts_itself_is_named(tmp_path: Path) -> None:
    path = tmp_path / "contract.yml"
    path.write_text(
        "channel: shop\nname_zh: 店\ntables:\n"
        "- {table: orders, description: x, files: [o*], format: csv, key: [id],"
        " required: [id, at], columns: {id: x}}\n"
    )
    with pytest.raises(QuanyuError, match=r"contract\.yml is not .* no column at"):
        load_contract(path)


def test_patterns_may_not_claim_one_file_twice() -> None:
    channel = Channel(
        channel="shop", name_zh="店", tables=(table(), table(table="others"))
    )
    with pytest.raises(QuanyuError, match="things and others"):
        channel.table_of("things_1.csv")


def test_every_file_is_either_claimed_or_named(tmp_path: Path) -> None:
    for name in [
        "2017-01-02/tmall/orders_2.csv",
        "2017-01-01/tmall/orders_1.csv.gz",
        "2017-01-01/tmall/order_lines_1.csv",
        "2017-01-01/tmall/orders_1.xlsx",
        "2017-01-01/tmall/old/orders_1.csv",
        "2017-01-01/taobao/orders_1.csv",
        "2017-01-01/readme.txt",
        "2017-1-3/tmall/orders_1.csv",
        "notes/orders_1.csv",
        "20170101/tmall/orders_1.csv",
        "2017-01-02/tmall/orders_\udcff.csv",
    ]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    drops = find_drops(tmp_path, load_contracts())
    assert [(file.name, file.raw_table) for file in drops.files] == [
        ("2017-01-01/tmall/order_lines_1.csv", "raw_tmall.order_lines"),
        ("2017-01-01/tmall/orders_1.csv.gz", "raw_tmall.orders"),
        ("2017-01-02/tmall/orders_2.csv", "raw_tmall.orders"),
    ]
    assert sorted(drops.unclaimed) == [
        "2017-01-01/readme.txt",
        "2017-01-01/taobao",
        "2017-01-01/tmall/old",
        "2017-01-01/tmall/orders_1.xlsx",
        "2017-01-02/tmall/orders_\udcff.csv",
        "2017-1-3",
        "20170101",
        "notes",
    ]
    assert [
        file.name
        for file in find_drops(tmp_path / "2017-01-02", load_contracts()).files
    ] == ["2017-01-02/tmall/orders_2.csv"]
    assert drops.files[0].drop_date == date(2017, 1, 1)


def test_a_directory_without_drops_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(QuanyuError, match="holds no drop"):
        find_drops(tmp_path, load_contracts())
    with pytest.raises(QuanyuError, match="is not a directory"):
        find_drops(tmp_path / "none", load_contracts())
