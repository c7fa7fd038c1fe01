"""What is used of landed columns, on a manifest of a few models."""

from __future__ import annotations

from typing import Any

import pytest

from ingestion.lineage import usage

BASE = """
-- Orders, parsed. The column in_comment is named here only.
with

landed as (

    select
        reports.*,
        files.drop_date
    from {{ source('raw_shop', 'orders') }} as reports
    inner join {{ source('landing', 'files') }} as files
        on reports._file_id = files.file_id
    where reports.filtered = 'yes'

),

parsed as (

    select
        *,
        {{ clean_id('"编号"') }} as order_id,
        {{ parse_amount('amount', 3) }} as paid_amount,
        {{ parse_timestamp('updated') }} as updated_at,
        {{ bigint_key(['"编号"', 'amount', 'only_hashed']) }} as row_hash,
        parts.inner_name
    from landed
    cross join lateral jsonb_to_record({{ json_object('info') }})
        as parts (inner_name text)
    {{ evaluate_once() }}

)

select
    order_id,
    {{ clean_text('never_read') }} as never_read_name,
    paid_amount,
    inner_name,
    case when {{ count_texts(['judged']) }} > 0 then 'bad' end as fault,
    {{ reject_reason() }} as reject_reason
from parsed
window versions as (
    {{ version_window('order_id', 'updated_at') }}
)
"""
VIEW = "select * from {{ ref('base_shop__orders') }} where reject_reason is null"
UNION = """
select order_id, paid_amount from {{ ref('stg_shop__orders') }}
union all
select order_id, inner_name from {{ ref('stg_shop__orders') }}
"""
MART = "select order_id as id, paid_amount from {{ ref('stg_shop__both') }}"

COLUMNS = {
    "编号": "read",
    "amount": "read",
    "info": "read",
    "filtered": "checked",
    "updated": "checked",
    "judged": "checked",
    "never_read": "unused",
    "only_hashed": "unused",
    "in_comment": "unused",
}


def model(name: str, sql: str, *parents: str) -> tuple[str, dict[str, Any]]:
    layer = "marts" if name.startswith("fct") else "staging"
    node = {
        "resource_type": "model",
        "name": name,
        "fqn": ["quanyu", layer, name],
        "raw_code": sql,
        "depends_on": {"nodes": list(parents)},
    }
    return f"model.quanyu.{name}", node


def manifest(mart: str = MART) -> dict[str, Any]:
    macros = (
        *("clean_id", "clean_text", "parse_amount", "parse_timestamp", "bigint_key"),
        *("json_object", "count_texts", "evaluate_once", "reject_reason"),
        "version_window",
    )
    return {
        # Children first: the order of a manifest says nothing.
        "nodes": dict(
            [
                model("fct_orders", mart, "model.quanyu.stg_shop__both"),
                model("stg_shop__both", UNION, "model.quanyu.stg_shop__orders"),
                model("stg_shop__orders", VIEW, "model.quanyu.base_shop__orders"),
                model("base_shop__orders", BASE, "source.quanyu.raw_shop.orders"),
            ]
        ),
        "macros": {f"macro.quanyu.{name}": {"name": name} for name in macros},
    }


@pytest.mark.parametrize(("column", "expected"), COLUMNS.items())
def test_a_column_is_read_checked_or_unused(column: str, expected: str) -> None:
    landed = [("raw_shop", "orders", name) for name in COLUMNS]
    assert usage(manifest(), landed).of(("raw_shop", "orders", column)) == expected


def test_a_column_that_the_marts_stop_reading_is_unused() -> None:
    landed = [("raw_shop", "orders", name) for name in COLUMNS]
    found = usage(manifest("select order_id from {{ ref('stg_shop__both') }}"), landed)
    assert found.of(("raw_shop", "orders", "amount")) == "unused"
    assert found.of(("raw_shop", "orders", "info")) == "unused"


def test_a_mart_that_reads_another_model_uses_nothing() -> None:
    landed = [("raw_shop", "orders", name) for name in COLUMNS]
    lone = manifest()
    lone["nodes"]["model.quanyu.fct_orders"]["depends_on"]["nodes"] = []
    assert not usage(lone, landed).read
