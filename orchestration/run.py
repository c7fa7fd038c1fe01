"""Run the daily job in this process, tell what happens, sum it up by layer."""

from __future__ import annotations

import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.instance import instance
from warehouse.errors import QuanyuError

LAYERS = (
    "landing",
    "seeds",
    "staging",
    "identity",
    "intermediate",
    "marts",
    "features",
    "ml",
    "tags",
    "segments",
    "protection",
    "campaigns",
    "reporting",
    "activation",
)
POLL_SECONDS = 0.5


@dataclass
class LayerSummary:
    """What one layer did: assets built, rows written, seconds, checks."""

    assets: int = 0
    rows: float = 0
    seconds: float = 0.0
    checks_passed: int = 0
    checks_failed: list[str] = field(default_factory=list)


@dataclass
class RunSummary:
    """Outcome of one run of the daily job."""

    run_id: str
    success: bool
    layers: dict[str, LayerSummary]
    errors: list[str]


@dataclass(frozen=True)
class Progress:
    """One step of a run: assets done of assets selected, and the latest one."""

    done: int
    total: int
    label: str


def run_day(
    *,
    base_date: date | None = None,
    select: str | None = None,
    landing_dir: Path | None = None,
    apply_syncs: bool = False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> RunSummary:
    """Run the job `daily`, or a part of it, in this process.

    Args:
        base_date: the day to run for; the last complete landed day when absent.
        select: an asset selection, as the UI takes it (`group:tags`).
        landing_dir: directory of daily drops; `.quanyu/landing` when absent.
        apply_syncs: push the audiences; without it syncs only plan.
        on_progress: called after every asset, from another thread.

    Raises:
        QuanyuError: the selection is empty or wrong.
    """
    # Reading the definitions reads dbt's manifest: seconds that --help need not pay.
    from orchestration.definitions import defs  # noqa: PLC0415

    job = defs.resolve_job_def("daily")
    graph = defs.resolve_asset_graph()
    keys = select_assets(select, graph) if select else graph.executable_asset_keys
    day = {
        "base_date": base_date.isoformat() if base_date else "",
        "landing_dir": str(landing_dir) if landing_dir else "",
        "apply_syncs": apply_syncs,
    }
    run_id = str(uuid.uuid4())
    with (
        instance() as dagster_instance,
        Watch(dagster_instance, run_id, len(keys), on_progress),
    ):
        job.execute_in_process(
            run_config={
                "resources": {"day": {"config": day}},
                # The event log has it all; the terminal shows progress instead.
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
            instance=dagster_instance,
            asset_selection=sorted(keys) if select else None,
            run_id=run_id,
            raise_on_error=False,
        )
        events = read_events(dagster_instance, run_id)
    groups = {key: graph.get(key).group_name for key in keys}
    return summarise(run_id, events, groups)


def select_assets(select: str, graph: dg.AssetGraph) -> set[dg.AssetKey]:
    """Return the assets that a selection names.

    Raises:
        QuanyuError: it cannot be read, or names nothing.
    """
    try:
        keys = set(dg.AssetSelection.from_string(select).resolve(graph))
    except Exception as error:
        raise QuanyuError(
            f"--select {select!r} cannot be read; examples: group:tags, "
            "key:segments/segment_members, +key:tags/customer_tags_wide."
        ) from error
    if not keys:
        raise QuanyuError(f"--select {select!r} names no asset.")
    return keys


class Watch:
    """Tell progress from the run's own event log while the run is under way."""

    def __init__(
        self,
        dagster_instance: dg.DagsterInstance,
        run_id: str,
        total: int,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self.dagster_instance = dagster_instance
        self.run_id = run_id
        self.total = total
        self.on_progress = on_progress
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.poll, daemon=True)

    def __enter__(self) -> Watch:
        """Start to watch."""
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop to watch."""
        self.stop.set()
        self.thread.join()

    def poll(self) -> None:
        """Read new materializations until told to stop."""
        done, cursor = 0, None
        while not self.stop.wait(POLL_SECONDS):
            page = self.dagster_instance.get_records_for_run(
                self.run_id, cursor, dg.DagsterEventType.ASSET_MATERIALIZATION
            )
            cursor = page.cursor
            for record in page.records:
                done += 1
                event = record.event_log_entry.dagster_event
                key = event.asset_key if event else None
                self.on_progress(
                    Progress(done, self.total, key.to_user_string() if key else "")
                )


def read_events(
    dagster_instance: dg.DagsterInstance, run_id: str
) -> list[dg.DagsterEvent]:
    """Return all events of a run, oldest first."""
    return [
        entry.dagster_event
        for entry in dagster_instance.all_logs(run_id)
        if entry.dagster_event
    ]


def summarise(
    run_id: str,
    events: Sequence[dg.DagsterEvent],
    groups: Mapping[dg.AssetKey, str | None],
) -> RunSummary:
    """Sum up a run's events by layer."""
    layers: dict[str, LayerSummary] = defaultdict(LayerSummary)
    errors: list[str] = []
    success = False
    for event in events:
        if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            layer = layers[layer_of(event.asset_key, groups)]
            metadata = event.materialization.metadata
            layer.assets += 1
            layer.rows += number(metadata, "dagster/row_count")
            layer.seconds += number(metadata, "Execution Duration")
            layer.seconds += number(metadata, "seconds")
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            layer = layers[layer_of(check.asset_key, groups)]
            if check.passed:
                layer.checks_passed += 1
            else:
                layer.checks_failed.append(check.check_name)
        elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
            errors.append(root_cause(event.step_failure_data.error))
        elif event.event_type == dg.DagsterEventType.RUN_FAILURE:
            error = event.job_failure_data.error
            if error and not errors:
                errors.append(root_cause(error))
        elif event.event_type == dg.DagsterEventType.RUN_SUCCESS:
            success = True
    return RunSummary(run_id, success, layers, errors)


def layer_of(key: dg.AssetKey | None, groups: Mapping[dg.AssetKey, str | None]) -> str:
    """Return the group of an asset."""
    return (groups.get(key) if key else None) or "other"


def number(metadata: Mapping[str, dg.MetadataValue], key: str) -> int | float:
    """Return a numeric metadata value, 0 when it is absent."""
    value = metadata[key].value if key in metadata else 0
    return value if isinstance(value, (int, float)) else 0


def root_cause(error: Any) -> str:
    """Return the message of the innermost error: the sentence meant for people."""
    while getattr(error, "cause", None):
        error = error.cause
    message = str(getattr(error, "message", error)).strip()
    return message.removeprefix("warehouse.errors.QuanyuError: ")
