"""Batches for destinations, and a run's way through one without the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from activation.destinations import open_destination
from activation.destinations.base import Batch, Destination, Member, Op, RunInfo
from activation.specs import SyncSpec

RUN = RunInfo(
    sync="to_channel",
    run_id=12,
    run_key="1a2b3c4d-0000-0000-0000-000000000000",
    base_date=date(2017, 11, 30),
    started_at=datetime(2017, 12, 1, 1, tzinfo=UTC),
    key="key",
    columns=(),
)


def sync_to(destination: dict[str, Any], key: str, fields: dict[str, Any]) -> SyncSpec:
    """A sync to a destination; `fields` is its map."""
    return SyncSpec.model_validate(
        {
            "name": "to_channel",
            "description": "test",
            "owner": "crm@example.com",
            "segment": "seg_second_order_due",
            "destination": destination,
            "key": key,
            "map": fields,
            "consent": {
                "legal_entity": "test",
                "brand": "test",
                "purpose": "marketing",
                "channel": "wechat",
            },
        }
    )


def opened(sync: SyncSpec) -> Destination:
    """The destination of a sync, ready for RUN."""
    destination = open_destination(sync)
    destination.open(RUN)
    return destination


def batch(op: Op, *members: Member, chunk: int = 1, run: RunInfo = RUN) -> Batch:
    """A batch of RUN; the same members have the same key."""
    key = f"{run.run_key}:{chunk}:{op}"
    return Batch(run, chunk, op, f"{hash(key) & 0xFFFFFFFF:064x}", members)
