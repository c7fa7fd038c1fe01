"""A checked condition over customers, and the clauses it is made up of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.tokens import TokenType

BASE_DATE = "base_date"
# Under this key the root of a saved predicate that was put in carries its name.
SAVED = "saved"
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
