"""Where the server is: state file, port, address, what dbt is told."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from warehouse import connection, dbt, ports, server, settings, state
from warehouse.errors import QuanyuError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUANYU_HOME", str(tmp_path))
    monkeypatch.delenv("QUANYU_DATABASE_URL", raising=False)
    return tmp_path


def test_state_is_beside_the_project_unless_told_otherwise(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.state_dir() == home
    monkeypatch.delenv("QUANYU_HOME")
    assert settings.state_dir() == settings.project_root() / ".quanyu"
    assert (settings.project_root() / "pyproject.toml").exists()


def test_state_survives_a_round_and_moves_with_the_project(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.save(state.ServerState(home, 20001, "secret", True))
    assert (home / "server.json").stat().st_mode & 0o077 == 0
    moved = tmp_path / "moved"
    moved.mkdir()
    (home / "server.json").rename(moved / "server.json")
    monkeypatch.setenv("QUANYU_HOME", str(moved))
    found = state.load()
    assert found == state.ServerState(moved, 20001, "secret", True)
    assert found.url() == "postgresql://quanyu:secret@127.0.0.1:20001/quanyu"


def test_a_damaged_state_file_is_named(home: Path) -> None:
    (home / "server.json").write_text("{")
    with pytest.raises(QuanyuError, match=r"server\.json is damaged"):
        state.load()


def test_a_server_that_is_not_there(home: Path) -> None:
    with pytest.raises(QuanyuError, match="run `quanyu up`"):
        connection.database_url()
    state.save(state.ServerState(home, 20001, "secret", True))
    (home / "postgres").mkdir()
    # The pid of a live program that is no server of this data directory.
    (home / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert server.postmaster(home / "postgres") is None
    with pytest.raises(QuanyuError, match="run `quanyu up`"):
        connection.database_url()


def test_a_given_server_comes_first(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANYU_DATABASE_URL", "postgresql://me@db.example/warehouse")
    assert connection.database_url() == "postgresql://me@db.example/warehouse"


def test_a_port_is_the_same_every_time_and_free() -> None:
    port = ports.choose("a project")
    assert ports.choose("a project") == port
    with socket.create_server(("127.0.0.1", port)):
        assert ports.choose("a project") != port
        with pytest.raises(QuanyuError, match=f"Port {port} .*quanyu up --port"):
            ports.require_free(port)
    ports.require_free(port)


def test_dbt_is_told_all_of_an_address() -> None:
    told = dbt.environment(
        "postgresql://me:p%40ss@db.example:6543/cdp?sslmode=verify-full"
    )
    assert told["QUANYU_PG_HOST"] == "db.example"
    assert told["QUANYU_PG_PORT"] == "6543"
    assert told["QUANYU_PG_USER"] == "me"
    assert told["QUANYU_PG_DATABASE"] == "cdp"
    assert told["DBT_ENV_SECRET_PG_PASSWORD"] == "p@ss"
    assert told["PGSSLMODE"] == "verify-full"
