"""Hostile texts: refused with their position or understood, quickly, and never run.

`make fuzz` throws 100,000 of them, by default it is 2,000.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from datetime import date

import duckdb
import pytest
from sqlglot import exp

from audience.engine.dialects import to_duckdb
from audience.predicate_errors import PredicateError
from audience.predicate_kinds import COMPARISONS
from audience.predicates import parse_predicate
from audience.saved_predicates import load_vocabulary
from audience.vocabulary import Vocabulary
from warehouse.settings import dbt_project_dir

TEXTS = int(os.environ.get("QUANYU_FUZZ", "2000"))
SLOWEST = 2.0
SOUND = [
    "value_tier in ('v4', 'v5') and not service_has_open_case",
    "high_value or calm and not seg_marketing_suppressed",
    "category_run_out_on between base_date and base_date + 14",
    "base_date - behaviour_last_visit_on > 30 or behaviour_last_visit_on is null",
    "purchase_net_amount_365d / nullif(purchase_order_count, 0) >= 99.5",
    "round(purchase_net_amount_365d, 1) = 10 and profile_city ~ '^上.*[0-9]$'",
    r"profile_city like '100\%' and extract(year from behaviour_last_visit_on) = 2017",
    "greatest(purchase_order_count, 3) <> coalesce(purchase_order_count_30d, 0)",
    "purchase_order_count::numeric * 1.5 > 2 and value_tier is distinct from 'v1'",
]
HOSTILE = [
    *("; drop table x", "; select 1", "-- ", "/*", "*/", "/* x */", "#", "\\", "\\'"),
    *("(select 1)", "select * from pg_user", "exists (select 1)", "union all select 1"),
    *("with x as (select 1) select", "values (1)", "copy x to '/tmp/x'", "pg_sleep(9)"),
    *(
        "read_csv('/etc/passwd')",
        "read_text('/etc/passwd')",
        "getenv('HOME')",
        "query()",
    ),
    *("::regclass", "::text", "::int[]", "cast(1 as json)", "$$x$$", "$1", ":x", "?"),
    *(
        "E'\\n'",
        "U&'\\0041'",
        "B'1'",
        "X'1F'",
        "'a' 'b'",
        "1e9",
        "0x1F",
        "1_000",
        "NaN",
    ),
    *(
        "over (partition by 1)",
        "count(*)",
        "sum(1)",
        "filter (where true)",
        "[1]",
        "{1}",
    ),
    *("array[1]", "any('{1}')", "all(array[1])", "case when true then 1 end", "row(1)"),
    *("lateral", "limit 1", "order by 1", "group by 1", "from x", "where", "having"),
    *("{{ x }}", "{% x %}", "@x", "!", "!!", "~~", "~*", "||", "&&", "->>", "=>", ":="),
    *("customer_id", "standing", "people.value_tier", "pg_catalog.x", '"value_tier"'),
    *("\x00", "\x1b", "\ud800", "\u202e", "\ufeff", "零", "😀", "\u00a0", "\r", "\t"),
    *(
        "(" * 50,
        ")" * 50,
        "not " * 50,
        "- " * 50,
        "((a)" * 20,
        "coalesce(" * 40,
        "'" * 7,
    ),
    *("a" * 500, "9" * 400, "1 + " * 600, "value_tier = 'v1' or " * 300, "in (" * 30),
    *("between 1 and " * 40, "similar to 'x'", 'collate "C"', "at time zone 'utc'"),
    *(
        "interval '1'",
        "interval '1 decade'",
        "date 'x'",
        "current_date",
        "now()",
        "null",
    ),
    *("1 / 0", "% 0", "like 'x\\'", "~ '(a+)+$'", "~ '('", "~ '[z-a]'", "~ 'a{99999}'"),
]
UNDERSTOOD = (
    *(exp.And, exp.Or, exp.Not, exp.Paren, *COMPARISONS, exp.Between, exp.In, exp.Is),
    *(
        exp.Like,
        exp.RegexpLike,
        exp.StartsWith,
        exp.Column,
        exp.Identifier,
        exp.Literal,
    ),
    *(exp.Boolean, exp.Null, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod),
    *(exp.Cast, exp.DataType, exp.Interval, exp.Var, exp.Extract, exp.Abs, exp.Round),
    *(
        exp.Floor,
        exp.Ceil,
        exp.Length,
        exp.Coalesce,
        exp.Greatest,
        exp.Least,
        exp.Nullif,
    ),
)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(dbt_project_dir())


@pytest.fixture(scope="module")
def people(vocabulary: Vocabulary) -> duckdb.DuckDBPyConnection:
    """A table of nobody: what is understood must run on it."""
    connection = duckdb.connect()
    types = {"numeric": "decimal(18, {})", "text": "varchar"}
    columns = [
        f'"{name}" {types.get(kind.name, kind.name).format(kind.scale)}'
        for name, kind in vocabulary.kinds.items()
    ] + [f'"{name}" boolean' for name in sorted(vocabulary.segments)]
    connection.execute(f"create table people ({', '.join(columns)})")
    return connection


def hostile(rng: random.Random) -> str:
    """Return a sound text with a few things done to it, or noise."""
    if rng.random() < 0.1:
        return "".join(
            rng.choices("()'\"-/*;=<>!~%,. \nabv019_中", k=rng.randint(0, 60))
        )
    text = rng.choice(SOUND)
    for _ in range(rng.randint(1, 4)):
        place, width = rng.randint(0, len(text)), rng.choice([0, 0, 1, 3, 12])
        match rng.randrange(5):
            case 0 | 1:
                text = f"{text[:place]} {rng.choice(HOSTILE)} {text[place + width :]}"
            case 2:
                text = text[:place] + text[place + width + 1 :]
            case 3:
                text = f"{text} {rng.choice(['and', 'or', ''])} {rng.choice(SOUND)}"
            case 4:
                words = text.split(" ")
                rng.shuffle(words)
                text = " ".join(words)
    return text


def test_hostile_texts(
    vocabulary: Vocabulary, people: duckdb.DuckDBPyConnection
) -> None:
    rng = random.Random(20171231)
    seen: Counter[str] = Counter()
    slowest = 0.0
    for _ in range(TEXTS):
        text = hostile(rng)
        began = time.process_time()  # of all threads; others' work is not in it
        try:
            condition = parse_predicate(text, vocabulary)
        except PredicateError as error:
            seen["refused"] += 1
            assert 1 <= error.line <= text.count("\n") + 1, text
            assert str(error).isprintable() and len(str(error)) < 400, text
        else:
            seen["understood"] += 1
            assert all(
                isinstance(node, UNDERSTOOD) for node in condition.tree.walk()
            ), text
            assert condition.names <= {*vocabulary.kinds, *vocabulary.segments}, text
            written = to_duckdb(condition.tree, date(2017, 12, 31)).sql(
                dialect="duckdb"
            )
            query = f"select count(*) from people where {written}"  # noqa: S608
            assert people.execute(query).fetchone() == (0,), text
        slowest = max(slowest, time.process_time() - began)
    print(f"{TEXTS:,} texts: {dict(seen)}, slowest {slowest * 1e3:.0f} ms")  # noqa: T201
    assert slowest < SLOWEST
    assert seen["understood"] > TEXTS / 50
