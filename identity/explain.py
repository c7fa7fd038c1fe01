"""Why two identifiers are one customer, or why not (`quanyu oneid explain`)."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count, pairwise
from typing import Any

import psycopg
from psycopg.rows import dict_row

from identity.masking import mask
from warehouse.connection import Connection
from warehouse.errors import QuanyuError

# A refused tie is dearer than any number of accepted ones: why two are apart is said
# with as few refusals as there are.
_REFUSAL = 1_000_000


@dataclass(frozen=True)
class Identifier:
    """An identifier and, where it may link, the node that it is in one tenure."""

    key: int
    type: str
    scope: str
    value: str
    node_id: int | None = None
    customer_id: int | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    blocked_reason: str | None = None

    @property
    def label(self) -> str:
        """The identifier as people may see it, personal values masked."""
        scope = f"{self.scope}:" if self.scope else ""
        return f"{self.type}:{scope}{mask(self.type, self.value)}"


@dataclass(frozen=True)
class Evidence:
    """Records of one kind that show two identifiers together."""

    channel_code: str
    record_type: str
    role: str
    first_seen_at: datetime
    last_seen_at: datetime
    record_count: int
    record_id: str | None


@dataclass(frozen=True)
class Step:
    """A tie between two identifiers: the rule, what it refuses or holds, and why."""

    left: Identifier
    right: Identifier
    rule: str
    is_refused: bool
    evidence: list[Evidence]


@dataclass(frozen=True)
class Explanation:
    """A chain of ties from one identifier to another, empty when nothing ties them.

    They are one customer exactly when no step is refused.
    """

    left: Identifier
    right: Identifier
    steps: list[Step]

    @property
    def is_one_customer(self) -> bool:
        """Whether both belong to one customer."""
        return bool(self.steps) and not any(step.is_refused for step in self.steps)


def explain_pair(conn: Connection, first: str, second: str) -> Explanation:
    """Return the shortest chain of evidence between two identifiers.

    An identifier is given as value, type:value or type:scope:value. Raises QuanyuError
    when one is unknown or the value of several, or when OneID was never built.
    """
    left, right = (find_identifier(conn, given) for given in (first, second))
    if left.key == right.key:
        raise QuanyuError(f"{left.label} is given twice: name two identifiers.")
    graph = _Graph(conn, [left.key, right.key])
    return Explanation(left, right, graph.steps(graph.path(left.key, right.key)))


def explain_one(conn: Connection, given: str) -> tuple[Identifier, list[Step]]:
    """Return an identifier and every tie of the customers that hold it."""
    found = find_identifier(conn, given)
    graph = _Graph(conn, [found.key])
    return found, graph.steps(sorted(graph.ties))


def find_identifier(conn: Connection, given: str) -> Identifier:
    """Return the identifier meant by value, type:value or type:scope:value."""
    kind, scope, value = _parts(conn, given)
    rows = _rows(
        conn,
        """
        select identifier_key, identifier_type, scope, value, blocked_reason
        from identity.int_identity__identifiers
        where value = %(value)s
            and (%(type)s::text is null or identifier_type = %(type)s)
            and (%(scope)s::text is null or scope = %(scope)s)
        order by type_rank, scope
        """,
        {"value": value, "type": kind, "scope": scope},
    )
    if not rows:
        raise QuanyuError(
            f"No record shows the identifier {mask(kind or 'phone', given)}: give a "
            "value, type:value or type:scope:value."
        )
    if len(rows) > 1:
        names = ", ".join(
            ":".join(filter(None, (row["identifier_type"], row["scope"])))
            for row in rows
        )
        raise QuanyuError(
            f"{mask(kind or 'phone', given)} is the value of several identifiers: say "
            f"which, as type:scope:value ({names})."
        )
    row = rows[0]
    return Identifier(
        row["identifier_key"],
        row["identifier_type"],
        row["scope"],
        row["value"],
        blocked_reason=row["blocked_reason"],
    )


def _parts(conn: Connection, given: str) -> tuple[str | None, str | None, str]:
    """Split type:scope:value; a value may hold colons, a type is one of the seed's."""
    head, _, tail = given.partition(":")
    types = _rows(conn, "select identifier_type from seeds.oneid_identifier_types")
    if not tail or head not in {row["identifier_type"] for row in types}:
        return None, None, given
    scope, _, value = tail.partition(":")
    return (head, scope, value) if value else (head, None, tail)


