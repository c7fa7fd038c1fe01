"""dbt's kept sessions are as good as new, and its logs hold what they are asked for."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator

import psycopg2
import pytest
from dbt.events.logging import get_stdout_config
from dbt_common.events.base_types import EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.logger import LineFormat
from dbt_common.events.types import Note

from orchestration import dbt_quick
from tests.integration.dbt_runs import run_dbt
from warehouse.settings import dbt_project_dir


@pytest.fixture
def session(database: str) -> Iterator[psycopg2.extensions.connection]:
    opened = psycopg2.connect(database, options="-c quanyu.hash_key_tmall=salt")
    yield opened
    opened.close()


def value(session: psycopg2.extensions.connection, query: str) -> object:
    with session.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def test_a_renewed_session_holds_nothing_of_the_last_node(session) -> None:
    with session.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
        cursor.execute("create temporary table left_over (one int)")
        cursor.execute("set work_mem = '1MB'; select pg_advisory_lock(7)")
        session.commit()
        cursor.execute("create table public.never_committed (one int)")
    assert dbt_quick.renew(session)
    assert value(session, "select pg_backend_pid()") == pid
    assert value(session, "select to_regclass('left_over')") is None
    assert value(session, "select to_regclass('public.never_committed')") is None
    assert value(session, "show work_mem") != "1MB"
    assert (
        value(
            session,
            "select count(*) from pg_locks where locktype = 'advisory'"
            " and pid = pg_backend_pid()",
        )
        == 0
    )
    # What the session was opened with stays: keys of hash bridges are such settings.
    assert value(session, "show quanyu.hash_key_tmall") == "salt"
    assert not session.autocommit


def test_a_failed_statement_does_not_break_a_session(session) -> None:
    with pytest.raises(psycopg2.Error):
        value(session, "select 1 / 0")
    assert dbt_quick.renew(session)
    assert value(session, "select 1") == 1


def test_a_session_that_the_server_ended_is_not_kept(session, conn) -> None:
    conn.execute("select pg_terminate_backend(%s)", [session.get_backend_pid()])
    assert not dbt_quick.renew(session)


@pytest.mark.parametrize("level", [EventLevel.INFO, EventLevel.DEBUG])
def test_a_log_holds_what_dbts_own_would(level: EventLevel) -> None:
    def told(fire) -> str:
        manager, stream = EventManager(), io.StringIO()
        config = get_stdout_config(LineFormat.PlainText, False, level, False)
        config.output_stream = stream
        manager.add_logger(config)
        for one in EventLevel:
            fire(manager, Note(msg=f"a note of {one.value}"), level=one)
        return stream.getvalue()

    def lines(text: str) -> list[str]:
        return [line.split("a note", 1)[1] for line in text.splitlines()]

    assert lines(told(dbt_quick.fire_event)) == lines(told(dbt_quick._fire_event))


def test_nodes_of_a_thread_share_its_session(database: str, tmp_path, conn) -> None:
    (tmp_path / "models").mkdir()
    names = [f"one_{number}" for number in range(12)]
    for name in names:
        (tmp_path / "models" / f"{name}.sql").write_text(
            "{{ config(materialized='table', post_hook="
            "'create temporary table left_over (one int)') }}\n"
            "select pg_backend_pid() as pid, to_regclass('left_over') is null as clean"
        )
    (tmp_path / "dbt_project.yml").write_text(
        "name: quick\nversion: '1.0'\nprofile: quanyu\n"
        "flags: {send_anonymous_usage_stats: false}\n"
    )
    shutil.copy(dbt_project_dir() / "profiles.yml", tmp_path)
    assert not run_dbt(tmp_path, "run", "--threads", "2")
    query = " union all ".join(f"select * from public.{name}" for name in names)  # noqa: S608  # ours
    found = conn.execute(query).fetchall()
    assert len({pid for pid, _ in found}) <= 2 < len(found)
    assert all(clean for _, clean in found)
