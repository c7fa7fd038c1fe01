"""Who may be sent: one query that maps a segment to payloads or to a reason why not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from psycopg import sql

from activation.normalisers import NORMALISERS, Expression
from activation.specs import FieldMap, SyncSpec
from warehouse.connection import Connection
from warehouse.errors import QuanyuError

# The one place that says where members of segments are.
MEMBERS = sql.Identifier("segments", "segment_members")


def build_members(
    conn: Connection, sync: SyncSpec, base_date: date, held_by: int | None = None
) -> None:
    """Create the temporary table plan_members, which lives until the transaction ends.

    One row per customer of the segment: customer_id, dest_key, payload, payload_hash,
    reason (null: may be sent), is_held and is_changed. Two customers with one dest_key
    are sent once. With `held_by`, the number of a sync, a payload that the destination
    holds already is not kept: on most days that is nearly all of them, and most bytes.
    """
    _check_tag_columns(conn, sync)
    conn.execute("drop table if exists pg_temp.plan_members")
    conn.execute(members_table(sync, base_date, held_by))
    conn.execute("analyze plan_members (customer_id, dest_key, reason)")
    conn.execute(_DUPLICATES)


# Found by counting, not by ranking: a sort of all payloads costs more than the rest.
_DUPLICATES = """
with shared as (
    select dest_key, min(customer_id) as customer_id
    from plan_members
    where reason is null
    group by dest_key
    having count(*) > 1
)
update plan_members as members
set reason = 'duplicate_contact_point'
from shared
where
    members.reason is null
    and members.dest_key = shared.dest_key
    and members.customer_id <> shared.customer_id
"""


def members_table(
    sync: SyncSpec, base_date: date, held_by: int | None = None
) -> sql.Composed:
    """Statement that makes plan_members (see build_members)."""
    contacts = _contacts(sync)
    return sql.SQL(
        """
create temporary table plan_members on commit drop as
with source as (
    select customer_id
    from {members}
    where segment_code = {segment}
),
suppression as (
    select distinct on (customer_id) customer_id, reason
    from protection.protect_suppressions
    where
        (sync is null or sync = {sync})
        and (contact_channel is null or contact_channel = {channel})
        and (legal_entity is null or legal_entity = {legal_entity})
        and (brand_code is null or brand_code = {brand})
        and (purpose is null or purpose = {purpose})
    order by customer_id, precedence, reason
),
consents as (
    select
        customer_id,
        max(occurred_at) filter (where status = 'granted') as granted_at,
        max(occurred_at) filter (where status <> 'granted') as withdrawn_at
    from marts.fct_consents
    where
        contact_channel = {channel}
        and purpose = {purpose}
        and legal_entity = {legal_entity}
        and occurred_on <= {base_date}
    group by customer_id
),
-- Of each kind and scope one is the primary one.
contacts as (
    select customer_id, kind, scope, value
    from marts.dim_contact_points
    where is_primary and is_current and role = 'account'{guide_contacts}
),
-- offset 0: each value is written once, for key, hash, payload and reason.
written as (
    select
        source.customer_id,
        suppression.reason as suppression_reason,
        consents.granted_at,
        consents.withdrawn_at,
        {is_held_out} as is_held_out,
        {has_contact} as has_contact,
        {fields}
    from source
    left join suppression on source.customer_id = suppression.customer_id
    left join consents on source.customer_id = consents.customer_id
    {joins}
    offset 0
),
-- A row as text says where a field ends and which are null, and is cheaper to write
-- than the payload, which is made only where it differs from what is held.
mapped as (
    select
        *,
        {key} as dest_key,
        cast(md5({mapping_hash} || cast(row({columns}) as text)) as uuid)
            as payload_hash,
        case
            when suppression_reason is not null then suppression_reason
            when coalesce(granted_at, withdrawn_at) is null then 'no_consent'
            -- of two at the same moment the withdrawal counts
            when granted_at is null or withdrawn_at >= granted_at
            then 'consent_withdrawn'
            when is_held_out then 'holdout'
            when not has_contact then 'no_contact_point'
            when {is_invalid} then 'invalid_contact_point'
        end as reason
    from written
    offset 0
)
select
    mapped.customer_id,
    mapped.dest_key,
    case
        when mapped.payload_hash is distinct from held.acked_hash
        then jsonb_build_object({payload})
    end as payload,
    mapped.payload_hash,
    mapped.reason,
    held.dest_key is not null as is_held,
    mapped.payload_hash is distinct from held.acked_hash as is_changed
from mapped
left join activation.member_state as held
    on held.sync_id = {held_by} and mapped.dest_key = held.dest_key
