"""The channels' pages docs/channels/<channel>.md, from contract.yml and about.md.

python -m ingestion.docs
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingestion.contract import CHANNELS, Channel, Table, load_contracts
from warehouse.settings import project_root


def pages() -> dict[Path, str]:
    """Text of every channel's page by its path."""
    folder = project_root() / "docs" / "channels"
    return {
        folder / f"{channel.channel}.md": page(channel)
        for channel in load_contracts().values()
    }


def page(channel: Channel) -> str:
    """Text of one channel's page."""
    folder = CHANNELS / channel.channel
    lines = [
        f"# {channel.name_zh} (`{channel.channel}`)",
        "",
        "Written by `python -m ingestion.docs` from "
        f"`ingestion/channels/{channel.channel}/`; edit there. How files land is the "
        "same for all channels: [README](README.md).",
        "",
        (folder / "about.md").read_text("utf-8").strip(),
        "",
        "## Tables",
        "",
        "| table | what | files | format |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| [{table.table}](#{table.table}) | {table.description.split('. ')[0]} "
        f"| {_code(*table.files)} | {_format(table)} |"
        for table in channel.tables
    ]
    for table in channel.tables:
        lines += _section(channel, table)
    return "\n".join(lines) + "\n"


def _section(channel: Channel, table: Table) -> Iterator[str]:
    yield from ("", f"### {table.table}", "", table.description)
    yield f"Lands in `{channel.raw_schema}.{table.table}`; key {_code(*table.key)}."
    if table.updated:
        kept = "all are kept" if table.history else "the latest holds"
        yield "A row that changes comes again, whole: "
        yield f"of its versions by `{table.updated}`, {kept}."
    yield from ("", "| column | required | meaning |", "|---|---|---|")
    for name, column in table.columns.items():
        required = "yes" if name in table.required else ""
        kind = "JSON: " if column.type == "json" else ""
        values = f": {' | '.join(column.values)}" if column.values else ""
        meaning = (kind + column.description + values).replace("|", "\\|")
        yield f"| `{name}` | {required} | {meaning} |"


def _format(table: Table) -> str:
    if table.format == "csv":
        names = {"utf-8": "UTF-8", "gb18030": "GB18030"}
        return f"CSV, {names[table.encoding]}"
    return {"jsonl": "JSON lines", "parquet": "Parquet"}[table.format]


def _code(*names: str) -> str:
    return ", ".join(f"`{name}`" for name in names)


def write() -> None:
    """Write the pages."""
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    write()
