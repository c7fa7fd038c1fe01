"""A new tag: column, entry and unit test written where they belong.

What is written is a stub that builds: the column is null until somebody writes its SQL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from audience.entries import CODE, Tag, load_tags
from audience.generate import write_files
from warehouse.errors import QuanyuError

# Last word of a code, windows aside -> data type and type of the tag (style of names).
UNITS = {
    "amount": ("numeric(18, 2)", "number"),
    "count": ("bigint", "number"),
    "days": ("integer", "number"),
    "rate": ("numeric(9, 4)", "number"),
    "on": ("date", "date"),
}
LONGEST_NAME = 63
MOST_SQL_LINES = 150
MOST_YML_LINES = 300
LINE_LENGTH = 88

_WINDOW = re.compile(r"_\d+[dmy]$")
_FINAL = re.compile(r"^final as \($.*?(?P<before>^    from )", re.M | re.S)
_REFS = re.compile(r"{{ (ref\('\w+'\)|source\('\w+', '\w+'\)) }}")


@dataclass(frozen=True)
class Wish:
    """What is asked for; what is left empty is taken from the family's first tag."""

    family: str
    name: str
    entity: str = "customer"
    name_zh: str = ""
    description: str = ""
    path: str = ""
    values: Mapping[str, str] | None = None


def new_tag(root: Path, wish: Wish) -> list[Path]:
    """Write a tag's column, entry and unit test below `root`; return the files written.

    Raises QuanyuError, and leaves every file as it was, when the family is unknown, the
    name is wrong or taken, or a file would outgrow its limit.
    """
    project = root / "dbt_project"
    tags = load_tags(project)
    siblings = _siblings(tags, wish)
    code = _code(wish, {tag.code for tag in tags})
    types = _types(code, wish)
    yml = siblings[0].file
    model = yml.with_suffix(".sql")
    test = project / "models" / "tags" / "unit_tests" / f"test_{code}.yml"
    texts = {
        model: _with_column(model, code, types[0]),
        yml: _with_entry(code, types, wish, siblings[0]),
        test: _unit_test(model, code, wish.entity, _key(yml)),
    }
    return write_or_undo(root, texts)


def read_values(text: str) -> dict[str, str] | None:
    """Return the values of an enum written as "high=高,low=低"; None for no text."""
    if not text:
        return None
    pairs = [one.partition("=") for one in text.split(",")]
    if not all(code and equals and name for code, equals, name in pairs):
        raise QuanyuError(
            f"Values are written code=name, with commas between, not {text!r}."
        )
    return {code.strip(): name.strip() for code, _, name in pairs}


def _siblings(tags: list[Tag], wish: Wish) -> list[Tag]:
    families = sorted({tag.family for tag in tags if tag.entity == wish.entity})
    if not families:
        entities = ", ".join(sorted({tag.entity for tag in tags}))
        raise QuanyuError(f"There are no tags about a {wish.entity}; about {entities}.")
    if wish.family not in families:
        raise QuanyuError(
            f"There is no family {wish.family} of {wish.entity} tags; there are "
            f"{', '.join(families)}."
        )
    return [
        tag for tag in tags if (tag.entity, tag.family) == (wish.entity, wish.family)
    ]


def _code(wish: Wish, taken: set[str]) -> str:
    prefix = wish.family if wish.entity == "customer" else wish.entity
    if wish.name.startswith(f"{prefix}_"):
        raise QuanyuError(
            f"The name is what follows {prefix}_: say "
            f"{wish.name.removeprefix(f'{prefix}_')}."
        )
    code = f"{prefix}_{wish.name}"
    if not (CODE.fullmatch(wish.name) and wish.name[0].isalpha()) or "__" in code:
        raise QuanyuError(
            f"{wish.name!r} is not a name: lower case letters, digits and single _, "
            "such as order_count_90d."
        )
    if code.endswith("_") or len(code) > LONGEST_NAME:
        raise QuanyuError(
            f"{code} does not end in a letter or digit or is longer than "
            f"{LONGEST_NAME} characters."
        )
    if code in taken:
        raise QuanyuError(f"{code} exists: `quanyu tag show {code}` shows it.")
    return code


def _types(code: str, wish: Wish) -> tuple[str, str]:
    """Return data type and type of a tag by its name."""
    if wish.values:
        return "text", "enum"
    if re.search(r"_(is|has)_", code):
        return "boolean", "bool"
    unit = _WINDOW.sub("", code).rpartition("_")[2]
    if unit not in UNITS:
        raise QuanyuError(
            f"{wish.name} does not say what it holds: begin it with is_ or has_, end "
            f"it in {', '.join(f'_{one}' for one in UNITS)} (before a window such as "
            "_90d), or give --values for an enum."
        )
    return UNITS[unit]


