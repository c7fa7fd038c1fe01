"""Conditions over customer tags, and those saved by name (收藏).

A predicate is what may stand after `where` over customer_tags_wide: tags and base_date
compared with values, joined by and, or, not. Saved ones stand for their condition. It
is read as a tree, never pasted: a subquery or a function is refused, not run.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokens import Token, TokenType

from audience.entries import CODE, Tag, load_owners, load_tags
from warehouse.errors import QuanyuError

SEED = Path("seeds/tags/saved_predicates.csv")
BASE_DATE = "base_date"

ORDERED = (exp.GT, exp.GTE, exp.LT, exp.LTE)
COMPARISONS = (exp.EQ, exp.NEQ, *ORDERED)
REFUSED = {
    TokenType.SEMICOLON: "one condition, without a semicolon",
    TokenType.SELECT: "no subquery",
    TokenType.WITH: "no subquery",
    TokenType.EXISTS: "no subquery",
}
KINDS = {"number": "number", "bool": "condition", "date": "date", "text": "text"}

# What comes of two terms: numbers reckon with numbers, days move by numbers of days.
NUMBERS = {("number", "number"): "number"}
DAYS_LATER = {("date", "number"): "date"}
DAYS_BEFORE = {("date", "number"): "date", ("date", "date"): "number"}


class PredicateError(QuanyuError):
    """What is wrong with a predicate, and where (positions count from 1)."""

    def __init__(self, position: int, fault: str) -> None:
        super().__init__(f"position {position}: {fault}.")


@dataclass(frozen=True)
class Predicate:
    """A saved predicate; `condition` has the others it names put in."""

    name: str
    name_zh: str
    text: str
    owner: str
    condition: exp.Expr


class Vocabulary:
    """The names a predicate may use."""

    def __init__(self, tags: Iterable[Tag]) -> None:
        """Take the customers' tags; saved predicates are added as they are read."""
        self.tags = {tag.code: tag for tag in tags if tag.entity == "customer"}
        self.saved: dict[str, Predicate] = {}

    def kind(self, name: str) -> str | None:
        """Return what a name stands for: number, text, date or condition."""
        if name == BASE_DATE:
            return "date"
        if name in self.saved:
            return "condition"
        tag = self.tags.get(name)
        if tag is None:
            return None
        if tag.entry.type == "enum":
            return "text" if tag.data_type == "text" else "number"
        return KINDS[tag.entry.type]

    def values(self, name: str) -> Mapping[str | int, str]:
        """Return the values an enum tag can have; nothing for other names."""
        tag = self.tags.get(name)
        return tag.entry.values if tag and self.kind(name) == "text" else {}


def read_predicate(text: str, vocabulary: Vocabulary) -> exp.Expr:
    """Return the condition a text says, with saved predicates put in."""
    tree = _parsed(text)
    _Check(vocabulary).condition(tree)
    return tree.transform(
        lambda node: (
            exp.paren(vocabulary.saved[node.name].condition.copy())
            if isinstance(node, exp.Column) and node.name in vocabulary.saved
            else node
        )
    )


def load_predicates(project: Path) -> dict[str, Predicate]:
    """Return the saved predicates of a dbt project; all mistakes are one error."""
    return load_vocabulary(project).saved


def load_vocabulary(project: Path) -> Vocabulary:
    """Return the tags and saved predicates of a dbt project."""
    vocabulary, owners = Vocabulary(load_tags(project)), load_owners(project)
    faults = []
    text = (project / SEED).read_text(encoding="utf-8")
    reader = csv.DictReader(io.StringIO(text))
    for row in reader:
        try:
            _add(row, vocabulary, owners)
        except QuanyuError as error:
            faults.append(f"{SEED.name} line {reader.line_num}: {error}")
    if faults:
        raise QuanyuError("\n".join(faults))
    return vocabulary


def _add(
    row: Mapping[str, str], vocabulary: Vocabulary, owners: Mapping[str, str]
) -> None:
    name = row["name"]
    if not CODE.fullmatch(name):
        raise QuanyuError(f"{name!r} is no snake_case name.")
    if vocabulary.kind(name):
        raise QuanyuError(f"{name} is taken.")
    if not row["name_zh"] or row["name_zh"] in {
        saved.name_zh for saved in vocabulary.saved.values()
    }:
        raise QuanyuError(f"{name} needs a name_zh of its own.")
    if row["owner"] not in owners:
        raise QuanyuError(f"owner {row['owner']!r} is none of {', '.join(owners)}.")
    condition = read_predicate(row["predicate"], vocabulary)
    vocabulary.saved[name] = Predicate(
        name, row["name_zh"], row["predicate"], row["owner"], condition
    )


