"""An audience expanded to who resembles it: seeds in, a ranked list and figures out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from psycopg import sql

from audience.entries import Segment, find_segment, load_segments
from audience.front_matter import GROUP_SEPARATOR
from ml.errors import ModelError
from ml.lookalike.audience import Resemblance
from ml.lookalike.config import LookalikeConfig
from ml.lookalike.evaluate import MIN_SEEDS, evaluate, summary
from ml.lookalike.rankers import METHODS, VOTES
from ml.lookalike.table import KEYS, Ints, People, people
from warehouse.connection import Connection, copy_frame, read_frame
from warehouse.errors import QuanyuError
from warehouse.settings import dbt_project_dir

AUTO = "auto"
_NO_TRAITS = pd.DataFrame(
    columns=[*KEYS, "kind", "code", "goods_amount", "day_count"], dtype=object
)


@dataclass(frozen=True)
class Wish:
    """What is asked for; `min_votes` counts for the method votes."""

    segment: str
    size: int
    method: str = AUTO
    min_votes: int = 1
    with_seeds: bool = False
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expansion:
    """Who resembles `wish.segment` as of `base_date`, the most alike first.

    `rows`: customer_id, rank, score (higher is more alike), and votes where they
    ranked. `figures` (see `ml.lookalike.evaluate.summary`) say how well each method
    finds held-out seeds; empty with too few seeds, which `notes` then say.
    """

    wish: Wish
    base_date: date
    method: str
    rows: pd.DataFrame
    figures: pd.DataFrame
    counts: dict[str, int]
    notes: tuple[str, ...] = ()


def expand(
    conn: Connection, wish: Wish, config: LookalikeConfig | None = None
) -> Expansion:
    """Return the expansion of a segment of customers, from the newest complete month.

    `auto` takes the method that found the most held-out seeds, votes when there are too
    few to tell. Raises QuanyuError for what cannot be expanded, in one sentence.
    """
    config = config or LookalikeConfig()
    _refuse(wish)
    segments = load_segments(dbt_project_dir())
    seeds_query = people_of(conn, segments, wish.segment)
    candidates_query = candidates_of(conn, segments, wish.exclude)
    base_date = _base_date(conn)
    seeds, candidates = _ids(conn, seeds_query), _ids(conn, candidates_query)
    known = _known(conn, seeds)
    if not known:
        raise QuanyuError(
            f"None of the {len(seeds):,} people of {wish.segment} was a customer on "
            f"{base_date}: there is nobody to resemble."
        )
    notes: list[str] = []
    resemblance, figures = None, pd.DataFrame()
    if known >= MIN_SEEDS:
        resemblance = _resemblance(conn, seeds, candidates, config)
        figures = _judged(resemblance, seeds, config)
    else:
        notes.append(f"With {known} seeds none can be held out: nothing is judged.")
    method = wish.method
    if method == AUTO:
        method = VOTES if figures.empty else str(figures["method"].iloc[0])
    if method == VOTES:
        rows = by_votes(conn, seeds_query, candidates_query, wish)
    else:
        resemblance = resemblance or _resemblance(conn, seeds, candidates, config)
        rows = _by_rank(resemblance, seeds, candidates, method, wish)
    counts = {
        "seeds": len(seeds),
        "seeds known to the model": known,
        "candidates": len(np.setdiff1d(candidates, seeds)),
        "found": len(rows),
    }
    return Expansion(wish, base_date, method, rows, figures, counts, tuple(notes))


def by_votes(
    conn: Connection, seeds: sql.Composable, candidates: sql.Composable, wish: Wish
) -> pd.DataFrame:
    """Return who has the most votes; what `lookalike_of` says in a segment file.

    `seeds` and `candidates` are queries of customer_id. Columns customer_id, rank,
    votes, score (summed similarity).
    """
    query = sql.SQL(
        """
        with

        seeds as (

            {seeds}

        ),

        candidates as (

            {candidates}

        ),

        voted as (

            select
                similar_to.similar_customer_id as customer_id,
                count(*) as votes,
                sum(similar_to.score::double precision) as score
            from seeds
            inner join ml.lookalike as similar_to
                on seeds.customer_id = similar_to.customer_id
            group by similar_to.similar_customer_id
            having count(*) >= {min_votes}

        ),

        found as (

            select
                voted.*,
                false as is_seed
            from voted
            inner join candidates on voted.customer_id = candidates.customer_id
            left join seeds on voted.customer_id = seeds.customer_id
            where seeds.customer_id is null
            union all
            select
                candidates.customer_id,
                0,
                0,
                true
            from candidates
            inner join seeds on candidates.customer_id = seeds.customer_id
            where {with_seeds}

        )

        select
            customer_id,
            row_number() over (
                order by is_seed desc, votes desc, score desc, customer_id
            ) as rank,
            votes,
            score
        from found
        order by rank
        limit {size}
        """
    ).format(
        seeds=seeds,
        candidates=candidates,
        min_votes=sql.Literal(wish.min_votes),
        with_seeds=sql.Literal(wish.with_seeds),
        size=sql.Literal(wish.size),
    )
    return read_frame(conn, query)


def keep(conn: Connection, audience: str, expansion: Expansion) -> None:
    """Keep the people of an expansion under the code of the segment that reads them."""
    conn.execute("delete from ml.lookalike_audiences where audience = %s", [audience])
    rows = expansion.rows[["customer_id", "rank", "score"]]
    rows = rows.assign(audience=audience, base_date=expansion.base_date)
    copy_frame(conn, "ml.lookalike_audiences", rows)


def people_of(
    conn: Connection, segments: Sequence[Segment], code: str
) -> sql.Composable:
    """Return the query of a segment's people, or of those of a group of a split.

    Raises QuanyuError when there is no such segment, of customers, in the warehouse.
    """
    found = find_segment(segments, code)
    if found.entry.entity != "customer":
        raise QuanyuError(
            f"{code} is a segment of {found.entry.entity}s: only customers resemble "
            "each other."
        )
    relation = sql.Identifier("segments", found.code)
    built = conn.execute(
        "select to_regclass(%s)", [f"segments.{found.code}"]
    ).fetchone()
    if built == (None,):
        raise QuanyuError(
            f"{found.code} is not in the warehouse: "
            f"`quanyu run --select key:segments/{found.code}` builds it."
        )
    query: sql.Composable = sql.SQL("select customer_id from {}").format(relation)
    group = code.partition(GROUP_SEPARATOR)[2]
    if group:
        where = sql.SQL(" where group_code = {}").format(sql.Literal(group))
        query = sql.Composed([query, where])
    return query


def candidates_of(
    conn: Connection, segments: Sequence[Segment], exclude: Sequence[str]
) -> sql.Composable:
    """Return the query of who may be found: nobody excluded, nor of `exclude`.

    Excluded are employees, tests, resellers and the like; who may be written to is
    asked when a push is planned, not here.
    """
    everybody = sql.SQL(
        "select customer_id from tags.customer_tags_wide where risk_exclusion is null"
    )
    return sql.SQL(" except ").join(
        [everybody, *(people_of(conn, segments, code) for code in exclude)]
    )


def _refuse(wish: Wish) -> None:
    if wish.method not in (AUTO, *METHODS):
        raise QuanyuError(
            f"There is no method {wish.method}; there is {', '.join((AUTO, *METHODS))}."
        )
    if wish.size < 1 or wish.min_votes < 1:
        raise QuanyuError("--size and --min-votes are 1 or more.")


def _base_date(conn: Connection) -> date:
    row = conn.execute("select max(base_date) from ml.lookalike").fetchone()
    if not row or row[0] is None:
        raise QuanyuError(
            "Nobody's neighbours are known yet: `quanyu model train lookalike` finds "
            "them, `quanyu model report lookalike` tells why they were not published."
        )
    found: date = row[0]
    return found


def _known(conn: Connection, seeds: Ints) -> int:
    row = conn.execute(
        "select count(distinct customer_id) from ml.lookalike"
        " where customer_id = any(%s)",
        [seeds.tolist()],
    ).fetchone()
    return int(row[0]) if row else 0


def _resemblance(
    conn: Connection, seeds: Ints, candidates: Ints, config: LookalikeConfig
) -> Resemblance:
    """Return what the rankers read: of seeds and candidates who have features."""
    features = read_frame(conn, "select * from features.feat_lookalike")
    asked = np.union1d(seeds, candidates)
    features = features[features["customer_id"].isin(asked)]
    try:
        those = people(features, _NO_TRAITS)
    except ModelError as error:
        raise QuanyuError(str(error)) from error
    kept = read_frame(
        conn,
        "select customer_id, vector from ml.customer_vectors"
        " where base_date = (select max(base_date) from ml.lookalike)"
        " order by customer_id",
    )
    found = np.full((len(those), config.factors), np.nan, dtype=np.float32)
    ours = kept["customer_id"].isin(those.ids)
    numbers = ",".join(kept.loc[ours, "vector"].str[1:-1])
    at = np.searchsorted(those.ids, kept.loc[ours, "customer_id"])
    found[at] = np.fromstring(numbers, sep=",").reshape(len(at), -1)
    listing, listed, similarity = _lists(conn, seeds, those)
    return Resemblance(those, found, listing, listed, similarity, config)


def _lists(
    conn: Connection, seeds: Ints, those: People
) -> tuple[Ints, Ints, np.ndarray]:
    """Return whom each seed lists, by places among `those`; -1 is somebody else."""
    rows = read_frame(
        conn,
        "select customer_id, similar_customer_id, rank, score from ml.lookalike"
        " where customer_id = any(%s)",
        [seeds.tolist()],
    )
    rows = rows[rows["customer_id"].isin(those.ids)]
    listing, row = np.unique(rows["customer_id"], return_inverse=True)
    top = int(rows["rank"].max()) if len(rows) else 1
    listed = np.full((len(listing), top), -1, dtype=np.int64)
    similarity = np.zeros((len(listing), top))
    others = rows["similar_customer_id"].to_numpy()
    at = np.minimum(np.searchsorted(those.ids, others), len(those) - 1)
    place = np.where(those.ids[at] == others, at, -1)
    listed[row, rows["rank"] - 1] = place
    similarity[row, rows["rank"] - 1] = rows["score"]
    return np.searchsorted(those.ids, listing), listed, similarity


def _judged(
    resemblance: Resemblance, seeds: Ints, config: LookalikeConfig
) -> pd.DataFrame:
    """Return the figures of each method on held-out seeds, the best first."""
    some = resemblance.sample(seeds, config.exact_up_to)
    is_seed = np.isin(some.those.ids, seeds)
    table = evaluate(is_seed, some.rankings, count=config.draws, seed=config.seed)
    return summary(table)


def _by_rank(
    resemblance: Resemblance, seeds: Ints, candidates: Ints, method: str, wish: Wish
) -> pd.DataFrame:
    ids = resemblance.those.ids
    is_seed = np.isin(ids, seeds)
    ranking = resemblance.rankings(is_seed)[method]
    wanted = np.isin(ids, candidates) & (wish.with_seeds | ~is_seed)
    rows = pd.DataFrame({"customer_id": ids, "score": ranking, "is_seed": is_seed}).loc[
        wanted
    ]
    rows = rows.sort_values(
        ["is_seed", "score", "customer_id"], ascending=[False, False, True]
    ).head(wish.size)
    return rows.assign(rank=np.arange(1, len(rows) + 1))[
        ["customer_id", "rank", "score"]
    ].reset_index(drop=True)


def _ids(conn: Connection, query: sql.Composable) -> Ints:
    found = read_frame(conn, query)["customer_id"].dropna()
    return np.unique(found.to_numpy(dtype=np.int64))
