"""The embedded server: PostgreSQL for this project alone, started by `quanyu up`.

It listens on 127.0.0.1 only, on a port chosen once, with a password of its own, and has
no unix socket: a deep project folder cannot make a socket path too long. What it is and
where is in `.quanyu/server.json`. See docs/adr/0001-embedded-postgres-launcher.md.
"""

from __future__ import annotations

import fcntl
import secrets
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg

from warehouse import ports, tuning
from warehouse.account import Account, home_for, server_account, user_name
from warehouse.binaries import Binaries, find, reachable
from warehouse.errors import QuanyuError
from warehouse.settings import state_dir
from warehouse.state import DATABASE, USER, ServerState, load, save

_LEAST_FREE = 512 * tuning.MIB
_LOG_KEPT = 16 * tuning.MIB
_START_SECONDS = 600  # recovery after a crash may replay gigabytes
_STOP_SECONDS = 60


def running_url() -> str:
    """Address of this project's running server, password included."""
    state = load()
    if state is None or postmaster(state.data) is None:
        raise QuanyuError("The warehouse is not running: run `quanyu up` first.")
    return state.url()


def up(port: int | None = None) -> bool:
    """Start the server, making it first if need be; False when it runs already.

    `port` moves it to another port for good.
    """
    with _lock():
        state = load()
        if state is not None and _answers(state):
            if port not in (None, state.port):
                raise QuanyuError(
                    f"The warehouse already runs on port {state.port}: run "
                    f"`quanyu down` before you move it to port {port}."
                )
            return False
        account = server_account()
        binaries = find()
        if state is None:
            state = _new_state(account)
        if port is not None:
            state = replace(state, port=port)
        save(state)
        binaries = reachable(binaries, account, state.home)
        _require_space(state.home)
        if not state.is_created:
            _create(state, account, binaries)
        _check_data(state, account, binaries)
        _clear_remains(state.data)
        ports.require_free(state.port)
        _start(state, account, binaries)
        _ensure_database(state)
        save(replace(state, is_created=True))
        return True


def down() -> bool:
    """Stop the server, open transactions are rolled back; False if it was not up."""
    state = load()
    if state is None:
        return False
    with _lock():
        process = postmaster(state.data)
        if process is None:
            return False
        for stop in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            _signal(process, stop)
            if _wait_until_gone(state.data, _STOP_SECONDS):
                break
        _clear_remains(state.data)
        return True


def delete() -> None:
    """Stop the server and remove its data, for good."""
    down()
    state = load()
    if state is None:
        return
    shutil.rmtree(state.data, ignore_errors=True)
    if state.is_outside:
        shutil.rmtree(state.home, ignore_errors=True)
    (state_dir() / "server.json").unlink()


def postmaster(data: Path) -> psutil.Process | None:
    """The live main process of a data directory.

    A killed one can linger as a zombie and its process id can be given to another
    program, so neither the pid file nor the pid alone proves anything.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        process = psutil.Process(abs(pid))
        alive = process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        return process if alive and _belongs_to(process, data) else None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None


def _belongs_to(process: psutil.Process, data: Path) -> bool:
    """Whether a process works in the data directory: all of a server's do."""
    try:
        return process.name().startswith("postgres") and Path(process.cwd()) == data
    except (psutil.Error, OSError):
        return False


@contextmanager
def _lock() -> Iterator[None]:
    """Let one `up` or `down` of a project act at a time."""
    folder = state_dir()
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _new_state(account: Account) -> ServerState:
    home = home_for(account, state_dir())
    state = ServerState(
        home=home,
        port=ports.choose(str(state_dir())),
        password=secrets.token_urlsafe(24),
        is_created=False,
    )
    if state.data.exists():
        raise QuanyuError(
            f"{state.data} was not made by this project (there is no server.json beside"
            " it): move it away, and `quanyu up` makes a new one."
        )
    return state


def _create(state: ServerState, account: Account, binaries: Binaries) -> None:
    """Run initdb beside the final place, so that a crash leaves nothing half-made."""
    if state.data.exists():
        return  # made by an `up` that was killed before it could say so
    partial = state.data.with_name("postgres.new")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    account.own(partial)
    password_file = state.home / "initdb.password"
    password_file.unlink(missing_ok=True)
    password_file.touch(mode=0o600)
    password_file.write_text(state.password)
    account.own(password_file)
    # The builtin provider sorts by code point, the same on every machine.
    locale = (
        ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if binaries.major >= 17
        else ["--locale=C.UTF-8"]
    )
    try:
        code, said = account.run(
            [
                *(binaries.folder / "initdb", "-D", partial, "--encoding=UTF8"),
                *(*locale, "--auth=scram-sha-256", f"--username={USER}"),
                f"--pwfile={password_file}",
            ]
        )
    finally:
        password_file.unlink()
    if code != 0:
        shutil.rmtree(partial, ignore_errors=True)
        raise _failure("The data directory could not be made", said, state)
    partial.rename(state.data)


