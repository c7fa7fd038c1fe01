"""Jobs side by side in forked processes: each sees the world as it is, uncopied."""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

import pyarrow as pa

from warehouse.errors import QuanyuError

Done = TypeVar("Done")


def cores() -> int:
    """Return how many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_processes(
    jobs: Sequence[Callable[[], Done]], processes: int | None = None
) -> list[Done]:
    """Run the jobs, `processes` (default: a core each) at a time; results in order.

    Forking is safe on Linux only: elsewhere, and with one process, they run in turn.
    """
    limit = min(processes or cores(), len(jobs))
    if limit < 2 or sys.platform != "linux":
        return [job() for job in jobs]
    fork = multiprocessing.get_context("fork")
    results: dict[int, Done] = {}
    running: dict[Any, tuple[int, BaseProcess]] = {}  # by the pipe of each
    waiting = list(enumerate(jobs))
    _give_back_memory()
    gc.freeze()  # a collection in a child would copy all that it looks at
    try:
        while waiting or running:
            while waiting and len(running) < limit:
                number, job = waiting.pop(0)
                ours, theirs = fork.Pipe(duplex=False)
                child = fork.Process(target=_run, args=(job, theirs), daemon=True)
                child.start()
                theirs.close()
                running[ours] = number, child
            for ready in wait(list(running)):
                number, ended = running.pop(ready)
                results[number] = _received(ready, ended)
    finally:
        gc.unfreeze()
        for _, unfinished in running.values():
            unfinished.terminate()
    return [results[number] for number in range(len(jobs))]


def _give_back_memory() -> None:
    """Return to the system what is free here, for the children to have."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    # only glibc has it
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _run(job: Callable[[], Done], pipe: Connection) -> None:
    """Do the job and leave at once: what the parent had open is not the child's."""
    try:
        pipe.send((job(), None))
    except BaseException as error:
        error.add_note(f"in a process of its own:\n{traceback.format_exc()}")
        pipe.send((None, error))
    finally:
        pipe.close()
        os._exit(0)


def _received(pipe: Any, child: BaseProcess) -> Any:
    try:
        result, error = pipe.recv()
    except EOFError:
        child.join()
        raise QuanyuError(
            f"a process that wrote the sample ended with {child.exitcode}: "
            "most likely it ran out of memory; write fewer people"
        ) from None
    child.join()
    if error is not None:
        raise error
    return result
