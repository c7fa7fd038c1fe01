"""Who merges and who splits under other rules, before they are applied."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from psycopg import sql
from psycopg.rows import dict_row

from identity.beside import built_beside, last_run
from identity.masking import mask
from warehouse.connection import Connection

_MOVES = sql.SQL("""
with moves as (
    select op, from_customer_id, to_customer_id, node_count, cause_node_id
    from {schema}.oneid_history
    where run_no > %(last_run)s
    union all
    select 'release', previous_customer_id, null, count(*), min(node_id)
    from {schema}.oneid_assignments
    where run_no > %(last_run)s and customer_id is null
    group by previous_customer_id
)
select moves.op, moves.from_customer_id, moves.to_customer_id, moves.node_count,
    nodes.identifier_type, nodes.scope, nodes.value
from moves
left join {schema}.oneid_identifiers as nodes on moves.cause_node_id = nodes.node_id
order by moves.node_count desc, moves.from_customer_id, moves.to_customer_id
""")
_TABLE = """
create table identity.oneid_rules_diff (
    op text not null,
    from_customer_id bigint not null,
    to_customer_id bigint,
    node_count bigint not null,
    identifier_type text,
    scope text,
    value text
)
"""


@dataclass(frozen=True)
class Move:
    """Identifiers that would leave a customer, and one of them.

    op is merge, split, or release: they would belong to nobody (to_customer_id None).
    """

    op: str
    from_customer_id: int
    to_customer_id: int | None
    node_count: int
    identifier_type: str
    scope: str
    value: str

    @property
    def label(self) -> str:
        """The first identifier that moves, masked."""
        return f"{self.identifier_type}:{mask(self.identifier_type, self.value)}"


def diff_rules(
    conn: Connection,
    folder: Path,
    base_date: str = "",
    source: Path | None = None,
) -> list[Move]:
    """Return what the rules in `folder` would change, the largest moves first.

    Arguments and errors as in `built_beside`. The moves are also in
    identity.oneid_rules_diff.
    """
    before = last_run(conn)
    with (
        built_beside(conn, folder, base_date, source) as schema,
        conn.cursor(row_factory=dict_row) as cursor,
    ):
        query = _MOVES.format(schema=sql.Identifier(schema))
        rows = cursor.execute(query, {"last_run": before}).fetchall()
    moves = [Move(**row) for row in rows]
    _save(conn, moves)
    return moves


def _save(conn: Connection, moves: list[Move]) -> None:
    conn.execute("drop table if exists identity.oneid_rules_diff")
    conn.execute(_TABLE)
    with (
        conn.cursor() as cursor,
        cursor.copy("copy identity.oneid_rules_diff from stdin") as copy,
    ):
        for move in moves:
            copy.write_row(tuple(vars(move).values()))
    conn.commit()
