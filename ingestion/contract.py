"""Landing contracts: what each channel delivers (ingestion/channels/*/contract.yml)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from warehouse.errors import QuanyuError

CHANNELS = Path(__file__).parent / "channels"

# Columns that landing adds to every raw table, around those of the contract.
ROW_KEYS = ("_file_id", "_row_no", "_load_id")
EXTRA = "_extra"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Model):
    """One column of a channel table; its name is the vendor's own.

    Landing takes text as it comes. `holds`, `max_length` and `values` say what may be
    in it; `quanyu collect` holds events sent over HTTP to that.
    """

    description: str
    type: Literal["text", "json"] = "text"
    holds: Literal["text", "integer", "timestamp"] = "text"
    max_length: int | None = Field(default=None, gt=0)
    values: tuple[str, ...] = ()


def _column(value: Any) -> Any:
    return {"description": value} if isinstance(value, str) else value


class Table(_Model):
    """One table of a channel: which files carry it and what its columns mean."""

    table: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    description: str
    files: tuple[str, ...] = Field(min_length=1)
    format: Literal["csv", "jsonl", "parquet"]
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    key: tuple[str, ...] = Field(min_length=1)
    history: bool = False
    updated: str | None = None
    required: tuple[str, ...] = Field(min_length=1)
    columns: dict[str, Annotated[Column, BeforeValidator(_column)]]

    @model_validator(mode="after")
    def _names_are_columns(self) -> Table:
        named = {*self.key, *self.required, *([self.updated] if self.updated else [])}
        unknown = sorted(named - set(self.columns))
        if unknown:
            raise ValueError(f"table {self.table} names no column {unknown[0]}")
        reserved = sorted({*ROW_KEYS, EXTRA} & set(self.columns))
        if reserved:
            raise ValueError(f"table {self.table}: {reserved[0]} is landing's own")
        return self

    def matches(self, file_name: str) -> bool:
        """Whether a file of this name carries this table."""
        return any(fnmatchcase(file_name, glob) for glob in self.files)

    @property
    def landed_columns(self) -> tuple[str, ...]:
        """Columns of the raw table, in order."""
        return (*ROW_KEYS, *self.columns, EXTRA)

    @property
    def copied_columns(self) -> tuple[str, ...]:
        """Columns in the order in which rows are copied, those of the file last."""
        return (*ROW_KEYS, EXTRA, *self.columns)


class Channel(_Model):
    """One channel and its tables."""

    channel: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name_zh: str
    tables: tuple[Table, ...]

    @property
    def raw_schema(self) -> str:
        """Schema of the channel's raw tables."""
        return f"raw_{self.channel}"

    def table_of(self, file_name: str) -> Table | None:
        """Table carried by a file of this name, None when no table claims it."""
        claims = [table for table in self.tables if table.matches(file_name)]
        if len(claims) > 1:
            names = " and ".join(table.table for table in claims)
            raise QuanyuError(
                f"{file_name} matches the file patterns of {names} of channel "
                f"{self.channel}: make the patterns in its contract.yml distinct."
            )
        return claims[0] if claims else None


def load_contract(path: Path) -> Channel:
    """Read and check one contract.yml."""
    try:
        return Channel.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise QuanyuError(f"{path} is not a landing contract: {reason}") from error


@cache
def load_contracts(folder: Path = CHANNELS) -> dict[str, Channel]:
    """Read the contracts of all channels, by channel code."""
    contracts = [load_contract(path) for path in sorted(folder.glob("*/contract.yml"))]
    return {contract.channel: contract for contract in contracts}
