"""One customer as people may see it: found by id or phone, 360 card and timeline."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from warehouse.connection import Connection
from warehouse.errors import QuanyuError

_PHONE = re.compile(r"(?:\+?86)?(1\d{10})")


@dataclass(frozen=True)
class Customer:
    """The card (a row of mart_customer_360) and the newest events, masked."""

    card: dict[str, Any]
    events: list[dict[str, Any]]
    event_count: int


def read_customer(conn: Connection, given: str, limit: int) -> Customer:
    """Return the customer whose id, former id or phone is `given`, newest events first.

    Raises QuanyuError when there is none, or when the marts are not built.
    """
    try:
        customer_id = _find(conn, given)
        card = _rows(
            conn,
            "select * from marts.mart_customer_360 where customer_id = %s",
            customer_id,
        )
        events = _rows(
            conn,
            """
            select occurred_at, title, channel_code, shop_code, amount,
                count(*) over () as event_count
            from marts.mart_customer_timeline
            where customer_id = %s
            order by occurred_at desc, title, subject_key
            limit %s
            """,
            customer_id,
            limit,
        )
    except psycopg.errors.UndefinedTable as error:
        raise QuanyuError("The marts are not built: run `quanyu run` first.") from error
    if not card:
        raise _unknown(given)
    return Customer(card[0], events, events[0]["event_count"] if events else 0)


def _find(conn: Connection, given: str) -> int:
    """Return the id in use behind an id, a former id or a phone."""
    text = re.sub(r"[\s-]", "", given)
    phone = _PHONE.fullmatch(text)
    if phone:
        # a number that went to somebody else is the present holder's
        query, value = (
            """
            select customer_id from marts.dim_contact_points
            where kind = 'phone' and role = 'account' and value = %s
            order by is_current desc, valid_from desc nulls last, customer_id
            limit 1
            """,
            phone[1],
        )
    elif re.fullmatch(r"\d{1,18}", text):
        query, value = (
            """
            select coalesce(alias.customer_id, ids.customer_id) as customer_id
            from (select cast(%s as bigint) as customer_id) as ids
            left join identity.oneid_alias as alias on ids.customer_id = alias.old_id
            """,
            text,
        )
    else:
        raise _unknown(given)
    found = _rows(conn, query, value)
    if not found:
        raise _unknown(given)
    return int(found[0]["customer_id"])


def _unknown(given: str) -> QuanyuError:
    """Say so without repeating a phone number into a log."""
    shown = re.sub(r"\d{7,}", lambda match: f"{match[0][:3]}****", given)
    return QuanyuError(
        f"No customer has the id or phone {shown}: give a customer_id of "
        "marts.dim_customers, or a phone of 11 digits."
    )


def _rows(conn: Connection, query: str, *values: object) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()
