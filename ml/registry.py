"""The record of a run: what went in, by which code, what came out, and its fate."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

_SHARED = ("protocol", "errors.py", "model.py", "registry.py")


@dataclass(frozen=True)
class ModelRun:
    """One row of ml.model_run, without its number."""

    model: str
    base_date: date
    inputs_sha256: str
    code_version: str
    parameters: Mapping[str, Any]
    started_at: datetime
    finished_at: datetime
    is_published: bool
    verdict: str
    window_from: str | None = None
    window_to: str | None = None
    row_counts: Mapping[str, int] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    baseline_metrics: Mapping[str, Any] = field(default_factory=dict)
    artefact_path: str | None = None


def artefact_path(model: str, base_date: date, inputs_sha256: str, code: str) -> str:
    """Return where a run's artefacts are kept; the same run has the same path."""
    return f"{model}/{base_date:%Y-%m-%d}/{inputs_sha256[:12]}-{code[:12]}"


@cache
def code_version(*parts: str) -> str:
    """Return a digest of the Python files below ml/ that a model is made of.

    `parts` are folders or files beside those that every model shares.
    """
    root = Path(__file__).parent
    files = [
        path
        for part in (*_SHARED, *parts)
        for path in (
            sorted((root / part).rglob("*.py"))
            if (root / part).is_dir()
            else [root / part]
        )
    ]
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def inputs_digest(frames: Mapping[str, pd.DataFrame], parameters: object) -> str:
    """Return a digest of a run's inputs; neither row nor column order matters."""
    digest = hashlib.sha256(repr(parameters).encode())
    for name in sorted(frames):
        frame = frames[name].sort_index(axis="columns")
        digest.update(f"\0{name}\0{list(frame.columns)}\0".encode())
        rows = pd.util.hash_pandas_object(frame, index=False).sort_values()
        digest.update(rows.to_numpy().tobytes())
    return digest.hexdigest()
