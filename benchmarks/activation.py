"""Planning and sending of activation, beside the least that could do the same.

    make bench-activation ROWS=2000000

A made-up segment of ROWS people is loaded through the webhook, 1,000 a request by four
senders, then 6,000 changes are planned, then SINGLES rows go out one per request by 32
senders; to a receiver in a process of its own that says yes to everything.

    plan_s            a plan of 6,000 changes (2,000 each of add, update, remove)
    bare_diff_s       maps and hashes the same payloads in SQL, then a left join and an
                      anti-join with what is held; no consents, reasons or chunks
    load_rows_per_s   of the first load, from first request to last acknowledgement
    bare_rows_per_s   an aiohttp loop that reads the same rows and posts them
    single_rows_per_s, bare_single_rows_per_s  the same at one row a request
    peak_mb           resident memory of the process that loads; at_tenth_mb: of a load
                      of a tenth of the rows

The last line on stdout is one JSON object with every figure.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp

from activation import engine
from activation.ledger import value
from activation.specs import SyncSpec
from benchmarks.observe.home import bench_dir, warehouse
from warehouse.connection import Connection, connect

ROWS = 2_000_000
SINGLES = 20_000
DAY = date(2017, 12, 31)
RECEIVER = Path(__file__).parent / "peers" / "acknowledge.py"

TABLES = """
create schema segments; create schema marts; create schema tags;
create schema protection; create schema seeds;
create table segments.segment_members as
select segment as segment_code, n as customer_id
from generate_series(1, {rows}) as n,
    unnest(array['seg_all']) as segment;
insert into segments.segment_members
select 'seg_tenth', n from generate_series(1, {rows} / 10) as n;
insert into segments.segment_members
select 'seg_single', n from generate_series(1, {singles}) as n;
create table marts.fct_consents as
select n as customer_id, 'sms' as contact_channel, 'marketing' as purpose,
    'granted' as status, 'A' as legal_entity,
    timestamptz '2017-01-01' as occurred_at, date '2017-01-01' as occurred_on
from generate_series(1, {rows}) as n;
create table marts.dim_contact_points as
select n as customer_id, 'phone' as kind, 13800000000 + n || '' as value,
    null as scope, 'account' as role, date '2017-01-01' as valid_from,
    true as is_current, true as is_primary
from generate_series(1, {rows}) as n;
create table tags.customer_tags_wide as
select n as customer_id, 'tier' || n % 5 as tier, n % 1000 / 10.0 as net_amount
from generate_series(1, {rows} + 2000) as n;
create table protection.protect_suppressions (
    customer_id bigint, sync text, contact_channel text, legal_entity text,
    brand_code text, purpose text, reason text, precedence int
);
create table protection.protect_opt_outs (
    customer_id bigint, contact_channel text, legal_entity text
);
"""
CHANGES = """
delete from segments.segment_members
where segment_code = 'seg_all' and customer_id <= 2000;
insert into segments.segment_members
select 'seg_all', n from generate_series({rows} + 1, {rows} + 2000) as n;
insert into marts.fct_consents
select n, 'sms', 'marketing', 'granted', 'A', timestamptz '2017-01-01', '2017-01-01'
from generate_series({rows} + 1, {rows} + 2000) as n;
insert into marts.dim_contact_points
select n, 'phone', 13800000000 + n || '', null, 'account', '2017-01-01', true, true
from generate_series({rows} + 1, {rows} + 2000) as n;
update tags.customer_tags_wide set tier = 'new'
where customer_id between 2001 and 4000;
"""
# The payload as the plan writes it, hashed, and joined with what is held both ways.
BARE_DIFF = """
create temporary table payloads on commit drop as
select
    dest_key,
    cast(md5(cast(payload as text)) as uuid) as payload_hash
