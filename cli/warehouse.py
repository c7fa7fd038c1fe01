"""quanyu up | down | status | sql | psql | dbt: the PostgreSQL behind everything."""

from __future__ import annotations

import csv
import importlib
import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from warehouse.connection import Connection

_ROWS_SHOWN = 100


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (up, down, status, sql):
        app.command()(command)
    for wrapper in (psql, dbt):
        app.command(
            context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
        )(wrapper)


def up(
    port: Annotated[
        int | None, typer.Option(help="Move the embedded server to this port.")
    ] = None,
) -> None:
    """Start the warehouse (a no-op when it runs) and apply migrations.

    Example: quanyu up
    """
    from warehouse import migrate, server
    from warehouse.connection import connect

    if _is_embedded():
        started = server.up(port)
        print("The warehouse is up." if started else "The warehouse is already up.")
    with connect(autocommit=True) as conn:
        for name in migrate.apply(conn):
            print(f"Applied {name}.")
        _ensure_raw_tables(conn)
        info = conn.info
        print(f"PostgreSQL at {info.host}:{info.port}, database {info.dbname}.")


def down(
    delete: Annotated[
        bool, typer.Option("--delete", help="Also delete the warehouse's data.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
) -> None:
    """Stop the embedded server; open transactions are rolled back.

    Example: quanyu down
    """
    from warehouse import server
    from warehouse.errors import QuanyuError

    if not _is_embedded():
        raise QuanyuError(
            "QUANYU_DATABASE_URL names a server that is not ours to stop: unset it to "
            "stop the embedded one."
        )
    if delete:
        if not yes:
            typer.confirm("Delete the warehouse of this project for good?", abort=True)
        server.delete()
        print("The warehouse is deleted.")
    else:
        stopped = server.down()
        print("The warehouse is down." if stopped else "The warehouse was not up.")


def status() -> None:
    """Show where the warehouse is, its version and size, and since when it runs.

    Example: quanyu status
    """
    from warehouse.connection import connect
    from warehouse.state import load

    with connect() as conn:
        row = conn.execute(
            "select current_setting('server_version'), current_user,"
            " pg_size_pretty(pg_database_size(current_database())),"
            " to_char(pg_postmaster_start_time(), 'YYYY-MM-DD HH24:MI:SS'),"
            " current_setting('shared_buffers'), current_setting('work_mem'),"
            " (select max(name) from quanyu.migrations)"
        ).fetchone()
        server = f"{conn.info.host}:{conn.info.port}, database {conn.info.dbname}"
    version, user, size, since, buffers, work_mem, migration = row or [""] * 7
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_row("Server", server)
    table.add_row("Size", f"{size}, opened as {user}")
    table.add_row("Version", f"PostgreSQL {version}, last migration {migration}")
    table.add_row("Running since", since)
    table.add_row("Memory", f"shared_buffers {buffers}, work_mem {work_mem}")
    state = load() if _is_embedded() else None
    if state is not None:
        table.add_row("Data", str(state.data))
        table.add_row("Log", str(state.log))
    else:
        table.add_row("Data", "kept by the server that QUANYU_DATABASE_URL names")
    Console().print(table, soft_wrap=True)


def psql(ctx: typer.Context) -> None:
    """Open psql on the warehouse; arguments are passed on.

    Example: quanyu psql -c '\\dn'
    """
    from psycopg import conninfo

    from warehouse import binaries
    from warehouse.connection import database_url

    parts = conninfo.conninfo_to_dict(database_url())
    password = str(parts.pop("password", "") or "")
    program = str(binaries.find().folder / "psql")
    target = conninfo.make_conninfo("", **parts)
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    _become([program, f"--dbname={target}", *ctx.args], environment)


def dbt(ctx: typer.Context) -> None:
    """Run dbt on the warehouse; arguments are passed on.

    Example: quanyu dbt build --select marts
    """
    from warehouse.dbt import environment
    from warehouse.settings import dbt_project_dir, dbt_target_dir

    folder = str(dbt_project_dir())
    command = [str(Path(sys.executable).with_name("quanyu-dbt")), *ctx.args]
    settings = {
        "DBT_PROJECT_DIR": folder,
        "DBT_PROFILES_DIR": folder,
        "DBT_TARGET_PATH": str(dbt_target_dir()),
    }
    _become(command, {**os.environ, **settings, **environment()})


def sql(
    query: Annotated[str, typer.Argument(help="Any statement.")],
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print every row as CSV.")
    ] = False,
) -> None:
    """Run a statement and print its rows.

    Example: quanyu sql "select count(*) from marts.dim_customers"
    """
    import psycopg

    from warehouse.connection import connect
    from warehouse.errors import QuanyuError

    try:
        with connect() as conn, conn.cursor() as cursor:
            cursor.execute(query.encode())
            if cursor.description is None:
                print(cursor.statusmessage or "")
            elif as_csv:
                _print_csv(cursor)
            else:
                _print_table(cursor)
    except psycopg.Error as error:
        raise QuanyuError(str(error).strip()) from error


def _print_csv(cursor: Any) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(column.name for column in cursor.description)
    writer.writerows(cursor)


def _print_table(cursor: Any) -> None:
    table = Table()
    for column in cursor.description:
        table.add_column(column.name)
    for row in cursor.fetchmany(_ROWS_SHOWN):
        table.add_row(*("" if value is None else str(value) for value in row))
    Console().print(table)
    if cursor.rowcount > _ROWS_SHOWN:
        print(f"{_ROWS_SHOWN} of {cursor.rowcount} rows; --csv prints them all.")


def _become(command: list[str], environment: dict[str, str]) -> NoReturn:
    """Let a program take this one's place: it owns the terminal, Ctrl-C included."""
    sys.stdout.flush()
    os.execve(command[0], command, environment)  # noqa: S606 no shell is wanted


def _is_embedded() -> bool:
    return not os.environ.get("QUANYU_DATABASE_URL")


def _ensure_raw_tables(conn: Connection) -> None:
    """Make the raw tables of the contracts, so that a bare `dbt build` finds them."""
    if importlib.util.find_spec("ingestion.landing"):
        importlib.import_module("ingestion.landing").ensure_raw_tables(conn)
