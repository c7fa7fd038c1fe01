"""One run: everybody's vectors and neighbours, judged on audiences that were hidden."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from ml.errors import NotEnoughHistoryError
from ml.lookalike.config import LookalikeConfig
from ml.lookalike.evaluate import MIN_SEEDS, evaluate, summary
from ml.lookalike.neighbours import Neighbours, neighbours
from ml.lookalike.rankers import SPEND, VOTES, Mask, by_votes, votes
from ml.lookalike.table import Floats, People, marks, people
from ml.lookalike.vectors import Vectors, vectors
from ml.model import Report, Result
from ml.protocol import pictures
from ml.protocol.gate import Verdict
from ml.protocol.metrics import lift

# Audiences of a run's judgement: neither rare nor nearly everybody.
_LEAST_SHARE, _MOST_SHARE = 0.05, 0.5


def train_and_score(
    *,
    features: pd.DataFrame,
    traits: pd.DataFrame,
    config: LookalikeConfig | None = None,
) -> Result:
    """Find everybody's neighbours, and say how well votes find audiences again.

    The frames are feat_lookalike and feat_lookalike_traits. Outputs: similar_customers
    (customer_id, similar_customer_id, rank, score) and customer_vectors (customer_id,
    vector as a PostgreSQL array). Raises ModelError subclasses by name.
    """
    config = config or LookalikeConfig()
    those = people(features, traits)
    if len(those) < config.min_customers:
        raise NotEnoughHistoryError(
            f"Neighbours need {config.min_customers} customers and there are "
            f"{len(those)}."
        )
    found = vectors(marks(those, config), config)
    near = neighbours(found, config)
    judged = Judged.of(those, config)
    day = f"{pd.Timestamp(features['base_date'].iloc[0]):%Y-%m-%d}"
    report = _report(judged, near, those, day=day, config=config)
    return Result(
        outputs={
            "similar_customers": similar_customers(those, near),
            "customer_vectors": customer_vectors(those, found),
        },
        report=report,
        artefacts={
            "model.json": json.dumps(
                {"traits": len(those.traits), "columns": those.columns}, indent=2
            ).encode(),
            **judged.pictures(),
        },
    )


def similar_customers(those: People, near: Neighbours) -> pd.DataFrame:
    """Return one row per customer and neighbour, each one's nearest first."""
    top = near.places.shape[1]
    places, scores = near.places.ravel(), near.scores.ravel()
    rows = pd.DataFrame(
        {
            "customer_id": np.repeat(those.ids, top),
            "similar_customer_id": those.ids[places],
            "rank": np.tile(np.arange(1, top + 1, dtype=np.int16), len(those)),
            "score": scores,
        }
    )
    return rows[places >= 0].reset_index(drop=True)


def customer_vectors(those: People, found: Vectors) -> pd.DataFrame:
    """Return one row per customer with the vector as a PostgreSQL array."""
    texts = [
        "{" + ",".join(map(str, vector)) + "}" for vector in found.round(6).tolist()
    ]
    return pd.DataFrame({"customer_id": those.ids, "vector": texts})


