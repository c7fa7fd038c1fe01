"""`quanyu segment contrast`: what sets one audience apart from another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from audience.engine.engine import Engine
    from audience.engine.sides import Sides
    from audience.entries import Segment
    from ml.audience_features import Contrast, Rule, Tag

Way = Literal["space", "forest", "both"]
Space = Literal["pca", "tsne"]
# People looked at; of more some are drawn.
MOST_PEOPLE = 100_000
# Rows of the ranking by TGI that are tested beside the rules.
BASELINES = 5


def contrast(
    one: Annotated[
        str,
        typer.Argument(
            metavar="A", help="As in a segment's where.", show_default=False
        ),
    ],
    other: Annotated[
        str, typer.Argument(metavar="[B]", help="Another audience; else all others.")
    ] = "",
    *,
    dimensions: Annotated[
        int, typer.Option(min=1, max=3, help="Tags a rule may name.")
    ] = 2,
    way: Annotated[
        Way,
        typer.Option(help="Regions of a space, a random forest, or both."),
    ] = "both",
    space: Annotated[Space, typer.Option(help="How the space is made.")] = "pca",
    without: Annotated[
        list[str] | None, typer.Option(help="Leave this tag out; may be repeated.")
    ] = None,
    without_definition: Annotated[
        bool,
        typer.Option(
            "--without-definition",
            help="Leave out all tags that the definition of A or B reads.",
        ),
    ] = False,
    most: Annotated[
        int, typer.Option(min=100, help="People looked at; of more some are drawn.")
    ] = MOST_PEOPLE,
    out: Annotated[Path | None, typer.Option(help="Write pictures there.")] = None,
    save: Annotated[
        str, typer.Option(help="Write the best rule for A as this segment: seg_<who>.")
    ] = "",
    goal: Annotated[
        str, typer.Option(help="Folder of that segment; that of A without it.")
    ] = "",
) -> None:
    """Say what sets an audience apart, in 1 to 3 tags and their ranges.

    Half of the people are learnt from, all figures are of the other half: recall is the
    share of its side that a rule selects, precision the share of its side among whom it
    selects, lift precision over the share of the side in both.

    Example: quanyu segment contrast seg_quality --without-definition --out pictures
    """
    from audience.engine.engine import Engine
    from audience.engine.sides import defining_tags, read_tags, two_sides
    from audience.entries import load_segments
    from cli.contrast_tables import print_contrast
    from ml.audience_features import ContrastConfig
    from ml.audience_features import contrast as contrast_of
    from warehouse.settings import dbt_project_dir

    engine = Engine.open(dbt_project_dir())
    segments = load_segments(dbt_project_dir())
    config = ContrastConfig(dimensions=dimensions)
    texts = [one, other] if other else [one]
    defining = defining_tags(engine, texts, segments)
    left_out = _known(engine, without or [])
    left_out |= defining if without_definition else set()
    wish = _goal(one, goal, save, segments)
    with _errors_as_sentences(), _said("reading the copy"):
        sides = two_sides(engine, one, other or None, most=most, seed=config.seed)
        tags = contrast_tags(engine, left_out, defining)
        frame = read_tags(engine, sides.rows, [tag.name for tag in tags])
    count = len(sides.a)
    with _errors_as_sentences(), _said("comparing"):
        found = contrast_of(
            frame[:count],
            frame[count:],
            tags,
            way=way,
            space=space,
            sizes=sides.people,
            config=config,
        )
    baselines = _baselines(engine, sides, found, one, other)
    print_contrast(engine, sides, found, baselines)
    if left_out:
        typer.echo(f"Left out as asked: {', '.join(sorted(left_out))}.")
    if out:
        title = f"A: {one}\nB: {other or 'everybody else'}"
        # The pictures' font has no Chinese.
        _write_pictures(out, found, title if title.isascii() else "A and B")
    if save:
        _save(found, save, wish, one, other)


def _known(engine: Engine, names: Sequence[str]) -> set[str]:
    from warehouse.errors import QuanyuError

    for name in names:
        if name not in engine.vocabulary.kinds:
            nearest = engine.vocabulary.nearest(name)
            raise QuanyuError(
                f"There is no tag {name}" + (f"; {nearest} is one." if nearest else ".")
            )
    return set(names)


def _goal(one: str, goal: str, save: str, segments: Sequence[Segment]) -> str:
    from warehouse.errors import QuanyuError

    own = [segment.goal for segment in segments if segment.code == one]
    if save and not goal and not own:
        raise QuanyuError(
            f"Say where {save} belongs by --goal: "
            f"{', '.join(sorted({segment.goal for segment in segments}))}."
        )
    return goal or next(iter(own), "")


def contrast_tags(engine: Engine, left_out: set[str], defining: set[str]) -> list[Tag]:
    """Return the tags of the copy as ml/audience_features wants them told."""
    from audience.engine.build import PERSONAL
    from ml.audience_features import Tag

    forms: dict[str, Literal["number", "day", "flag", "text"]] = {
        "boolean": "flag",
        "date": "day",
        "text": "text",
    }
    return [
        Tag(
            name=name,
            kind=forms.get(kind.name, "number"),
            decimals=kind.scale,
            title=engine.copy.name(name),
            # What the copy does not tell is no value of the warehouse.
            unnamed=frozenset({PERSONAL}),
            defines=name in defining,
        )
        for name, kind in sorted(engine.copy.vocabulary().kinds.items())
        if name not in left_out
    ]


def _baselines(
    engine: Engine, sides: Sides, found: Contrast, one: str, other: str
) -> list[dict[str, Any]]:
    """Return the first of the ranking by TGI, each tested as the rules are."""
    from audience.engine.profile import NO_VALUE, profile
    from audience.engine.sides import read_bins

    names = sorted([*found.people.scales, *(str(row["tag"]) for row in found.apart)])
    ranking = profile(engine, one, other or None, tags=names)
    best = ranking[(ranking["tgi"] > 100) & ranking["z"].notna()].head(BASELINES)
    bins = read_bins(engine, sides.rows, sorted(set(best["tag"])))
    rows: list[dict[str, Any]] = []
    for tag, value, tgi in best[["tag", "value", "tgi"]].itertuples(index=False):
        labels = [NO_VALUE, *engine.copy.about["bins"][tag]["labels"]]
        selected = (bins[tag] == labels.index(value)).to_numpy()
        figures = found.figures(selected)
        rows.append({"tag": tag, "value": value, "tgi": tgi, "figures": figures})
    return rows


def _write_pictures(out: Path, found: Contrast, title: str) -> None:
    from ml.audience_features.pictures import pictures

    out.mkdir(parents=True, exist_ok=True)
    for name, content in pictures(found.space, found.forest, title=title).items():
        (out / name).write_bytes(content)
        typer.echo(f"wrote {out / name}")


def _save(found: Contrast, code: str, goal: str, one: str, other: str) -> None:
    from audience.entries import load_tags
    from audience.new_segment import Wish, new_segment
    from warehouse.errors import QuanyuError
    from warehouse.settings import dbt_project_dir, project_root

    columns = {tag.code for tag in load_tags(dbt_project_dir())}
    rule = found.best(among=columns)
    if rule is None:
        raise QuanyuError("No rule for A names only columns of customer_tags_wide.")
    wish = Wish(goal, code, rule.sql, description=_description(rule, one, other))
    for path in new_segment(project_root(), wish):
        typer.echo(f"wrote {path}")
    typer.echo(f"Its condition: {rule.sql}")


def _description(rule: Rule, one: str, other: str) -> str:
    figures = rule.figures
    return (
        f"What sets {one} apart from {other or 'everybody else'} ({rule.way}): recall "
        f"{figures.recall:.0%}, precision {figures.precision:.0%}, lift "
        f"{figures.lift:.1f} on the half it was not found on."
    )


@contextmanager
def _errors_as_sentences() -> Iterator[None]:
    from ml.errors import ModelError
    from warehouse.errors import QuanyuError

    try:
        yield
    except ModelError as error:
        raise QuanyuError(str(error)) from error


@contextmanager
def _said(what: str) -> Iterator[None]:
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield
