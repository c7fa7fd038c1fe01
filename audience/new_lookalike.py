"""A lookalike as a segment file: votes in SQL, or a list that was ranked elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from audience.entries import SEGMENT_CODE, find_segment, load_segments
from audience.front_matter import GROUP_SEPARATOR
from audience.new_segment import front_line
from audience.new_tag import write_or_undo
from warehouse.errors import QuanyuError

_VOTES = """\
with

seeds as (

{seeds}

),

similar_customers as (

    select * from {{{{ source('ml', 'lookalike') }}}}

),

candidates as (

    select customer_id from {{{{ ref('customer_tags_wide') }}}}
    where risk_exclusion is null{except_}

),

expanded as (

    {{{{ lookalike_of(
        'seeds', 'similar_customers', 'candidates',
        size={size}, min_votes={min_votes}{with_seeds}
    ) }}}}

)

select customer_id
from expanded
"""
_LIST = """\
-- Ranked by trees on the day it was made; `quanyu lookalike --save` makes it anew.
-- depends_on: {{{{ ref('{of}') }}}}
select distinct coalesce(aliases.customer_id, audiences.customer_id) as customer_id
from {{{{ source('ml', 'lookalike_audiences') }}}} as audiences
left join {{{{ ref('oneid_alias') }}}} as aliases
    on audiences.customer_id = aliases.old_id
where
    audiences.audience = '{code}'
    -- Nobody took over what is left of this one.
    and (aliases.old_id is null or aliases.customer_id is not null)
"""


@dataclass(frozen=True)
class Lookalike:
    """What a file is to say: `code` resembles `of` (a segment, or a group of a split).

    `by_votes`: the file votes for itself every day; otherwise it reads the list kept
    under its code.
    """

    code: str
    of: str
    size: int
    by_votes: bool
    min_votes: int = 1
    with_seeds: bool = False
    exclude: tuple[str, ...] = ()


def check_code(root: Path, code: str) -> None:
    """Refuse a code that is none, or one of another kind of segment."""
    if not SEGMENT_CODE.fullmatch(code):
        raise QuanyuError(
            f"{code!r} is not a code: seg_<who>, lower case letters, digits and single "
            "_."
        )
    for one in load_segments(root / "dbt_project"):
        if one.code == code and one.entry.kind != "lookalike":
            raise QuanyuError(
                f"{code} exists and is no lookalike: "
                f"`quanyu segment show {code}` shows it."
            )


def write_lookalike(root: Path, wish: Lookalike) -> list[Path]:
    """Write (or write anew) the file of a lookalike; return the files written.

    It lies beside the segment it resembles. A new file gets a unit test to fill in; a
    file that was there keeps its front matter. Raises QuanyuError and leaves everything
    as it was when an entry is wrong.
    """
    check_code(root, wish.code)
    segments = load_segments(root / "dbt_project")
    of = find_segment(segments, wish.of)
    there = next((one for one in segments if one.code == wish.code), None)
    model = there.file if there else of.file.with_name(f"{wish.code}.sql")
    front = (
        there.file.read_text(encoding="utf-8").split("}}) }}", 1)[0].split("\n")
        if there
        else _front(wish, of.code)
    )
    texts = {
        model: "\n".join(front).rstrip("\n") + "\n}}) }}\n\n" + _sql(wish, of.code)
    }
    folder = root / "dbt_project" / "models" / "segments" / "unit_tests"
    if not there:
        texts[folder / f"test_{wish.code}.yml"] = _unit_test(wish, of.code)
    return write_or_undo(root, texts)


def _front(wish: Lookalike, of: str) -> list[str]:
    entry: dict[str, object] = {
        "name_zh": wish.code,
        "description": f"The {wish.size} customers who resemble {wish.of} most.",
        "kind": "lookalike",
        "of": of,
        "owner": "crm",
        "refresh": "monthly",
        "expected_size": [0, wish.size],
        "play": "To be written",
        "kpi": "To be written",
    }
    return [
        "{{ config(meta={'segment': {",
        *(line for key, value in entry.items() for line in front_line(key, value)),
    ]


def _sql(wish: Lookalike, of: str) -> str:
    if not wish.by_votes:
        return _LIST.format(of=of, code=wish.code)
    return _VOTES.format(
        seeds=_people_of(wish.of),
        except_="".join(f"\n    except\n{_people_of(code)}" for code in wish.exclude),
        size=wish.size,
        min_votes=wish.min_votes,
        with_seeds=", with_seeds=true" if wish.with_seeds else "",
    )


def _people_of(code: str) -> str:
    """Return the select of a segment's people, or of those of a group of a split."""
    segment, _, group = code.partition(GROUP_SEPARATOR)
    lines = [f"select customer_id from {{{{ ref('{segment}') }}}}"]  # noqa: S608 - codes
    lines += [f"where group_code = '{group}'"] if group else []
    return "\n".join(f"    {line}" for line in lines)


def _unit_test(wish: Lookalike, of: str) -> str:
    if wish.by_votes:
        inputs = [f"ref('{of}')", "source('ml', 'lookalike')"]
        inputs += ["ref('customer_tags_wide')"]
        excluded = [code.partition(GROUP_SEPARATOR)[0] for code in wish.exclude]
        inputs += [f"ref('{code}')" for code in excluded]
    else:
        inputs = ["source('ml', 'lookalike_audiences')", "ref('oneid_alias')"]
    return (
        "version: 2\n\n"
        "# A stub: give rows on both sides of every edge, and one of nulls.\n"
        "unit_tests:\n"
        f"  - name: {wish.code.removeprefix('seg_')}\n"
        f"    model: {wish.code}\n"
        '    overrides: {vars: {base_date: "2017-12-31"}}\n'
        "    given:\n" + _given(inputs) + "    expect:\n      rows: []\n"
    )


def _given(inputs: Sequence[str]) -> str:
    return "".join(f"      - input: {one}\n        rows: []\n" for one in inputs)
