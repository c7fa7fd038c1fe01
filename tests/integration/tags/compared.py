"""Compare the wide tables with the definitions of their tags, for every member.

Definitions are written from the entries' words, not from the SQL: plain loops over
events in the order they happened, where the models use windows and closed forms. Each
module of `definitions` (customers) and `definitions_<entity>` holds a family; a public
function named after a tag defines it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.integration.tags.person import Person
from tests.integration.tags.rows import Tables, select
from tests.integration.tags.subject import Subject
from tests.integration.tags.things import Guide, Product, Store

Definition = Callable[[Any], Any]
# Tags that tell a history: their definitions look back over the orders, as a warehouse
# does when it is built once; later it remembers what it said on each day.
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


def definitions(entity: str = "customer") -> dict[str, Definition]:
    """Return the definition of each tag that has one, by its code."""
    found: dict[str, Definition] = {}
    folder = ENTITIES[entity].folder
    for path in sorted((Path(__file__).parent / folder).glob("*.py")):
        module = import_module(f"tests.integration.tags.{folder}.{path.stem}")
        prefix = path.stem if entity == "customer" else entity
        found |= {
            name: one
            for name, one in vars(module).items()
            if name.startswith(f"{prefix}_") and callable(one)
        }
    return found


def differences(
    conn: Any, base_date: date, entity: str = "customer", built_once: bool = True
) -> list[str]:
    """Return a line per member and tag whose value is not the defined one."""
    tables, found, key = Tables(conn), [], ENTITIES[entity].key
    defined = {
        code: definition
        for code, definition in definitions(entity).items()
        if built_once or not code.endswith(OF_HISTORY)
    }
    for row in select(conn, f"tags.{entity}_tags_wide"):
        subject = ENTITIES[entity].subject(row[key], tables, base_date)
        for code, definition in defined.items():
            expected = definition(subject)
            if expected != row[code]:
                found.append(f"{row[key]} {code}: {row[code]}, not {expected}")
    return found
