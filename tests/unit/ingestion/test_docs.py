"""The channels' pages say what the contracts say."""

from __future__ import annotations

import pytest

from ingestion.contract import load_contracts
from ingestion.docs import page, pages
from warehouse.settings import project_root


@pytest.mark.parametrize("channel", sorted(load_contracts()))
def test_the_page_of_a_channel_is_current(channel: str) -> None:
    path = project_root() / "docs" / "channels" / f"{channel}.md"
    assert path.read_text("utf-8") == pages()[path], "run `python -m ingestion.docs`"


@pytest.mark.parametrize("channel", sorted(load_contracts()))
def test_the_page_explains_every_column(channel: str) -> None:
    contract = load_contracts()[channel]
    rows = page(contract).splitlines()
    for table in contract.tables:
        begin = rows.index(f"### {table.table}")
        for column in table.columns:
            assert any(row.startswith(f"| `{column}` |") for row in rows[begin:])


def test_the_readme_names_every_channel_and_reason() -> None:
    folder = project_root() / "docs" / "channels"
    text = (folder / "README.md").read_text("utf-8")
    sources = "".join(
        (project_root() / "ingestion" / f"{module}.py").read_text("utf-8")
        for module in ("delimited", "jsonlines", "columnar")
    )
    reasons = [
        line.split("`")[1] for line in text.splitlines() if line.startswith("| `")
    ]
    named = [reason for reason in reasons if f'"{reason}"' in sources]
    assert len(named) == 9
    assert all(f"[{channel}]({channel}.md)" in text for channel in load_contracts())
