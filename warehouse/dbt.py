"""What dbt must be told about the warehouse (dbt_project/profiles.yml reads it), and
what it parsed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from psycopg import conninfo

from warehouse.connection import database_url
from warehouse.errors import QuanyuError
from warehouse.settings import dbt_manifest_path

# dbt makes only tables that can be built again, and what it appends to histories is
# flushed with the next durable commit (the run ledger's): waiting for the disk after
# every model buys nothing.
_SESSION = "-c synchronous_commit=off"


# Keys of hash bridges (seed oneid_hash_bridges): settings of the session, so that they
# stand in no SQL and no log.
_HASH_KEY = "QUANYU_HASH_KEY_"


def environment(url: str | None = None) -> dict[str, str]:
    """Environment variables of a dbt run, to be added to the process's own."""
    parts = conninfo.conninfo_to_dict(url or database_url())
    found = {
        "QUANYU_PG_HOST": parts.get("host"),
        "QUANYU_PG_PORT": parts.get("port"),
        "QUANYU_PG_USER": parts.get("user"),
        "QUANYU_PG_DATABASE": parts.get("dbname"),
        "DBT_ENV_SECRET_PG_PASSWORD": parts.get("password"),
        "PGSSLMODE": parts.get("sslmode"),
        "PGSSLROOTCERT": parts.get("sslrootcert"),
    }
    return {
        **{name: str(value) for name, value in found.items() if value},
        "PGOPTIONS": " ".join([_SESSION, *_hash_keys()]),
        "QUANYU_DBT_THREADS": str(max(2, min(8, os.cpu_count() or 2))),
        # The debug log of one build is 16 MB (docs/adr/0015-quick-dbt.md).
        "DBT_LOG_LEVEL_FILE": os.environ.get("DBT_LOG_LEVEL_FILE", "info"),
        "DO_NOT_TRACK": "1",
    }


def read_manifest(file: Path | None = None) -> dict[str, Any]:
    """Return what dbt last parsed here; QuanyuError when it never has."""
    file = file or dbt_manifest_path()
    if not file.exists():
        raise QuanyuError(f"{file} is missing: `quanyu dbt parse` writes it.")
    manifest: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return manifest


def _hash_keys() -> Iterator[str]:
    for name, value in sorted(os.environ.items()):
        key = name.removeprefix(_HASH_KEY).lower()
        if name.startswith(_HASH_KEY) and re.fullmatch(r"[a-z][a-z0-9_]*", key):
            escaped = re.sub(r"([\\\s])", r"\\\1", value)
            yield f"-c quanyu.hash_key_{key}={escaped}"
