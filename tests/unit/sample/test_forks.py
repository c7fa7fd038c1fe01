from __future__ import annotations

import os
import signal

import pytest

from ingestion.sample.forks import in_processes
from warehouse.errors import QuanyuError


@pytest.mark.parametrize("processes", [1, 3])
def test_results_come_in_the_order_of_the_jobs(processes: int):
    jobs = [lambda number=number: (number, os.getpid()) for number in range(5)]
    results = in_processes(jobs, processes)
    assert [number for number, _ in results] == list(range(5))
    is_forked = os.getpid() not in {pid for _, pid in results}
    assert is_forked == (processes > 1)


def test_an_error_in_a_process_is_the_callers():
    def fails() -> None:
        raise QuanyuError("the disk is full: free some space")

    with pytest.raises(QuanyuError, match="the disk is full") as caught:
        in_processes([fails, lambda: None], 2)
    assert "test_forks.py" in caught.value.__notes__[0]


def test_a_process_that_is_killed_is_missed():
    def dies() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(QuanyuError, match="ended with -9"):
        in_processes([dies, lambda: None], 2)
