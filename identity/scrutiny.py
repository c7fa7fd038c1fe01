"""The customers worth a look: the largest and the most suspicious ones."""

from __future__ import annotations

from typing import Any, Literal

import psycopg
from psycopg.rows import dict_row

from warehouse.connection import Connection
from warehouse.errors import QuanyuError

By = Literal["suspicion", "size"]

_SUSPICIOUS = """
select customer_id, suspicion, signs, identifier_count, phone_count
from marts.mart_suspect_customers
order by suspicion desc, identifier_count desc nulls last, customer_id
limit %s
"""
_LARGEST = """
select customers.customer_id, suspects.suspicion, suspects.signs,
    customers.identifier_count, suspects.phone_count
from identity.oneid_customers as customers
left join marts.mart_suspect_customers as suspects
    on customers.customer_id = suspects.customer_id
where customers.status = 'active'
order by customers.identifier_count desc, customers.customer_id
limit %s
"""


def top_customers(conn: Connection, by: By, limit: int) -> list[dict[str, Any]]:
    """Return customers, the most suspicious or the largest first.

    Keys: customer_id, suspicion and signs (None without a sign), identifier_count,
    phone_count. Raises QuanyuError when the marts are not built.
    """
    query = _SUSPICIOUS if by == "suspicion" else _LARGEST
    try:
        with conn.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, [limit]).fetchall()
    except psycopg.errors.UndefinedTable as error:
        raise QuanyuError("The marts are not built: run `quanyu run` first.") from error
