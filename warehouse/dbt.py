"""What dbt must be told about the warehouse (dbt_project/profiles.yml reads it)."""

from __future__ import annotations

import os

from psycopg import conninfo

from warehouse.connection import database_url

# dbt makes only tables that can be built again, and what it appends to histories is
# flushed with the next durable commit (the run ledger's): waiting for the disk after
# every model buys nothing.
_SESSION = "-c synchronous_commit=off"


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
        "PGOPTIONS": _SESSION,
        "QUANYU_DBT_THREADS": str(max(2, min(8, os.cpu_count() or 2))),
        "DO_NOT_TRACK": "1",
    }
