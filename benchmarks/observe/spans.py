"""When something was under way: dbt nodes, COPY, model runs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from warehouse.connection import connect
from warehouse.settings import dbt_manifest_path, dbt_target_dir

COPY_WATCH_SECONDS = 0.05


@dataclass(frozen=True)
class Span:
    """Something that ran from `began` to `ended` (seconds since the epoch)."""

    name: str
    layer: str
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began


def dbt_spans(within: Span) -> list[Span]:
    """Return the nodes of every dbt invocation within a span."""
    manifest = json.loads(dbt_manifest_path().read_text("utf-8"))
    nodes = manifest["nodes"]
    found = []
    for path in sorted(dbt_target_dir().rglob("run_results.json")):
        if path.stat().st_mtime < within.began:
            continue
        for result in json.loads(path.read_text("utf-8"))["results"]:
            steps = [
                step
                for step in result["timing"]
                if step.get("completed_at") is not None
            ]
            if not steps:
                continue
            node = nodes[result["unique_id"]]
            kind = node["resource_type"]
            layer = {"seed": "seeds", "test": "tests"}.get(kind, node["fqn"][1])
            found.append(
                Span(
                    node["name"],
                    layer,
                    min(_instant(step["started_at"]) for step in steps),
                    max(_instant(step["completed_at"]) for step in steps),
                )
            )
    return found


def model_spans() -> list[Span]:
    """Return the model runs that the warehouse has a record of."""
    with connect() as conn:
        runs = conn.execute(
            "select model, extract(epoch from started_at)::float8,"
            " extract(epoch from finished_at)::float8 from ml.model_run"
        ).fetchall()
    return [Span(name, "ml", began, ended) for name, began, ended in runs]


def load_spans() -> list[Span]:
    """Return the loads that the landing ledger has a record of."""
    with connect() as conn:
        loads = conn.execute(
            "select extract(epoch from started_at)::float8,"
            " extract(epoch from finished_at)::float8 from landing.loads"
            " where finished_at is not null"
        ).fetchall()
    return [Span("landing", "landing", *load) for load in loads]


class CopyWatch:
    """Watch for COPY on the warehouse's server; what it does is asked of the server."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> CopyWatch:
        """Begin to watch."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop to watch."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        with connect(autocommit=True, application_name="quanyu-bench") as conn:
            before, was_copying = time.time(), False
            while not self._stop.wait(COPY_WATCH_SECONDS):
                found = conn.execute(
                    "select exists (select from pg_stat_progress_copy)"
                ).fetchone()
                is_copying, now = found == (True,), time.time()
                if is_copying and was_copying:
                    self.spans.append(Span("copy", "copy", before, now))
                before, was_copying = now, is_copying


def covered(spans: Iterable[Span], whole: Span) -> float:
    """Return the seconds of `whole` in which at least one of the spans ran."""
    total, until = 0.0, whole.began
    for span in sorted(spans, key=lambda one: one.began):
        began, ended = max(span.began, until), min(span.ended, whole.ended)
        if ended > began:
            total += ended - began
            until = ended
    return total


def _instant(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