"""
    ).format(
        members=MEMBERS,
        segment=sql.Literal(sync.segment),
        sync=sql.Literal(sync.name),
        legal_entity=sql.Literal(sync.consent.legal_entity),
        brand=sql.Literal(sync.consent.brand),
        channel=sql.Literal(sync.consent.channel),
        purpose=sql.Literal(sync.consent.purpose),
        base_date=sql.Literal(base_date),
        guide_contacts=_guide_contacts(sync),
        is_held_out=_is_held_out(sync),
        has_contact=_all_of(
            sql.SQL("{}.value is not null").format(sql.Identifier(contacts[name]))
            for name, field in sync.map.items()
            if field.contact_kind and not field.optional
        ),
        fields=sql.SQL(",\n        ").join(
            sql.SQL("{} as {}").format(_field(field, contacts.get(name)), _column(name))
            for name, field in sync.map.items()
        ),
        joins=_joins(sync, contacts),
        key=_column(sync.key),
        payload=sql.SQL(", ").join(
            sql.SQL("{}, {}").format(sql.Literal(name), _column(name))
            for name in sync.map
        ),
        columns=sql.SQL(", ").join(map(_column, sync.map)),
        is_invalid=sql.SQL("not ({})").format(
            _all_of(
                sql.SQL("{} is not null").format(_column(name))
                for name, field in sync.map.items()
                if field.contact_kind and not field.optional
            )
        ),
        mapping_hash=sql.Literal(sync.mapping_hash),
        held_by=sql.Literal(held_by),
    )


def _column(name: str) -> sql.Identifier:
    """Column of a mapped field; the prefix keeps it apart from our own columns."""
    return sql.Identifier(f"field_{name}")


def _all_of(conditions: Iterable[sql.Composable]) -> sql.Composable:
    listed = list(conditions)
    return sql.SQL(" and ").join(listed) if listed else sql.SQL("true")


def _field(field: FieldMap, contact: str | None) -> Expression:
    if field.tag_column:
        return sql.Identifier("tags", field.tag_column)
    if contact is None:
        # Text, since JSON numbers lose digits of a bigint in many readers.
        return sql.SQL("cast(source.customer_id as text)")
    value = sql.Identifier(contact, "value")
    if field.normaliser is None:
        return value
    return NORMALISERS[field.normaliser].expression(value)


def _contacts(sync: SyncSpec) -> dict[str, str]:
    """Alias of the joined contact point of each field that reads one."""
    return {
        name: f"contact_{name}"
        for name, field in sync.map.items()
        if field.contact_kind
    }


def _joins(sync: SyncSpec, contacts: dict[str, str]) -> sql.Composed:
    joins: list[sql.Composable] = []
    for name, alias in contacts.items():
        field = sync.map[name]
        scope = (
            sql.SQL(" and {}.scope = {}").format(
                sql.Identifier(alias), sql.Literal(field.scope)
            )
            if field.scope
            else sql.SQL("")
        )
        joins.append(
            sql.SQL(
                "left join contacts as {alias}"
                " on source.customer_id = {alias}.customer_id"
                " and {alias}.kind = {kind}{scope}"
            ).format(
                alias=sql.Identifier(alias),
                kind=sql.Literal(field.contact_kind),
                scope=scope,
            )
        )
    if any(field.tag_column for field in sync.map.values()):
        joins.append(
            sql.SQL(
                "left join tags.customer_tags_wide as tags"
                " on source.customer_id = tags.customer_id"
            )
        )
    return sql.SQL("\n    ").join(joins)


def _guide_contacts(sync: SyncSpec) -> sql.SQL:
    """Who is whose contact in WeCom, `guide:contact`; the guide added last is asked."""
    if all(field.contact_kind != "wecom_contact" for field in sync.map.values()):
        return sql.SQL("")
    return sql.SQL(
        """
    union all
    select
        customer_id,
        'wecom_contact' as kind,
        shop_code as scope,
        (max(array[
            cast(added_at at time zone 'UTC' as text),
            staff_code || ':' || wecom_external_userid
        ]))[2] as value
    from marts.fct_guide_contacts
    where is_current and customer_id is not null
    group by customer_id, shop_code"""
    )


def _is_held_out(sync: SyncSpec) -> sql.Composable:
    """The first 32 bits of md5(salt:customer_id), as anyone can compute them again."""
    if sync.holdout is None or not sync.holdout.percent:
        return sql.SQL("false")
    return sql.SQL(
        "cast(cast('x' || left(md5({} || cast(source.customer_id as text)), 8)"
        " as bit(32)) as bigint) % 10000 < {}"
    ).format(
        sql.Literal(f"{sync.holdout.salt}:"),
        sql.Literal(round(sync.holdout.percent * 100)),
    )


def _check_tag_columns(conn: Connection, sync: SyncSpec) -> None:
    """Name file and key when a tag is not a column of the wide table."""
    wanted = {
        name: field.tag_column for name, field in sync.map.items() if field.tag_column
    }
    if not wanted:
        return
    known = {
        row[0]
        for row in conn.execute(
            "select column_name from information_schema.columns"
            " where table_schema = 'tags' and table_name = 'customer_tags_wide'"
        )
    }
    for name, column in wanted.items():
        if column not in known:
            raise QuanyuError(
                f"activation/syncs/{sync.name}.yml: map.{name}: tags.{column} is not a "
                "column of tags.customer_tags_wide."
            )
