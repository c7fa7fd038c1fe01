"""Every node of a condition, held to the kinds of values there are.

What PostgreSQL and the columnar copy might read differently, or only one of them can
run, is refused here: so that one text means one audience, whoever counts it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from sqlglot import exp

from audience.patterns import fault_of_like, fault_of_regex
from audience.predicate_errors import PredicateError
from audience.vocabulary import Kind, Vocabulary

KIND = "kind"
BOOLEAN, TEXT, DATE, TIMESTAMP = map(Kind, ("boolean", "text", "date", "timestamp"))
INTEGER, BIGINT, INTERVAL = map(Kind, ("integer", "bigint", "interval"))

ORDERED = (exp.GT, exp.GTE, exp.LT, exp.LTE)
COMPARISONS = (exp.EQ, exp.NEQ, *ORDERED, exp.NullSafeEQ, exp.NullSafeNEQ)
CONDITIONS = (
    *(exp.And, exp.Or, exp.Not, *COMPARISONS, exp.Between, exp.In, exp.Is),
    *(exp.Like, exp.RegexpLike, exp.StartsWith),
)
# Of these PostgreSQL and DuckDB say the same, week and dow count differently.
PARTS = ("year", "quarter", "month", "day", "doy", "isodow")
UNITS = ("day", "week", "month", "year")
# A decimal of DuckDB has 38 digits: this leaves 20 before the point.
MOST_DECIMALS = 18
_LARGEST = {"integer": 2**31, "bigint": 2**63}
# What a node may carry where it is not `this` and `expression`.
_ARGUMENTS = {
    exp.Between: {"this", "low", "high"},
    exp.In: {"this", "expressions"},
    exp.Is: {"this", "expression", "negate"},
    exp.Like: {"this", "expression", "negate"},
    exp.Div: {"this", "expression", "typed", "safe"},
    exp.Literal: {"this", "is_string"},
    exp.Cast: {"this", "to", "_type"},
    exp.Interval: {"this", "unit"},
    exp.Round: {"this", "decimals"},
    exp.Coalesce: {"this", "expressions"},
    exp.Greatest: {"this", "expressions", "ignore_nulls"},
    exp.Least: {"this", "expressions", "ignore_nulls"},
}


class Checker:
    """Writes the Kind of every term of a tree into its `meta["kind"]`."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.text = text
        self.vocabulary = vocabulary
        self.terms: dict[type[exp.Expr], Callable[..., Kind]] = {
            exp.Paren: lambda node: self.kind(node.this),
            exp.Literal: self._literal,
            exp.Boolean: lambda _: BOOLEAN,
            exp.Column: self._name,
            exp.Neg: lambda node: self._number(node.this),
            exp.Add: self._sum,
            exp.Sub: self._sum,
            exp.Mul: self._product,
            exp.Div: self._quotient,
            exp.Mod: self._quotient,
            exp.Cast: self._cast,
            exp.Interval: self._interval,
            exp.Extract: self._extract,
            exp.Abs: lambda node: self._number(node.this),
            exp.Round: self._rounded,
            exp.Floor: self._rounded,
            exp.Ceil: self._rounded,
            exp.Length: self._length,
            exp.Coalesce: self._choice,
            exp.Greatest: self._choice,
            exp.Least: self._choice,
            exp.Nullif: lambda node: self._common([node.this, node.expression]),
        }

    def condition(self, node: exp.Expr) -> None:
        """Refuse what is not true or false."""
        self._arguments(node)
        if isinstance(node, (exp.And, exp.Or)):
            for part in node.flatten(unnest=False):
                self.condition(part)
        elif isinstance(node, (exp.Not, exp.Paren)):
            self.condition(node.this)
        elif isinstance(node, COMPARISONS):
            may_divide = not isinstance(node, (exp.NullSafeEQ, exp.NullSafeNEQ))
            self._compared(
                [node.this, node.expression], isinstance(node, ORDERED), may_divide
            )
        elif isinstance(node, exp.Between):
            self._compared([node.this, node.args["low"], node.args["high"]], True)
        elif isinstance(node, exp.In):
            if not node.expressions:
                raise self._fault(node, "values are missing")
            self._compared([node.this, *node.expressions], False)
        elif isinstance(node, exp.Is):
            self._is(node)
        elif isinstance(node, exp.Like):
            self._pattern(node, fault_of_like)
        elif isinstance(node, exp.RegexpLike):
            self._pattern(node, fault_of_regex)
        elif isinstance(node, exp.StartsWith):
            self._pattern(node, lambda _: None)
        elif (kind := self.kind(node)) != BOOLEAN:
            raise self._fault(node, f"a {kind.word} is no condition")

    def kind(self, node: exp.Expr) -> Kind:
        """Return what a term is."""
        find = self.terms.get(type(node))
        if isinstance(node, CONDITIONS):
            self.condition(node)
            return BOOLEAN
        if find is None:
            raise self._fault(node, f"{node.sql()} is no tag, value or comparison")
        self._arguments(node)
        kind = find(node)
        if kind.scale > MOST_DECIMALS:
            raise self._fault(node, f"more than {MOST_DECIMALS} decimals come of this")
        node.meta[KIND] = kind
        return kind

    def _arguments(self, node: exp.Expr) -> None:
        if isinstance(node, exp.Alias):
            raise self._fault(node.args["alias"], f"{node.alias} has no place here")
        if isinstance(node, exp.Column):
            return
        allowed = _ARGUMENTS.get(type(node), {"this", "expression"})
        extra = {key for key, value in node.args.items() if value} - allowed
        if extra:
            raise self._fault(node, f"{node.sql()} says more than a condition may")

    def _fault(self, node: exp.Expr, fault: str) -> PredicateError:
        starts = [one.meta["start"] for one in node.walk() if "start" in one.meta]
        return PredicateError(self.text, min(starts, default=0), fault)

    # Comparisons

    def _is(self, node: exp.Expr) -> None:
        kind = self.kind(node.this)
        if isinstance(node.expression, exp.Boolean):
            if kind != BOOLEAN:
                raise self._fault(node, f"a {kind.word} is neither true nor false")
        elif not isinstance(node.expression, exp.Null):
            raise self._fault(node, "is asks for null, true or false")

    def _pattern(self, node: exp.Expr, fault_of: Callable[[str], str | None]) -> None:
        kind = self.kind(node.this)
        if kind != TEXT:
            raise self._fault(node, f"a {kind.word} is not compared so")
        pattern = node.expression
        if not isinstance(pattern, exp.Literal) or not pattern.is_string:
            raise self._fault(pattern, "a pattern is a text in quotation marks")
        if fault := fault_of(pattern.this):
            raise self._fault(pattern, fault)
        pattern.meta[KIND] = TEXT

    def _compared(
        self, sides: Sequence[exp.Expr], is_ordered: bool, may_divide: bool = False
    ) -> None:
        find = self._side if may_divide else self.kind
        kinds = [find(side) for side in sides]
        if sum(map(is_ratio, sides)) > 1:
            raise self._fault(sides[0], "one quotient of decimals to a comparison")
        first = kinds[0]
        if is_ordered and first == BOOLEAN:
            raise self._fault(sides[0], "a condition is not compared so")
        if is_ordered and first == TEXT and not self.vocabulary.has_order_of_text:
            raise self._fault(
                sides[0], "this warehouse sorts text its own way: compare with = or in"
            )
        self._alike(sides, kinds)
        if not is_ordered:
            self._allowed(sides[0], sides[1:])
            self._allowed(sides[-1], sides[:1])

    def _side(self, node: exp.Expr) -> Kind:
        """Return the kind of a side; only here decimals may be divided."""
        inner = node.unnest()
        if not isinstance(inner, exp.Div):
            return self.kind(node)
        self._arguments(inner)
        kinds = [self._number(inner.this), self._divisor(inner.expression)]
        if all(kind.is_whole for kind in kinds):
            return self.kind(node)
        for outer in (node, inner):
            outer.meta[KIND] = Kind("numeric", max(kind.scale for kind in kinds))
        return Kind("numeric")

    def _alike(self, nodes: Sequence[exp.Expr], kinds: Sequence[Kind]) -> None:
        """Refuse terms of different kinds; a text beside a date is a day."""
        words = {kind.word for kind in kinds}
        if words == {"date", "text"}:
            for node, kind in zip(nodes, kinds, strict=True):
                if kind == TEXT and _is_day(node):
                    node.meta[KIND] = DATE
            kinds = [node.meta.get(KIND, DATE) for node in nodes]
        for node, kind in zip(nodes[1:], kinds[1:], strict=True):
            if kind.word != kinds[0].word:
                raise self._fault(
                    node,
                    f"{node.sql()} is a {kind.word}, {nodes[0].sql()} a "
                    f"{kinds[0].word}",
                )

    def _allowed(self, side: exp.Expr, literals: Sequence[exp.Expr]) -> None:
        values = self.vocabulary.values.get(side.name, ())
        for literal in literals:
            if not isinstance(side, exp.Column) or not values:
                return
            if isinstance(literal, exp.Literal) and literal.this not in values:
                raise self._fault(
                    literal,
                    f"{side.name} is never {literal.sql()}, only {', '.join(values)}",
                )

    # Terms

    def _literal(self, node: exp.Expr) -> Kind:
        if node.is_string:
            return TEXT
        whole, _, decimals = node.this.partition(".")
        if "." in node.this:
            return Kind("numeric", len(decimals))
        for name, largest in _LARGEST.items():
            if int(whole) < largest:
                return Kind(name)
        return Kind("numeric")

    def _name(self, node: exp.Expr) -> Kind:
        identifier = node.this
        if (
            not isinstance(identifier, exp.Identifier)
            or len(list(node.find_all(exp.Identifier))) > 1
        ):
            raise self._fault(node, f"there is no tag {node.sql()}")
        if not identifier.quoted:
            identifier.set("this", identifier.this.lower())
        kind = self.vocabulary.kind(node.name)
        if kind is None:
            nearest = self.vocabulary.nearest(node.name)
            raise self._fault(
                node,
                f"there is no tag {node.name}"
                + (f"; {nearest} is one" if nearest else ""),
            )
        return kind

    def _number(self, node: exp.Expr) -> Kind:
        kind = self.kind(node)
        if kind.word != "number":
            raise self._fault(node, f"a {kind.word} is no number")
        return kind

    def _sum(self, node: exp.Expr) -> Kind:
        kinds = [self.kind(node.this), self.kind(node.expression)]
        left, right = kinds
        if left.word == right.word == "number":
            return _wider(kinds)
        if left in (DATE, TIMESTAMP) and right == INTERVAL:
            return TIMESTAMP
        if left == DATE and right == INTEGER:
            return DATE
        if left == DATE and right == DATE and isinstance(node, exp.Sub):
            return INTEGER
        raise self._fault(
            node, f"a {left.word} and a {right.word} do not add up: {node.sql()}"
        )

    def _product(self, node: exp.Expr) -> Kind:
        kinds = [self.kind(node.this), self.kind(node.expression)]
        # dbt.dateadd writes interval '1 day' * (14).
        if kinds == [INTERVAL, INTEGER] and isinstance(
            node.expression.unnest(), exp.Literal
        ):
            return INTERVAL
        left, right = self._number(node.this), self._number(node.expression)
        if left.is_whole and right.is_whole:
            return _wider(kinds)
        return Kind("numeric", left.scale + right.scale)

    def _quotient(self, node: exp.Expr) -> Kind:
        kinds = [self._number(node.this), self._divisor(node.expression)]
        if not all(kind.is_whole for kind in kinds):
            raise self._fault(
                node,
                "a quotient of decimals stands alone on one side of =, <>, <, <=, > "
                f"or >=: {node.sql()}",
            )
        return _wider(kinds)

    def _divisor(self, node: exp.Expr) -> Kind:
        """Return the kind of what is divided by: never zero, whatever a tag says."""
        kind = self._number(node)
        inner = node.unnest()
        digits = inner.this if isinstance(inner, exp.Literal) else ""
        is_safe = bool(digits.strip("0.")) or (
            isinstance(inner, exp.Nullif)
            and isinstance(inner.expression, exp.Literal)
            and not inner.expression.this.strip("0.")
        )
        if not is_safe:
            raise self._fault(node, f"divide by nullif({node.sql()}, 0)")
        return kind

    def _cast(self, node: exp.Expr) -> Kind:
        to = node.args["to"]
        if to.is_type("date") and not to.expressions:
            if not isinstance(node.this, exp.Literal) or not _is_day(node.this):
                raise self._fault(node, "only a day, 'yyyy-mm-dd', is cast to a date")
            return DATE
        if to.is_type("decimal") and not to.expressions:
            kind = self._number(node.this)
            return Kind("numeric", kind.scale)
        raise self._fault(node, "only casts to date and to numeric are known")

    def _interval(self, node: exp.Expr) -> Kind:
        unit = node.args.get("unit")
        count = node.this
        if (
            not isinstance(count, exp.Literal)
            or not count.this.isascii()
            or not count.this.isdigit()
            or len(count.this) > 5
            or unit is None
            or unit.name.lower().removesuffix("s") not in UNITS
        ):
            raise self._fault(
                node, f"an interval is a number of {', '.join(UNITS)}: '14 days'"
            )
        unit.set("this", unit.name.lower())
        return INTERVAL

    def _extract(self, node: exp.Expr) -> Kind:
        part = node.this.name.lower()
        if part not in PARTS:
            raise self._fault(node, f"of a date there are {', '.join(PARTS)}")
        kind = self.kind(node.expression)
        if kind.word != "date":
            raise self._fault(node.expression, f"a {kind.word} has no {part}")
        return Kind("numeric")

    def _rounded(self, node: exp.Expr) -> Kind:
        kind = self._number(node.this)
        if kind.is_whole:
            raise self._fault(node, f"{node.this.sql()} is whole already")
        decimals = node.args.get("decimals")
        if decimals is None:
            return Kind("numeric")
        if not isinstance(decimals, exp.Literal) or not decimals.this.isdigit():
            raise self._fault(node, "decimals are a number from 0 on")
        self.kind(decimals)
        return Kind("numeric", min(kind.scale, int(decimals.this)))

    def _length(self, node: exp.Expr) -> Kind:
        if self.kind(node.this) != TEXT:
            raise self._fault(node, "only a text has a length")
        return INTEGER

    def _choice(self, node: exp.Expr) -> Kind:
        kind = self._common([node.this, *node.expressions])
        if kind in (TEXT, BOOLEAN) and not isinstance(node, exp.Coalesce):
            raise self._fault(node, f"a {kind.word} has no {node.key}")
        return kind

    def _common(self, nodes: Sequence[exp.Expr]) -> Kind:
        kinds = [self.kind(node) for node in nodes]
        self._alike(nodes, kinds)
        if kinds[0].word == "number":
            return _wider(kinds)
        named = [node.meta[KIND] for node in nodes]
        return TIMESTAMP if TIMESTAMP in named else named[0]


def is_ratio(node: exp.Expr) -> bool:
    """Whether a side of a comparison is a quotient of decimals."""
    inner = node.unnest()
    return isinstance(inner, exp.Div) and not inner.meta[KIND].is_whole


def _wider(kinds: Sequence[Kind]) -> Kind:
    names = {kind.name for kind in kinds}
    for name in ("numeric", "bigint"):
        if name in names:
            return Kind(name, max(kind.scale for kind in kinds))
    return INTEGER


def _is_day(node: exp.Expr) -> bool:
    if not isinstance(node, exp.Literal) or len(node.this) != len("2017-12-31"):
        return False
    try:
        date.fromisoformat(node.this)
    except ValueError:
        return False
    return True
