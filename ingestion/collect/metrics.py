"""Figures of a collector, as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from ingestion.collect.spool import sealed_segments

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_GROUPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)


class Metrics:
    """Counts of requests, events and syncs; depths are asked for when scraped."""

    def __init__(self, directory: Path, queued_bytes: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self.events = Counter(
            "quanyu_collect_events",
            "Events acknowledged, each durable before it was.",
            registry=self.registry,
        )
        self._requests = Counter(
            "quanyu_collect_requests",
            "Answers to POST /v1/events by status.",
            ["status"],
            registry=self.registry,
        )
        self._by_status: dict[int, Counter] = {}
        self.sync_seconds = Histogram(
            "quanyu_collect_sync_seconds",
            "Time to write and sync one group of requests.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.group_requests = Histogram(
            "quanyu_collect_group_requests",
            "Requests that shared one sync.",
            buckets=_GROUPS,
            registry=self.registry,
        )
        self.disk_errors = Counter(
            "quanyu_collect_disk_errors",
            "Groups that could not be written: none of their events was taken.",
            registry=self.registry,
        )
        queue = Gauge(
            "quanyu_collect_queue_bytes",
            "Bytes of requests that are read or wait for their sync.",
            registry=self.registry,
        )
        queue.set_function(queued_bytes)
        sealed = Gauge(
            "quanyu_collect_sealed_segments",
            "Segments that wait for landing.",
            registry=self.registry,
        )
        sealed.set_function(lambda: len(sealed_segments(directory)))

    def answered(self, status: int) -> None:
        """Count one answer."""
        counter = self._by_status.get(status)
        if counter is None:
            counter = self._by_status[status] = self._requests.labels(str(status))
        counter.inc()
