"""All tags at a brand's size, beside one scan of the order lines.

    make bench-tags PEOPLE=1000000

Runs the whole way for 20,000 synthetic people, then copies what they did in the marts,
keys shifted, until there are PEOPLE (the copies buy what the originals buy, as other
people), and builds all tags and the ledgers beneath them:

    seconds_full    wall time of all families, inputs and ledgers, two nodes at a time
    seconds_scan    one sequential scan + hash aggregate of fct_order_lines by customer
    seconds_daily   the same families built the day after, on which a hundredth of the
                    customers bought something and came to a channel
    seconds_wide    customer_tags_wide alone
    seconds_distribution  what measures every tag's fill, values and drift
    tags_usable     tags filled as declared and not constant
    peak_mb         most memory of dbt and PostgreSQL (proportional set size)

The last line on stdout is one JSON object with every figure.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

from psycopg import sql

from benchmarks.observe.footprint import Footprint
from benchmarks.observe.home import bench_dir, discard, quanyu, settle
from benchmarks.observe.spans import Span, dbt_spans
from warehouse.connection import Connection, connect

BASE = 20_000
LAST_DAY = "2017-12-31"  # one opening export holds the whole year
TAGS = ("path:models/tags", "path:models/marts/ledgers")
APART = ("customer_tags_wide", "tag_value_counts", "tag_distribution")
# What moves to the next day: key, its table, and tables that have it as well.
MOVED = (
    ("order_key", "fct_orders", "fct_order_lines"),
    ("event_key", "fct_events"),
)
# Keys of what all people share, and texts that are somebody's own.
SHARED = ("product_key", "content_key")
OWN_TEXTS = {"fct_coupons": ["coupon_id"], "dim_contact_points": ["value"]}


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--people", type=int, default=int(os.environ.get("PEOPLE", "100000"))
    )
    parser.add_argument("--keep", action="store_true", help="leave the warehouse")
    options = parser.parse_args()
    if options.people < 1_000:
        parser.error("--people must be 1000 or more")
    home = bench_dir("tags")
    shutil.rmtree(home, ignore_errors=True)
    try:
        figures = measure(options.people, home)
    finally:
        if not options.keep:
            discard(home)
    print(json.dumps(figures))


def measure(people: int, home: Path) -> dict[str, Any]:
    """Return the figures of a brand of about `people` people."""
    base = min(BASE, people)
    drops = home / "drops"
    settle(home)
    quanyu(
        *("sample", "--source", "synthetic", "--people", str(base)),
        *("--from", LAST_DAY, "--to", LAST_DAY, "--out", str(drops)),
    )
    quanyu("up")
    quanyu("run", "--landing-dir", str(drops))
    shutil.rmtree(drops)
    with connect(autocommit=True) as conn:
        began = time.time()
        multiply(conn, people // base)
        print(f"{people // base} times {base:,} people in {time.time() - began:.0f} s")
        lines, scan = scan_seconds(conn)
    full, peak = build("all tags", "--full-refresh")
    with connect(autocommit=True) as conn:
        changed = pass_a_day(conn)
    daily, _ = build("all tags a day later")
    with connect() as conn:
        customers, usable = conn.execute(
            """
            select
                (select count(*) from marts.dim_customers),
                (select count(*) from tags.tag_catalog
                    where entity = 'customer' and is_filled_as_declared
                        and distinct_count > 1)
            """
        ).fetchone() or (0, 0)
    return {
        "people": customers,
        "order_lines": lines,
        "tags_usable": usable,
        "seconds_full": full["families"],
        "seconds_scan": scan,
        "seconds_daily": daily["families"],
        "customers_changed": changed,
        "seconds_wide": full["customer_tags_wide"],
        "seconds_distribution": round(
            full["tag_value_counts"] + full["tag_distribution"], 1
        ),
        "full_to_scan": round(full["families"] / scan, 1),
        "daily_to_full": round(daily["families"] / full["families"], 2),
        "daily_to_full_nodes": round(daily["nodes"] / full["nodes"], 2),
        "peak_mb": peak,
    }


def build(name: str, *arguments: str) -> tuple[dict[str, float], int]:
    """Build all tags; return seconds by what is told apart, and the most memory.

    `families` is wall time, `nodes` the time of their nodes added up.
    """
    began = time.time()
    with Footprint() as footprint:
        quanyu("dbt", "run", "--select", *TAGS, *arguments)
    whole = Span("run", "", began, time.time())
    nodes = dbt_spans(whole)
    took = {node.name: round(node.seconds, 1) for node in nodes}
    apart = {one: took[one] for one in APART}
    families = round(whole.seconds - sum(apart.values()), 1)
    slowest = sorted(took.items(), key=lambda one: -one[1])[:12]
    print(
        f"{name}: {whole.seconds:,.0f} s; slowest: "
        + ", ".join(f"{node} {seconds:,.0f}" for node, seconds in slowest),
        flush=True,
    )
    added_up = round(sum(took.values()) - sum(apart.values()), 1)
    return {"families": families, "nodes": added_up, **apart}, footprint.peak_mb(whole)


def pass_a_day(conn: Connection) -> int:
    """Let the next day be the last one, and a hundredth of the customers do something.

    Their last order, with its lines, and their last event become that day's. Returns
    how many customers.
    """
    row = conn.execute("select last_complete_day + 1 from landing.last_complete_day")
    day = (row.fetchone() or (None,))[0]
    conn.execute(
        sql.SQL(
            "create or replace view landing.last_complete_day as"
            " select cast({} as date) as last_complete_day"
        ).format(str(day))
    )
    for key, first, *rest in MOVED:
        for table in (*rest, first):
            at = "paid" if key == "order_key" else "occurred"
            conn.execute(
                sql.SQL(
                    """
                    update {table} as moved set
                        {on_day} = moved.{on_day} + latest.days,
                        {at} = moved.{at} + latest.days * interval '1 day'
                    from (
                        select distinct on (customer_id)
                            {key}, {day} - {on_day} as days
                        from {first}
                        where customer_id % 100 = 0 and {on_day} is not null
                        order by customer_id, {on_day} desc
                    ) as latest
                    where moved.{key} = latest.{key}
                    """
                ).format(
                    table=sql.Identifier("marts", table),
                    first=sql.Identifier("marts", first),
                    key=sql.Identifier(key),
                    on_day=sql.Identifier(f"{at}_on"),
                    at=sql.Identifier(f"{at}_at"),
                    day=sql.Literal(day),
                )
            )
    changed = conn.execute(
        "select count(*) from marts.dim_customers where customer_id % 100 = 0"
    ).fetchone()
    return int(changed[0]) if changed else 0


def scan_seconds(conn: Connection) -> tuple[int, float]:
    """Return the order lines, and the time of the least that any tag has to do."""
    conn.execute("select count(*) from marts.fct_order_lines")  # both begin warm
    began = time.time()
    row = conn.execute(
        """
        select sum(lines) from (
            select customer_id, count(*) as lines, sum(net_amount), max(paid_on)
            from marts.fct_order_lines group by customer_id
        ) as customers
        """
    ).fetchone()
    return int(row[0]) if row else 0, round(time.time() - began, 2)


def multiply(conn: Connection, times: int) -> None:
    """Copy everybody's rows of the marts `times` - 1 times, as other people's."""
    tables = [
        name
        for (name,) in conn.execute(
            """
            select distinct columns.table_name
            from information_schema.columns
            inner join information_schema.tables using (table_schema, table_name)
            where table_schema = 'marts' and table_type = 'BASE TABLE'
                and column_name ~ '(^|_)customer_id$'
                -- What the ledgers make of the others, and what no tag reads.
                and table_name !~ '^(fct_points_|fct_member_|fct_coupon_|fct_guide_cr'
                    '|dim_points_|mart_points|mart_customer_|.*_events?$)'
            """
        ).fetchall()
    ] + ["fct_events"]
    people = conn.execute("select max(customer_id) from marts.dim_customers").fetchone()
    for table in sorted(tables):
        copy = sql.SQL(
            "insert into {table} select {columns} from {table} as one,"
            " generate_series(1, {last}) as copies (n)"
        ).format(
            table=sql.Identifier("marts", table),
            columns=sql.SQL(", ").join(
                shifted(table, column, kind, people[0] if people else 0)
                for column, kind in conn.execute(
                    "select column_name, data_type from information_schema.columns"
                    " where table_schema = 'marts' and table_name = %s"
                    " order by ordinal_position",
                    [table],
                ).fetchall()
            ),
            last=sql.Literal(times - 1),
        )
        conn.execute(copy)
        conn.execute(sql.SQL("analyze {}").format(sql.Identifier("marts", table)))


def shifted(table: str, column: str, kind: str, people: int) -> sql.Composed:
    """Return a column of the n-th copy: keys and customers are others."""
    name = sql.Identifier("one", column)
    if column.endswith("customer_id"):
        return sql.SQL("{} + n * {}").format(name, sql.Literal(people))
    if kind == "bigint" and column.endswith(("_key", "_id")) and column not in SHARED:
        return sql.SQL("{} # (n::bigint << 40)").format(name)
    if column in OWN_TEXTS.get(table, ()):
        return sql.SQL("{} || '-' || n").format(name)
    return sql.Composed([name])


if __name__ == "__main__":
    main()
