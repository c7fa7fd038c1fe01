"""The points ledger on random operations, against a replay account by account."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from psycopg import sql

from tests.integration.ledgers.account import Balance
from tests.integration.ledgers.operations import POOLS, RULES, TODAY, Marts, operations
from tests.integration.ledgers.project import LedgerProject
from tests.integration.ledgers.replay import Customer
from tests.integration.ledgers.rules import Rules
from tests.integration.tags.rows import grouped, select
from warehouse.connection import connect

# A million take a minute or so: QUANYU_LEDGER_OPERATIONS=1000000.
OPERATIONS = int(os.environ.get("QUANYU_LEDGER_OPERATIONS", "50000"))

Days = dict[tuple[int, str, date], Balance]


@pytest.fixture(scope="module")
def marts() -> Marts:
    return operations(OPERATIONS, seed=11)


@pytest.fixture(scope="module")
def project(
    marts: Marts, module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LedgerProject]:
    project = LedgerProject(
        tmp_path_factory.mktemp("ledgers"),
        {"ledgers/points_pools": POOLS, "ledgers/points_rules": RULES},
    )
    project.land(marts)
    project.build(TODAY.isoformat())
    return project


def test_balances_of_every_day_are_those_of_a_replay(
    project: LedgerProject, marts: Marts
) -> None:
    with connect() as conn:
        found = ledger_days(conn)
    expected = replayed(marts)
    different = {
        key: (found.get(key), expected.get(key))
        for key in found.keys() | expected.keys()
        if found.get(key) != expected.get(key)
    }
    assert not different, (
        f"{len(different)} days, such as {sorted(different.items())[:3]}"
    )
    assert len(found) > OPERATIONS / 2


@pytest.mark.parametrize(
    ("claim", "broken"),
    [
        (
            "nothing is negative, and nobody has points and a debt",
            """
            select 1 from marts.fct_points_days
            where least(available_points, pending_points, debt_points) < 0
            or (available_points > 0 and debt_points > 0)
            """,
        ),
        (
            "the sums of the ledger are the balances",
            """
            select 1 from (
                select
                    customer_id, pool_code, sum(points) as points,
                    sum(pending_points) as pending, sum(debt_points) as debt
                from marts.fct_points_ledger group by customer_id, pool_code
            ) as sums
            full join marts.mart_points_balances as balances
            using (customer_id, pool_code)
            where (points, pending, debt) is distinct from
            (available_points, pending_points, balances.debt_points)
            """,
        ),
        (
            "no lot is overspent, none is left after its end, lots are the balance",
            """
            select 1 from marts.mart_points_lots as lots
            full join marts.mart_points_balances as balances
            using (customer_id, pool_code)
            group by customer_id, pool_code
            having coalesce(sum(left_points), 0) <> max(available_points)
            or min(left_points) <= 0 or bool_or(left_points > points)
            or min(ends_on) <= '2019-06-30'
            """,
        ),
        (
            "no day earns more than its cap",
            """
            select 1 from marts.fct_points_earned where pool_code = 'group'
            group by customer_id, paid_on
            having sum(points) > case when paid_on < '2018-01-01' then 900 else 400 end
            """,
        ),
        (
            "an order gives back no more than it earned",
            """
            select 1 from marts.fct_points_reversals
            join marts.fct_points_earned as earned using (order_key, pool_code)
            group by order_key, pool_code
            having sum(fct_points_reversals.points) > max(earned.points)
            """,
        ),
        (
            "what waits ends up confirmed, taken back, or still waits for a reason",
            """
            select 1 from marts.fct_points_entries
            join marts.fct_points_earned as earned using (order_key, pool_code)
            where earned.is_confirmed
            group by order_key, pool_code
            having sum(fct_points_entries.pending_points) <> 0
            """,
        ),
    ],
)
def test_invariants(project: LedgerProject, claim: str, broken: str) -> None:
    with connect() as conn:
        assert count(conn, broken) == 0, claim


def test_the_operations_are_worth_it(project: LedgerProject) -> None:
    with connect() as conn:
        kinds = {row[0] for row in conn.execute(
            "select distinct entry_type from marts.fct_points_ledger"
        )}  # fmt: skip
        assert kinds == {
            "opening", "earn", "confirm", "redeem", "give_back", "reverse", "expire",
            "debt", "repay",
        }  # fmt: skip
        for broken in (
            "select 1 from marts.fct_points_earned where points < base_points",
            "select 1 from marts.fct_points_earned where multiplier = 2.5",
            "select 1 from marts.fct_points_openings where points < 0",
            "select 1 from marts.fct_member_tiers where tier_change = 'down'",
            # Taken back after its lot had ended: left out.
            "select 1 from marts.fct_points_reversals where not is_pending and not"
            " exists (select 1 from marts.fct_points_entries as entries where"
            " entries.order_key = fct_points_reversals.order_key and entries.pool_code"
            " = fct_points_reversals.pool_code and effective_on = happened_on"
            " and entry_type = 'reverse')",
        ):
            assert count(conn, broken), broken


def test_replay_in_another_order_gives_the_same_ledger(
    project: LedgerProject, marts: Marts
) -> None:
    with connect() as conn:
        before = checksums(conn)
    shuffled = {name: list(rows) for name, rows in marts.items()}
    for rows in shuffled.values():
        random.Random(3).shuffle(rows)
    project.land(shuffled)
    project.build(TODAY.isoformat(), "--exclude", "test_type:data")
    with connect() as conn:
        assert checksums(conn) == before


def count(conn: Any, query: str) -> int:
    """Return how many rows a query has; a limit would make its plan a slow one."""
    return int(
        conn.execute(
            sql.SQL("select count(*) from ({}) as found").format(sql.SQL(query))  # type: ignore[arg-type]
        ).fetchone()[0]
    )


def ledger_days(conn: Any) -> Days:
    """Return what the ledger says of each account and day, changes only."""
    days = {
        (customer_id, pool, day): Balance(available, pending, debt)
        for customer_id, pool, day, available, pending, debt in conn.execute(
            "select customer_id, pool_code, happened_on, available_points,"
            " pending_points, debt_points from marts.fct_points_days"
        )
    }
    return changes(days)


def replayed(marts: Marts) -> Days:
    """Return the same of the plain replay."""
    with connect() as conn:
        seeds = {
            name: select(conn, f"seeds.{name}")
            for name in (
                "points_rules",
                "points_pools",
                "platform_promotions",
                "tag_cuts",
            )
        }
    rules = Rules({**seeds, "dim_shops": marts["dim_shops"]}, TODAY)
    orders = grouped(marts["fct_orders"], lambda row: row["customer_id"])
    refunds = grouped(marts["fct_refunds"], lambda row: row["order_key"])
    entries = grouped(marts["fct_points"], lambda row: row["customer_id"])
    days: Days = {}
    for row in marts["dim_customers"]:
        key = row["customer_id"]
        customer = Customer(
            rules, row, orders.get(key, []), refunds, entries.get(key, [])
        )
        for (pool, day), balance in customer.balances().items():
            days[key, pool, day] = balance
    return changes(days)


def changes(days: Days) -> Days:
    """Leave out the days on which an account stayed as it was."""
    changed: Days = {}
    account, before = None, Balance(0, 0, 0)
    for key in sorted(days):
        if key[:2] != account:
            account, before = key[:2], Balance(0, 0, 0)
        if days[key] != before:
            changed[key] = before = days[key]
    return changed


def checksums(conn: Any) -> list[tuple[Any, ...]]:
    """Return a number that stands for all rows of each table of the ledger."""
    query = sql.SQL(
        "select count(*), sum(hashtextextended(rows::text, 0)) from marts.{} as rows"
    )
    return [
        conn.execute(query.format(sql.Identifier(table))).fetchone()
        for table in ("fct_points_ledger", "fct_points_days", "mart_points_lots")
    ]
