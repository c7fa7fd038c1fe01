"""Douyin's sample files, landed and staged: nothing is lost, and every fen arrives."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml

from ingestion.landing import load_directory
from ingestion.sample.generate import SampleOptions, generate, truth_folder
from tests.integration.dbt_runs import run_dbt
from warehouse.connection import connect
from warehouse.settings import project_root

FIRST, LAST = dt.date(2017, 12, 29), dt.date(2017, 12, 31)
PARTS = (
    "models/staging/_landing__sources.yml",
    "models/staging/douyin",
    "macros",
    "docs",
    "profiles.yml",
)


@pytest.fixture(scope="module")
def drops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("douyin") / "drops"
    generate(SampleOptions(FIRST, LAST, 5, "default", out, households=60))
    return out


@pytest.fixture(scope="module")
def truth(drops: Path) -> dict[str, pd.DataFrame]:
    return {
        name: pd.read_parquet(truth_folder(drops) / f"{name}.parquet")
        for name in ("truth", "lines", "injected")
    }


@pytest.fixture(scope="module")
def staged(module_database: str, drops: Path, tmp_path_factory) -> Iterator[str]:
    """Build the channel's staging, and its account test, on its own."""
    source = project_root() / "dbt_project"
    folder = tmp_path_factory.mktemp("project")
    for name in PARTS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (source / name).is_dir() else shutil.copy
        copy(source / name, folder / name)
    (folder / "tests").mkdir()
    test = "tests/staging/assert_douyin_rows_are_all_accounted_for.sql"
    shutil.copy(source / test, folder / "tests")
    config = yaml.safe_load((source / "dbt_project.yml").read_text())
    of_all = config["models"]["quanyu"]["staging"]
    of_one = {name: of_all[name] for name in ("+schema", "+materialized", "douyin")}
    config["models"]["quanyu"] = {"staging": of_one}
    config.pop("seeds")
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(config))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUANYU_DATABASE_URL", module_database)
        with connect(module_database, autocommit=True) as conn:
            load_directory(conn, drops)
        errors = run_dbt(folder, "build", "--vars", f"{{base_date: '{LAST}'}}")
        assert not errors, errors
        yield module_database


def frame(database: str, query: str) -> pd.DataFrame:
    with connect(database) as conn:
        cursor = conn.execute(query.encode())
        names = [column.name for column in cursor.description or ()]
        return pd.DataFrame(cursor.fetchall(), columns=names)


def test_every_line_arrives_with_its_money(
    staged: str, truth: dict[str, pd.DataFrame]
) -> None:
    lines = frame(
        staged,
        "select line_id, order_id, goods_amount from staging.stg_douyin__order_lines",
    ).set_index("line_id")
    bought = truth["lines"][truth["lines"]["channel"] == "douyin"]
    bought = bought.set_index("line_id")
    assert len(bought) > 500
    assert set(bought.index) <= set(lines.index)
    arrived = lines.loc[bought.index]
    cents = (arrived["goods_amount"] * 100).astype("int64")
    assert (cents == bought["goods_cents"]).all()
    assert (arrived["order_id"] == bought["order_id"]).all()


def test_headers_are_the_sums_of_their_lines(staged: str) -> None:
    odd = frame(
        staged,
        """
        select orders.order_id
        from staging.stg_douyin__orders as orders
        left join staging.stg_douyin__order_lines as lines using (order_id)
        group by orders.order_id, orders.list_amount, orders.goods_amount,
            orders.shop_discount_amount, orders.platform_discount_amount,
            orders.coupon_amount, orders.order_status, orders.paid_at,
            orders.paid_amount, orders.freight_amount, orders.tax_amount,
            orders.points_amount
        having orders.goods_amount <> coalesce(sum(lines.goods_amount), 0)
            or orders.list_amount <> coalesce(sum(lines.list_amount), 0)
            or orders.list_amount - orders.shop_discount_amount
                - orders.platform_discount_amount - orders.coupon_amount
                <> orders.goods_amount
            or (
                orders.paid_at is not null
                and orders.goods_amount + orders.freight_amount + orders.tax_amount
                    - orders.points_amount <> orders.paid_amount
            )
        """,
    )
    assert odd.empty


def test_every_damaged_row_is_refused_for_its_reason(
    staged: str, truth: dict[str, pd.DataFrame]
) -> None:
    injected = truth["injected"]
    mine = injected[injected["channel"] == "douyin"]
    refused = mine[mine["expected"].str.startswith("rejected:")]
    expected = refused.groupby(
        ["table", refused["expected"].str.removeprefix("rejected:")]
    ).size()
    found = frame(
        staged,
        "select source_table, reject_reason from staging.stg_douyin__rejects",
    )
    counted = found.groupby(["source_table", "reject_reason"]).size()
    exact = expected[expected.index.get_level_values(1) != "superseded"]
    damaged = set(exact.index.get_level_values(0))
    assert damaged >= {"orders", "members", "points", "coupons", "reviews"}
    assert counted.reindex(exact.index, fill_value=0).to_dict() == exact.to_dict()


def test_everybody_written_is_staged(
    staged: str, truth: dict[str, pd.DataFrame]
) -> None:
    known = truth["truth"]
    known = known[known["channel"] == "douyin"]
    for record_type, table, column in (
        ("member", "members", "douyin_open_id"),
        ("order", "orders", "order_id"),
        ("interaction", "interactions", "interaction_id"),
        ("ad_exposure", "ad_exposures", "exposure_id"),
        ("review", "reviews", "review_id"),
        ("lead", "leads", "lead_id"),
    ):
        ids = set(known.loc[known["record_type"] == record_type, "record_id"])
        found = frame(staged, f"table staging.stg_douyin__{table}")
        assert ids, record_type
        assert ids <= set(found[column]), record_type


def test_a_join_told_a_day_late_is_dated_when_it_was(staged: str) -> None:
    late = frame(
        staged,
        """
        select members.joined_at, members.observed_at, files.drop_date
        from staging.stg_douyin__members as members
        inner join landing.files as files on files.file_id = members._file_id
        where members.joined_at >= '2017-12-29 16:00:00+08'
        """,
    )
    day = pd.to_datetime(late["joined_at"], utc=True).dt.tz_convert("Asia/Shanghai")
    assert (day.dt.date <= late["drop_date"]).all()
    assert (late["observed_at"] >= late["joined_at"]).all()
