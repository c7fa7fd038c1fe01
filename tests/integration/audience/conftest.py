"""A warehouse of made-up people, its columnar copy, and the same rows in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from psycopg import sql
from psycopg.rows import dict_row

from audience.engine.build import PERSONAL, make_copy, plan_copy
from audience.engine.copy import Copy
from audience.engine.engine import Engine
from audience.saved_predicates import add_saved
from benchmarks.made.wide import BASE_DATE, Crowd
from warehouse.connection import Connection, connect
from warehouse.settings import dbt_project_dir

PEOPLE = 600
PROJECT = dbt_project_dir()
# What made-up people never have: signs of patterns, negative and half numbers.
PHONE, MAIL = "13800138000", "me@example.com"
STRANGE = [
    ("profile_city", ["100%", "a_b", "a\nb", "Ünï.", "", "x" * 9, "_", "\\", "'"]),
    ("behaviour_last_keyword", [PHONE, MAIL, "奶粉 2", "a1b"]),
    ("woe_recency", ["-2.5", "-0.5", "0.5", "1.5", "2.5", "0.0001"]),
    ("purchase_net_amount_365d", ["-0.01", "0.005", "2.5", "99999999999.99"]),
    ("profile_baby_age_months", ["-7", "-1", "0", "2147483647"]),
    ("behaviour_last_visit_on", ["2016-02-29", "2017-01-31", "1999-12-31"]),
]


@dataclass(frozen=True, repr=False)
class World:
    """`people`: the columns of the copy by customer, personal texts hidden as there."""

    conn: Connection
    engine: Engine
    people: list[dict[str, Any]]

    @property
    def copy(self) -> Copy:
        """The copy."""
        return self.engine.copy


@pytest.fixture(scope="session")
def world(
    fresh_database: Callable[..., AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    with fresh_database() as url, connect(url, autocommit=True) as conn:
        Crowd(conn, PROJECT).add(1, PEOPLE)
        make_strange(conn)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("QUANYU_HOME", str(tmp_path_factory.mktemp("home")))
            copy = make_copy(conn, PROJECT, BASE_DATE)
        vocabulary = copy.vocabulary()
        add_saved(vocabulary, PROJECT)
        query = plan_copy(conn, PROJECT).query
        conn.execute(sql.SQL("create table people as {}").format(query))
        # What the copy does not tell, conditions on it cannot find.
        conn.execute(
            "update people set behaviour_last_keyword = %s"
            " where behaviour_last_keyword in (%s, %s)",
            [PERSONAL, PHONE, MAIL],
        )
        with conn.cursor(row_factory=dict_row) as cursor:
            people = cursor.execute("select * from people").fetchall()
        yield World(conn, Engine(copy, vocabulary), people)


def make_strange(conn: Connection) -> None:
    """Give the first people values that are read differently if they can be."""
    for column, values in STRANGE:
        for number, value in enumerate(values, start=1):
            conn.execute(
                sql.SQL(
                    "update tags.customer_tags_wide set {column} = {value}"
                    " where customer_id = {number}"
                ).format(
                    column=sql.Identifier(column),
                    value=sql.Literal(value),
                    number=sql.Literal(number),
                )
            )
