"""Whether a component answers: each is asked in its own protocol."""

from __future__ import annotations

import socket
from collections.abc import Callable

import httpx
import structlog
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_exponential

from bilten.errors import KafkaUnavailable, OperationalError, ServiceNotReady
from bilten.settings import Settings
from ingestion import topics
from operational import database

Probe = Callable[[Settings], bool]
PROBE_SECONDS = 3.0

log = structlog.get_logger(__name__)


def listens(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=PROBE_SECONDS):
            return True
    except OSError:
        return False


def answers(url: str) -> bool:
    """Whether an HTTP GET ends with a status below 400."""
    try:
        return httpx.get(url, timeout=PROBE_SECONDS, trust_env=False).status_code < 400
    except httpx.HTTPError:
        return False


def postgresql(settings: Settings) -> bool:
    """Whether the operational database answers a query."""
    if not settings.operational_is_external and not listens(settings.host, settings.postgres_port):
        return False
    try:
        with database.connect(settings) as connection:
            connection.execute("SELECT 1")
    except OperationalError:
        return False
    return True


def kafka(settings: Settings) -> bool:
    """Whether the broker serves metadata."""
    # The client pauses for seconds after a refused connection; asking the port first costs nothing.
    if settings.kafka_bootstrap_servers is None and not listens(settings.host, settings.kafka_port):
        return False
    try:
        topics.partition_bounds(settings, ())
    except KafkaUnavailable:
        return False
    return True


def connect(settings: Settings) -> bool:
    """Whether Kafka Connect has joined its group and can list connectors."""
    return answers(f"{settings.connect_http_url}/connectors")


def warehouse(settings: Settings) -> bool:
    """Whether the warehouse server answers."""
    return answers(f"http://{settings.host}:{settings.warehouse_port}/ping")


PROBES: dict[str, Probe] = {
    "postgresql": postgresql,
    "kafka": kafka,
    "connect": connect,
    "warehouse": warehouse,
}


def _ready(runs: Callable[[], bool], probe: Probe, settings: Settings) -> bool:
    return runs() and probe(settings)


def wait(name: str, settings: Settings, runs: Callable[[], bool], seconds: float = 90.0) -> None:
    """Wait until a component answers.

    Args:
        name: one of `PROBES`; others count as ready at once.
        settings: where it listens.
        runs: whether its own process is up; without it, another program may be the one that answers.
        seconds: how long to wait.

    Raises:
        ServiceNotReady: it does not answer in time.
    """
    probe = PROBES.get(name, lambda _: True)
    attempts = Retrying(
        retry=retry_if_result(lambda ready: not ready),
        wait=wait_exponential(multiplier=0.05, max=0.5),
        stop=stop_after_delay(seconds),
    )
    try:
        attempts(_ready, runs, probe, settings)
    except RetryError as error:
        raise ServiceNotReady(
            f"{name} does not answer after {seconds:.0f} s.",
            remedy=f"Read its log, {settings.logs / (name + '.log')}; `bilten doctor` tells more.",
        ) from error