def _check_data(state: ServerState, account: Account, binaries: Binaries) -> None:
    data = state.data
    if not data.exists():
        raise QuanyuError(
            f"The data directory {data} is missing: put it back, or run "
            "`quanyu down --delete` and then `quanyu up` to begin with an empty one."
        )
    owner = data.stat().st_uid
    if owner != account.uid:
        raise QuanyuError(
            f"The data directory {data} belongs to user {user_name(owner)}, the server"
            f" runs as {account.name}: run quanyu as the user who made it."
        )
    version_file = data / "PG_VERSION"
    if not version_file.is_file():
        raise QuanyuError(
            f"{data} is not a PostgreSQL data directory (it has no PG_VERSION): move it"
            " away, run `quanyu down --delete`, and `quanyu up` makes a new one."
        )
    written_by = version_file.read_text().strip()
    if written_by != str(binaries.major):
        raise QuanyuError(
            f"The data directory {data} was written by PostgreSQL {written_by}, the"
            f" programs here are {binaries.version}: install the matching version, or"
            " move the directory away and run `quanyu down --delete`."
        )


def _clear_remains(data: Path) -> None:
    """End what a killed server left behind: its children keep its shared memory."""
    remains = [
        process for process in psutil.process_iter() if _belongs_to(process, data)
    ]
    for stop in (signal.SIGQUIT, signal.SIGKILL):
        for process in remains:
            _signal(process, stop)
        _, remains = psutil.wait_procs(remains, timeout=5)
        remains = [process for process in remains if _belongs_to(process, data)]
    (data / "postmaster.pid").unlink(missing_ok=True)


def _start(state: ServerState, account: Account, binaries: Binaries) -> None:
    settings = {
        **tuning.server_settings(
            tuning.memory_bytes(), tuning.cores(), tuning.shared_memory_bytes()
        ),
        "listen_addresses": "127.0.0.1",
        "port": str(state.port),
        "unix_socket_directories": "",
    }
    options = [part for item in settings.items() for part in ("-c", "=".join(item))]
    log = state.log
    if log.exists() and log.stat().st_size > _LOG_KEPT:
        log.replace(log.with_suffix(".log.1"))
    log.touch(mode=0o600)
    with log.open("ab") as output:
        begin = output.tell()
        server = account.start(
            [binaries.folder / "postgres", "-D", state.data, *options], output
        )
    deadline = time.monotonic() + _START_SECONDS
    while not _is_ready(state.data):
        if server.poll() is not None or time.monotonic() > deadline:
            with log.open("rb") as written:
                written.seek(begin)
                said = written.read().decode(errors="replace")
            raise _failure("The server did not start", said, state)
        time.sleep(0.05)


def _is_ready(data: Path) -> bool:
    """Whether the last line of the pid file says that connections are welcome."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _answers(state: ServerState) -> bool:
    """Whether the server is there; waits for one that still starts or just dies."""
    deadline = time.monotonic() + _START_SECONDS
    while (process := postmaster(state.data)) is not None:
        try:
            psycopg.connect(state.url("postgres"), connect_timeout=10).close()
            return True
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise _other_password(state) from error
        if time.monotonic() > deadline:
            raise QuanyuError(
                f"The server (process {process.pid}) does not answer: read {state.log}."
            )
        time.sleep(0.1)
    return False


def _ensure_database(state: ServerState) -> None:
    try:
        with psycopg.connect(state.url("postgres"), autocommit=True) as conn:
            exists = conn.execute(
                "select 1 from pg_database where datname = %s", [DATABASE]
            ).fetchone()
            if exists is None:
                conn.execute(f"create database {DATABASE}")
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise _other_password(state) from error
        raise _failure("The server does not answer", str(error), state) from error


def _other_password(state: ServerState) -> QuanyuError:
    return QuanyuError(
        f"The server in {state.data} refuses this project's password: the data "
        "directory is another project's; move it away."
    )


def _failure(what: str, said: str, state: ServerState) -> QuanyuError:
    """The line of a program's output that tells why, as a sentence."""
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return _no_space(state.home)
    if "could not create any TCP/IP sockets" in said:
        return ports.taken(state.port)
    lines = [line for line in said.splitlines() if line.strip()]
    fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
    errors = [line for line in lines if "error:" in line]
    reason = (fatal or errors or lines or ["it said nothing"])[-1].strip()
    where = f" (see {state.log})" if state.log.exists() else ""
    return QuanyuError(f"{what}: {reason}{where}.")


def _require_space(home: Path) -> None:
    if shutil.disk_usage(home).free < _LEAST_FREE:
        raise _no_space(home)


def _no_space(home: Path) -> QuanyuError:
    free = shutil.disk_usage(home).free // tuning.MIB
    return QuanyuError(
        f"The disk of {home} is full ({free} MB free): the warehouse needs "
        f"{_LEAST_FREE // tuning.MIB} MB to start; free some space and run `quanyu up`."
    )


def _wait_until_gone(data: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while postmaster(data) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
