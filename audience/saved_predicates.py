"""Conditions saved by name (收藏), and with them all that a condition may name."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from audience.entries import CODE, load_owners, load_segments, load_tags
from audience.predicates import parse_predicate
from audience.rules import load_rules
from audience.vocabulary import SavedPredicate, Vocabulary, customer_segments
from warehouse.errors import QuanyuError

SEED = Path("seeds/tags/saved_predicates.csv")


def load_vocabulary(project: Path) -> Vocabulary:
    """Return what a dbt project's conditions may name; all mistakes are one error."""
    vocabulary = Vocabulary.of(load_tags(project), load_rules(project))
    vocabulary.segments = frozenset(customer_segments(load_segments(project)))
    add_saved(vocabulary, project)
    return vocabulary


def add_saved(vocabulary: Vocabulary, project: Path) -> None:
    """Add the saved predicates of a dbt project; all mistakes are one error."""
    owners = load_owners(project)
    faults = []
    text = (project / SEED).read_text(encoding="utf-8")
    reader = csv.DictReader(io.StringIO(text))
    for row in reader:
        try:
            _save(row, vocabulary, owners)
        except QuanyuError as error:
            faults.append(f"{SEED.name} line {reader.line_num}: {error}")
    if faults:
        raise QuanyuError("\n".join(faults))


def _save(
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
    condition = parse_predicate(row["predicate"], vocabulary)
    vocabulary.saved[name] = SavedPredicate(
        name, row["name_zh"], row["owner"], condition
    )
