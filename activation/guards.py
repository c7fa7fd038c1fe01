"""When a plan must not be sent: one sentence each, and which a person may lift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from activation.specs import SyncSpec


@dataclass(frozen=True)
class Figures:
    """What a plan found: rows of the segment, members held, and what would be sent."""

    base_date: date
    last_base_date: date | None = None
    source_rows: int = 0
    null_keys: int = 0
    duplicate_keys: int = 0
    eligible: int = 0
    held: int = 0
    unchanged: int = 0
    adds: int = 0
    updates: int = 0
    removes: int = 0
    mapping_changed: bool = False
    disabled_reason: str | None = None


def broken(sync: SyncSpec, figures: Figures) -> str | None:
    """Say what is wrong with the source; nobody can approve that away."""
    if figures.null_keys:
        return (
            f"{sync.segment} holds {figures.null_keys} rows without a customer_id: "
            "correct the segment, nothing was sent."
        )
    if figures.duplicate_keys:
        return (
            f"{sync.segment} holds {figures.duplicate_keys} customers more than once: "
            "correct the segment, nothing was sent."
        )
    if figures.last_base_date and figures.base_date < figures.last_base_date:
        return (
            f"{sync.name} has already sent {figures.last_base_date}: a push never goes "
            f"back to {figures.base_date}."
        )
    return None


def unusual(sync: SyncSpec, figures: Figures) -> str | None:
    """Say what looks wrong; `--approve` sends all the same."""
    guard = sync.guard
    if figures.disabled_reason:
        return f"{sync.name} is disabled: {figures.disabled_reason}."
    if figures.source_rows < guard.min_rows:
        return (
            f"{sync.segment} holds {figures.source_rows} rows, fewer than "
            f"guard.min_rows ({guard.min_rows}): {figures.removes} people would be "
            "removed."
        )
    if figures.mapping_changed and guard.on_change == "block":
        return (
            f"The mapping of {sync.name} has changed: all {figures.eligible} people "
            f"would be sent again and {figures.removes} removed."
        )
    most = (guard.max_add_factor or 0) * figures.held
    if most and figures.adds > most:
        return (
            f"{sync.name} would add {figures.adds} people to the {figures.held} held, "
            f"more than guard.max_add_factor ({guard.max_add_factor:g})."
        )
    percent = 100 * figures.removes / figures.held if figures.held else 0.0
    if figures.removes > guard.min_removals and percent > guard.max_remove_pct:
        return (
            f"{sync.name} would remove {figures.removes} of {figures.held} people "
            f"({percent:.0f}%), more than guard.max_remove_pct "
            f"({guard.max_remove_pct:g}%)."
        )
    return None