class Judged:
    """Votes beside spend on audiences whose own trait was hidden from the vectors.

    An audience is the buyers of a category. With all these categories hidden, half of
    its people are seeds; the others are looked for among everybody else.
    """

    def __init__(self, table: pd.DataFrame, curves: dict[str, pd.DataFrame]) -> None:
        """Keep one row per audience and method, and lift curves by method."""
        self.table = table
        self.curves = curves

    @classmethod
    def of(cls, those: People, config: LookalikeConfig) -> Judged:
        """Judge on at most as many people as all pairs are compared of."""
        some = those.sample(config.exact_up_to, config.seed)
        hidden = _audiences(some, config)
        blind = some.without(hidden)
        near = neighbours(vectors(marks(blind, config), config), config)

        def rankings(known: Mask) -> dict[str, Floats]:
            counted = votes(near.places[known], near.scores[known], len(some))
            return {VOTES: by_votes(*counted), SPEND: some.spend}

        tables, hits = [], []
        for place in hidden:
            seeds = np.asarray(some.days[:, [place]].todense()).ravel() > 0
            found = summary(
                evaluate(seeds, rankings, count=config.draws, seed=config.seed)
            )
            name, size = some.traits[place][1], int(seeds.sum())
            tables.append(found.assign(audience=name, people=size))
            known = seeds & (np.cumsum(seeds) % 2 == 0)
            hits.append((seeds[~known], _only(rankings(known), ~known)))
        table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
        return cls(table, _curves(hits))

    def figures(self, method: str) -> dict[str, float | None]:
        """Return the means over audiences; None where there were none."""
        names = ("lift5", "lift10", "lift20", "recall")
        if self.table.empty:
            return dict.fromkeys(names)
        own = self.table[self.table["method"] == method]
        return {name: float(own[name].mean()) for name in names}

    def rows(self) -> list[dict[str, Any]]:
        """Return a row per audience: seeds, lift of votes and of spend, difference."""
        if self.table.empty:
            return []
        by = self.table.set_index(["audience", "method"])
        return [
            {
                "audience": name,
                "people": int(by.loc[(name, VOTES), "people"]),
                "lift5": float(by.loc[(name, VOTES), "lift5"]),
                "lift5_sd": float(by.loc[(name, VOTES), "lift5_sd"]),
                "spend_lift5": float(by.loc[(name, SPEND), "lift5"]),
                "paired_difference": float(by.loc[(name, VOTES), "difference"]),
            }
            for name in self.table["audience"].unique()
        ]

    def pictures(self) -> dict[str, bytes]:
        """Return the lift curves over all audiences."""
        if not self.curves:
            return {}
        title = "Lookalike: held-out buyers of hidden categories"
        return {"lift.png": pictures.lift_png(self.curves, title=title)}


def _audiences(those: People, config: LookalikeConfig) -> np.ndarray:
    """Return the places of the categories that judge: of middling size, spread out."""
    buyers = np.asarray((those.days > 0).sum(axis=0)).ravel()
    share = buyers / len(those)
    is_category = np.array([kind == "category" for kind, _ in those.traits], dtype=bool)
    fit = np.flatnonzero(
        is_category
        & (buyers >= MIN_SEEDS)
        & (share >= _LEAST_SHARE)
        & (share <= _MOST_SHARE)
    )
    ordered = fit[np.argsort(-buyers[fit], kind="stable")]
    if len(ordered) <= config.hidden_categories:
        return ordered
    steps = np.linspace(0, len(ordered) - 1, config.hidden_categories)
    return ordered[steps.round().astype(int)]


def _curves(hits: list[tuple[Mask, dict[str, Floats]]]) -> dict[str, pd.DataFrame]:
    if not hits:
        return {}
    found = {}
    for method in (VOTES, SPEND):
        parts = [lift(one.astype(float), ranking[method]) for one, ranking in hits]
        mean = sum(part["lift"].to_numpy() for part in parts) / len(parts)
        found[method] = parts[0].assign(lift=mean)
    return found


def _only(rankings: dict[str, Floats], candidates: Mask) -> dict[str, Floats]:
    return {name: ranking[candidates] for name, ranking in rankings.items()}


def _report(
    judged: Judged,
    near: Neighbours,
    those: People,
    *,
    day: str,
    config: LookalikeConfig,
) -> Report:
    own, spend = judged.figures(VOTES), judged.figures(SPEND)
    return Report(
        verdict=_verdict(own["lift5"], spend["lift5"], near.recall, config),
        metrics={
            "overall": {**own, "neighbour_recall": near.recall, "probes": near.probes}
        },
        baselines={SPEND: spend},
        rows={
            "scored": len(those),
            "neighbours": int((near.places >= 0).sum()),
            "traits": len(those.traits),
            "columns": len(those.columns),
        },
        window=(day, day),
        tables=(
            {
                "title": "Buyers of a category found again with the category hidden",
                "rows": judged.rows(),
            },
        ),
    )


def _verdict(
    own: float | None, spend: float | None, recall: float, config: LookalikeConfig
) -> Verdict:
    if own is None or spend is None:
        return Verdict(
            False,
            ("No category has enough buyers to judge the neighbours by.",),
        )
    beats, is_found = own > spend, recall >= config.min_recall
    return Verdict(
        beats and is_found,
        (
            f"Lift of the best 5% is {own:.2f} by votes, which "
            f"{'beats' if beats else 'does not beat'} {spend:.2f} by spend.",
            f"Of the true neighbours {recall:.1%} are found, "
            f"{'at' if is_found else 'below'} the {config.min_recall:.0%} asked for"
            + (" or more." if is_found else "."),
        ),
    )
