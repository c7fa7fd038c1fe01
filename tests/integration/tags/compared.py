"""Compare the wide table with the definitions of its tags, for every customer.

Definitions are written from the entries' words, not from the SQL: plain loops over
events in the order they happened, where the models use windows and closed forms. Each
module of `definitions` holds a family; a public function named after a tag defines it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.integration.tags.person import Person
from tests.integration.tags.rows import Tables, select

Definition = Callable[[Person], Any]


def definitions() -> dict[str, Definition]:
    """Return the definition of each tag that has one, by its code."""
    found: dict[str, Definition] = {}
    for path in sorted((Path(__file__).parent / "definitions").glob("*.py")):
        module = import_module(f"tests.integration.tags.definitions.{path.stem}")
        found |= {
            name: one
            for name, one in vars(module).items()
            if name.startswith(f"{path.stem}_") and callable(one)
        }
    return found


def differences(conn: Any, base_date: date) -> list[str]:
    """Return a line per customer and tag whose value is not the defined one."""
    tables, found = Tables(conn), []
    defined = definitions()
    for row in select(conn, "tags.customer_tags_wide"):
        person = Person(row["customer_id"], tables, base_date)
        for code, definition in defined.items():
            expected = definition(person)
            if expected != row[code]:
                found.append(
                    f"{row['customer_id']} {code}: {row[code]}, not {expected}"
                )
    return found
