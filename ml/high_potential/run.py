"""One run: back-test, bags, calibration, packs of everybody, report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.errors import EmptyInputError, MissingColumnError
from ml.high_potential.bagging import Bags, fit
from ml.high_potential.config import HighPotentialConfig
from ml.high_potential.packs import pack_of, pack_rows, shares
from ml.high_potential.spec import HIGH_POTENTIAL as SPEC
from ml.model import Report, Result
from ml.protocol import metrics, pictures
from ml.protocol.backtest import rolling_splits
from ml.protocol.calibration import Calibrator
from ml.protocol.gate import judge
from ml.supervised.run import scoring_day
from ml.supervised.spec import Floats
from ml.supervised.table import checked

RULE = "spend_or_visit"


def train_and_score(
    *,
    features: pd.DataFrame,
    labels: pd.DataFrame,
    base_dates: pd.DataFrame,
    packs: pd.DataFrame,
    config: HighPotentialConfig | None = None,
) -> Result:
    """Back-test, train, calibrate and pack everybody of the newest month end.

    The frames are feat_high_potential, label_high_value, feat_base_dates and the seed
    high_potential_packs. The output `high_potential_packs` has customer_id, score (P of
    becoming a high-value buyer), pack, has_bought. Raises ModelError by name.
    """
    config = config or HighPotentialConfig()
    wanted = shares(packs)
    scoring_date = scoring_day(base_dates)
    rows = checked(features, SPEC)
    to_score = rows[rows["base_date"] == scoring_date]
    if to_score.empty:
        raise EmptyInputError(
            f"feat_high_potential has no row of {scoring_date:%Y-%m-%d}."
        )
    past = _with_outcome(rows[rows["base_date"] < scoring_date], labels)
    over = past.loc[past["window_to"] <= scoring_date, "base_date"].unique()
    splits = rolling_splits(
        over, tests=config.tested_origins, label_months=config.label_months
    )
    said = pd.concat(
        [
            _tested(past, split.test, config)
            for split in splits
            if split.test is not None
        ],
        ignore_index=True,
    )
    bags, calibrator = _fitted(past, scoring_date, config)
    scores = pd.DataFrame(
        {
            "customer_id": to_score["customer_id"].to_numpy(),
            # Rounded, so that a stored score reads back as itself.
            "score": np.round(_probability(bags, calibrator, to_score), 6),
        }
    )
    scores["pack"] = pack_of(scores["score"].to_numpy(), wanted)
    scores["has_bought"] = to_score["has_bought"].to_numpy()
    report = _report(
        said,
        bags,
        pack_rows(said, wanted),
        config,
        rows={
            "train": len(past),
            "positive": int(_has_risen(past, scoring_date).sum()),
            "test": len(said),
            "scored": len(scores),
            "never_bought": int((~scores["has_bought"]).sum()),
        },
        window=(f"{past['base_date'].min():%Y-%m-%d}", f"{max(over):%Y-%m-%d}"),
    )
    return Result(
        outputs={"high_potential_packs": scores},
        report=report,
        artefacts={
            "model.json": bags.settings_json().encode(),
            **{
                f"bag_{number:02}.txt": booster.model_to_string().encode()
                for number, booster in enumerate(bags.boosters)
            },
            **_pictures(said, report),
        },
    )


def _with_outcome(rows: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    wanted = [*SPEC.keys, "window_to", SPEC.label]
    missing = [column for column in wanted if column not in labels.columns]
    if missing:
        raise MissingColumnError(f"label_high_value lacks {', '.join(missing)}.")
    return rows.merge(labels[wanted], on=SPEC.keys, how="inner", sort=False)


def _has_risen(rows: pd.DataFrame, day: pd.Timestamp) -> npt.NDArray[np.bool_]:
    """Tell who was known by `day` to have become a high-value buyer."""
    return np.asarray(pd.to_datetime(rows[SPEC.label]) <= day, dtype=bool)


def _fitted(
    past: pd.DataFrame, day: pd.Timestamp, config: HighPotentialConfig
) -> tuple[Bags, Calibrator]:
    """Return bags and their curve as they would have been made on `day`.

    Origins whose window was still open teach too: who had risen by then is positive,
    and nobody else is called anything. The curve is of the origins that were over.
    """
    learnt = past[past["base_date"] < day]
    bags = fit(learnt, _has_risen(learnt, day), SPEC, config)
    return bags, _curve(bags.raw, learnt, day)


def _curve(
    ranking: Callable[[pd.DataFrame], Floats], past: pd.DataFrame, day: pd.Timestamp
) -> Calibrator:
    over = past[past["window_to"] <= day]
    return Calibrator.fit(ranking(over), _outcomes(over), SPEC.groups(over))


def _outcomes(rows: pd.DataFrame) -> Floats:
    """Return 1.0 for who rose within the window; of origins whose window is over."""
    return np.asarray(rows[SPEC.label].notna(), dtype=np.float64)


def _tested(
    past: pd.DataFrame, day: pd.Timestamp, config: HighPotentialConfig
) -> pd.DataFrame:
    """Return what would have been said of everybody on `day`, and what came."""
    rows = past[past["base_date"] == day]
    rule = SPEC.baselines[RULE]
    ruled = _curve(rule, past[past["base_date"] < day], day)
    return rows[["base_date", "customer_id", "has_bought"]].assign(
        label=_outcomes(rows),
        score=_probability(*_fitted(past, day, config), rows),
        **{RULE: ruled.predict(rule(rows), SPEC.groups(rows))},
    )


def _probability(bags: Bags, calibrator: Calibrator, rows: pd.DataFrame) -> Floats:
    return calibrator.predict(bags.raw(rows), SPEC.groups(rows))


def _report(
    said: pd.DataFrame,
    bags: Bags,
    packed: list[dict[str, Any]],
    config: HighPotentialConfig,
    *,
    rows: dict[str, int],
    window: tuple[str, str],
) -> Report:
    labels = said["label"].to_numpy()
    overall = metrics.summary(labels, said["score"].to_numpy())
    rule = metrics.summary(labels, said[RULE].to_numpy())
    importance = pd.DataFrame(
        {
            "feature": bags.columns,
            "name_zh": [SPEC.columns[column] for column in bags.columns],
            "gain_share": bags.gain(),
        }
    ).sort_values(["gain_share", "feature"], ascending=[False, True])
    by_origin = {
        f"{origin:%Y-%m-%d}": metrics.summary(
            part["label"].to_numpy(), part["score"].to_numpy()
        )
        for origin, part in said.groupby("base_date")
    }
    reliability = metrics.reliability(labels, said["score"].to_numpy())
    return Report(
        verdict=judge(
            auc=overall["auc"],
            ece=float(overall["ece"] or 0),
            chance_ece=float(overall["chance_ece"] or 0),
            baseline_aucs={RULE: rule["auc"]},
            max_ece=config.max_ece,
        ),
        metrics={
            "overall": overall,
            "by_origin": by_origin,
            "packs": packed,
            "reliability": reliability.to_dict("records"),
            "importance": importance.to_dict("records"),
        },
        baselines={RULE: rule},
        rows=rows,
        window=window,
        tables=(
            {
                "title": f"Back-test on {', '.join(by_origin)}",
                "rows": [
                    {"ranking": name, **figures}
                    for name, figures in (("model", overall), (RULE, rule))
                ],
            },
            {"title": "Packs over the tested rows", "rows": packed},
        ),
        notes=(
            *(
                [f"Left out, one value only: {', '.join(bags.dropped)}."]
                if bags.dropped
                else []
            ),
        ),
    )


def _pictures(said: pd.DataFrame, report: Report) -> dict[str, bytes]:
    labels = said["label"].to_numpy()
    return {
        "reliability.png": pictures.reliability_png(
            pd.DataFrame(report.metrics["reliability"]),
            title="High potential: said and seen",
        ),
        "lift.png": pictures.lift_png(
            {
                name: metrics.lift(labels, said[column].to_numpy())
                for name, column in (("model", "score"), (RULE, RULE))
            },
            title="High potential: lift over the tested months",
        ),
        "importance.png": pictures.importance_png(
            pd.DataFrame(report.metrics["importance"]),
            title="High potential: what the trees use",
        ),
    }
