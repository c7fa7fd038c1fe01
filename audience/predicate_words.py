"""The words and signs a condition may be made of; all others are refused unread."""

from __future__ import annotations

import re

from sqlglot.tokens import Token, TokenType

from audience.predicate_errors import PredicateError

# sqlglot reads a name before a bracket as one of these or as nothing we know.
FUNCTIONS = (
    "abs",
    "cast",
    "ceil",
    "coalesce",
    "extract",
    "floor",
    "greatest",
    "least",
    "length",
    "nullif",
    "round",
    "starts_with",
)
MOST_WORDS = 4_000
DEEPEST = 32
_LONGEST_NUMBER = 18
_PLAIN_NUMBER = re.compile(r"\d+(\.\d*)?|\.\d+")
_SAYS = {
    TokenType.SEMICOLON: "one condition, without a semicolon",
    TokenType.SELECT: "no subquery",
    TokenType.WITH: "no subquery",
    TokenType.EXISTS: "no subquery",
    TokenType.UNION: "no subquery",
    TokenType.OVER: "no window function",
    TokenType.CASE: "no case: join conditions by and, or, not",
}
_NAMES = """
    L_PAREN R_PAREN COMMA DOT PLUS DASH STAR SLASH MOD EQ NEQ LT LTE GT GTE BETWEEN
    IN LIKE RLIKE AND OR NOT TRUE FALSE IS NULL ISNULL NOTNULL DISTINCT FROM DCOLON
    ALIAS DATE DECIMAL INTERVAL NUMBER STRING IDENTIFIER VAR
"""
_KNOWN = {TokenType[name] for name in _NAMES.split()}
_BRACKETS = {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}
_PREFIXES = (TokenType.NOT, TokenType.DASH, TokenType.PLUS)


def refuse_words(text: str, words: list[Token]) -> None:
    """Raise PredicateError at the first word that no condition has."""
    if not words:
        raise PredicateError(text, 0, "a condition is missing")
    if len(words) > MOST_WORDS:
        raise PredicateError(
            text,
            words[MOST_WORDS].start,
            f"a condition has at most {MOST_WORDS:,} words",
        )
    depth = run = end = 0
    for word, following in zip(words, [*words[1:], None], strict=True):
        between = text[end : word.start]
        if "--" in between or "/*" in between:
            raise PredicateError(
                text, end + len(between) - len(between.lstrip()), "no comment"
            )
        _refuse_word(text, word, following)
        # Each of these takes the reader one level down.
        depth += _BRACKETS.get(word.token_type, 0)
        run = run + 1 if word.token_type in _PREFIXES else 0
        if depth + run > DEEPEST:
            raise PredicateError(
                text, word.start, f"it is nested more than {DEEPEST} levels deep"
            )
        end = word.end + 1
    if text[end:].strip():
        raise PredicateError(
            text, end + len(text[end:]) - len(text[end:].lstrip()), "no comment"
        )


def _refuse_word(text: str, word: Token, following: Token | None) -> None:
    kind = word.token_type
    said = text[word.start : word.end + 1]
    if kind in _SAYS:
        raise PredicateError(text, word.start, _SAYS[kind])
    is_called = following is not None and following.token_type is TokenType.L_PAREN
    if kind is TokenType.VAR and is_called and said.lower() not in FUNCTIONS:
        raise PredicateError(
            text,
            word.start,
            f"there is no function {said} here, only {', '.join(FUNCTIONS)}",
        )
    # `!` is no `not`; it begins `!~`.
    is_bang = said == "!" and not (
        following
        and following.token_type is TokenType.RLIKE
        and following.start == word.end + 1
    )
    if kind not in _KNOWN or is_bang:
        raise PredicateError(text, word.start, f"{said} has no place in a condition")
    if kind is TokenType.NUMBER and (
        not _PLAIN_NUMBER.fullmatch(said) or len(said) > _LONGEST_NUMBER
    ):
        raise PredicateError(
            text,
            word.start,
            f"{said} is no number of digits and a point, {_LONGEST_NUMBER} at most",
        )
