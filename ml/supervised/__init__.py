"""Yes-or-no questions over a table of features, by one protocol (docs/models.md)."""

from ml.protocol.rows import numbers
from ml.supervised.config import SupervisedConfig
from ml.supervised.run import as_model, train_and_score
from ml.supervised.spec import Supervised

__all__ = ["Supervised", "SupervisedConfig", "as_model", "numbers", "train_and_score"]