class _Graph:
    """Identifiers of some customers with the ties between them, accepted and refused.

    A vertex is a node (a tenure of an identifier) or, where it may not link, the
    identifier itself, as a negative number that stands for its key.
    """

    def __init__(self, conn: Connection, keys: list[int]) -> None:
        self._conn = conn
        self.vertices: dict[int, Identifier] = {}
        self._of_key: dict[int, list[int]] = defaultdict(list)
        # (vertex, vertex) -> (rule, whether it refuses)
        self.ties: dict[tuple[int, int], tuple[str, bool]] = {}
        customers = [
            row["customer_id"]
            for row in _rows(
                conn,
                """
                select distinct customer_id from identity.oneid_map
                where identifier_key = any(%s) and customer_id is not null
                """,
                [keys],
            )
        ]
        self._read_nodes(customers, keys)
        self._read_accepted(customers)
        self._read_refused(sorted({*keys, *self._of_key}))
        for vertices in self._of_key.values():
            for earlier, later in pairwise(vertices):
                self.ties.setdefault(_pair(earlier, later), ("changed_hands", True))

    def _read_nodes(self, customers: list[int], keys: list[int]) -> None:
        for row in _rows(
            self._conn,
            """
            select identifier_key, identifier_type, scope, value, node_id, customer_id,
                valid_from, valid_to
            from identity.oneid_map
            where customer_id = any(%s) or identifier_key = any(%s)
            order by identifier_key, valid_from nulls first
            """,
            [customers, keys],
        ):
            self._add(
                row["node_id"],
                Identifier(
                    row["identifier_key"],
                    row["identifier_type"],
                    row["scope"],
                    row["value"],
                    row["node_id"],
                    row["customer_id"],
                    row["valid_from"],
                    row["valid_to"],
                ),
            )

    def _read_accepted(self, customers: list[int]) -> None:
        for row in _rows(
            self._conn,
            """
            select a, b, link_rule from identity.int_identity__accepted_links
            where a in (
                select node_id from identity.oneid_map where customer_id = any(%s)
            )
            """,
            [customers],
        ):
            self.ties[_pair(row["a"], row["b"])] = (row["link_rule"], False)

    def _read_refused(self, keys: list[int]) -> None:
        refused = _rows(
            self._conn,
            """
            select rejected_by, identifier_key_a as a, identifier_key_b as b
            from identity.oneid_rejected_links
            where identifier_key_a = any(%s) or identifier_key_b = any(%s)
            order by rejected_by
            """,
            [keys, keys],
        )
        self._read_unlinked({row[side] for row in refused for side in "ab"} | {*keys})
        for row in refused:
            for left in self._of_key[row["a"]]:
                for right in self._of_key[row["b"]]:
                    tie = (row["rejected_by"], True)
                    self.ties.setdefault(_pair(left, right), tie)

    def _read_unlinked(self, keys: Iterable[int]) -> None:
        """Add identifiers that no customer at hand holds."""
        missing = sorted(key for key in keys if key not in self._of_key)
        numbers = count(-1, -1)
        for row in _rows(
            self._conn,
            """
            select identifier_key, identifier_type, scope, value, blocked_reason
            from identity.int_identity__identifiers
            where identifier_key = any(%s)
            order by identifier_key
            """,
            [missing],
        ):
            self._add(
                next(numbers),
                Identifier(
                    row["identifier_key"],
                    row["identifier_type"],
                    row["scope"],
                    row["value"],
                    blocked_reason=row["blocked_reason"],
                ),
            )

    def _add(self, vertex: int, identifier: Identifier) -> None:
        self.vertices[vertex] = identifier
        self._of_key[identifier.key].append(vertex)

    def path(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the ties of the cheapest path between two identifiers (Dijkstra)."""
        neighbours: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for (one, other), (_, is_refused) in sorted(self.ties.items()):
            cost = _REFUSAL if is_refused else 1
            neighbours[one].append((other, cost))
            neighbours[other].append((one, cost))
        came_from: dict[int, int] = {}
        queue = [(0, vertex, vertex) for vertex in self._of_key[start]]
        while queue:
            spent, vertex, before = heapq.heappop(queue)
            if vertex in came_from:
                continue
            came_from[vertex] = before
            if self.vertices[vertex].key == end:
                return _walk_back(came_from, vertex)
            for other, cost in neighbours[vertex]:
                if other not in came_from:
                    heapq.heappush(queue, (spent + cost, other, vertex))
        return []

    def steps(self, path: list[tuple[int, int]]) -> list[Step]:
        """Return the ties of a path in its order, with the records behind them."""
        ends = [(self.vertices[one], self.vertices[other]) for one, other in path]
        evidence = self._evidence([(left.key, right.key) for left, right in ends])
        steps = []
        for (one, other), (left, right) in zip(path, ends, strict=True):
            rule, is_refused = self.ties[_pair(one, other)]
            shown = evidence[_pair(left.key, right.key)]
            steps.append(Step(left, right, rule, is_refused, shown))
        return steps

    def _evidence(
        self, pairs: list[tuple[int, int]]
    ) -> dict[tuple[int, int], list[Evidence]]:
        both = [*pairs, *((right, left) for left, right in pairs)]
        found: dict[tuple[int, int], list[Evidence]] = defaultdict(list)
        for row in _rows(
            self._conn,
            """
            select distinct evidence.anchor_key, evidence.identifier_key,
                evidence.channel_code, evidence.record_type, evidence.role,
                evidence.first_seen_at, evidence.last_seen_at, evidence.record_count,
                records.record_id
            from identity.oneid_evidence as evidence
            inner join unnest(%s::bigint[], %s::bigint[]) as pairs (a, b)
                on evidence.anchor_key = pairs.a and evidence.identifier_key = pairs.b
            left join identity.oneid_records as records
                on evidence.example_record_key = records.record_key
            order by evidence.first_seen_at, records.record_id
            """,
            [[left for left, _ in both], [right for _, right in both]],
        ):
            pair = _pair(row.pop("anchor_key"), row.pop("identifier_key"))
            found[pair].append(Evidence(**row))
        return found


def _walk_back(came_from: dict[int, int], vertex: int) -> list[tuple[int, int]]:
    """Return the path to a vertex, first tie first; a start came from itself."""
    walked = [vertex]
    while (before := came_from[walked[-1]]) != walked[-1]:
        walked.append(before)
    return list(pairwise(reversed(walked)))


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def _rows(conn: Connection, query: str, values: Any = None) -> list[dict[str, Any]]:
    try:
        with conn.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), values).fetchall()
    except psycopg.errors.UndefinedTable as error:
        raise QuanyuError("OneID is not built: run `quanyu run` first.") from error
