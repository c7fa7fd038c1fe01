"""dbt as a child: it does not outlive the run that started it, and it is quick.

A run killed with SIGKILL cannot stop its dbt, which would go on building tables while
the next run builds them too. The kernel can: PR_SET_PDEATHSIG (prctl(2), Linux).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from importlib.metadata import version

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Run dbt with this process's arguments; die with the Dagster run it serves."""
    if sys.argv[1:] == ["--version"]:
        # Dagster asks before every run; dbt's answer takes seconds and the network.
        print(f"dbt {version('dbt-core')}")
        return
    if sys.platform == "linux" and "DAGSTER_DBT_CLI" in os.environ:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # After the promise above is made.
    from dbt.cli.main import cli  # noqa: PLC0415

    from orchestration import dbt_quick  # noqa: PLC0415

    dbt_quick.install()
    cli()


if __name__ == "__main__":
    main()
