"""A day killed on its way and run again leaves what an undisturbed day leaves.

Landing has tests of its own that kill it at ten points (test_landing_crash.py).
"""

from __future__ import annotations

import shutil

import pytest
from psycopg import conninfo

from tests.e2e.brand import DAYS, HOUSEHOLDS, brand, make_sample
from tests.e2e.warehouse_state import digests


def test_killed_anywhere_and_run_again_is_the_same(
    fresh_database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("brands")
    sample = make_sample(home / "drops", HOUSEHOLDS)
    with fresh_database() as url, brand(url, home / "quiet", sample) as quiet:
        quiet.arrive(DAYS[0])
        quiet.run_day()
        # Another brand with the same first day, warehouse and all.
        shutil.copytree(home / "quiet", home / "killed")
        name = str(conninfo.conninfo_to_dict(url)["dbname"])
        with (
            fresh_database(name) as copy,
            brand(copy, home / "killed", sample) as one,
        ):
            quiet.arrive(DAYS[1])
            quiet.run_day()
            run = ("run", "--landing-dir", str(one.landing), "--apply")
            one.arrive(DAYS[1])
            killed = [
                one.kill_when(one.busy_with('"identity"."'), *run),
                one.kill_when(one.busy_with("fct_order_lines"), *run),
                # The push is over in no time: it dies by itself, between sending and
                # noting it.
                one.kill_when(lambda: False, *run, QUANYU_FAULT="after_send"),
            ]
            one.run_day()
            assert killed.count(-9) == len(killed), killed
            assert digests(one.url) == digests(quiet.url)
