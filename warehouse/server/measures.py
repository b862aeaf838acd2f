"""What the server counts, for ``/metrics``."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest


class Measures:
    """The server's counters, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.queries = Counter(
            "warehouse_queries", "Statements answered, by verb.", ["verb"], registry=self.registry
        )
        self.errors = Counter(
            "warehouse_errors", "Errors answered, by ClickHouse's code.", ["code"], registry=self.registry
        )
        self.inserted_rows = Counter(
            "warehouse_inserted_rows", "Rows written, those of views included.", registry=self.registry
        )
        self.kept_answers = Counter(
            "warehouse_kept_answers",
            "Questions about marts, by where the answer was found; refused: it may not be kept.",
            ["outcome"],
            registry=self.registry,
        )
        self.kept_bytes = Gauge(
            "warehouse_kept_answers_bytes", "Size of the answers kept in memory.", registry=self.registry
        )
        self.running = Gauge("warehouse_running_requests", "Requests being answered.", registry=self.registry)
        self.seconds = Histogram(
            "warehouse_request_seconds",
            "Time from a request's head to the end of its answer.",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
            registry=self.registry,
        )

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return bytes(generate_latest(self.registry))
