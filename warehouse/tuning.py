"""Server settings that follow the machine: memory (or the container's share), cores."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psutil

from warehouse.settings import TIME_ZONE

MIB = 1024 * 1024
_CGROUPS = Path("/sys/fs/cgroup")


def memory_bytes(
    cgroups: Path = _CGROUPS, membership: Path = Path("/proc/self/cgroup")
) -> int:
    """Memory this process may use: the machine's, or less where a cgroup limits it."""
    return min([psutil.virtual_memory().total, *_cgroup_limits(cgroups, membership)])


def cores() -> int:
    """Cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shared_memory_bytes(folder: Path = Path("/dev/shm")) -> int | None:  # noqa: S108
    """Size of /dev/shm; None on systems without it."""
    return shutil.disk_usage(folder).total if folder.exists() else None


def server_settings(
    memory: int, core_count: int, shared_memory: int | None = None
) -> dict[str, str]:
    """Return postgresql.conf settings for `memory` bytes and `core_count` cores.

    Half of the memory is left to dbt, Dagster and the models, which run beside the
    server. `shared_memory` is what /dev/shm can hold (containers often give 64 MiB):
    parallel queries need it, so they are off when there is little.
    """
    mebibytes = memory // MIB
    workers = min(core_count - 1, 4)
    if shared_memory is not None and shared_memory < 512 * MIB:
        workers = 0
    return {
        "shared_buffers": _mebibytes(mebibytes // 8, 128, 4096),
        "work_mem": _mebibytes(mebibytes // 64, 16, 256),
        "maintenance_work_mem": _mebibytes(mebibytes // 16, 64, 1024),
        "effective_cache_size": _mebibytes(mebibytes // 2, 256, 65536),
        "max_wal_size": _mebibytes(mebibytes // 4, 512, 4096),
        "checkpoint_timeout": "15min",
        # Most tables are built anew every day and analysed when they are: vacuuming
        # what was only inserted, in the middle of the job, helps nobody.
        "autovacuum_vacuum_insert_threshold": "-1",
        "autovacuum_naptime": "5min",
        # One machine, no replica: a table filled in the transaction that made it is
        # written once, not twice (COPY and `create table as` skip the log).
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "fsync": "on",
        "synchronous_commit": "on",
        "max_connections": "60",
        "max_parallel_workers": str(max(workers, 0)),
        "max_parallel_workers_per_gather": str(max(min(workers, 2), 0)),
        "max_parallel_maintenance_workers": str(max(min(workers, 2), 0)),
        "random_page_cost": "1.1",
        "jit": "off",
        # Without it the statement of a killed client keeps its locks until it ends.
        "client_connection_check_interval": "5s",
        "timezone": TIME_ZONE,
        "log_timezone": TIME_ZONE,
    }


def _mebibytes(value: int, least: int, most: int) -> str:
    return f"{max(least, min(value, most))}MB"


def _cgroup_limits(cgroups: Path, membership: Path) -> list[int]:
    """Limits of the groups this process is in (version 2 and 1) and those above."""
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        return []
    limits = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            root, name = cgroups, "memory.max"
        elif "memory" in controllers.split(","):
            root, name = cgroups / "memory", "memory.limit_in_bytes"
        else:
            continue
        group = root / path.lstrip("/")
        for folder in [group, *group.parents]:
            limit = _read_limit(folder / name)
            if limit is not None:
                limits.append(limit)
            if folder == root:
                break
    return limits


def _read_limit(path: Path) -> int | None:
    """A limit in bytes; None when there is none ("max") or the file is not there."""
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() and int(text) > 0 else None