from (
    select
        encode(sha256(convert_to(contacts.value, 'UTF8')), 'hex') as dest_key,
        jsonb_build_object(
            'mobile_sha256', encode(sha256(convert_to(contacts.value, 'UTF8')), 'hex'),
            'customer_id', cast(members.customer_id as text),
            'tier', tags.tier,
            'amount', tags.net_amount
        ) as payload
    from segments.segment_members as members
    inner join marts.dim_contact_points as contacts
        on members.customer_id = contacts.customer_id
    left join tags.customer_tags_wide as tags
        on members.customer_id = tags.customer_id
    where members.segment_code = 'seg_all'
) as mapped;
analyze payloads;
"""
BARE_CHANGED = """
select count(*)
from payloads
left join activation.member_state as held
    on held.sync_id = %(sync)s and payloads.dest_key = held.dest_key
where payloads.payload_hash is distinct from held.acked_hash
"""
BARE_GONE = """
select count(*)
from activation.member_state as held
where
    held.sync_id = %(sync)s
    and not exists (select 1 from payloads where payloads.dest_key = held.dest_key)
"""


def main() -> None:
    """Run all of it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=int(os.environ.get("ROWS") or ROWS))
    rows = parser.parse_args().rows
    if rows < 20 * SINGLES // 10:
        parser.error(f"--rows must be {20 * SINGLES // 10:,} or more")
    with warehouse(bench_dir("activation")), receiver() as url:
        os.environ["BENCH_URL"] = url
        os.environ["BENCH_SECRET"] = "whsec_" + "QUJD" * 8
        figures = measure(rows, url)
    print(json.dumps(figures))


def measure(rows: int, url: str) -> dict[str, Any]:
    """Return the figures of a segment of `rows` people."""
    with connect(autocommit=True) as conn:
        conn.execute(TABLES.format(rows=rows, singles=SINGLES))
        conn.execute("analyze")
    show("people made", rows)
    figures: dict[str, Any] = {"rows": rows}
    _, figures["at_tenth_mb"] = in_a_process(sync("seg_tenth", 1000, 4))
    loaded, figures["peak_mb"] = in_a_process(sync("seg_all", 1000, 4))
    figures["load_rows_per_s"] = round(rows / loaded)
    figures["load_s"] = round(loaded, 1)
    show("first load", figures["load_rows_per_s"])
    bare = asyncio.run(post_all(url, "seg_all", 1000, 4))
    figures["bare_rows_per_s"] = round(rows / bare)
    show("bare loop", figures["bare_rows_per_s"])
    with connect(autocommit=True) as conn:
        conn.execute(CHANGES.format(rows=rows))
        conn.execute("analyze")
        figures |= plan_figures(conn)
    single, _ = in_a_process(sync("seg_single", 1, 32))
    figures["single_rows_per_s"] = round(SINGLES / single)
    bare = asyncio.run(post_all(url, "seg_single", 1, 32))
    figures["bare_single_rows_per_s"] = round(SINGLES / bare)
    pairs = [
        ("load_ratio", "load_rows_per_s", "bare_rows_per_s"),
        ("single_ratio", "single_rows_per_s", "bare_single_rows_per_s"),
        ("plan_ratio", "plan_s", "bare_diff_s"),
    ]
    for ratio, ours, theirs in pairs:
        figures[ratio] = round(figures[ours] / figures[theirs], 2)
    return figures


def sync(segment: str, max_rows: int, senders: int) -> SyncSpec:
    """A sync of one of the segments, keyed by hashed phone."""
    return SyncSpec.model_validate(
        {
            "name": f"bench_{segment.removeprefix('seg_')}",
            "description": "bench",
            "owner": "bench@example.com",
            "segment": segment,
            "destination": {
                "type": "webhook",
                "url_env": "BENCH_URL",
                "secret_env": "BENCH_SECRET",
                "max_rows": max_rows,
                "senders": senders,
            },
            "key": "mobile_sha256",
            "map": {
                "mobile_sha256": {"from": "contact.phone", "as": "cn_mobile_sha256"},
                "customer_id": {"from": "customer_id"},
                "tier": {"from": "tags.tier"},
                "amount": {"from": "tags.net_amount"},
            },
            "consent": {
                "legal_entity": "A",
                "brand": "b",
                "purpose": "marketing",
                "channel": "sms",
            },
        }
    )


