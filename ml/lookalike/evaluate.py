"""How good each ranking is: seeds are held out, and looked for among the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.lookalike.rankers import SPEND, Mask
from ml.lookalike.table import Floats

SHARES = (0.05, 0.10, 0.20)
MIN_SEEDS = 4


def draws(
    seeds: Mask, count: int, seed: int
) -> Iterator[tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]]:
    """Yield (known, held out) halves of the seeds, `count` times, by `seed`."""
    places = np.flatnonzero(seeds)
    for number in range(count):
        order = np.random.default_rng([seed, number]).permutation(places)
        known, held_out = np.zeros_like(seeds), np.zeros_like(seeds)
        known[order[: (len(order) + 1) // 2]] = True
        held_out[order[(len(order) + 1) // 2 :]] = True
        yield known, held_out


def figures(ranking: Floats, held_out: Mask, candidates: Mask) -> dict[str, float]:
    """Return lift of the best 5, 10 and 20% and recall at as many as were held out.

    Lift is the rate of held-out seeds in the best share over their rate in all
    candidates; who ties for the last place counts in part, so that an order that means
    nothing brings nothing.
    """
    scores, hits = ranking[candidates], held_out[candidates].astype(np.float64)
    total = hits.sum()
    found = {
        f"lift{round(100 * share)}": _hits(scores, hits, share * len(scores))
        / (share * total)
        for share in SHARES
    }
    return {**found, "recall": _hits(scores, hits, total) / total}


def evaluate(
    seeds: Mask,
    rankings: Callable[[Mask], dict[str, Floats]],
    *,
    count: int = 10,
    seed: int = 7,
) -> pd.DataFrame:
    """Return one row per draw and method: draw, method, lift5, lift10, lift20, recall.

    `rankings` returns the ranking of everybody by each method, given the known seeds.
    Known seeds are no candidates: the held-out ones are looked for among the rest.
    """
    rows = [
        {"draw": number, "method": method, **figures(ranking, held_out, ~known)}
        for number, (known, held_out) in enumerate(draws(seeds, count, seed))
        for method, ranking in rankings(known).items()
    ]
    return pd.DataFrame(rows)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per method: mean figures, and the paired difference to spend.

    Columns method, lift5, lift5_sd, lift10, lift20, recall, difference (mean over draws
    of the method's lift5 less spend's in the same draw), difference_sd; the best first.
    """
    wide = table.pivot_table(index="draw", columns="method", values="lift5")
    rows = []
    for method, own in table.groupby("method", sort=False):
        paired = wide[method] - wide[SPEND]
        rows.append(
            {
                "method": method,
                "lift5": own["lift5"].mean(),
                "lift5_sd": own["lift5"].std(ddof=1),
                "lift10": own["lift10"].mean(),
                "lift20": own["lift20"].mean(),
                "recall": own["recall"].mean(),
                "difference": paired.mean(),
                "difference_sd": paired.std(ddof=1),
            }
        )
    found = pd.DataFrame(rows)
    return found.sort_values("lift5", ascending=False, kind="stable", ignore_index=True)


def _hits(scores: Floats, hits: Floats, wanted: float) -> float:
    """Return how many hits lie in the best `wanted` places, ties shared out evenly."""
    order = np.argsort(-scores, kind="stable")
    ranked, found = scores[order], hits[order]
    last = ranked[min(int(np.ceil(wanted)), len(ranked)) - 1]
    above, tied = ranked > last, ranked == last
    share = (wanted - above.sum()) / tied.sum()
    return float(found[above].sum() + share * found[tied].sum())
