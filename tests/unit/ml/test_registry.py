from __future__ import annotations

from datetime import date

import pandas as pd

from ml.registry import artefact_path, code_version, inputs_digest
from ml.supervised import SupervisedConfig

FRAME = pd.DataFrame({"one": [1, 2, 3], "two": ["a", None, "c"], "three": [0.5, 1, 2]})


def test_digest_ignores_order_and_nothing_else() -> None:
    config = SupervisedConfig()
    digest = inputs_digest({"frame": FRAME}, config)
    shuffled = FRAME.iloc[[2, 0, 1]][["three", "one", "two"]]
    assert inputs_digest({"frame": shuffled}, config) == digest
    changed = [
        inputs_digest({"frame": FRAME.assign(one=[1, 2, 4])}, config),
        inputs_digest({"frame": FRAME.assign(two=["a", "b", "c"])}, config),
        inputs_digest({"frame": FRAME.head(2)}, config),
        inputs_digest({"frame": pd.concat([FRAME, FRAME.head(1)])}, config),
        inputs_digest({"other": FRAME}, config),
        inputs_digest({"frame": FRAME}, SupervisedConfig(seed=8)),
    ]
    assert digest not in changed
    assert len(set(changed)) == len(changed)


def test_a_run_has_one_place_for_its_artefacts() -> None:
    code = code_version("repurchase", "supervised")
    assert code == code_version("repurchase", "supervised")
    assert code != code_version("repurchase")
    path = artefact_path("repurchase", date(2017, 12, 31), "a" * 64, code)
    assert path == f"repurchase/2017-12-31/{'a' * 12}-{code[:12]}"
