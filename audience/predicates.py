"""Conditions over customers: what may stand after `where` over customer_tags_wide.

    value_tier in ('v4', 'v5') and category_run_out_on between base_date and
        base_date + 14 and not seg_marketing_suppressed

Tags, behaviour tags, base_date, segments (who is in it) and saved predicates by name,
compared and joined by and, or, not. A text is cut into words, every word is held to a
list, the rest is read as a tree and every node of it checked; what an engine runs is
written anew from that tree. So a subquery or a strange function is refused, not run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokens import Token, TokenType

from audience.predicate_errors import PredicateError
from audience.predicate_kinds import Checker
from audience.predicate_words import refuse_words
from audience.vocabulary import BASE_DATE, SavedPredicate, Vocabulary, load_vocabulary

__all__ = [
    "Clause",
    "Condition",
    "PredicateError",
    "load_predicates",
    "parse_predicate",
]

# Longer texts are lists: they belong in a table.
MOST_LETTERS = 20_000
SAVED = "saved"
# Control characters, and halves of characters.
_STRANGE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_VERBATIM = (TokenType.STRING, TokenType.IDENTIFIER)


@dataclass(frozen=True)
class Clause:
    """A part of a condition that is true or false by itself.

    `joined` says how `clauses` make it up: and, or, not; empty when it is a single
    comparison, a flag or the name of a segment. A saved predicate is called by its name
    and made up of its clauses. `names`: the tags and segments it reads.
    """

    text: str
    names: frozenset[str]
    tree: exp.Expr
    joined: str = ""
    clauses: tuple[Clause, ...] = ()

    def leaves(self) -> Iterator[Clause]:
        """Yield the clauses that are not made up of others, in the order written."""
        for clause in self.clauses:
            yield from clause.leaves()
        if not self.clauses:
            yield self


@dataclass(frozen=True)
class Condition:
    """A checked condition; `tree` has the saved predicates it names put in.

    Every node of `tree` carries its Kind as `meta["kind"]` where it is a term.
    """

    text: str
    tree: exp.Expr

    @property
    def names(self) -> frozenset[str]:
        """The tags, behaviour tags and segments it reads."""
        return _names(self.tree)

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """What must all be true: the parts joined by `and` at the top, in order."""
        whole = _clause(self.tree)
        return whole.clauses if whole.joined == "and" else (whole,)


def parse_predicate(text: str, vocabulary: Vocabulary) -> Condition:
    """Return the condition a text says.

    Raises PredicateError, a QuanyuError, with line and column of what is wrong.
    """
    tree = _parsed(text)
    try:
        Checker(text, vocabulary).condition(tree)
        tree = tree.transform(lambda node: _put_in(node, vocabulary), copy=False)
    except RecursionError as error:
        raise PredicateError(text, 0, "it is nested too deeply") from error
    return Condition(text, tree)


def load_predicates(project: Path) -> dict[str, SavedPredicate]:
    """Return the saved predicates of a dbt project; all mistakes are one error."""
    return load_vocabulary(project).saved


def _parsed(text: str) -> exp.Expr:
    if strange := _STRANGE.search(text):
        raise PredicateError(
            text, strange.start(), "there is a sign that cannot be read"
        )
    if len(text) > MOST_LETTERS:
        raise PredicateError(
            text, MOST_LETTERS, f"a condition has at most {MOST_LETTERS:,} letters"
        )
    refuse_words(text, _words(text))
    try:
        return sqlglot.parse_one(text, dialect="postgres")
    except ParseError as error:
        first = error.errors[0]
        fault = str(first["description"]).split(" for <class")[0]
        raise PredicateError(
            text, _offset(text, first), f"not a condition: {fault}"
        ) from error
    except (RecursionError, AttributeError, IndexError, TypeError, ValueError) as error:
        # The parser takes for granted what only sound SQL has.
        raise PredicateError(text, 0, "this cannot be read as a condition") from error


def _words(text: str) -> list[Token]:
    try:
        return sqlglot.tokenize(text, dialect="postgres")
    except TokenError as error:
        raise PredicateError(
            text, 0, "a quotation is not closed, or a comment"
        ) from error


def _offset(text: str, error: dict[str, object]) -> int:
    """Return where an error of the parser is: it tells the end of a word."""
    lines = text.split("\n")
    line, column = int(str(error["line"])), int(str(error["col"]))
    highlight = len(str(error["highlight"] or "x"))
    before = sum(len(one) + 1 for one in lines[: line - 1])
    return max(0, min(len(text), before + column - highlight))


def _put_in(node: exp.Expr, vocabulary: Vocabulary) -> exp.Expr:
    if not isinstance(node, exp.Column) or node.name not in vocabulary.saved:
        return node
    saved = exp.paren(vocabulary.saved[node.name].condition.tree.copy(), copy=False)
    saved.meta[SAVED] = node.name
    return saved


def _names(tree: exp.Expr) -> frozenset[str]:
    return frozenset(column.name for column in tree.find_all(exp.Column)) - {BASE_DATE}


def _clause(node: exp.Expr) -> Clause:
    if isinstance(node, exp.Paren):
        inner = _clause(node.this)
        saved = node.meta.get(SAVED)
        if not saved:
            return inner
        parts = inner.clauses if inner.joined == "and" else (inner,)
        return Clause(saved, inner.names, node, "and", parts)
    parts = ()
    joined = ""
    if isinstance(node, (exp.And, exp.Or)):
        joined = node.key
        parts = tuple(_clause(part) for part in node.flatten(unnest=False))
    elif isinstance(node, exp.Not) and _is_compound(node.this):
        joined, parts = "not", (_clause(node.this),)
    return Clause(_text(node), _names(node), node, joined, parts)


def _is_compound(node: exp.Expr) -> bool:
    inner = node.unnest()
    return isinstance(inner, (exp.And, exp.Or)) or (SAVED in node.meta)


def _text(node: exp.Expr) -> str:
    """Return a part in the style of the house: everything but values in small letters.

    Saved predicates stand by their names.
    """
    written = node.transform(
        lambda one: exp.column(one.meta[SAVED]) if SAVED in one.meta else one
    ).sql(dialect="postgres")
    letters = list(written)
    for token in sqlglot.tokenize(written, dialect="postgres"):
        if token.token_type not in _VERBATIM:
            span = slice(token.start, token.end + 1)
            letters[span] = written[span].lower()
    return "".join(letters)
