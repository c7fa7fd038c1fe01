"""A day killed on its way and run again leaves what an undisturbed day leaves.

Landing and pushes have tests of their own that kill them at every labelled point
(test_landing_crash.py, test_activation_killed.py). With QUANYU_KILLS=all a day is also
killed in its push: that is a day more to run.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from psycopg import conninfo

from tests.e2e.brand import DAYS, brand
from tests.e2e.warehouse_state import digests


def test_killed_anywhere_and_run_again_is_the_same(
    quiet_days, fresh_database, tmp_path: Path
) -> None:
    # Another brand with the same first day, warehouse and all.
    _, first_day, _ = quiet_days.first()
    shutil.copytree(quiet_days.copied_home, tmp_path / "killed")
    name = str(conninfo.conninfo_to_dict(first_day)["dbname"])
    with (
        fresh_database(name) as url,
        brand(url, tmp_path / "killed", quiet_days.sample) as one,
    ):
        run = ("run", "--landing-dir", str(one.landing), "--apply")
        one.arrive(DAYS[1])
        killed = [
            one.kill_when(one.busy_with('"identity"."'), *run),
            one.kill_when(one.busy_with("fct_order_lines"), *run),
        ]
        if os.environ.get("QUANYU_KILLS") == "all":
            # The push is over in no time: it dies by itself, between sending and
            # noting it.
            killed.append(one.kill_when(lambda: False, *run, QUANYU_FAULT="after_send"))
        one.run_day()
        assert killed.count(-9) == len(killed), killed
        assert digests(one.url) == quiet_days.second().digests
