"""Which landed columns are used downstream, from dbt's manifest.

A landed column is

- `read` when what it becomes in staging is named by a model outside staging that reads
  the staging model;
- `checked` when it only decides which rows are staged: it is in a rule of rejection, a
  condition or the order of versions, and its value goes no further;
- `unused` otherwise. Being part of the hash that tells duplicates apart is no use.

Staging models are followed select by select (sqlglot); models after them are only
searched for the names. No warehouse is needed, and nothing is compiled: a macro stands
for a function of the columns it is given.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jinja2
import sqlglot
from sqlglot import exp

# A landed column: raw schema, table, column.
Landed = tuple[str, str, str]
# What the columns of a relation are made of, by their names.
Columns = dict[str, frozenset[Landed]]

# What a staging model says of a row, not of its subject.
VERDICTS = ("fault", "reject_reason", "due_on", "is_current")
_HASH = "row_hash"
_NOTHING: frozenset[Landed] = frozenset()
_NAME = re.compile(r"\w+")
_COMMENT = re.compile(r"--[^\n]*|\{#.*?#\}", re.DOTALL)

# Macros that are no functions of columns, as the SQL their callers need in place.
_SPELLED_OUT = {
    "config": "",
    "evaluate_once": "",
    "as_of_date": "current_date",
    "reject_reason": "coalesce(fault, due_on)",
}


@dataclass
class Usage:
    """Landed columns that are read further on, and those that are only checked."""

    read: set[Landed] = field(default_factory=set)
    checked: set[Landed] = field(default_factory=set)

    def of(self, column: Landed) -> str:
        """Return read, checked or unused."""
        if column in self.read:
            return "read"
        return "checked" if column in self.checked else "unused"


def usage(manifest: Mapping[str, Any], landed: Iterable[Landed]) -> Usage:
    """Find what is used of the landed columns; `manifest` is dbt's, as parsed json."""
    relations: dict[str, Columns] = defaultdict(dict)
    for schema, table, column in landed:
        relations[f"{schema}.{table}"][column] = frozenset({(schema, table, column)})
    found = Usage()
    staging, others = _models(manifest)
    macros = {macro["name"] for macro in manifest["macros"].values()}
    for model in staging:
        select = _Select(relations, found.checked)
        relations[model["name"]] = select.columns(_parsed(model, macros))
    for model in others:
        names = set(_NAME.findall(_COMMENT.sub("", model["raw_code"])))
        for parent in model["depends_on"]["nodes"]:
            for name, made_of in relations.get(parent.split(".")[-1], {}).items():
                if name in names and name not in VERDICTS:
                    found.read |= made_of
    return found


