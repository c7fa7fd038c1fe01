"""Compare the wide tables with the definitions of their tags, for every member.

Each member has every value compared, exactly: definitions round as the columns do.
Definitions are written from the entries' words, not from the SQL: plain loops over
events in the order they happened, where the models use windows and closed forms. Each
module of `definitions` (customers) and `definitions_<entity>` holds a family; a public
function named after a tag defines it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.integration.tags.person import Person
from tests.integration.tags.rows import Row, Tables, select
from tests.integration.tags.subject import Subject
from tests.integration.tags.things import Guide, Product, Store

Definition = Callable[[Any], Any]
# Tags that tell a history: their definitions look back over the orders, as a warehouse
# does in its first run; later it remembers what it said on each day.
OF_HISTORY = (
    "_entered_on",
    "_stage_days",
    "_previous_stage",
    "_previous_tier",
    "_30d_ago",
    "_90d_ago",
    "_direction_30d",
    "_direction_90d",
)


@dataclass(frozen=True)
class Entity:
    """Whose tags are compared: the wide table's key, and what definitions are given."""

    key: str
    folder: str
    subject: Callable[[Any, Tables, date], Subject]


ENTITIES = {
    "customer": Entity("customer_id", "definitions", Person),
    "product": Entity("product_key", "definitions_product", Product),
    "store": Entity("store_code", "definitions_store", Store),
    "guide": Entity("staff_code", "definitions_guide", Guide),
}


@dataclass
class Agreement:
    """How the values of a family compare with what its tags are defined as."""

    entity: str
    family: str
    definitions: dict[str, Definition] = field(default_factory=dict)
    members: int = 0
    compared: int = 0
    filled: int = 0  # values compared that are not null
    differences: list[str] = field(default_factory=list)

    def compare(self, member: Any, row: Row, subject: Any) -> None:
        """Compare one member's tags."""
        self.members += 1
        for code, definition in self.definitions.items():
            expected, value = definition(subject), row[code]
            self.compared += 1
            self.filled += value is not None
            if expected != value:
                self.differences.append(f"{member} {code}: {value}, not {expected}")


def families(entity: str = "customer") -> list[Agreement]:
    """Return the families of an entity with their definitions, nothing compared yet."""
    found = []
    folder = ENTITIES[entity].folder
    for path in sorted((Path(__file__).parent / folder).glob("*.py")):
        module = import_module(f"tests.integration.tags.{folder}.{path.stem}")
        prefix = path.stem if entity == "customer" else entity
        defined = {
            name: one
            for name, one in vars(module).items()
            if name.startswith(f"{prefix}_")
            and getattr(one, "__module__", "") == module.__name__
        }
        found.append(Agreement(entity, path.stem, defined))
    return found


def definitions(entity: str = "customer") -> dict[str, Definition]:
    """Return the definition of each tag, by its code."""
    found: dict[str, Definition] = {}
    for family in families(entity):
        found |= family.definitions
    return found


def compare(conn: Any, base_date: date, entity: str = "customer") -> list[Agreement]:
    """Compare each tag of every member, family by family.

    Tags that tell a history are left out where more than one run has told it.
    """
    tables, key = Tables(conn), ENTITIES[entity].key
    found, is_first_run = families(entity), ran_once(conn)
    for family in found:
        family.definitions = {
            code: definition
            for code, definition in family.definitions.items()
            if is_first_run or not code.endswith(OF_HISTORY)
        }
    for row in select(conn, f"tags.{entity}_tags_wide"):
        subject = ENTITIES[entity].subject(row[key], tables, base_date)
        for family in found:
            family.compare(row[key], row, subject)
    return found


def differences(conn: Any, base_date: date, entity: str = "customer") -> list[str]:
    """Return a line per member and tag whose value is not the defined one."""
    return [
        line
        for family in compare(conn, base_date, entity)
        for line in family.differences
    ]


def ran_once(conn: Any) -> bool:
    """Say whether the history of states is what the first run looked back on."""
    (runs,) = conn.execute(
        "select count(distinct run_id) from tags.int_flow__changes"
    ).fetchone()
    return bool(runs == 1)
