"""Connected components of the identity graph: in SQL, and beside others.

    make bench-oneid LINKS=5000000

A generated graph (a tenth of the links are chains of 1,000, two in a hundred hang on
one hub, the rest are people of a few identifiers) is solved by the materialization
`connected_components` on a PostgreSQL of its own, then changed and solved again:

    cpu_full       CPU seconds of a full build, dbt's and the server's
    cpu_scipy      the same by binary COPY to scipy and back (dense ids, same indexes):
                   the practical limit
    cpu_splink     Splink 5's clustering on DuckDB, which starts from Parquet files
    cpu_increment  1% new links on that base, given as changes (gives_changes)
    cpu_revoke     5,000 links taken away, none of the largest component, given so too
    cpu_increment_compared, cpu_revoke_compared
                   the same with all links given: the run finds by itself what changed
    growth_5m_10m  cpu_full of twice the links / cpu_full
    rounds         rounds of the full build

partition_equal says that all of them found the same components. The last line on
stdout is one JSON object with every figure.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from dbt.cli.main import dbtRunner
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.observe.cpu import CpuClock
from benchmarks.observe.home import bench_dir, warehouse
from warehouse.connection import connect
from warehouse.dbt import environment
from warehouse.settings import project_root

LINKS = 5_000_000
REVOKED = 5_000
CHAIN = 1_000
PEERS = Path(__file__).parent / "peers"
# One row of PostgreSQL's binary COPY with two int8 columns.
ROW = np.dtype(
    [("fields", ">i2"), ("la", ">i4"), ("a", ">i8"), ("lb", ">i4"), ("b", ">i8")]
)
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)

PROJECT = """
name: components
profile: quanyu
macro-paths: [{macros}]
flags: {{send_anonymous_usage_stats: false}}
"""
MODEL = """
{{ config(
    materialized='connected_components',
    indexes=[{'columns': ['node_id'], 'unique': true}],
    post_hook='analyze {{ this }}',
    gives_changes=var('told', false),
) }}
{% if var('told', false) and connected_components_is_incremental() %}
select a, b, is_added from public.changes
{% else %}
select a, b from public.links
{% endif %}
"""


def main() -> None:
    """Run all of it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--links", type=int, default=int(os.environ.get("LINKS") or LINKS)
    )
    options = parser.parse_args()
    if options.links < 100 * CHAIN:
        parser.error(f"--links must be {100 * CHAIN:,} or more")
    home, python = bench_dir("oneid"), peer_python(bench_dir("peers"))
    with warehouse(home), tempfile.TemporaryDirectory() as folder:
        figures = measure(options.links, Path(folder), python)
    print(json.dumps(figures))


def measure(count: int, folder: Path, python: Path) -> dict[str, Any]:
    """Return the figures of a graph of `count` links."""
    dice = np.random.default_rng(20171231)
    links = graph(count, dice)
    project = SqlComponents(folder / "project")

    project.give(links)
    cpu_full, rounds = project.solve("--full-refresh")
    show("full build", cpu_full, f"{rounds} rounds")
    truth = components(links)
    equal = [np.array_equal(project.found(), truth)]

    cpu_scipy = scipy_round_trip()
    show("scipy round trip", cpu_scipy)
    cpu_splink, clusters = splink(links, truth[:, 0], folder, python)
    show("Splink on DuckDB", cpu_splink)
    equal.append(same_partition(clusters, truth))

    cpu = {}
    for told in (True, False):
        how = "told" if told else "compared"
        more = added(links, dice)
        cpu["increment", told] = project.change(more, is_added=True, told=told)
        show(f"1% new links, {how}", cpu["increment", told])
        links = np.concatenate([links, more])
        equal.append(np.array_equal(project.found(), components(links)))
    for told in (True, False):
        how = "told" if told else "compared"
        gone = revoked(links, components(links), dice)
        cpu["revoke", told] = project.change(links[gone], is_added=False, told=told)
        show(f"{len(gone):,} links revoked, {how}", cpu["revoke", told])
        links = np.delete(links, gone, axis=0)
        truth = components(links)
        equal.append(np.array_equal(project.found(), truth))

    project.give(graph(2 * count, dice))
    cpu_double, _ = project.solve("--full-refresh")
    show(f"full build of {2 * count:,}", cpu_double)
    sizes = np.bincount(truth[:, 1])
    return {
        "links": count,
        "nodes": len(truth),
        "cpu_full": round(cpu_full, 1),
        "cpu_scipy": round(cpu_scipy, 1),
        "cpu_splink": round(cpu_splink, 1),
        "cpu_increment": round(cpu["increment", True], 1),
        "cpu_revoke": round(cpu["revoke", True], 1),
        "cpu_increment_compared": round(cpu["increment", False], 1),
        "cpu_revoke_compared": round(cpu["revoke", False], 1),
        "full_to_scipy": round(cpu_full / cpu_scipy, 2),
        "full_to_splink": round(cpu_full / cpu_splink, 2),
        "increment_to_full": round(cpu["increment", True] / cpu_full, 3),
        "increment_to_splink": round(cpu["increment", True] / cpu_splink, 3),
        "revoke_to_full": round(cpu["revoke", True] / cpu_full, 3),
        "rounds": rounds,
        "largest_component": int(sizes.max()),
        "partition_equal": all(equal),
        "growth_5m_10m": round(cpu_double / cpu_full, 2),
    }


