"""The fault campaign of activation, many runs of it.

    make faults RUNS=500           SEED=1 is the first seed

Seeded histories of a sync while its process is killed at labelled points, the receiver
answers badly or not at all, tokens die, days are spent and the database restarts; then
what the receiver holds is compared with who may be sent. The last line is one JSON
object: runs, kills, and what must be 0: lost, keyed_duplicates, message_duplicates,
mismatched_members. unknown: messages whose outcome nobody can tell, all in the ledger.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from warehouse.settings import project_root

TEST = "tests/integration/test_activation_faults.py"


def main() -> None:
    """Run the test, print what it counted."""
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures.json"
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", TEST, "-x"],
            cwd=project_root(),
            env={**os.environ, "FAULTS_FILE": str(figures)},
            check=False,
        )
        if figures.exists():
            print(figures.read_text())
    raise SystemExit(ended.returncode)


if __name__ == "__main__":
    main()
