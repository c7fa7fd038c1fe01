"""The embedded server in good and bad weather; every test has a server of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from warehouse import server, state
from warehouse.connection import connect
from warehouse.errors import QuanyuError


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project's state folder."""
    with _state_folder() as folder:
        monkeypatch.setenv("QUANYU_HOME", str(folder))
        yield folder
        with suppress(QuanyuError):
            server.delete()


class _state_folder:
    def __enter__(self) -> Path:
        self.parent = Path(tempfile.mkdtemp(prefix="quanyu-server-"))
        self.parent.chmod(0o755)
        return self.parent / "state"

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self.parent, ignore_errors=True)


def quanyu(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would, in a process of its own."""
    environment = {**os.environ, "QUANYU_HOME": str(home)}
    environment.pop("QUANYU_DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "-c", "from cli.main import app; app()", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )


def assert_one_sentence(result: subprocess.CompletedProcess[str], *parts: str) -> None:
    assert result.returncode == 1, result
    assert result.stderr.strip().count("\n") == 0, result.stderr
    assert "Traceback" not in result.stderr
    for part in parts:
        assert part in result.stderr


def assert_up_is_refused(*parts: str) -> None:
    """The command line makes exit code 1 of it, see the unit tests of the command."""
    with pytest.raises(QuanyuError) as raised:
        server.up()
    sentence = str(raised.value)
    assert "\n" not in sentence
    for part in parts:
        assert part in sentence


def data_directory() -> Path:
    known = state.load()
    assert known is not None
    return known.data


def main_process() -> psutil.Process:
    process = server.postmaster(data_directory())
    assert process is not None
    return process


def test_up_twice_then_down_twice(home: Path) -> None:
    first = quanyu(home, "up")
    assert first.returncode == 0, first.stderr
    assert "is up" in first.stdout
    assert "Applied 0001_landing.sql" in first.stdout
    pid = main_process().pid

    second = quanyu(home, "up")
    assert second.returncode == 0
    assert "already up" in second.stdout
    assert "Applied" not in second.stdout
    assert main_process().pid == pid

    shown = quanyu(home, "status").stdout
    assert f"127.0.0.1:{state.load().port}" in shown
    assert str(data_directory()) in shown
    csv = quanyu(home, "sql", "select 1 as one, null as two, '全域' as three", "--csv")
    assert csv.stdout == "one,two,three\n1,,全域\n"
    psql = quanyu(home, "psql", "-Atc", "show timezone")
    assert psql.stdout == "Asia/Shanghai\n"

    assert "is down" in quanyu(home, "down").stdout
    assert "was not up" in quanyu(home, "down").stdout
    assert_one_sentence(quanyu(home, "status"), "not running", "quanyu up")


def test_secrets_are_for_their_owner_only(home: Path) -> None:
    server.up()
    for path in (home / "server.json", state.load().log):
        assert path.stat().st_mode & 0o077 == 0
    assert data_directory().stat().st_mode & 0o077 == 0
    wrong = server.running_url().replace(state.load().password, "guess")
    with pytest.raises(QuanyuError, match="password authentication failed"):
        connect(wrong)


def test_committed_rows_survive_kill_9_and_locks_do_not(home: Path) -> None:
    server.up()
    with connect() as conn:
        conn.execute("create table ledger (entry int)")
    killed = connect()
    killed.execute("lock table ledger")
    with connect(autocommit=True) as conn:
        conn.execute("create table other (entry int)")
        conn.execute("insert into other values (1)")
        # A backend busy in a query outlives its main process and keeps shared memory.
        busy = connect()
        busy.execute("set statement_timeout = '5min'")
        with suppress(Exception):
            busy.pgconn.send_query(b"select count(*) from generate_series(1, 1e12)")
        time.sleep(0.3)
        os.kill(main_process().pid, signal.SIGKILL)

    assert server.up() is True
    with connect() as conn:
        assert conn.execute("select entry from other").fetchall() == [(1,)]
        conn.execute("insert into ledger values (2)")
    leftovers = [
        process
        for process in psutil.process_iter()
        if server._belongs_to(process, data_directory())
        and process.create_time() < main_process().create_time()
    ]
    assert leftovers == []


def test_a_zombie_is_not_taken_for_a_running_server(home: Path) -> None:
    # This process started the server and does not reap it: after kill -9 it lingers.
    server.up()
    pid = main_process().pid
    os.kill(pid, signal.SIGKILL)
    while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.02)
    assert (data_directory() / "postmaster.pid").exists()
    assert server.postmaster(data_directory()) is None
    assert server.up() is True


def test_an_up_that_was_killed_midway_is_finished_by_the_next(home: Path) -> None:
    server.up()
    server.down()
    known = state.load()
    # As if killed before the database was made and the end was noted ...
    state.save(state.ServerState(known.home, known.port, known.password, False))
    assert server.up() is True
    server.down()
    # ... and as if killed inside initdb.
    state.save(state.ServerState(known.home, known.port, known.password, False))
    known.data.rename(known.data.with_name("postgres.new"))
    assert server.up() is True
    with connect() as conn:
        assert conn.execute("select current_database()").fetchone() == ("quanyu",)


def test_two_projects_at_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server.up()
    first = server.running_url()
    with _state_folder() as other:
        monkeypatch.setenv("QUANYU_HOME", str(other))
        try:
            server.up()
            second = server.running_url()
            with connect(first) as one, connect(second) as two:
                one.execute("create table mine (entry int)")
                assert two.execute("select to_regclass('mine')").fetchone() == (None,)
                assert one.info.port != two.info.port
        finally:
            server.delete()
    with connect(first) as conn:
        assert conn.execute("select 1").fetchone() == (1,)


def test_a_foreign_server_on_the_port(home: Path) -> None:
    server.up()
    server.down()
    port = state.load().port
    with socket.create_server(("127.0.0.1", port)):
        assert_up_is_refused(f"Port {port}", str(os.getpid()), "--port")
        assert server.up(_free_port()) is True
    assert state.load().port != port


def test_a_running_server_is_not_moved(home: Path) -> None:
    server.up()
    with pytest.raises(QuanyuError, match="already runs on port"):
        server.up(20001)


def test_a_missing_data_directory(home: Path) -> None:
    server.up()
    server.down()
    shutil.rmtree(data_directory())
    assert_one_sentence(quanyu(home, "up"), "is missing", str(home))
    server.delete()
    assert server.up() is True


def test_a_newer_data_directory(home: Path) -> None:
    server.up()
    server.down()
    (data_directory() / "PG_VERSION").write_text("99\n")
    assert_up_is_refused("written by PostgreSQL 99", "18")


def test_a_folder_that_is_no_data_directory(home: Path) -> None:
    server.up()
    server.down()
    (data_directory() / "PG_VERSION").unlink()
    assert_up_is_refused("not a PostgreSQL data directory")


def test_a_data_directory_that_came_from_elsewhere(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    home.chmod(0o755)
    assert_up_is_refused("not made by this project")


def test_a_data_directory_of_another_project(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.up()
    server.down()
    known = state.load()
    state.save(state.ServerState(known.home, known.port, "another", True))
    assert_up_is_refused("refuses this project's password")
    server.down()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_data_directory_of_another_user(home: Path) -> None:
    server.up()
    server.down()
    os.chown(data_directory(), 12345, 12345)
    assert_up_is_refused("belongs to user number 12345")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts it as another user")
def test_root_in_a_folder_closed_to_others(home: Path) -> None:
    home.parent.chmod(0o700)
    home.mkdir()
    assert quanyu(home, "up").returncode == 0
    outside = data_directory()
    assert not outside.is_relative_to(home)
    assert outside.stat().st_uid != 0
    assert quanyu(home, "sql", "select 1", "--csv").stdout == "?column?\n1\n"
    assert quanyu(home, "down", "--delete", "--yes").returncode == 0
    assert not outside.parent.exists()


def test_a_too_long_socket_path_of_a_given_server(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANYU_DATABASE_URL", f"host=/{'deep/' * 40} dbname=quanyu")
    with pytest.raises(QuanyuError, match=r"socket path .* is too long") as raised:
        connect()
    assert "\n" not in str(raised.value)


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None,
    reason="a disk of its own needs root",
)
def test_a_full_disk(home: Path) -> None:
    home.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=560m,mode=755", "tmpfs", str(home)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        server.up()
        with pytest.raises(Exception, match="No space left"), connect() as conn:
            conn.execute(
                "create table big as select repeat(md5(i::text), 50)"
                " from generate_series(1, 1000000) as i"
            )
        server.down()
        (home / "filler").write_bytes(b"0" * (200 * 1024 * 1024))
        assert_up_is_refused("disk", "is full", "free some space")
        (home / "filler").unlink()
        assert server.up() is True
    finally:
        server.down()
        subprocess.run(["umount", str(home)], check=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
