"""The user the server runs as, and folders that this user can reach.

PostgreSQL refuses to run as root. Started by root, its processes become `nobody`, who
cannot enter folders closed to others (a project below /root, say); what the server
needs then lives in a folder of its own outside the project.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from warehouse.errors import QuanyuError

# Folders of the machine that may hold a warehouse, the first that works is taken.
# /var/lib comes first: /var/tmp and /tmp are swept by age on some systems.
_SHARED_BASES = (Path("/var/lib"), Path("/var/tmp"), Path("/tmp"))  # noqa: S108


@dataclass(frozen=True)
class Account:
    """A user; `is_demoted` when root has to become it."""

    uid: int
    gid: int
    is_demoted: bool

    @property
    def name(self) -> str:
        """Login name, or the number of a user without one."""
        return user_name(self.uid)

    def own(self, path: Path) -> None:
        """Give a file or folder to this user."""
        if self.is_demoted:
            os.chown(path, self.uid, self.gid)

    def start(
        self, command: Sequence[str | Path], output: IO[Any]
    ) -> subprocess.Popen[bytes]:
        """Start a program as this user, detached from the terminal."""
        identity: Mapping[str, Any] = (
            {"user": self.uid, "group": self.gid, "extra_groups": []}
            if self.is_demoted
            else {}
        )
        try:
            return subprocess.Popen(
                list(map(str, command)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)},
                start_new_session=True,
                **identity,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise QuanyuError(
                f"Cannot run {command[0]} as user {self.name}: {error}."
            ) from error

    def run(self, command: Sequence[str | Path]) -> tuple[int, str]:
        """Run a program as this user; return its exit code and what it said."""
        with tempfile.TemporaryFile() as output:
            code = self.start(command, output).wait()
            output.seek(0)
            return code, output.read().decode(errors="replace").strip()

    def can_enter(self, folder: Path) -> bool:
        """Whether this user may pass through a folder."""
        return self.run(["/bin/sh", "-c", 'test -x "$1"', "sh", folder])[0] == 0


def server_account() -> Account:
    """The user that runs the server: oneself, or `nobody` instead of root."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_demoted=False)
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise QuanyuError(
            "PostgreSQL does not run as root and this machine has no user `nobody`: "
            "run quanyu as another user, or set QUANYU_DATABASE_URL."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid, is_demoted=True)


def user_name(uid: int) -> str:
    """Login name of a user, or its number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"number {uid}"


def home_for(account: Account, state: Path) -> Path:
    """Folder for a new data directory: the state folder if the account can use it."""
    if _can_own_a_folder_in(state, account):
        return state
    for base in _SHARED_BASES:
        try:
            home = _private_folder(base, state)
        except OSError:
            continue
        if _can_own_a_folder_in(home, account):
            return home
        shutil.rmtree(home)
    bases = ", ".join(map(str, _SHARED_BASES))
    raise QuanyuError(
        f"User {account.name}, who runs the server instead of root, can use neither "
        f"{state} nor a folder below {bases}: "
        "run quanyu as another user, or set QUANYU_DATABASE_URL."
    )


def _private_folder(base: Path, state: Path) -> Path:
    """A new folder that only root writes; `project` in it says whose it is."""
    home = Path(tempfile.mkdtemp(prefix="quanyu-", dir=base))
    home.chmod(0o711)
    (home / "project").write_text(f"{state}\n")
    return home


def _can_own_a_folder_in(folder: Path, account: Account) -> bool:
    """Try it: modes, access lists and odd file systems all have a say."""
    if not account.is_demoted:
        return True
    probe = Path(tempfile.mkdtemp(prefix=".probe-", dir=folder))
    try:
        account.own(probe)
        return account.run(["/bin/sh", "-c", 'test -w "$1"', "sh", probe])[0] == 0
    except OSError:
        return False
    finally:
        probe.rmdir()
