"""The ledgers by themselves: a dbt project whose facts and rules a test writes."""

from __future__ import annotations

from pathlib import Path

from tests.integration.tags.project import TagProject


class LedgerProject(TagProject):
    """A copy of the ledgers in `folder`, with the rules the test gives, if any."""

    models = ("models/marts/ledgers",)
    others = ("macros", "tests/generic", "tests/ledgers", "docs")

    def __init__(self, folder: Path, rules: dict[str, str] | None = None) -> None:
        """Copy models, macros and seeds; `rules` are seeds of ledgers to replace."""
        super().__init__(folder)
        for seed, text in (rules or {}).items():
            (self.folder / "seeds" / "ledgers" / f"{seed}.csv").write_text(text)
