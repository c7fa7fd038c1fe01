"""The identity models by themselves: a dbt project whose channels a test writes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from psycopg import sql

from tests.integration.dbt_runs import run_dbt, set_day
from warehouse.connection import connect, copy_frame
from warehouse.settings import project_root

ANCHORS = (
    "pos_member_no",
    "tmall_ouid",
    "yz_open_id",
    "wecom_external_userid",
    "wecom_pending_id",
    "wechat_openid",
    "wechat_unionid",
    "phone",
    "device_id",
    "email",
)
START = datetime(2017, 1, 1, tzinfo=UTC)

# What the test lands instead of staging, in the columns of each channel's two models.
CHANNEL_COLUMNS = {
    "records": "distinct record_key, channel_code, shop_code, record_type, record_id,"
    " observed_at, anchor_type, anchor_value",
    "evidence": "channel_code, shop_code, record_type, anchor_type, anchor_value,"
    " identifier_type, role, value, observed_at as first_seen_at,"
    " observed_at as last_seen_at, 1 as record_count,"
    " record_key as example_record_key",
}
CHANNEL_MODEL = """
select {columns} from test_input.seen where channel_code = '{channel}'
    and observed_at < {{{{ as_of_date() }}}} + 1
"""


@dataclass(frozen=True)
class Record:
    """One channel record on a day; identifiers by type, `receiver` is a phone."""

    key: int
    channel: str
    kind: str
    day: int
    identifiers: dict[str, str]
    shop: str = "shop"
    receiver: str | None = None
    successor: str | None = None

    def anchor(self) -> str:
        """Return the type of the identifier the others are tied to, or nothing."""
        return next((name for name in ANCHORS if name in self.identifiers), "")

    def anchor_value(self) -> str:
        """Return the value of that identifier."""
        return self.identifiers[self.anchor()]

    def rows(self) -> Iterable[dict[str, Any]]:
        """Yield what the channel's models would say of this record."""
        if not self.anchor():
            return
        shared = {
            "record_key": self.key,
            "channel_code": self.channel,
            "shop_code": self.shop,
            "record_type": self.kind,
            "record_id": f"r{self.key}",
            "observed_at": START + timedelta(days=self.day, hours=4),
            "anchor_type": self.anchor(),
            "anchor_value": self.anchor_value(),
        }
        shown = list(self.identifiers.items())
        if self.successor:
            shown.append((self.anchor(), self.successor))
        for name, value in shown:
            yield {**shared, "identifier_type": name, "role": "account", "value": value}
        if self.receiver:
            yield {
                **shared,
                "identifier_type": "phone",
                "role": "receiver",
                "value": self.receiver,
            }


class IdentityProject:
    """A copy of the identity layer in `folder`, reading records the test gives."""

    def __init__(self, folder: Path, marts: Iterable[str] = ()) -> None:
        """Copy models, macros and seeds, and `marts` that read nothing but identity;
        the channels become views of test_input."""
        source = project_root() / "dbt_project"
        self.folder = folder / "project"
        models = self.folder / "models" / "identity"
        # The fuzzy tier reads profiles, which other layers make.
        shutil.copytree(
            source / "models" / "identity",
            models,
            ignore=shutil.ignore_patterns("fuzzy"),
        )
        for kind, columns in CHANNEL_COLUMNS.items():
            for path in (models / "evidence").glob(f"int_identity__*_{kind}.sql"):
                channel = path.stem.removeprefix("int_identity__")
                channel = channel.removesuffix(f"_{kind}")
                path.write_text(CHANNEL_MODEL.format(columns=columns, channel=channel))
        self.seeds = self.folder / "seeds" / "identity"
        shutil.copytree(source / "seeds" / "identity", self.seeds)
        shutil.copy(source / "seeds" / "shops.csv", self.seeds.parent)
        (self.folder / "models" / "marts").mkdir()
        for mart in marts:
            shutil.copy(
                source / "models" / "marts" / f"{mart}.sql",
                self.folder / "models" / "marts",
            )
        shutil.copytree(source / "macros", self.folder / "macros")
        shutil.copytree(source / "tests" / "identity", self.folder / "tests")
        shutil.copy(source / "profiles.yml", self.folder)
        config = yaml.safe_load((source / "dbt_project.yml").read_text())
        config["models"]["quanyu"] = {
            "identity": config["models"]["quanyu"]["identity"],
            "marts": {"+schema": "marts", "+materialized": "table"},
        }
        (self.folder / "dbt_project.yml").write_text(yaml.safe_dump(config))

    def write_seed(self, name: str, lines: Iterable[str]) -> None:
        """Append lines to a seed of this copy."""
        with (self.seeds / f"{name}.csv").open("a") as seed:
            seed.writelines(f"{line}\n" for line in lines)

    def land(self, records: Iterable[Record]) -> None:
        """Replace the records that the channels show."""
        frame = pd.DataFrame([row for record in records for row in record.rows()])
        with connect() as conn:
            conn.execute("create schema if not exists test_input")
            conn.execute("drop table if exists test_input.seen cascade")
            conn.execute(
                "create table test_input.seen (record_key bigint, channel_code text,"
                " shop_code text, record_type text, record_id text,"
                " observed_at timestamptz, anchor_type text, anchor_value text,"
                " identifier_type text, role text, value text)"
            )
            copy_frame(conn, "test_input.seen", frame)
            conn.commit()

    def build(self, day: int, *arguments: str) -> None:
        """Build seeds and identity models as of the end of a day."""
        set_day((START + timedelta(days=day)).date().isoformat())
        self.dbt("build", *arguments)

    def dbt(self, *arguments: str) -> None:
        """Run dbt on this copy; its errors are the message when it fails."""
        assert not (errors := run_dbt(self.folder, *arguments)), errors


def rows(query: str | sql.Composable, parameters: Any = None) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    text = query.encode() if isinstance(query, str) else query
    with connect() as conn:
        return conn.execute(text, parameters).fetchall()


def execute(statement: str) -> None:
    """Execute a statement without rows."""
    with connect() as conn:
        conn.execute(statement.encode())
        conn.commit()
