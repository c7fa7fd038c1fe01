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
    baseline_aucs: Mapping[str, float | None],
    max_ece: float,
) -> Verdict:
    """Publish only if AUC beats every baseline and ECE is at most `max_ece`."""
    known = {name: value for name, value in baseline_aucs.items() if value is not None}
    if auc is None or not known:
        return Verdict(False, ("AUC is unknown: the tested months hold one class.",))
    best = max(known, key=lambda name: known[name])
    beats = auc > known[best]
    is_calibrated = ece <= max_ece
    return Verdict(
        beats and is_calibrated,
        (
            f"AUC {auc:.4f} {'beats' if beats else 'does not beat'} the best baseline, "
            f"{best} {known[best]:.4f}.",
            f"ECE {ece:.4f} is {'within' if is_calibrated else 'above'} "
            f"the limit of {max_ece:.4f}.",
        ),
    )
