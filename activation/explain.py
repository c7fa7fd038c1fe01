"""One person of a sync: what would be sent, why or why not, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import errors

from activation import engine, registry
from activation.eligible import build_members
from activation.masking import mask
from activation.specs import SyncSpec
from warehouse.connection import Connection
from warehouse.errors import QuanyuError

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Preview:
    """What a sync has for one customer as of a day; contact points are masked.

    `reason`: why nothing is sent, or None. `fields`: the payload, also of who is kept
    back, since that is what is looked for.
    """

    customer_id: int
    reason: str | None
    dest_key: str | None
    fields: dict[str, Any]


@dataclass(frozen=True)
class Explained:
    """A customer in a sync: today's row, what is held, what was sent, and whence.

    held: (run, acknowledged or not, at); log: (run, day, op, status, code, message);
    rules: (reason, channel, company, brand) that keep the customer back;
    sources: (field, channel, kind of record, record id, seen at) of the channel rows.
    """

    row: Preview
    held: Row | None
    log: list[Row]
    rules: list[Row]
    sources: list[Row]


def preview(
    conn: Connection, sync: SyncSpec, base_date: date, customer_id: int
) -> Preview:
    """Plan one customer, send nothing. Raises QuanyuError when not in the segment."""
    with engine.planning(conn, sync):
        return _preview(conn, sync, base_date, customer_id)


def explain(
    conn: Connection, sync: SyncSpec, base_date: date, customer_id: int
) -> Explained:
    """Everything there is to say of one customer in a sync."""
    registry.register(conn, sync)
    with engine.planning(conn, sync):
        row = _preview(conn, sync, base_date, customer_id)
        key = _key(conn, customer_id)
        return Explained(
            row=row,
            held=_held(conn, sync, key),
            log=_log(conn, sync, key, customer_id),
            rules=_rules(conn, sync, customer_id),
            sources=_sources(conn, sync, base_date, customer_id),
        )


def _preview(
    conn: Connection, sync: SyncSpec, base_date: date, customer_id: int
) -> Preview:
    build_members(conn, sync, base_date)
    found = conn.execute(
        "select reason, dest_key, payload from plan_members where customer_id = %s",
        [customer_id],
    ).fetchone()
    if found is None:
        raise QuanyuError(
            f"Customer {customer_id} is not in {sync.segment}: {sync.name} has no row "
            "for them."
        )
    reason, dest_key, payload = found
    contacts = {name for name, field in sync.map.items() if field.contact_kind}
    fields = {
        name: mask(payload[name]) if name in contacts else payload[name]
        for name in sync.map
    }
    shown = mask(dest_key) if sync.key in contacts else dest_key
    return Preview(customer_id, reason, shown, fields)


def _key(conn: Connection, customer_id: int) -> str | None:
    row = conn.execute(
        "select dest_key from plan_members where customer_id = %s", [customer_id]
    ).fetchone()
    return row[0] if row else None


def _held(conn: Connection, sync: SyncSpec, key: str | None) -> Row | None:
    return conn.execute(
        "select acked_run, acked_hash is not null, acked_at"
        " from activation.member_state inner join activation.syncs using (sync_id)"
        " where name = %s and dest_key = %s",
        [sync.name, key],
    ).fetchone()


def _log(
    conn: Connection, sync: SyncSpec, key: str | None, customer_id: int
) -> list[Row]:
    return conn.execute(
        "select changelog.run_id, runs.base_date, changelog.op, changelog.status,"
        " changelog.code, changelog.message"
        " from activation.changelog"
        " inner join activation.runs using (run_id)"
        " inner join activation.syncs on changelog.sync_id = syncs.sync_id"
        " where syncs.name = %s"
        " and (changelog.customer_id = %s or changelog.dest_key = %s)"
        " order by changelog.run_id desc limit 10",
        [sync.name, customer_id, key],
    ).fetchall()


def _rules(conn: Connection, sync: SyncSpec, customer_id: int) -> list[Row]:
    return conn.execute(
        "select reason, contact_channel, legal_entity, brand_code"
        " from protection.protect_suppressions"
        " where customer_id = %s and (sync is null or sync = %s)"
        " and (contact_channel is null or contact_channel = %s)"
        " and (legal_entity is null or legal_entity = %s)"
        " and (brand_code is null or brand_code = %s)"
        " and (purpose is null or purpose = %s)"
        " order by precedence",
        [
            customer_id,
            sync.name,
            sync.consent.channel,
            sync.consent.legal_entity,
            sync.consent.brand,
            sync.consent.purpose,
        ],
    ).fetchall()


def _sources(
    conn: Connection, sync: SyncSpec, base_date: date, customer_id: int
) -> list[Row]:
    """Channel rows behind the consent and the contact points; the rest by channel."""
    consent = sync.consent
    kinds = {
        name: field.contact_kind
        for name, field in sync.map.items()
        if field.contact_kind
    }
    try:
        with conn.transaction():
            rows = conn.execute(
                """
                select 'consent', records.channel_code, records.record_type,
                    records.record_id, consents.occurred_at
                from marts.fct_consents as consents
                inner join identity.oneid_records as records using (record_key)
                where
                    consents.customer_id = %s
                    and consents.legal_entity = %s
                    and consents.contact_channel = %s
                    and consents.purpose = %s
                    and consents.occurred_on <= %s
                order by consents.occurred_at desc limit 1
                """,
                [
                    customer_id,
                    consent.legal_entity,
                    consent.channel,
                    consent.purpose,
                    base_date,
                ],
            ).fetchall()
            for name, kind in kinds.items():
                rows += conn.execute(_CONTACT_SOURCES, [customer_id, kind, name])
            rows += conn.execute(
                "select 'customer', channel_code, record_type,"
                " count(*) || ' records', null from identity.oneid_records"
                " where customer_id = %s group by channel_code, record_type"
                " order by channel_code, record_type",
                [customer_id],
            )
            return rows
    except errors.UndefinedTable:
        return []  # a warehouse without its identity layer has no channel rows to name


# The contact point as plans choose it, and the records that carry it.
_CONTACT_SOURCES = """
with contact as (
    select kind, scope, value
    from marts.dim_contact_points
    where customer_id = %s and kind = %s and is_current and role = 'account'
    order by is_primary desc, valid_from desc nulls last, value
    limit 1
)
select %s, records.channel_code, records.record_type, records.record_id,
    evidence.last_seen_at
from contact
inner join identity.int_identity__identifiers as identifiers
    on contact.kind = identifiers.identifier_type
    and contact.value = identifiers.value
    and contact.scope is not distinct from identifiers.scope
inner join identity.int_identity__evidence as evidence
    on identifiers.identifier_key = evidence.identifier_key
inner join identity.oneid_records as records
    on evidence.example_record_key = records.record_key
order by evidence.last_seen_at desc
limit 3
"""
