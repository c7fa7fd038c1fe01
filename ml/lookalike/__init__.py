"""Who resembles whom: ALS vectors, groups of neighbours, audiences by votes or trees.

Once a month everybody's neighbours are found (`run`). An audience is asked for at any
time (`audience`): by votes of its seeds' neighbours, or by trees that tell its seeds
from everybody else (docs/models/lookalike.md).
"""

from __future__ import annotations

from ml.lookalike.config import LookalikeConfig
from ml.lookalike.run import train_and_score
from ml.model import Model

MODEL = Model(
    name="lookalike",
    title_zh="相似人群",
    question="Which customers resemble each customer most?",
    inputs={
        "features": "features.feat_lookalike",
        "traits": "features.feat_lookalike_traits",
    },
    train_and_score=train_and_score,
    config=LookalikeConfig(),
    main_figure="lift5",
)