def _parsed(text: str) -> exp.Expr:
    try:
        tokens = sqlglot.tokenize(text, dialect="postgres")
    except TokenError as error:
        raise PredicateError(1, "a quotation is not closed") from error
    _refuse(tokens)
    try:
        return sqlglot.parse_one(text, dialect="postgres")
    except ParseError as error:
        first = error.errors[0]
        fault = first["description"].split(" for <class")[0]
        raise PredicateError(first["col"], f"not a condition: {fault}") from error


def _refuse(tokens: list[Token]) -> None:
    if not tokens:
        raise PredicateError(1, "a condition is missing")
    for token in tokens:
        if token.token_type in REFUSED:
            raise PredicateError(token.start + 1, REFUSED[token.token_type])
        if token.comments:
            raise PredicateError(token.end + 2, "no comment")


def _position(node: exp.Expr) -> int:
    """Return where the first name or value of a node begins, from 1."""
    starts = [one.meta["start"] for one in node.walk() if "start" in one.meta]
    return min(starts, default=0) + 1


class _Check:
    """Holds a tree to the names and kinds of values there are."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def condition(self, node: exp.Expr) -> None:
        """Refuse what is not true or false."""
        if isinstance(node, (exp.And, exp.Or)):
            self.condition(node.this)
            self.condition(node.expression)
        elif isinstance(node, (exp.Not, exp.Paren)):
            self.condition(node.this)
        elif isinstance(node, COMPARISONS):
            self._alike(node.this, [node.expression], isinstance(node, ORDERED))
        elif isinstance(node, exp.Between):
            self._alike(node.this, [node.args["low"], node.args["high"]], True)
        elif isinstance(node, exp.In):
            self._alike(node.this, node.expressions, False)
        elif isinstance(node, exp.Is):
            self.kind(node.this)
            if not isinstance(node.expression, (exp.Null, exp.Boolean)):
                raise PredicateError(_position(node), "is asks for null, true or false")
        elif isinstance(node, exp.Like):
            self._alike(node.this, [node.expression], False, is_pattern=True)
        elif (kind := self.kind(node)) != "condition":
            raise PredicateError(_position(node), f"a {kind} is no condition")

    def kind(self, node: exp.Expr) -> str:
        """Return what a term is."""
        kind: str | None = None
        if isinstance(node, exp.Paren):
            kind = self.kind(node.this)
        elif isinstance(node, exp.Literal):
            kind = "text" if node.is_string else "number"
        elif isinstance(node, exp.Boolean):
            kind = "condition"
        elif isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
            kind = None if node.table else self.vocabulary.kind(node.name)
            if kind is None:
                raise PredicateError(_position(node), f"there is no tag {node.sql()}")
        elif isinstance(node, exp.Neg):
            kind = NUMBERS.get(("number", self.kind(node.this)))
        elif isinstance(node, (exp.Mul, exp.Div)):
            kind = NUMBERS.get((self.kind(node.this), self.kind(node.expression)))
        elif isinstance(node, (exp.Add, exp.Sub)):
            kinds = NUMBERS | (DAYS_LATER if isinstance(node, exp.Add) else DAYS_BEFORE)
            kind = kinds.get((self.kind(node.this), self.kind(node.expression)))
        if kind is None:
            raise PredicateError(
                _position(node), f"{node.sql()} is no tag, value or comparison"
            )
        return kind

    def _alike(
        self,
        left: exp.Expr,
        others: list[exp.Expr],
        is_ordered: bool,
        is_pattern: bool = False,
    ) -> None:
        kind = self.kind(left)
        if not others:
            raise PredicateError(_position(left), "values are missing")
        if (is_ordered and kind == "condition") or (is_pattern and kind != "text"):
            raise PredicateError(_position(left), f"a {kind} is not compared so")
        values = (
            self.vocabulary.values(left.name) if isinstance(left, exp.Column) else {}
        )
        for other in others:
            found = self.kind(other)
            is_text = isinstance(other, exp.Literal) and other.is_string
            if found != kind and not (kind == "date" and is_text and _is_day(other)):
                raise PredicateError(
                    _position(other),
                    f"{other.sql()} is a {found}, {left.sql()} a {kind}",
                )
            if values and is_text and not is_pattern and other.name not in values:
                raise PredicateError(
                    _position(other),
                    f"{left.sql()} is never {other.sql()}, only "
                    f"{', '.join(map(str, values))}",
                )


def _is_day(literal: exp.Expr) -> bool:
    try:
        date.fromisoformat(literal.name)
    except ValueError:
        return False
    return True
