from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.errors import QuanyuError
from warehouse.migrate import discover


def test_order_is_by_number(tmp_path: Path) -> None:
    for name in ("0010_last.sql", "0002_second.sql", "0001_first.sql"):
        (tmp_path / name).write_text("select 1;")
    assert [migration.version for migration in discover(tmp_path)] == [1, 2, 10]


def test_the_checksum_is_that_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "0001_first.sql"
    path.write_text("select 1;")
    before = discover(tmp_path)[0].checksum
    path.write_text("select 2;")
    assert discover(tmp_path)[0].checksum != before


def test_a_number_is_used_once(tmp_path: Path) -> None:
    (tmp_path / "0001_one.sql").write_text("select 1;")
    (tmp_path / "0001_two.sql").write_text("select 2;")
    with pytest.raises(QuanyuError, match=r"0001_two\.sql and 0001_one\.sql"):
        discover(tmp_path)


def test_a_name_without_number_is_refused(tmp_path: Path) -> None:
    (tmp_path / "later.sql").write_text("select 1;")
    with pytest.raises(QuanyuError, match=r"later\.sql"):
        discover(tmp_path)


def test_the_migrations_of_the_project_are_well_named() -> None:
    versions = [migration.version for migration in discover()]
    assert versions == sorted(set(versions))
