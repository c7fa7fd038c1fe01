"""Who becomes a high-value buyer, of everybody ever reached, in packs by score.

Bought or not, known by name or by a device only (docs/models/high_potential.md).
"""

from __future__ import annotations

from ml.high_potential.config import HighPotentialConfig
from ml.high_potential.run import train_and_score
from ml.high_potential.spec import HIGH_POTENTIAL
from ml.model import Model

__all__ = ["HIGH_POTENTIAL", "MODEL", "HighPotentialConfig", "train_and_score"]

MODEL = Model(
    name=HIGH_POTENTIAL.name,
    title_zh=HIGH_POTENTIAL.title_zh,
    question=HIGH_POTENTIAL.question,
    inputs={
        "features": HIGH_POTENTIAL.features,
        "labels": HIGH_POTENTIAL.labels,
        "base_dates": "features.feat_base_dates",
        "packs": HIGH_POTENTIAL.bands,
    },
    train_and_score=train_and_score,
    config=HighPotentialConfig(),
    made_of=("supervised",),
)