def show(name: str, seconds: float, more: str = "") -> None:
    """Print one figure for people."""
    print(f"{name:<28} {seconds:>8.1f} CPU s  {more}", flush=True)


def graph(count: int, dice: np.random.Generator) -> np.ndarray:
    """Return `count` links (count x 2, dense node numbers in random order)."""
    chains = count // 10 // (CHAIN - 1)
    chain = np.arange(chains * CHAIN).reshape(chains, CHAIN)
    in_chains = np.stack([chain[:, :-1].ravel(), chain[:, 1:].ravel()], axis=1)
    base = chains * CHAIN
    spokes = count // 50
    in_hub = np.stack([np.full(spokes, base), base + 1 + np.arange(spokes)], axis=1)
    base += spokes + 1
    rest = count - len(in_chains) - len(in_hub)
    # People: each identifier is seen with an earlier one of the same person, and a
    # fifth of the links is a second tie between two of them.
    ties = rest * 4 // 5
    sizes = dice.integers(2, 10, size=ties)
    sizes = sizes[: np.searchsorted(np.cumsum(sizes - 1), ties) + 1]
    starts = np.repeat(base + np.cumsum(sizes) - sizes, sizes - 1)
    place = np.arange(len(starts)) - np.repeat(
        np.cumsum(sizes - 1) - (sizes - 1), sizes - 1
    )
    later = starts + place + 1
    earlier = starts + (dice.random(len(starts)) * (place + 1)).astype(np.int64)
    in_people = np.stack([later, earlier], axis=1)[:ties]
    again = dice.integers(0, len(in_people), size=rest - ties)
    second = np.stack([in_people[again, 0], starts[again]], axis=1)
    links = np.concatenate([in_chains, in_hub, in_people, second])
    number = dice.permutation(int(links.max()) + 1)
    return number[dice.permutation(links)]


