"""Every model there is: a line here makes an asset, a gate and the commands of it."""

from __future__ import annotations

from ml import repurchase
from ml.model import Model

MODELS: dict[str, Model] = {module.MODEL.name: module.MODEL for module in (repurchase,)}
