"""The rules of identity once more, in plain Python: slow and obvious.

What the SQL does with sets and rounds is done here with dictionaries and a union-find;
the two have only the seeds, and the node numbers that break ties, in common.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.integration.identity_project import Record

Identifier = tuple[str, str, str]  # type, scope, value
Node = tuple[Identifier, int]  # and tenure
SECOND = 1 / 86_400


@dataclass
class Claim:
    """What the records of one account say of one identifier; times are days."""

    days: list[int]
    profile_days: list[int]
    confidence: float
    ended: float | None = None

    @property
    def last(self) -> int:
        return max(self.profile_days or self.days)


class Rules:
    """The seeds of a project folder."""

    def __init__(self, seeds: Path) -> None:
        self.types = {
            row["identifier_type"]: row for row in _rows(seeds, "identifier_types")
        }
        self.blocked = {
            (row["identifier_type"], row["value"])
            for row in _rows(seeds, "blocked_values")
        }
        self.trust = {
            (row["channel_code"], row["record_type"]): float(row["confidence"])
            for row in _rows(seeds, "channel_trust")
        }

    def identifier(self, kind: str, shop: str, value: str) -> Identifier:
        scoped = self.types[kind]["scope_kind"] == "shop"
        return (kind, shop if scoped else "", value)

    def is_true(self, kind: str, column: str) -> bool:
        return self.types[kind][column] == "true"


@dataclass
class Resolution:
    """Customers as sets of node numbers, the smallest node of every record's customer
    (None for nobody's), and what decides who keeps an id: rank, first day, number."""

    customers: list[set[int]]
    records: dict[int, int | None]
    precedence: dict[int, tuple[int, int, int]]


def resolve(
    records: Iterable[Record],
    rules: Rules,
    node_ids: dict[Node, int],
    revoked: Collection[frozenset[Identifier]] = (),
) -> Resolution:
    """Resolve the records of a world; `revoked` are pairs that people keep apart."""
    records = [record for record in records if record.anchor()]
    free = _free_identifiers(records, rules)
    claims = _claims(records, rules, free)
    tenures = {
        identifier: _tenures([c for (_, i), c in claims.items() if i == identifier])
        for identifier in free
    }
    parent = {
        (identifier, number): (identifier, number)
        for identifier in free
        for number in range(1, len(tenures[identifier]) + 2)
    }

    def node(identifier: Identifier, day: int) -> Node:
        return (identifier, 1 + sum(day >= start for start in tenures[identifier]))

    def root(of: Node) -> Node:
        while parent[of] != of:
            of = parent[of]
        return of

    links = []
    for (anchor, identifier), claim in claims.items():
        if frozenset((anchor, identifier)) in revoked:
            continue
        first = min(claim.days)
        ends = sorted((node(anchor, first), node(identifier, first)), key=node_ids.get)
        tier = int(rules.types[identifier[0]]["link_tier"])
        numbers = [node_ids[end] for end in ends]
        links.append((tier, -claim.confidence, first, *numbers, *ends))
    holders = {
        one: {one[0][:2]: one[0]}
        for one in parent
        if rules.is_true(one[0][0], "is_unique")
    }
    for *_, left, right in sorted(links):
        one, other = root(left), root(right)
        mine, theirs = holders.get(one, {}), holders.get(other, {})
        if one == other or any(theirs.get(kind, it) != it for kind, it in mine.items()):
            continue
        parent[other] = one
        holders[one] = {**theirs, **mine}
    members = defaultdict(list)
    for one in parent:
        members[root(one)].append(node_ids[one])
    result: dict[int, int | None] = {}
    for record in records:
        anchor = rules.identifier(record.anchor(), record.shop, record.anchor_value())
        found = anchor in free
        result[record.key] = (
            min(members[root(node(anchor, record.day))]) if found else None
        )
    seen = _first_days(records, rules)
    precedence = {
        node_ids[one]: (
            int(rules.types[one[0][0]]["type_rank"]),
            seen[one[0]],
            node_ids[one],
        )
        for one in parent
    }
    return Resolution([set(nodes) for nodes in members.values()], result, precedence)


class CustomerIds:
    """Which customer each node belongs to, from day to day, by the stated rule."""

    def __init__(self) -> None:
        self.held: dict[int, int] = {}
        self._ever: dict[int, set[int]] = defaultdict(set)

    def assign(
        self,
        customers: list[set[int]],
        precedence: dict[int, tuple[int, int, int]],
    ) -> None:
        """Give an id to every customer: inherited, else revived, else new."""
        place = {node: i for i, nodes in enumerate(customers) for node in nodes}
        in_use = set(self.held.values())
        inherited, revived = defaultdict(list), defaultdict(list)
        for customer, nodes in self._ever.items():
            holders = nodes & place.keys()
            if customer in in_use:
                holders = {one for one in holders if self.held.get(one) == customer}
            if holders:
                offers = inherited if customer in in_use else revived
                offers[place[min(holders, key=precedence.__getitem__)]].append(customer)
        self.held = {}
        for i, nodes in sorted(enumerate(customers), key=lambda one: min(one[1])):
            offered = inherited.get(i) or revived.get(i)
            number = min(offered) if offered else max(self._ever, default=0) + 1
            self._ever[number] |= nodes
            self.held |= dict.fromkeys(nodes, number)


def _first_days(records: list[Record], rules: Rules) -> dict[Identifier, int]:
    days: dict[Identifier, int] = {}
    for record in records:
        shown = [*record.identifiers.items()]
        if record.receiver:
            shown.append(("phone", record.receiver))
        for kind, value in shown:
            identifier = rules.identifier(kind, record.shop, value)
            days[identifier] = min(record.day, days.get(identifier, record.day))
    return days


def _free_identifiers(records: list[Record], rules: Rules) -> set[Identifier]:
    """Identifiers seen in a linking role that no rule blocks."""
    sharing: dict[Identifier, dict[tuple[str, str], set[Identifier]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for record in records:
        anchor = rules.identifier(record.anchor(), record.shop, record.anchor_value())
        for kind, value in record.identifiers.items():
            identifier = rules.identifier(kind, record.shop, value)
            accounts = sharing[identifier][anchor[:2]]
            if rules.is_true(anchor[0], "is_account") and anchor != identifier:
                accounts.add(anchor)
    return {
        (kind, scope, value)
        for (kind, scope, value), programmes in sharing.items()
        if rules.is_true(kind, "links")
        and not {(kind, value), ("any", value)} & rules.blocked
        and max(map(len, programmes.values()))
        <= int(rules.types[kind]["max_accounts"] or 10**9)
    }


def _claims(
    records: list[Record], rules: Rules, free: set[Identifier]
) -> dict[tuple[Identifier, Identifier], Claim]:
    claims: dict[tuple[Identifier, Identifier], Claim] = {}
    for record in records:
        anchor = rules.identifier(record.anchor(), record.shop, record.anchor_value())
        confidence = rules.trust.get((record.channel, record.kind), 0.5)
        for kind, value in record.identifiers.items():
            identifier = rules.identifier(kind, record.shop, value)
            if identifier == anchor or not {anchor, identifier} <= free:
                continue
            claim = claims.setdefault((anchor, identifier), Claim([], [], 0.0))
            claim.days.append(record.day)
            claim.confidence = max(claim.confidence, confidence)
            if record.kind in ("member", "id_change"):
                claim.profile_days.append(record.day)
    for (anchor, identifier), claim in claims.items():
        if rules.is_true(identifier[0], "changes_hands"):
            moves = [
                max(min(later.profile_days), claim.last + SECOND)
                for (account, other), later in claims.items()
                if account == anchor
                and other != identifier
                and other[0] == identifier[0]
                if later.profile_days and max(later.profile_days) > claim.last
            ]
            claim.ended = min(moves, default=None)
    return claims


def _tenures(claims: list[Claim]) -> list[float]:
    """Days on which the second, third ... tenure of an identifier begins."""
    starts: list[float] = []
    left = sorted(claims, key=lambda claim: min(claim.days))
    while True:
        ends = [claim.ended for claim in left if claim.ended is not None]
        left = [claim for claim in left if ends and min(claim.days) >= min(ends)]
        if not left:
            return starts
        starts.append(min(ends))


def _rows(seeds: Path, name: str) -> list[dict[str, str]]:
    with (seeds / f"oneid_{name}.csv").open(encoding="utf-8") as seed:
        return list(csv.DictReader(seed))
