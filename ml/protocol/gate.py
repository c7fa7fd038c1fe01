"""Whether scores may be published: better than the obvious rule, and honest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """The decision and the sentences that explain it."""

    is_published: bool
    reasons: tuple[str, ...]


def judge(
    *,
    auc: float | None,
    ece: float,
    chance_ece: float,
    baseline_aucs: Mapping[str, float | None],
    max_ece: float,
) -> Verdict:
    """Publish only if AUC beats every baseline and the probabilities are honest.

    Honest is an ECE of at most `max_ece` beyond what chance alone shows on the tested
    rows: with many rows that is `max_ece`, with few it does not blame the model for
    their number.
    """
    known = {name: value for name, value in baseline_aucs.items() if value is not None}
    if auc is None or not known:
        return Verdict(False, ("AUC is unknown: the tested months hold one class.",))
    best = max(known, key=lambda name: known[name])
    beats = auc > known[best]
    limit = max_ece + chance_ece
    is_calibrated = ece <= limit
    return Verdict(
        beats and is_calibrated,
        (
            f"AUC {auc:.4f} {'beats' if beats else 'does not beat'} the best baseline, "
            f"{best} {known[best]:.4f}.",
            f"ECE {ece:.4f} is {'within' if is_calibrated else 'above'} "
            f"the limit of {limit:.4f} ({max_ece} and {chance_ece:.4f} by chance).",
        ),
    )
