"""Make a typed column of a behaviour tag by configuration.

The rule stays in the seed, where it is changed; the column reads its result. Nothing is
written unless everything can be.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from textwrap import indent
from typing import Any

import yaml
from pydantic import ValidationError

from audience.entries import TagEntry, load_owners, load_tags
from audience.rules import (
    SEED,
    TYPED,
    ZERO_WHEN_NONE,
    Rule,
    find_rule,
    load_rules,
    written,
)
from warehouse.errors import QuanyuError

PIVOT = Path("models/tags/inputs/behaviour/int_behaviour__promoted.sql")
FAMILY = Path("models/tags/customer/tags_customer_behaviour.sql")
ENTRIES = FAMILY.with_suffix(".yml")

END_OF_COLUMNS = "\n    from customers\n"


def promote(project: Path, code: str) -> list[Path]:
    """Make a column of a configured tag; return the files that changed."""
    rules = load_rules(project)
    rule = find_rule(rules, code)
    if rule.is_promoted:
        raise QuanyuError(f"{code} is a column of tags_customer_behaviour already.")
    _check(project, rule)
    rules = [replace(one, is_promoted=one.is_promoted or one is rule) for one in rules]
    files = {
        SEED: written(rules),
        PIVOT: pivot(rules),
        FAMILY: _with_column((project / FAMILY).read_text(encoding="utf-8"), rule),
        ENTRIES: (project / ENTRIES).read_text(encoding="utf-8") + entry(rule),
    }
    for path, text in files.items():
        (project / path).write_text(text, encoding="utf-8")
    return list(files)


def pivot(rules: list[Rule]) -> str:
    """Return the SQL of int_behaviour__promoted."""
    promoted = [rule for rule in rules if rule.is_promoted]
    codes = ",\n".join(f"            '{rule.code}'" for rule in promoted)
    columns = "".join(f",\n{_pivoted(rule)}" for rule in promoted)
    return "\n".join(
        [
            "-- Configured behaviour tags that became columns. One row per customer.",
            "-- Written by `quanyu tag promote`; do not edit.\n",
            "with\n\nconfigured as (\n",
            "    select * from {{ ref('customer_behaviour_tags') }}",
            f"    where\n        tag_code in (\n{codes}\n        )\n\n),\n",
            f"final as (\n\n    select\n        customer_id{columns}",
            "    from configured\n    group by customer_id\n\n)\n",
            "select * from final\n",
        ]
    )


def entry(rule: Rule) -> str:
    """Return the lines of a promoted tag's entry."""
    tag = ", ".join(f"{key}: {_scalar(value)}" for key, value in _meta(rule).items())
    return (
        f"      - name: {rule.code}\n"
        f"        data_type: {TYPED[rule.measure][0]}\n"
        f"        description: {_scalar(rule.row['description'])}\n"
        f"        config: {{meta: {{tag: {{{tag}}}}}}}\n"
    )


def _pivoted(rule: Rule) -> str:
    data_type, _, column = TYPED[rule.measure]
    value = (
        "max(\n"
        "    case\n"
        f"        when tag_code = '{rule.code}'\n"
        f"            then {column}\n"
        "    end\n"
        ")"
    )
    if column == "value_number":
        value = f"cast(\n{indent(value, '    ')} as {data_type}\n)"
    return indent(f"{value} as {rule.code}", "        ")


def _with_column(sql: str, rule: Rule) -> str:
    before, end, after = sql.partition(END_OF_COLUMNS)
    if not end or END_OF_COLUMNS in after:
        raise QuanyuError(f"{FAMILY}: the select of its columns is not to be found.")
    column = f"promoted.{rule.code}"
    if rule.measure in ZERO_WHEN_NONE:
        column = f"coalesce({column}, 0)\n            as {rule.code}"
    return f"{before},\n        {column}{end}{after}"


def _meta(rule: Rule) -> dict[str, Any]:
    return {
        "name_zh": rule.row["name_zh"],
        "path": rule.row["path"],
        "class": "business",
        "type": TYPED[rule.measure][1],
        "owner": rule.row["owner"],
        "refresh": "daily",
        # How many have such an event is not known here; raise it to what is measured.
        "min_fill": 1.0 if rule.measure in ZERO_WHEN_NONE else 0.0,
    }


def _check(project: Path, rule: Rule) -> None:
    """Refuse what the entries would refuse, before anything is written."""
    place = f"{SEED.name} line {rule.line}"
    if rule.measure not in TYPED:
        raise QuanyuError(f"{place}: {rule.measure} is no measure.")
    if rule.row["owner"] not in (owners := load_owners(project)):
        raise QuanyuError(
            f"{place}: owner {rule.row['owner']!r} is none of {', '.join(owners)}."
        )
    try:
        TagEntry.model_validate(_meta(rule))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise QuanyuError(f"{place}: {key}: {first['msg']}.") from error
    for tag in load_tags(project):
        if rule.code == tag.code:
            raise QuanyuError(f"{place}: {rule.code} is a column of {tag.file.stem}.")
        if tag.entity == "customer" and rule.row["name_zh"] == tag.entry.name_zh:
            raise QuanyuError(
                f"{place}: {tag.entry.name_zh} is the name of {tag.code} already."
            )


def _scalar(value: Any) -> str:
    """Return a value as YAML reads it back inside a flow mapping."""
    if not isinstance(value, str):
        return str(value)
    plain = not set(value) & set(",[]{}:#\"'&*!|>%@`") and value == value.strip()
    return (
        value
        if plain and yaml.safe_load(value) == value
        else json.dumps(value, ensure_ascii=False)
    )