def _with_column(model: Path, code: str, data_type: str) -> str:
    """Return a family's SQL with one more column, null, at the end of `final`."""
    text = model.read_text(encoding="utf-8")
    found = _FINAL.search(text)
    above = text[: found.start("before")] if found else ""
    last = above.rstrip().rsplit("\n", 1)[-1]
    if not found or "--" in last:
        raise QuanyuError(
            f"{model.name} has no CTE `final` whose columns end before its `from`: "
            "write the column by hand."
        )
    column = f"        cast(null as {data_type}) as {code}"
    if len(column) > LINE_LENGTH:
        column = column.replace(" as " + code, f"\n            as {code}")
    text = f"{above.rstrip()},\n{column}\n{text[found.start('before') :]}"
    _refuse_beyond(model, text, MOST_SQL_LINES)
    return text


def _with_entry(code: str, types: tuple[str, str], wish: Wish, sibling: Tag) -> str:
    """Return a family's yml with one more entry at its end."""
    yml, (data_type, kind) = sibling.file, types
    text = yml.read_text(encoding="utf-8").rstrip() + "\n"
    content = yaml.safe_load(text)
    if list(content)[-1] != "models" or len(content["models"]) != 1:
        raise QuanyuError(
            f"{yml.name} does not end with the columns of one model: write the entry "
            "by hand."
        )
    entry = {
        "name_zh": wish.name_zh or code,
        "path": wish.path or sibling.entry.path,
        "class": sibling.entry.tag_class,
        "type": kind,
        "owner": sibling.entry.owner,
        "refresh": sibling.entry.refresh,
        "min_fill": 0.0,
    } | ({"values": dict(wish.values)} if wish.values else {})
    flow = yaml.safe_dump(
        {"meta": {"tag": entry}},
        allow_unicode=True,
        default_flow_style=True,
        sort_keys=False,
        width=10_000,
    ).strip()
    description = yaml.safe_dump(
        wish.description or f"{wish.name_zh or code}（定义待写）",
        allow_unicode=True,
        width=10_000,
    ).splitlines()[0]
    text += (
        f"      - name: {code}\n"
        f"        data_type: {data_type}\n"
        f"        description: {description}\n"
        f"        config: {flow}\n"
    )
    _refuse_beyond(yml, text, MOST_YML_LINES)
    return text


def _key(yml: Path) -> str:
    """Return the key of a family: its first column."""
    content = yaml.safe_load(yml.read_text(encoding="utf-8"))
    key: str = content["models"][0]["columns"][0]["name"]
    return key


def _unit_test(model: Path, code: str, entity: str, key: str) -> str:
    """Return a unit test that holds for the stub: every input is there, and empty."""
    inputs = dict.fromkeys(_REFS.findall(model.read_text(encoding="utf-8")))
    given = [
        f"      - input: {one}\n"
        f"        rows: [{f'{{{key}: 1}}' if f'dim_{entity}s' in one else ''}]\n"
        for one in inputs
    ]
    return (
        "version: 2\n\n"
        "# A stub: give the rows that the definition's edges are made of.\n"
        "unit_tests:\n"
        f"  - name: {code}\n"
        f"    model: {model.stem}\n"
        '    overrides: {vars: {base_date: "2017-12-31"}}\n'
        "    given:\n" + "".join(given) + "    expect:\n"
        f"      rows: [{{{key}: 1, {code}: null}}]\n"
    )


def _refuse_beyond(file: Path, text: str, most: int) -> None:
    if len(text.splitlines()) > most:
        raise QuanyuError(
            f"{file.name} would be longer than {most} lines: move an aggregate to a "
            "model of models/tags/inputs, or entries to the compact form, first."
        )


def write_or_undo(root: Path, texts: Mapping[Path, str]) -> list[Path]:
    """Write files and what is generated from them; undo all when an entry is wrong.

    Returns the files written, below `root`.
    """
    before = {
        path: path.read_text(encoding="utf-8") if path.exists() else None
        for path in texts
    }
    changed = [path for path, text in texts.items() if before[path] != text]
    try:
        for path in changed:
            path.write_text(texts[path], encoding="utf-8")
        generated = write_files(root)
    except QuanyuError:
        for path in changed:
            was = before[path]
            if was is None:
                path.unlink(missing_ok=True)
            else:
                path.write_text(was, encoding="utf-8")
        raise
    return [path.relative_to(root) for path in changed] + generated
