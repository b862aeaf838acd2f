"""The loader's Prometheus metrics."""

from __future__ import annotations

from collections.abc import Collection

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from bilten.settings import Settings
from ingestion.inserts import Inserted

INSERT_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
FRESHNESS_SECONDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2, 5, 30, 300)


class LoaderMetrics:
    """All metrics of one loader, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._stopped: set[tuple[str, str]] = set()
        self.rows = Counter("bilten_loader_rows", "Records landed.", ["dataset"], registry=self.registry)
        self.bytes = Counter(
            "bilten_loader_bytes", "Bytes of keys and values landed.", ["dataset"], registry=self.registry
        )
        self.batches = Counter("bilten_loader_batches", "Inserts.", ["dataset"], registry=self.registry)
        self.refused = Counter(
            "bilten_loader_refused",
            "Records that the engine refused outright and that became dead letters.",
            ["dataset"],
            registry=self.registry,
        )
        self.retries = Counter(
            "bilten_loader_retries", "Inserts made again.", ["dataset"], registry=self.registry
        )
        self.insert_seconds = Histogram(
            "bilten_loader_insert_seconds",
            "Time of an insert until it was acknowledged.",
            buckets=INSERT_SECONDS,
            registry=self.registry,
        )
        self.freshness_seconds = Histogram(
            "bilten_loader_freshness_seconds",
            "Time from a batch's newest record in Kafka to its acknowledgement.",
            buckets=FRESHNESS_SECONDS,
            registry=self.registry,
        )
        self.lag = Gauge(
            "bilten_loader_lag",
            "Offsets that Kafka has and the ledger lacks.",
            ["topic"],
            registry=self.registry,
        )
        self.stopped = Gauge(
            "bilten_loader_stopped",
            "1 for a table that is stopped while all others go on.",
            ["dataset", "code"],
            registry=self.registry,
        )
        self.connector_restarts = Counter(
            "bilten_connector_restarts",
            "Restarts of a source connector that had failed.",
            registry=self.registry,
        )
        self.buffered_bytes = Gauge(
            "bilten_loader_buffered_bytes", "Bytes read and not acknowledged.", registry=self.registry
        )

    def count(self, inserted: Inserted, now: float) -> None:
        """Count an acknowledged batch.

        Args:
            inserted: the batch.
            now: seconds since 1970.
        """
        dataset = inserted.dataset
        self.rows.labels(dataset).inc(inserted.rows)
        self.bytes.labels(dataset).inc(inserted.bytes)
        self.batches.labels(dataset).inc()
        self.refused.labels(dataset).inc(inserted.refused)
        self.insert_seconds.observe(inserted.seconds)
        newest = max((one.last_timestamp or 0 for one in inserted.ranges), default=0)
        self.freshness_seconds.observe(max(0.0, now - newest / 1000))

    def show_stopped(self, dataset: str, codes: Collection[str]) -> None:
        """Show why a table is stopped; no code when it flows again."""
        for known in [labels for labels in self._stopped if labels[0] == dataset]:
            self.stopped.remove(*known)
            self._stopped.discard(known)
        for code in codes:
            self.stopped.labels(dataset, code).set(1)
            self._stopped.add((dataset, code))

    def serve(self, settings: Settings) -> None:
        """Answer on the metrics port until the process ends.

        Raises:
            OSError: the port is taken.
        """
        start_http_server(settings.loader_metrics_port, addr=settings.host, registry=self.registry)
