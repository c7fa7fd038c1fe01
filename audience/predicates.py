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

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokens import Token

from audience.condition import SAVED, Condition
from audience.predicate_errors import PredicateError
from audience.predicate_kinds import Checker
from audience.predicate_words import refuse_words
from audience.vocabulary import Vocabulary

# Longer texts are lists: they belong in a table.
MOST_LETTERS = 20_000
# Control characters, and halves of characters.
_STRANGE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


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
