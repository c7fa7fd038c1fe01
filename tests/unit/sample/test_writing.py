from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.sample import writing
from ingestion.sample.generate import SampleOptions, generate, truth_folder
from tests.unit.sample.files import read_table


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(1, 12))
def test_files_hold_all_rows_of_a_day_in_order(days: list[int], most: int):
    drop = np.sort(np.array(days, dtype="int64")).astype("datetime64[D]")
    files = writing._files(drop, most)
    rows = [at for file in files for at in range(file.begin, file.end)]
    assert rows == list(range(len(drop)))
    assert all(file.end - file.begin <= most for file in files)
    assert all(
        (drop[file.begin : file.end] == np.datetime64(file.date)).all()
        for file in files
    )
    stems = [file.stem("orders") for file in files]
    assert len(set(stems)) == len(stems)
    groups = writing._rendered_together(files, most)
    assert [file for group in groups for file in group] == files
    for group in groups:
        assert group[-1].end - group[0].begin <= most or len(group) == 1


def test_large_tables_come_in_several_files(
    drops: Path,
    options: SampleOptions,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(writing, "ROWS_PER_FILE", 400)
    monkeypatch.setattr(writing, "NESTED_ROWS_PER_FILE", 100)
    out = tmp_path / "small"
    generate(SampleOptions(**{**vars(options), "out": out}))
    names = sorted(path.name for path in out.glob("2017-12-29/tmall/orders_*"))
    assert names[0] == "orders_20171229_001.csv"
    assert len(names) > 1
    assert len(list(out.glob("2017-12-29/youzan/trades_*_*.jsonl*"))) > 1
    for name in ("truth", "lines"):
        one, many = (
            pd.read_parquet(truth_folder(folder) / f"{name}.parquet")
            for folder in (drops, out)
        )
        pd.testing.assert_frame_equal(one, many)
    known = pd.read_parquet(truth_folder(out) / "truth.parquet")
    for channel, table, key in (
        ("tmall", "orders", "订单编号"),
        ("youzan", "trades", "tid"),
    ):
        mine = known[(known["channel"] == channel) & (known["record_type"] == "order")]
        told = read_table(out, channel, table)[key].str.strip()
        assert set(mine["record_id"]) <= set(told)
        assert len(mine) > 100
