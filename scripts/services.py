"""Servers that tests of destinations need and pip does not have: Redis, MariaDB, sshd.

    python scripts/services.py start   install what is missing, start all of them
    python scripts/services.py stop    stop them

What is not on this machine is fetched by apt (which takes root) and unpacked into
`.services`, not installed. Each server listens on 127.0.0.1, on a free port, with its
data in `.services`; `.services/services.json` says where, and tests read that.
"""

from __future__ import annotations

import getpass
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".services"
UNPACKED = HOME / "root"
FOUND = HOME / "services.json"
PACKAGES = {
    "redis-server": "redis-server",
    "mariadbd": "mariadb-server-core",
    "sshd": "openssh-server",
}
WAIT_S = 20


class ServiceError(Exception):
    """A server could not be had; the message is one sentence that says why."""


def main(arguments: list[str]) -> None:
    """Start or stop the servers."""
    if arguments == ["stop"]:
        stop()
        return
    began = time.monotonic()
    HOME.mkdir(exist_ok=True)
    fetch()
    found = running()
    for name, start in (("redis", redis), ("mariadb", mariadb), ("sftp", sftp)):
        if name not in found:
            try:
                found[name] = start(HOME / name)
            except (ServiceError, OSError, subprocess.CalledProcessError) as error:
                print(f"{name} does not run: {error}", file=sys.stderr)
        FOUND.write_text(json.dumps(found, indent=2))
    print(f"{', '.join(found) or 'nothing'} in {time.monotonic() - began:.0f} s.")
    if len(found) < 3:
        sys.exit(1)


def fetch() -> None:
    """Unpack the packages of programs that are not here, and what they need."""
    missing = [package for name, package in PACKAGES.items() if not program(name)]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"{', '.join(missing)}: needs apt and root, left out.", file=sys.stderr)
        return
    archives = HOME / "archives"
    (archives / "partial").mkdir(parents=True, exist_ok=True)
    command = ["apt-get", "install", "--yes", "--no-install-recommends", "--quiet=2"]
    options = ["--download-only", "-o", f"Dir::Cache::archives={archives}"]
    for attempt in (["true"], ["apt-get", "update", "--quiet=2"]):
        quietly(attempt)
        if quietly([*command, *options, *missing]):
            break
    for archive in sorted(archives.glob("*.deb")):
        quietly(["dpkg-deb", "-x", str(archive), str(UNPACKED)])


def quietly(command: list[str]) -> bool:
    """Run a program; whether it went well."""
    silent = subprocess.DEVNULL
    return (
        subprocess.run(command, stdout=silent, stderr=silent, check=False).returncode
        == 0
    )


def program(name: str) -> str | None:
    """Path of a program of this machine, or of what was unpacked."""
    folders = [UNPACKED / "usr/bin", UNPACKED / "usr/sbin"]
    system = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin"
    return shutil.which(name, path=f"{':'.join(map(str, folders))}:{system}")


def needed(name: str) -> str:
    """Path of a program that has to be there."""
    found = program(name)
    if not found:
        raise ServiceError(f"{name} is not installed")
    return found


def launch(folder: Path, command: list[str]) -> None:
    """Start a server that stays; its process id lies in its folder."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=with_libraries(),
            start_new_session=True,
        )
    (folder / "pid").write_text(str(process.pid))


def with_libraries() -> dict[str, str]:
    """Environment in which unpacked programs find unpacked libraries."""
    folders = ":".join(str(path) for path in UNPACKED.glob("usr/lib/*-linux-gnu*"))
    return {**os.environ, **({"LD_LIBRARY_PATH": folders} if folders else {})}


def redis(folder: Path) -> str:
    """Start Redis; returns its address."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    launch(folder, [needed("redis-server"), *options])
    until(lambda: listens(port), "redis")
    return f"redis://127.0.0.1:{port}/0"


