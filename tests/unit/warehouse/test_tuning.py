from __future__ import annotations

from pathlib import Path

import pytest

from warehouse import tuning
from warehouse.tuning import MIB, memory_bytes, server_settings

GIB = 1024 * MIB


@pytest.mark.parametrize(
    ("memory", "shared_buffers", "work_mem"),
    [
        (512 * MIB, "128MB", "16MB"),
        (4 * GIB, "512MB", "64MB"),
        (16 * GIB, "2048MB", "256MB"),
        (512 * GIB, "4096MB", "256MB"),
    ],
)
def test_settings_follow_memory(
    memory: int, shared_buffers: str, work_mem: str
) -> None:
    settings = server_settings(memory, core_count=2)
    assert settings["shared_buffers"] == shared_buffers
    assert settings["work_mem"] == work_mem


@pytest.mark.parametrize(
    ("cores", "shared_memory", "workers"),
    [(1, None, "0"), (2, None, "1"), (8, None, "2"), (8, 64 * MIB, "0")],
)
def test_parallel_queries_follow_cores_and_shared_memory(
    cores: int, shared_memory: int | None, workers: str
) -> None:
    settings = server_settings(4 * GIB, cores, shared_memory)
    assert settings["max_parallel_workers_per_gather"] == workers


def test_committed_rows_are_never_traded_for_speed() -> None:
    settings = server_settings(4 * GIB, core_count=2)
    assert settings["fsync"] == "on"
    assert settings["synchronous_commit"] == "on"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_memory_of_a_version_2_group_and_those_above(tmp_path: Path) -> None:
    membership = tmp_path / "cgroup"
    write(membership, "0::/outer/inner\n")
    write(tmp_path / "fs/outer/memory.max", f"{100 * MIB}\n")
    write(tmp_path / "fs/outer/inner/memory.max", "max\n")
    assert memory_bytes(tmp_path / "fs", membership) == 100 * MIB


def test_memory_of_a_version_1_group(tmp_path: Path) -> None:
    membership = tmp_path / "cgroup"
    write(membership, "7:cpu,cpuacct:/x\n4:memory:/box\n0::/\n")
    write(tmp_path / "fs/memory/box/memory.limit_in_bytes", f"{80 * MIB}\n")
    write(tmp_path / "fs/memory/memory.limit_in_bytes", "9223372036854771712\n")
    assert memory_bytes(tmp_path / "fs", membership) == 80 * MIB


def test_memory_without_groups_is_the_machines(tmp_path: Path) -> None:
    machine = tuning.psutil.virtual_memory().total
    assert memory_bytes(tmp_path, tmp_path / "absent") == machine