def _models(
    manifest: Mapping[str, Any],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Staging models, parents first, and all others."""
    models = {
        unique_id: node
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    staging = {key: one for key, one in models.items() if one["fqn"][1] == "staging"}
    ordered: dict[str, dict[str, Any]] = {}

    def visit(unique_id: str) -> None:
        if unique_id in staging and unique_id not in ordered:
            for parent in staging[unique_id]["depends_on"]["nodes"]:
                visit(parent)
            ordered[unique_id] = staging[unique_id]

    for unique_id in sorted(staging):
        visit(unique_id)
    others = [one for key, one in models.items() if key not in staging]
    return list(ordered.values()), others


def _parsed(model: Mapping[str, Any], macros: Iterable[str]) -> exp.Expr:
    """SQL of a model with its macros written as functions of their columns."""
    # The text is parsed, never shown on a page: there is nothing to escape.
    environment = jinja2.Environment(autoescape=False)  # noqa: S701
    environment.globals.update({name: _function(name) for name in macros})
    environment.globals.update(
        ref=lambda *names: f'"{names[-1]}"',
        source=lambda schema, table: f'"{schema}"."{table}"',
        var=lambda name, default="": default,
        is_incremental=lambda: False,
        version_window=_window,
        rejected_rows=_rejected_rows,
        dbt=_Functions(),
        **{name: lambda *_, sql=sql, **__: sql for name, sql in _SPELLED_OUT.items()},
    )
    sql = environment.from_string(model["raw_code"]).render()
    return sqlglot.parse_one(sql, read="postgres")


def _function(name: str) -> Any:
    def call(*given: Any, **named: Any) -> str:
        # Not the bare name: json_object and others mean something else in SQL.
        return f"of_{name}({', '.join(_flat([*given, *named.values()]))})"

    return call


def _window(key: str, updated: str = "drop_date") -> str:
    return f"partition by {key} order by {updated}"


def _rejected_rows(model: str, *_: str) -> str:
    return exp.select("reject_reason").from_(model).sql(dialect="postgres")


class _Functions:
    """The macros of a package, as functions."""

    def __getattr__(self, name: str) -> Any:
        return _function(name)


def _flat(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _flat(value)
        elif isinstance(value, str) and value:
            yield value


class _Select:
    """Follows columns through one model; notes what conditions are made of."""

    def __init__(self, relations: Mapping[str, Columns], checked: set[Landed]) -> None:
        self.relations = dict(relations)
        self.checked = checked

    def columns(self, query: Any) -> Columns:
        """What the columns of a query are made of."""
        for cte in query.ctes if isinstance(query, exp.Query) else []:
            self.relations[cte.alias] = self.columns(cte.this)
        if isinstance(query, exp.Subquery):
            return self.columns(query.this)
        if isinstance(query, exp.SetOperation):
            left, right = self.columns(query.left), self.columns(query.right)
            pairs = zip(left.items(), right.values(), strict=False)
            return left | {name: made_of | more for (name, made_of), more in pairs}
        if not isinstance(query, exp.Select):
            return {}
        scope = self._scope(query)
        for part in self._conditions(query):
            self.checked |= _made_of(part, scope)
        found: Columns = {}
        for item in query.expressions:
            if item.is_star:
                table = item.table if isinstance(item, exp.Column) else ""
                found |= scope.get(table, {})
            else:
                found[item.alias_or_name] = _made_of(item, scope)
        found.pop(_HASH, None)
        for name in VERDICTS:
            self.checked |= found.get(name, _NOTHING)
        return found

    def _scope(self, query: exp.Select) -> dict[str, Columns]:
        """Columns by the alias of their relation; under "" all of them."""
        scope: dict[str, Columns] = {"": {}}
        origin = query.args.get("from_") or query.args.get("from")
        joined = [join.this for join in query.args.get("joins") or []]
        sources = [*([origin.this] if origin else []), *joined]
        for source in [*sources, *(query.args.get("laterals") or [])]:
            columns = self._relation(source, scope)
            scope[source.alias_or_name] = columns
            scope[""] = scope[""] | columns
        return scope

    def _relation(self, source: exp.Expr, scope: Mapping[str, Columns]) -> Columns:
        if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
            name = f"{source.db}.{source.name}" if source.db else source.name
            return self.relations.get(name, {})
        if isinstance(source, exp.Subquery):
            return self.columns(source)
        if source.find(exp.Select):
            return self.columns(source.find(exp.Select) or source)
        # A function of columns to the left: each column it gives is made of those.
        made_of = _made_of(source.this, scope)
        alias = source.args.get("alias")
        names = [column.name for column in alias.columns] if alias else []
        return dict.fromkeys([*names, source.alias_or_name], made_of)

    def _conditions(self, query: exp.Select) -> Iterator[exp.Expr]:
        for name in ("where", "having", "qualify"):
            if query.args.get(name):
                yield query.args[name]
        for join in query.args.get("joins") or []:
            if join.args.get("on"):
                yield join.args["on"]
        yield from query.args.get("windows") or []


def _made_of(expression: exp.Expr, scope: Mapping[str, Columns]) -> frozenset[Landed]:
    columns = expression.find_all(exp.Column)
    parts = (
        scope.get(column.table, scope[""]).get(column.name, _NOTHING)
        for column in columns
    )
    return _NOTHING.union(*parts)
