"""Random conditions over the tags of a copy, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from audience.engine.engine import Engine

ORDER = ["<", "<=", ">", ">=", "=", "<>"]
REGEXES = [
    "^地",
    "[0-9]+$",
    "^v[1-3]$",
    "a.e",
    "(or|an)",
    "^.{2,4}$",
    "1[^0]?",
    r"\.",
    "x{0,2}$",
]
LIKES = ["%", "地%", "_", "__", "%a%", r"%\_%", r"100\%%", "a_%", "%\n%"]
UNITS = ["day", "week", "month", "year"]


def conditions(engine: Engine) -> st.SearchStrategy[str]:
    """Return conditions of up to a few clauses, joined and denied at random."""
    joined = st.sampled_from(["({} and {})", "({} or {})", "({}) and not ({})"])
    return st.recursive(
        clauses(engine),
        lambda inner: st.one_of(
            inner.map("not ({})".format),
            st.tuples(joined, inner, inner).map(lambda t: t[0].format(t[1], t[2])),
        ),
        max_leaves=5,
    )


def clauses(engine: Engine) -> st.SearchStrategy[str]:
    """Return one comparison, list, range, pattern, flag or name."""
    kinds = engine.vocabulary.kinds
    labels = engine.copy.about["bins"]

    def named(*names: str) -> st.SearchStrategy[str]:
        return st.sampled_from(sorted(t for t, k in kinds.items() if k.name in names))

    def value(tag: str) -> st.SearchStrategy[str]:
        edges = [
            one.removeprefix("> ").split(" – ")[0] for one in labels[tag]["labels"]
        ]
        return st.sampled_from(edges or ["0"])

    def compared(tag: str) -> st.SearchStrategy[str]:
        edge = value(tag)
        if kinds[tag].name == "date":
            edge = edge.map("'{}'".format).filter("'0'".__ne__)
        return st.tuples(st.sampled_from(ORDER), edge).map(
            lambda pair: f"{tag} {pair[0]} {pair[1]}"
        )

    whole, decimal, day = named("integer", "bigint"), named("numeric"), named("date")
    number = named("integer", "bigint", "numeric")
    text = named("text")
    small = st.integers(-3, 9)
    return st.one_of(
        st.one_of(number, day).filter(lambda t: labels[t]["labels"]).flatmap(compared),
        text.flatmap(
            lambda tag: (
                st.lists(
                    value(tag).filter("(other)".__ne__), min_size=1, max_size=3
                ).map(lambda some: f"{tag} in ({', '.join(map(repr, some))})")
                if labels[tag]["labels"][:-1]
                else st.just(f"{tag} is null")
            )
        ),
        named("boolean"),
        st.sampled_from(sorted(engine.vocabulary.segments)),
        st.sampled_from(sorted(kinds)).map("{} is not null".format),
        st.tuples(named("boolean"), st.sampled_from(["true", "false", "not true"])).map(
            "{0[0]} is {0[1]}".format
        ),
        st.tuples(number, small, small).map("{0[0]} between {0[1]} and {0[2]}".format),
        st.tuples(whole, whole).map("{0[0]} is distinct from {0[1]}".format),
        st.tuples(whole, st.integers(1, 7), small).map(
            "{0[0]} / {0[1]} > {0[2]}".format
        ),
        st.tuples(whole, st.integers(2, 7), small).map(
            "{0[0]} % {0[1]} = {0[2]}".format
        ),
        st.tuples(
            number,
            number,
            st.sampled_from(ORDER),
            st.sampled_from(["0.5", "-1.25", "2"]),
        ).map("{0[0]} * 1.0 / nullif({0[1]}, 0) {0[2]} {0[3]}".format),
        st.tuples(decimal, number, small).map("{0[0]} * -1.5 + {0[1]} > {0[2]}".format),
        st.tuples(decimal, st.integers(0, 3), decimal).map(
            "round({0[0]}, {0[1]}) = round({0[2]}, 0)".format
        ),
        st.tuples(decimal, small).map("floor({0[0]}) + ceil({0[0]}) > {0[1]}".format),
        st.tuples(number, number, small).map(
            "greatest({0[0]}, {0[1]}) - coalesce({0[1]}, 0) < abs({0[2]})".format
        ),
        st.tuples(day, day, small).map("{0[0]} - {0[1]} > {0[2]} * 10".format),
        st.tuples(day, st.integers(0, 90)).map("{0[0]} + {0[1]} >= base_date".format),
        st.tuples(day, st.integers(0, 14), st.sampled_from(UNITS)).map(
            "{0[0]} > base_date - interval '{0[1]} {0[2]}'".format
        ),
        st.tuples(
            day, st.sampled_from(["month", "isodow", "quarter", "doy"]), small
        ).map("extract({0[1]} from {0[0]}) = {0[2]}".format),
        st.tuples(text, st.sampled_from(REGEXES)).map("{0[0]} ~ '{0[1]}'".format),
        st.tuples(text, st.sampled_from(LIKES)).map("{0[0]} not like '{0[1]}'".format),
        st.tuples(text, text).map("{0[0]} < {0[1]} or length({0[0]}) > 3".format),
    )
