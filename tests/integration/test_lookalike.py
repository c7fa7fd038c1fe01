"""Similar customers in PostgreSQL: partitions, votes, an expansion as typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd
import pytest
from psycopg import sql
from typer.testing import CliRunner

from cli.main import app
from ml.lookalike import MODEL
from orchestration.lookalike_store import Wish, by_votes, expand, keep
from orchestration.model_store import run_model
from orchestration.partitions import partitions, swap_in
from tests.unit.ml.test_lookalike import FAST, WORLD
from warehouse.connection import Connection, connect, copy_frame
from warehouse.errors import QuanyuError

DAY = date(2017, 12, 31)
SIMILAR = "ml.similar_customers"
EXCLUDED = 14


@pytest.fixture(scope="module")
def world(module_database: str) -> Iterator[Connection]:
    """A warehouse with the world of the unit tests, its neighbours published."""
    with connect(module_database) as conn:
        build(conn)
        yield conn


@pytest.fixture
def published(world: Connection) -> Iterator[Connection]:
    """The same warehouse, every test's changes taken back."""
    yield world
    world.rollback()


def build(conn: Connection) -> None:
    types = {
        "base_date": "date",
        "customer_id": "bigint",
        "gender": "text",
        "is_member": "boolean",
        "kind": "text",
        "code": "text",
    }
    conn.execute("create schema features; create schema tags; create schema segments")
    tables = {
        "features.feat_lookalike": WORLD["features"],
        "features.feat_lookalike_traits": WORLD["traits"],
        "features.feat_base_dates": pd.DataFrame(
            {"base_date": [DAY], "is_scoring": [True]}
        ),
        "tags.customer_tags_wide": pd.DataFrame(
            {
                "customer_id": WORLD["features"]["customer_id"],
                "risk_exclusion": np.where(
                    WORLD["features"]["customer_id"] == EXCLUDED, "employee", None
                ),
            }
        ),
        # Every fourth of one tribe.
        "segments.seg_quality": WORLD["features"][["customer_id"]].iloc[1::12],
        "segments.seg_advocate": WORLD["features"][["customer_id"]].iloc[4::12],
        "segments.seg_monthly_buyer": WORLD["features"][["customer_id"]].head(2),
    }
    for table, rows in tables.items():
        columns = ", ".join(
            f"{name} {types.get(name, 'boolean' if name == 'is_scoring' else 'text')}"
            if name in types or rows[name].dtype.kind not in "fi"
            else f"{name} double precision"
            for name in rows
        )
        conn.execute(f"create table {table} ({columns})")
        copy_frame(conn, table, rows)
    assert run_model(conn, MODEL, DAY, config=FAST).published
    conn.commit()


def lists(conn: Connection) -> dict[int, list[tuple[int, float]]]:
    found: dict[int, list[tuple[int, float]]] = {}
    for customer, similar, score in conn.execute(
        "select customer_id, similar_customer_id, score from ml.lookalike order by rank"
    ):
        found.setdefault(customer, []).append((similar, score))
    return found


def test_partitions_are_swapped_in_whole_and_two_are_kept(conn: Connection) -> None:
    def rows(score: float) -> pd.DataFrame:
        return pd.DataFrame(
            {"customer_id": [1], "similar_customer_id": [2], "rank": [1]}
        ).assign(score=score)

    for month in (9, 10, 11):
        swap_in(conn, SIMILAR, date(2017, month, 28), rows(month / 16))
    assert sorted(partitions(conn, SIMILAR)) == [date(2017, 10, 28), date(2017, 11, 28)]
    swap_in(conn, SIMILAR, date(2017, 11, 28), rows(0.5))
    swap_in(conn, SIMILAR, date(2017, 1, 28), rows(0.25))
    kept = conn.execute(
        "select base_date, score from ml.similar_customers order by 1"
    ).fetchall()
    assert kept == [(date(2017, 10, 28), 0.625), (date(2017, 11, 28), 0.5)]
    indexed = conn.execute(
        "select count(*) from pg_indexes where tablename like 'similar_customers_2017%'"
    ).fetchone()
    assert indexed == (2,)


