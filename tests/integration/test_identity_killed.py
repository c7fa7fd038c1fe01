"""kill -9 amid connected components: the old map stays, a rerun is right."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.identity_project import rows
from tests.integration.test_identity_components import (
    chain,
    land,
    project,  # noqa: F401
    run,
    union_find,
)
from warehouse.dbt import environment

# A run of this many links takes seconds: it is caught at work.
LENGTH = 80_000
OF_DBT = """
select pid from pg_stat_activity
where datname = current_database() and application_name = 'quanyu-dbt'
"""
AT_WORK = f"""{OF_DBT} and query ~ 'cc_(walk|jump|roots|work)_'
"""


@pytest.mark.slow
def test_a_killed_run_leaves_the_old_map(project: Path) -> None:  # noqa: F811
    nodes = list(range(LENGTH))
    random.Random(3).shuffle(nodes)
    before = chain(nodes[: LENGTH // 2])
    assert not run(project, before)
    old = dict(rows("select node_id, component_id from public.components"))
    assert old == union_find(before)

    # Once in a full build, once in an incremental run.
    links = chain(nodes)
    for arguments in (["--full-refresh"], []):
        land(links)
        kill_at_work(project, arguments)
        assert dict(rows("select node_id, component_id from public.components")) == old
    assert not run(project, links)
    found = dict(rows("select node_id, component_id from public.components"))
    assert found == union_find(links)


def kill_at_work(project: Path, arguments: list[str]) -> None:  # noqa: F811
    """Run dbt in a process of its own and kill it while the server solves a round."""
    folder = str(project)
    process = subprocess.Popen(
        [
            Path(sys.executable).with_name("dbt"), "--quiet", "run", *arguments,
            "--project-dir", folder, "--profiles-dir", folder,
        ],
        env={**os.environ, **environment()},
    )  # fmt: skip
    try:
        while not rows(AT_WORK):
            assert process.poll() is None, "the run ended before it could be killed"
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    deadline = time.monotonic() + 60
    while rows(OF_DBT):
        assert time.monotonic() < deadline, "the server still works for a dead client"
        time.sleep(0.05)
