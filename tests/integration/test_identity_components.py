"""The materialization connected_components on the real server against a union-find."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from tests.integration.identity_project import rows, run_dbt
from warehouse.connection import connect, copy_rows
from warehouse.settings import project_root

Links = list[tuple[int, int]]

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
    max_rounds=var('max_rounds', 60),
) }}
select a, b from public.links
"""


@pytest.fixture
def project(tmp_path: Path, database: str) -> Path:
    dbt_project = project_root() / "dbt_project"
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "components.sql").write_text(MODEL)
    (tmp_path / "dbt_project.yml").write_text(
        PROJECT.format(macros=dbt_project / "macros" / "identity")
    )
    (tmp_path / "profiles.yml").write_text((dbt_project / "profiles.yml").read_text())
    return tmp_path


def run(
    project: Path, links: Links | list[tuple[int | None, int]], *arguments: str
) -> str:
    with connect() as conn:
        conn.execute("drop table if exists public.links")
        conn.execute("create table public.links (a bigint, b bigint)")
        copy_rows(conn, "public.links", ["a", "b"], links)
        conn.commit()
    return run_dbt(project, "run", *arguments)


def union_find(links: Links) -> dict[int, int]:
    """Return the smallest node of the component of every node."""
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in links:
        small, big = sorted((root(a), root(b)))
        parent[big] = small
    return {node: root(node) for node in parent}


def chain(nodes: list[int]) -> Links:
    return list(pairwise(nodes))


def hard_graphs(rng: random.Random) -> Links:
    """Return what breaks naive ways: chains, stars, loops, and much at random."""
    shuffled = list(range(1_000, 2_000))
    rng.shuffle(shuffled)
    links = chain(list(range(1_000))) + chain(shuffled)
    links += [(2_999, node) for node in range(2_000, 2_999)]
    links += [(3_000, node) for node in range(3_001, 4_000)]
    top = 2**31 - 1
    links += [(top, top - 1), (top, 4_000), (4_001, 4_001)]
    for size, count in (
        (50, 20),
        (400, 190),
        (400, 420),
        (2_000, 1_500),
        (2_000, 4_000),
    ):
        base = 10_000 + 10 * len(links)
        links += [
            (base + rng.randrange(size), base + rng.randrange(size))
            for _ in range(count)
        ]
    links += [(b, a) for a, b in links[::3]] + links[::5]
    rng.shuffle(links)
    return links


@pytest.mark.slow
def test_components_equal_a_union_find(project: Path) -> None:
    links = hard_graphs(random.Random(7))
    assert not run(project, links)
    found = dict(rows("select node_id, component_id from public.components"))
    assert found == union_find(links)
    indexes = rows("select indexdef from pg_indexes where tablename = 'components'")
    assert any("UNIQUE" in definition for (definition,) in indexes)

    # No links at all is a graph too, and replaces the old map.
    assert not run(project, [])
    assert rows("select count(*) from public.components") == [(0,)]


@pytest.mark.slow
def test_a_failed_run_leaves_the_old_map(project: Path) -> None:
    assert not run(project, [(1, 2)])
    message = run(project, chain(list(range(50))), "--vars", "{max_rounds: 1}")
    assert "not settled" in message or "not converged" in message
    assert "components" in message
    message = run(project, [(1, 2), (-3, 4)])
    assert "(-3, 4)" in message
    message = run(project, [(1, 2), (None, 4)])
    assert "(None, 4)" in message
    assert rows("select * from public.components order by 1") == [(1, 1), (2, 1)]
    leftovers = rows("select relname from pg_class where relname like 'components__%'")
    assert not leftovers
