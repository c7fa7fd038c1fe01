"""The materialization connected_components on the real server against a union-find."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.integration.dbt_runs import run_dbt
from tests.integration.identity_project import rows
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
    max_changed_share=var('max_changed_share', 1000),
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
    project: Path,
    links: Iterable[tuple[int, int]] | list[tuple[int | None, int]],
    *arguments: str,
) -> str:
    land(links)
    return run_dbt(project, "run", *arguments)


def land(links: Iterable[tuple[int, int]] | list[tuple[int | None, int]]) -> None:
    """Replace the links that the model reads."""
    with connect() as conn:
        conn.execute("drop table if exists public.links")
        conn.execute("create table public.links (a bigint, b bigint)")
        copy_rows(conn, "public.links", ["a", "b"], links)
        conn.commit()


def union_find(links: Iterable[tuple[int, int]]) -> dict[int, int]:
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
def test_a_changed_graph_is_solved_where_it_changed(project: Path) -> None:
    """Random histories: links come and go, nodes with them; each day equals union-find.

    That the untouched rows were not written again shows in their row versions (xmin).
    """
    rng = random.Random(11)
    days = set(hard_graphs(rng))
    assert not run(project, days)
    untouched = 0
    for day in range(8):
        before = versions()
        gone = set(rng.sample(sorted(days), [0, 3, 40, 400][day % 4]))
        fresh = {
            (rng.randrange(30_000), rng.randrange(30_000))
            for _ in range([5, 0, 60, 300][day % 4])
        }
        days = (days - gone) | fresh
        assert not run(project, days)
        found = dict(rows("select node_id, component_id from public.components"))
        assert found == union_find(days), f"day {day}"
        untouched += len(before & versions())
        kept = rows("select k >> 32, k & 4294967295 from public.components__links")
        assert set(kept) == {(max(link), min(link)) for link in days}
    assert untouched > 4 * len(found)

    # Many changes, or the wish for it, are a full build: every row is new.
    before = versions()
    assert not run(project, days, "--full-refresh")
    assert not before & versions()
    before = versions()
    assert not run(project, {(1, 2), (5, 6)}, "--vars", "{max_changed_share: 0.2}")
    assert rows("select * from public.components order by 1") == [
        (1, 1), (2, 1), (5, 5), (6, 5),
    ]  # fmt: skip


def versions() -> set[tuple[int, int, str]]:
    """Return the rows of the map with the transactions that wrote them."""
    return set(rows("select node_id, component_id, xmin::text from public.components"))


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
    left = rows("select relname from pg_class where relname like 'components\\_\\_%'")
    assert {name for (name,) in left} == {
        "components__links",
        "components__links_k_idx",
    }