def test_votes_in_sql_are_what_counting_by_hand_says(published: Connection) -> None:
    conn = published
    found = lists(conn)
    seeds = list(found)[:40:3]
    banned = {list(found)[1], EXCLUDED}
    votes = Counter(one for seed in seeds for one, _ in found[seed])
    score = Counter[int]()
    for seed in seeds:
        for one, similarity in found[seed]:
            score[one] += similarity
    wanted = sorted(
        (one for one in votes if votes[one] >= 2 and one not in {*seeds, *banned}),
        key=lambda one: (-votes[one], -score[one], one),
    )
    seed_query = sql.SQL("select unnest({}::bigint[]) as customer_id").format(
        sql.Literal(seeds)
    )
    candidates = sql.SQL(
        "select customer_id from tags.customer_tags_wide where customer_id <> all({})"
    ).format(sql.Literal(list(banned)))
    wish = Wish("", 25, min_votes=2)
    rows = by_votes(conn, seed_query, candidates, wish)
    assert rows["customer_id"].tolist() == wanted[:25]
    assert rows["votes"].tolist() == [votes[one] for one in wanted[:25]]
    assert rows["rank"].tolist() == list(range(1, len(rows) + 1))
    with_seeds = by_votes(
        conn, seed_query, candidates, Wish("", 25, min_votes=2, with_seeds=True)
    )
    own = sorted(set(seeds) - banned)
    assert with_seeds["customer_id"].tolist() == [*own, *wanted][:25]


@pytest.mark.parametrize("method", ["votes", "pu", "ensemble", "spend", "auto"])
def test_each_method_expands_without_seeds_and_excluded(
    published: Connection, method: str
) -> None:
    wish = Wish("seg_quality", 30, method, exclude=("seg_advocate",))
    found = expand(published, wish, FAST)
    assert found.base_date == DAY
    assert method in ("auto", found.method)
    assert set(found.figures["method"]) == {"votes", "pu", "ensemble", "spend"}
    seeds = set(WORLD["features"]["customer_id"].iloc[1::12])
    advocates = set(WORLD["features"]["customer_id"].iloc[4::12])
    people = set(found.rows["customer_id"])
    assert len(people) == len(found.rows) == found.counts["found"] == 30
    assert not people & {*seeds, *advocates, EXCLUDED}
    if found.method != "spend":
        assert sum(one // 3 % 3 == 1 for one in people) > 15
    seeded = expand(published, Wish("seg_quality", 30, method, with_seeds=True), FAST)
    assert set(seeded.rows["customer_id"].head(len(seeds))) == seeds - {EXCLUDED} or (
        EXCLUDED in seeds
    )


def test_a_kept_audience_replaces_the_one_before(published: Connection) -> None:
    for size in (9, 5):
        keep(published, "seg_like", expand(published, Wish("seg_quality", size), FAST))
    kept = published.execute(
        "select count(*), max(rank), min(base_date) from ml.lookalike_audiences"
    ).fetchone()
    assert kept == (5, 5, DAY)


def test_too_few_seeds_are_said(published: Connection) -> None:
    found = expand(published, Wish("seg_monthly_buyer", 5), FAST)
    assert found.method == "votes"
    assert found.figures.empty
    assert "With 2 seeds none can be held out" in found.notes[0]


def test_what_cannot_be_expanded_is_one_sentence(published: Connection) -> None:
    for wish, said in (
        (Wish("seg_qualty", 5), "did you mean seg_quality"),
        (Wish("seg_quality", 5, "tarot"), "no method tarot"),
        (Wish("seg_quality", 0), "1 or more"),
        (Wish("seg_product_top_up", 5), "is a segment of products"),
        (Wish("seg_near_upgrade", 5), "is not in the warehouse"),
    ):
        with pytest.raises(QuanyuError, match=said):
            expand(published, wish, FAST)
    published.execute("truncate segments.seg_quality")
    with pytest.raises(QuanyuError, match="nobody to resemble"):
        expand(published, Wish("seg_quality", 5), FAST)


def test_as_a_person_types_it(
    published: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.lookalike_store.LookalikeConfig", lambda: FAST)
    cli = CliRunner(env={"COLUMNS": "200"})
    shown = cli.invoke(app, ["lookalike", "seg_quality", "--size", "12"])
    assert shown.exit_code == 0, shown.output
    parts = "as of 2017-12-31", "ensemble", "For this audience", "ids are masked"
    for part in parts:
        assert part in shown.output
    taken = ["lookalike", "seg_quality", "--size", "9", "--save", "seg_near_upgrade"]
    refused = cli.invoke(app, taken)
    assert refused.exit_code == 1
    assert "exists and is no lookalike" in refused.output


def test_before_the_first_run_it_says_what_to_do(conn: Connection) -> None:
    conn.execute("create schema segments")
    conn.execute("create table segments.seg_quality (customer_id bigint)")
    with pytest.raises(QuanyuError, match="quanyu model train lookalike"):
        expand(conn, Wish("seg_quality", 5))
