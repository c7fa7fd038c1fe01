"""dbt as a child that does not outlive the run that started it.

A run killed with SIGKILL cannot stop its dbt, which would go on building tables while
the next run builds them too. The kernel can: PR_SET_PDEATHSIG (prctl(2), Linux).
"""

from __future__ import annotations

import ctypes
import signal
import sys
from importlib.metadata import version

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Run dbt with this process's arguments; die with the parent."""
    if sys.argv[1:] == ["--version"]:
        # Dagster asks before every run; dbt's answer takes seconds and the network.
        print(f"dbt {version('dbt-core')}")
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    from dbt.cli.main import cli  # noqa: PLC0415  # after the promise above is made

    cli()


if __name__ == "__main__":
    main()