def added(links: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """Return 1% new links: half tie a new node, half two nodes of the graph."""
    count, top = len(links) // 100, int(links.max())
    fresh = top + 1 + np.arange(count // 2)
    known = dice.integers(0, top, size=count)
    other = np.concatenate([fresh, dice.integers(0, top, size=count - len(fresh))])
    return np.stack([known, other], axis=1)


def revoked(
    links: np.ndarray, truth: np.ndarray, dice: np.random.Generator
) -> np.ndarray:
    """Return places of links to take away, none in the largest component.

    A link given twice goes both times.
    """
    root = np.zeros(int(truth[:, 0].max()) + 1, dtype=np.int64)
    root[truth[:, 0]] = truth[:, 1]
    largest = np.bincount(truth[:, 1]).argmax()
    small = np.flatnonzero(root[links[:, 0]] != largest)
    key = (links[:, 0] << 32) | links[:, 1]
    return np.flatnonzero(np.isin(key, key[dice.choice(small, REVOKED, replace=False)]))


def components(links: np.ndarray) -> np.ndarray:
    """Return (node, smallest node of its component) by scipy, in order of nodes."""
    size = int(links.max()) + 1
    ones = np.ones(len(links), dtype=np.int8)
    matrix = coo_array((ones, (links[:, 0], links[:, 1])), shape=(size, size))
    found, label = connected_components(matrix, directed=False)
    smallest = np.full(found, size, dtype=np.int64)
    np.minimum.at(smallest, label, np.arange(size))
    linked = np.zeros(size, dtype=bool)
    linked[links.ravel()] = True
    nodes = np.flatnonzero(linked)
    return np.stack([nodes, smallest[label[nodes]]], axis=1)


class SqlComponents:
    """A dbt project of one model, the components of public.links."""

    def __init__(self, folder: Path) -> None:
        """Write the project and parse it: only the runs are measured."""
        self.folder = folder
        dbt_project = project_root() / "dbt_project"
        (folder / "models").mkdir(parents=True)
        (folder / "models" / "components.sql").write_text(MODEL)
        (folder / "dbt_project.yml").write_text(
            PROJECT.format(macros=dbt_project / "macros" / "identity")
        )
        (folder / "profiles.yml").write_text((dbt_project / "profiles.yml").read_text())
        os.environ.update(environment())
        self._dbt("parse")

    def give(self, links: np.ndarray) -> None:
        """Write the table of links that the model reads."""
        with connect() as conn:
            conn.execute("drop table if exists public.links")
            conn.execute("create table public.links (a bigint, b bigint)")
            write_pairs(conn, "copy public.links from stdin (format binary)", links)
            conn.execute("analyze public.links")
            conn.commit()

    def change(self, links: np.ndarray, *, is_added: bool, told: bool) -> float:
        """Add links or take them away, run; return CPU seconds of the run."""
        with connect() as conn:
            conn.execute("drop table if exists public.changes")
            conn.execute("create table public.changes (a bigint, b bigint)")
            write_pairs(conn, "copy public.changes from stdin (format binary)", links)
            conn.execute(
                "insert into public.links select a, b from public.changes"
                if is_added
                else "delete from public.links using public.changes"
                " where links.a = changes.a and links.b = changes.b"
            )
            conn.execute("alter table public.changes add is_added bool")
            conn.execute("update public.changes set is_added = %s", [is_added])
            conn.execute("analyze public.changes, public.links")
            conn.commit()
        return self.solve("--vars", f"{{told: {str(told).lower()}}}")[0]

    def solve(self, *arguments: str) -> tuple[float, int]:
        """Run the model; return CPU seconds and rounds."""
        with connect(autocommit=True) as conn:
            conn.execute("checkpoint")  # what was written before costs nobody here
        with CpuClock() as clock:
            told = self._dbt("run", *arguments)
        rounds = re.search(r"solved in (\d+) rounds", told)
        return clock.seconds, int(rounds[1]) if rounds else 0

    def found(self) -> np.ndarray:
        """Return (node, component) in order of nodes."""
        with connect() as conn:
            pairs = read_pairs(conn, "copy public.components to stdout (format binary)")
        return pairs[np.argsort(pairs[:, 0])]

    def _dbt(self, *arguments: str) -> str:
        told: list[str] = []
        runner = dbtRunner(callbacks=[lambda event: told.append(event.info.msg)])
        result = runner.invoke(
            [
                "--quiet", *arguments,
                "--project-dir", str(self.folder), "--profiles-dir", str(self.folder),
            ]
        )  # fmt: skip
        if not result.success:
            raise SystemExit("\n".join(told[-20:]))
        return "\n".join(told)


def scipy_round_trip() -> float:
    """Return CPU seconds of the same work by scipy, from table to indexed table."""
    with CpuClock() as clock, connect() as conn:
        links = read_pairs(conn, "copy public.links to stdout (format binary)")
        conn.execute(
            "create table public.by_scipy (node_id bigint, component_id bigint)"
        )
        write_pairs(
            conn, "copy public.by_scipy from stdin (format binary)", components(links)
        )
        conn.execute("create unique index on public.by_scipy (node_id)")
        conn.execute("analyze public.by_scipy")
        conn.commit()
    with connect() as conn:
        conn.execute("drop table public.by_scipy")
        conn.commit()
    return clock.seconds


def read_pairs(conn: Any, statement: str) -> np.ndarray:
    """Return the two int8 columns of a binary COPY out."""
    with conn.cursor().copy(statement) as copy:
        data = b"".join(bytes(chunk) for chunk in copy)
    rows = np.frombuffer(data[len(HEADER) : -2], dtype=ROW)
    return np.stack([rows["a"].astype(np.int64), rows["b"].astype(np.int64)], axis=1)


def write_pairs(conn: Any, statement: str, pairs: np.ndarray) -> None:
    """Write two int8 columns by a binary COPY in."""
    rows = np.empty(len(pairs), dtype=ROW)
    rows["fields"], rows["la"], rows["lb"] = 2, 8, 8
    rows["a"], rows["b"] = pairs[:, 0], pairs[:, 1]
    with conn.cursor().copy(statement) as copy:
        copy.write(HEADER)
        copy.write(memoryview(rows.view(np.uint8)))
        copy.write(b"\xff\xff")


def splink(
    links: np.ndarray, nodes: np.ndarray, folder: Path, python: Path
) -> tuple[float, pd.DataFrame]:
    """Return CPU seconds of Splink's clustering, and its clusters."""
    given, edges, out = (
        folder / f"{name}.parquet" for name in ("nodes", "edges", "out")
    )
    pd.DataFrame({"node_id": nodes}).to_parquet(given)
    pd.DataFrame(links, columns=["node_id_l", "node_id_r"]).to_parquet(edges)
    with CpuClock() as clock:
        subprocess.run(
            [python, PEERS / "splink_clustering.py", given, edges, out], check=True
        )
    return clock.seconds, pd.read_parquet(out)


def same_partition(clusters: pd.DataFrame, truth: np.ndarray) -> bool:
    """Whether clusters, by any name, are the components of `truth`."""
    ordered = clusters.sort_values("node_id")
    names = ordered["cluster_id"].to_numpy()
    pairs = pd.DataFrame({"name": names, "root": truth[:, 1]}).drop_duplicates()
    return bool(
        np.array_equal(ordered["node_id"], truth[:, 0])
        and pairs["name"].is_unique
        and pairs["root"].is_unique
    )


def peer_python(folder: Path, requirements: str = "requirements.txt") -> Path:
    """Return the Python of a virtual environment that has the peers."""
    python = folder / "bin" / "python"
    if not python.exists():
        print("Installing what this is set beside ...", flush=True)
        venv.create(folder, with_pip=True)
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "-r", PEERS / requirements],
        check=True,
        stdout=sys.stderr,
    )
    return python


if __name__ == "__main__":
    main()
