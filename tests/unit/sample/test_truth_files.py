from __future__ import annotations

from pathlib import Path

import pandas as pd

from ingestion.sample.truth_files import join_people, write_people

COLUMNS = ["channel", "record_type", "record_id", "person_id"]


def frame(*rows: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS, dtype="str")


def test_a_record_that_two_modules_tell_is_known_once(tmp_path: Path):
    orders = frame(("pos", "order", "1", "h1"), ("pos", "order", "2", "h2"))
    cases = frame(("pos", "case", "1", "h3"))
    again = frame(("pos", "order", "2", "h2"), ("pos", "order", "3", "h1"))
    files = [
        write_people(tmp_path / "0.parquet", [orders, cases]),
        write_people(tmp_path / "1.parquet", [again]),
    ]
    join_people(tmp_path / "truth.parquet", files)
    known = pd.read_parquet(tmp_path / "truth.parquet")
    expected = pd.concat([orders, cases, again.iloc[1:]], ignore_index=True)
    pd.testing.assert_frame_equal(known, expected)
    assert [path.name for path in tmp_path.iterdir()] == ["truth.parquet"]


def test_channels_come_in_their_order_whatever_module_tells_them(tmp_path: Path):
    tmall = frame(("tmall", "order", "1", "h1"))
    pos = frame(("pos", "order", "1", "h2"))
    douyin = frame(("douyin", "order", "1", "h2"))
    files = [
        write_people(tmp_path / "0.parquet", [tmall, douyin]),
        write_people(tmp_path / "1.parquet", [pos]),
        write_people(tmp_path / "2.parquet", []),
    ]
    join_people(tmp_path / "truth.parquet", files)
    known = pd.read_parquet(tmp_path / "truth.parquet")
    assert known["channel"].tolist() == ["douyin", "pos", "tmall"]
