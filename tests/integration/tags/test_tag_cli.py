"""`quanyu tag` on a warehouse: before and after the first distribution."""

from __future__ import annotations

from typer.testing import CliRunner

from cli.main import app
from warehouse.connection import Connection


def quanyu(*arguments: str) -> tuple[int, str]:
    """Return exit code and output, on a screen wide enough not to wrap."""
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["tag", *arguments])
    return result.exit_code, result.output


def measured(conn: Connection) -> None:
    """One enum and one number on one day, as the models would leave them."""
    conn.execute(
        """
        create schema tags;
        create table tags.tag_distribution as
        select date '2017-12-31' as base_date, 'customer' as entity, tag_code,
            100::bigint as row_count, filled_count, filled_count / 100.0 as fill_rate,
            distinct_count, sample_size, p.*
        from (values
            ('value_tier', 80::bigint, 2::bigint, null::bigint, null::float),
            ('purchase_order_count', 100, 3, 100, 2)
        ) as tag (tag_code, filled_count, distinct_count, sample_size, middle),
        lateral (select middle as p01, middle as p05, middle as p25, middle as p50,
            middle as p75, middle as p95, middle + 1 as p99) as p;
        create table tags.tag_value_counts as
        select date '2017-12-31' as base_date, 'customer' as entity, counts.*
        from (values
            ('value_tier', null::int, 'v1', 60::bigint), ('value_tier', null, 'v5', 20),
            ('value_tier', null, null, 20), ('purchase_order_count', 0, null, 10),
            ('purchase_order_count', 26, null, 90)
        ) as counts (tag_code, cell, tag_value, value_count);
        create table tags.tag_drift as
        select date '2017-12-31' as base_date, 'customer' as entity, drift.*
        from (values
            ('value_tier', 'reference', date '2017-11-30', 0.31, 0.01, 'drifted'),
            ('purchase_order_count', 'reference', date '2017-11-30', 0.001, 0.01,
                'steady')
        ) as drift (tag_code, comparison, compared_on, psi, chance_psi, drift);
        """
    )
    conn.commit()


def test_nothing_is_measured_yet(database: str) -> None:
    code, said = quanyu("show", "value_tier")
    assert (code, "No distribution: The distribution of tags is not built" in said) == (
        0,
        True,
    )
    code, said = quanyu("drift")
    assert (code, said.count("\n")) == (1, 1)
    assert "quanyu run --select group:tags" in said


def test_values_have_names_and_bars(conn: Connection) -> None:
    measured(conn)
    code, said = quanyu("show", "value_tier")
    assert code == 0
    for shown in (
        "family reads:   brand_rules, dim_customers, ",
        "seg_ginseng_vip",
        "80 of 100 have a value (80.0%, at least 70% declared), 2 different",
        "v1 V1",
        "75.0%",
        "drifted since 2017-11-30 (reference): PSI 0.310, 0.010 by chance",
    ):
        assert shown in said


def test_numbers_have_cells_and_quantiles(conn: Connection) -> None:
    measured(conn)
    code, said = quanyu("show", "purchase_order_count")
    assert code == 0
    assert "p95 2  p99 3; of 100 rows" in said
    bars = [line.split() for line in said.splitlines() if "█" in line]
    assert [(bar[0], bar[-2], bar[-1]) for bar in bars] == [
        ("0", "10", "10.0%"),
        ("1", "90", "90.0%"),
    ]
    assert "the tag is new" in quanyu("show", "rfm_group")[1]


def test_drift_lists_what_has_moved(conn: Connection) -> None:
    measured(conn)
    code, said = quanyu("drift")
    assert (code, "value_tier" in said, "purchase_order_count" in said) == (
        0,
        True,
        False,
    )
    assert "purchase_order_count" in quanyu("drift", "--all")[1]
