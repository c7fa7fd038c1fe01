"""What is remembered of the embedded server: `.quanyu/server.json`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from warehouse.errors import QuanyuError
from warehouse.settings import state_dir

USER = "quanyu"
DATABASE = "quanyu"


@dataclass(frozen=True)
class ServerState:
    """Where the server lives and how to reach it.

    `home` holds the data directory and the log: the state folder itself, or a folder of
    its own where the user that runs the server cannot enter the project.
    """

    home: Path
    port: int
    password: str
    is_created: bool

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "postgres.log"

    @property
    def is_outside(self) -> bool:
        """Whether the data directory is not below the state folder."""
        return self.home != state_dir()

    def url(self, database: str = DATABASE) -> str:
        """Address of a database of the server, password included."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"


def load() -> ServerState | None:
    """Read server.json; None when this project has never been up."""
    path = state_dir() / "server.json"
    try:
        found = json.loads(path.read_text())
        return ServerState(
            home=Path(found["home"]) if found["home"] else state_dir(),
            port=int(found["port"]),
            password=str(found["password"]),
            is_created=bool(found["is_created"]),
        )
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise QuanyuError(
            f"{path} belongs to another user: run quanyu as the user who made it."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise QuanyuError(f"{path} is damaged: restore it from a copy.") from error


def save(state: ServerState) -> None:
    """Write server.json in one step, readable by its owner only."""
    path = state_dir() / "server.json"
    partial = path.with_name("server.json.new")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    with partial.open("w") as out:
        # A server inside the project moves with it, so its place is not written down.
        home = str(state.home) if state.is_outside else None
        json.dump({**asdict(state), "home": home}, out, indent=2)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(path)
