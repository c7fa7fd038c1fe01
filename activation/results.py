"""What a plan and an apply report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from activation.guards import Figures


@dataclass(frozen=True)
class PlanResult:
    """A plan: how many people, who is kept back and why, and a masked look at it.

    `blocked` is the sentence of a guard, or None; `approvable` tells whether
    `--approve` lifts it. `interrupted_rows` wait from a run that died: apply settles
    them first.
    """

    sync: str
    figures: Figures
    suppressed: dict[str, int]
    sample: list[dict[str, Any]]
    blocked: str | None = None
    approvable: bool = False
    interrupted_rows: int = 0

    def metadata(self) -> dict[str, Any]:
        """Plain values for a run's log."""
        return {
            "status": "blocked" if self.blocked else "planned",
            "segment_rows": self.figures.source_rows,
            "eligible": self.figures.eligible,
            "to_add": self.figures.adds,
            "to_update": self.figures.updates,
            "to_remove": self.figures.removes,
            "unchanged": self.figures.unchanged,
            **{f"suppressed_{key}": value for key, value in self.suppressed.items()},
            **({"reason": self.blocked} if self.blocked else {}),
        }


@dataclass(frozen=True)
class ApplyResult:
    """What a run sent, as its changelog says. Counts are people.

    `status`: done, done_with_errors (some were rejected or are unknown: v_rejects and
    the changelog say who), waiting (for a job of the channel, its next day, or the end
    of quiet hours) or blocked (nothing was sent); `reason` says why. `resumed`: people
    settled for an earlier run that had died. `seconds`: from first to last request.
    """

    sync: str
    run_id: int
    status: str
    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    rejected: int = 0
    unknown: int = 0
    resumed: int = 0
    seconds: float = 0
    suppressed: dict[str, int] = field(default_factory=dict)
    reason: str | None = None

    @property
    def acked(self) -> int:
        """People whose change the destination has acknowledged."""
        return self.added + self.updated + self.removed

    def metadata(self) -> dict[str, Any]:
        """Plain values for a run's log."""
        return {
            "status": self.status,
            "run_id": self.run_id,
            "added": self.added,
            "updated": self.updated,
            "removed": self.removed,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "unknown": self.unknown,
            "resumed": self.resumed,
            "rows_per_s": round(self.acked / self.seconds, 1) if self.seconds else 0.0,
            **{f"suppressed_{key}": value for key, value in self.suppressed.items()},
            **({"reason": self.reason} if self.reason else {}),
        }