def in_a_process(spec: SyncSpec) -> tuple[float, float]:
    """Apply in a process of its own; return its seconds of sending and MB at most."""
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    process = spawn.Process(
        target=load, args=(spec.model_dump_json(by_alias=True), answers)
    )
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit("the load failed")
    seconds, peak = answers.get()
    return seconds, peak


def load(spec: str, answers: Any) -> None:
    """Apply, and say how long sending took and what memory it needed."""
    with connect() as conn:
        result = engine.apply(conn, SyncSpec.model_validate_json(spec), DAY)
    if result.status != "done":
        raise SystemExit(str(result))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answers.put((result.seconds, round(peak)))


async def post_all(url: str, segment: str, per_request: int, senders: int) -> float:
    """Read the rows from PostgreSQL and post them; return seconds."""
    begun = time.perf_counter()
    with connect() as conn, conn.cursor("rows") as cursor:
        cursor.itersize = 10_000
        cursor.execute(
            "select value, members.customer_id, tier, net_amount"
            " from segments.segment_members as members"
            " inner join marts.dim_contact_points using (customer_id)"
            " inner join tags.customer_tags_wide using (customer_id)"
            " where segment_code = %s",
            [segment],
        )
        connector = aiohttp.TCPConnector(limit=senders)
        async with aiohttp.ClientSession(connector=connector) as session:
            under_way: set[asyncio.Task[None]] = set()
            while batch := cursor.fetchmany(per_request):
                if len(under_way) >= senders:
                    _, under_way = await asyncio.wait(
                        under_way, return_when=asyncio.FIRST_COMPLETED
                    )
                under_way.add(asyncio.create_task(post(session, url, batch)))
            await asyncio.gather(*under_way)
    return time.perf_counter() - begun


async def post(session: aiohttp.ClientSession, url: str, rows: list[Any]) -> None:
    """Post some rows and read the answer."""
    body = json.dumps(
        [
            {
                "phone": phone,
                "customer_id": str(key),
                "tier": tier,
                "amount": float(sum_),
            }
            for phone, key, tier, sum_ in rows
        ]
    )
    async with session.post(url, data=body) as answer:
        await answer.read()


def plan_figures(conn: Connection) -> dict[str, float]:
    """Time a plan of the changes and the bare diff, twice each, the better of them."""
    spec = sync("seg_all", 1000, 4)
    sync_id = value(
        conn, "select sync_id from activation.syncs where name = %s", [spec.name]
    )
    plans, diffs = [], []
    for _ in range(2):
        begun = time.perf_counter()
        planned = engine.plan(conn, spec, DAY)
        plans.append(time.perf_counter() - begun)
        found = planned.figures
        if (found.adds, found.updates, found.removes) != (2000, 2000, 2000):
            raise SystemExit(f"planned {found}")
        begun = time.perf_counter()
        with conn.transaction(force_rollback=True):
            conn.execute(BARE_DIFF)
            conn.execute(BARE_CHANGED, {"sync": sync_id})
            conn.execute(BARE_GONE, {"sync": sync_id})
        diffs.append(time.perf_counter() - begun)
    show("plan", min(plans))
    return {"plan_s": round(min(plans), 2), "bare_diff_s": round(min(diffs), 2)}


@contextmanager
def receiver() -> Iterator[str]:
    """Run the receiver; its address."""
    process = subprocess.Popen(
        [sys.executable, RECEIVER], stdout=subprocess.PIPE, text=True
    )
    try:
        port = process.stdout.readline().strip() if process.stdout else ""
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.kill()
        process.wait()


def show(what: str, figure: float) -> None:
    """Tell that a step is done."""
    print(f"{what}: {figure:,.2f}", flush=True)


if __name__ == "__main__":
    main()
