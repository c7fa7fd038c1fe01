"""The ledgers by themselves: a dbt project whose facts and rules a test writes."""

from __future__ import annotations

from tests.integration.tags.project import TagProject


class LedgerProject(TagProject):
    """A copy of the ledgers."""

    models = ("models/marts/ledgers",)
    others = ("macros", "tests/generic", "tests/ledgers", "docs")