def mariadb(folder: Path) -> str:
    """Start MariaDB with a database and a user of its own; returns the address."""
    server = needed("mariadbd")
    usr = Path(server).parent.parent
    shutil.rmtree(folder, ignore_errors=True)
    data = folder / "data"
    data.mkdir(parents=True)
    options = [
        server,
        "--no-defaults",
        f"--user={getpass.getuser()}",
        f"--datadir={data}",
        f"--lc-messages-dir={usr / 'share/mysql'}",
        f"--plugin-dir={usr / 'lib/mysql/plugin'}",
        "--innodb-buffer-pool-size=32M",
        "--innodb-log-file-size=8M",
        "--skip-log-bin",
    ]
    # The tables of the server itself, as mariadb-install-db makes them.
    scripts = [
        usr / "share/mysql" / f"mysql_system_{part}.sql"
        for part in ("tables", "tables_data")
    ]
    statements = [
        "create database mysql;",
        "use mysql;",
        *(path.read_text() for path in scripts),
    ]
    with (folder / "log").open("ab") as log:
        subprocess.run(
            [*options, "--bootstrap"],
            input="\n".join(statements).encode(),
            stdout=log,
            stderr=log,
            env=with_libraries(),
            check=True,
        )
    grants = folder / "init.sql"
    grants.write_text(
        "create database quanyu character set utf8mb4;\n"
        "create user quanyu@'127.0.0.1' identified by 'quanyu';\n"
        "grant all on quanyu.* to quanyu@'127.0.0.1';\n"
    )
    port = free_port()
    launch(
        folder,
        [
            *options,
            f"--init-file={grants}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            f"--socket={folder / 'socket'}",
            "--skip-name-resolve",
        ],
    )
    until(lambda: listens(port), "mariadb")
    return f"mysql://quanyu:quanyu@127.0.0.1:{port}/quanyu"


def sftp(folder: Path) -> str:
    """Start an sshd that does SFTP for this user's key alone; returns the address."""
    server, keygen = needed("sshd"), needed("ssh-keygen")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "files").mkdir(parents=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
        try:
            pwd.getpwnam("sshd")  # who sshd becomes before it trusts anybody
        except KeyError:
            options = ["--system", "--no-create-home", "--home-dir", "/run/sshd"]
            subprocess.run(["useradd", *options, "sshd"], check=True)
    for name in ("host_key", "user_key"):
        options = ["-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run([keygen, *options], check=True)
    shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
    port = free_port()
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\n"
        f"HostKey {folder / 'host_key'}\n"
        f"AuthorizedKeysFile {folder / 'authorized_keys'}\n"
        f"PidFile {folder / 'sshd.pid'}\n"
        "StrictModes no\nUsePAM no\nPasswordAuthentication no\n"
        "PermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n"
        "ForceCommand internal-sftp\nMaxStartups 100\n"
    )
    launch(folder, [server, "-D", "-e", "-f", str(folder / "sshd_config")])
    until(lambda: listens(port), "sshd")
    return f"sftp://{getpass.getuser()}@127.0.0.1:{port}{folder / 'files'}"


def running() -> dict[str, str]:
    """Servers of an earlier start that still answer."""
    if not FOUND.exists():
        return {}
    found: dict[str, str] = json.loads(FOUND.read_text())
    return {
        name: url for name, url in found.items() if listens(urlsplit(url).port or 0)
    }


def stop() -> None:
    """Stop what was started here."""
    # pid files are ours: only processes this script has started are named in them.
    for file in HOME.glob("*/pid"):
        with suppress(ProcessLookupError):
            os.kill(int(file.read_text()), signal.SIGTERM)
        file.unlink()
    FOUND.unlink(missing_ok=True)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether somebody answers at a port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(ready: Callable[[], bool], name: str) -> None:
    """Wait for a server to answer."""
    limit = time.monotonic() + WAIT_S
    while not ready():
        if time.monotonic() > limit:
            raise ServiceError(f"{name} does not answer, see .services/{name}/log")
        time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1:])
