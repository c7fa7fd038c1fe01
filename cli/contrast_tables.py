"""How a comparison of two audiences is shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

if TYPE_CHECKING:
    from audience.engine.engine import Engine
    from audience.engine.sides import Sides
    from ml.audience_features import Contrast, Figures, Rule
    from ml.audience_features.rules import Box, People

# Rules shown per side and way, and tags by their importance.
MOST_RULES = 4
MOST_TAGS = 10
_VALUE = re.compile(r"'((?:[^']|'')*)'")
_WORDS = (
    (re.compile(r"\bis distinct from "), "不为 "),
    (re.compile(r"\bis not null"), "有值"),
    (re.compile(r"\bis null"), "无值"),
    (re.compile(r"\bis not true"), "不为真"),
    (re.compile(r"\bis not false"), "不为假"),
    (re.compile(r"\bnot in "), "不属于 "),
    (re.compile(r"\bin "), "属于 "),
    (re.compile(r"\bbetween (.+?) and ([^)]+)"), r"介于 \1 至 \2"),
    (re.compile(r"^not "), "非 "),
    (re.compile(r" and "), " 且 "),
    (re.compile(r" or "), " 或 "),
    (re.compile(r"\bbase_date\b"), "当日"),
)


def print_contrast(
    engine: Engine, sides: Sides, found: Contrast, baselines: list[dict[str, Any]]
) -> None:
    """Print rules, baseline, ways, trees and notes."""
    console = Console()
    own, others = sides.people
    console.print(
        f"A {own:,} people, B {others:,}; {int(found.people.learns.sum()):,} learnt "
        f"from, {int((~found.people.learns).sum()):,} tested on."
    )
    for note in [*sides.notes, *found.notes]:
        console.print(f"- {note}", markup=False, highlight=False)
    _print_rules(console, engine, found)
    _print_baselines(console, engine, baselines)
    _print_ways(console, found)
    _print_forest(console, engine, found)
    _print_apart(console, engine, found)
    for why, names in found.left_out.items():
        if why != "long":
            listed = ", ".join(names[:MOST_TAGS]) + ", ..." * (len(names) > MOST_TAGS)
            console.print(f"Left out, {why}: {listed}.", highlight=False)


def in_chinese(engine: Engine, people: People, rule: Rule) -> str:
    """Return a rule with the names of tags and values that Chinese readers know."""
    boxes = [_box_in_chinese(engine, people, box) for box in rule.boxes]
    return boxes[0] if len(boxes) == 1 else " 或 ".join(f"({box})" for box in boxes)


def _box_in_chinese(engine: Engine, people: People, box: Box) -> str:
    from ml.audience_features.scales import clause

    parts = []
    for name, span in box.items():
        text = clause(people.scales[name], span)
        # Values are put in last: what is written in them stays as it is.
        values = [value.replace("''", "'") for value in _VALUE.findall(text)]
        text = _VALUE.sub("\0", text)
        for pattern, word in _WORDS:
            text = pattern.sub(word, text)
        text = text.replace(name, engine.copy.name(name) or name)
        for value in values:
            title = engine.copy.name(f"{name}={value}") or value
            text = text.replace("\0", title, 1)
        parts.append(text)
    parts = [part for part in parts if part]
    if len(parts) == 1 and parts[0].startswith("("):
        return parts[0][1:-1]
    return " 且 ".join(parts)


def _print_rules(console: Console, engine: Engine, found: Contrast) -> None:
    if not found.rules:
        console.print("No rule of so few tags tells A from B.")
        return
    shown: list[Rule] = []
    for rule in found.rules:
        alike = [one for one in shown if (one.side, one.way) == (rule.side, rule.way)]
        if len(alike) < MOST_RULES:
            shown.append(rule)
    everybody = [int(mask.sum()) for mask in engine.masks([one.sql for one in shown])]
    for side in ("A", "B"):
        table = _figures_table(f"what {side} is", "way", "rule", "people")
        for rule, count in zip(shown, everybody, strict=True):
            if rule.side == side:
                mark = "\n(its definition)" if rule.reads_definition else ""
                text = f"{in_chinese(engine, found.people, rule)}\n{rule.sql}"
                table.add_row(
                    rule.way + mark, escape(text), f"{count:,}", *_cells(rule.figures)
                )
        if table.rows:
            console.print(table)


def _print_baselines(
    console: Console, engine: Engine, baselines: list[dict[str, Any]]
) -> None:
    table = _figures_table(
        "baseline: A by TGI, the surest first", "tag", "value", "TGI"
    )
    for row in baselines:
        value = engine.copy.name(f"{row['tag']}={row['value']}") or row["value"]
        name = engine.copy.name(row["tag"]) or row["tag"]
        tgi = f"{row['tgi']:.0f}"
        table.add_row(name, escape(str(value)), tgi, *_cells(row["figures"]))
    if table.rows:
        console.print(table)


def _print_ways(console: Console, found: Contrast) -> None:
    table = Table("way", "AUC", "mean score of A", "of B", "how", title="scores")
    for one in found.scored:
        how = "share of the trees' votes"
        if one.way == "space" and found.space is not None:
            cuts = ", ".join(f"{n} {gap:.2f}" for n, gap in found.space.gaps.items())
            how = (
                f"region by {found.space.method} (gaps: {cuts}); rules say the same of "
                f"{found.space.faithful:.0%}"
            )
        table.add_row(
            one.way, f"{one.auc:.3f}", f"{one.mean_a:.2f}", f"{one.mean_b:.2f}", how
        )
    console.print(table)
    if found.space is not None:
        for place, (share, names) in enumerate(
            zip(found.space.space.explained, found.space.space.axes, strict=True), 1
        ):
            console.print(
                f"axis {place}: {share:.0%} of what differs; {', '.join(names)}",
                highlight=False,
            )


def _print_forest(console: Console, engine: Engine, found: Contrast) -> None:
    if found.forest is None:
        return
    table = Table("tag", "", "importance", "gap of one cut", title="forest")
    for name, share in list(found.forest.importance.items())[:MOST_TAGS]:
        gap = f"{found.gaps[name]:.2f}"
        table.add_row(name, engine.copy.name(name), f"{share:.1%}", gap)
    console.print(table)
    for tree in found.forest.trees:
        console.print("One of its trees, three cuts deep:", highlight=False)
        console.print(tree, markup=False, highlight=False, soft_wrap=True)


def _print_apart(console: Console, engine: Engine, found: Contrast) -> None:
    if not found.apart:
        return
    table = Table(
        *("tag", "", "values", "accuracy alone"),
        title="texts of many values: in no rule (.50 is chance)",
    )
    for row in found.apart:
        name = str(row["tag"])
        accuracy = f"{row['accuracy']:.2f}"
        table.add_row(name, engine.copy.name(name), f"{row['values']:,}", accuracy)
    console.print(table)


def _figures_table(title: str, *names: str) -> Table:
    figures = ("recall", "of the other side", "precision", "lift")
    return Table(
        # Chinese has no blanks to break a line at.
        *(Column(name, overflow="fold") for name in names),
        *(Column(name, justify="right") for name in figures),
        title=title,
        show_lines=True,
    )


def _cells(figures: Figures) -> tuple[str, str, str, str]:
    return (
        f"{figures.recall:.0%}",
        f"{figures.stray_rate:.0%}",
        f"{figures.precision:.0%}",
        f"{figures.lift:.2f}",
    )
