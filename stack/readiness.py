"""Whether a component answers: each is asked in its own protocol."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import structlog
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_exponential

from bilten.errors import KafkaUnavailable, OperationalError, ServiceNotReady
from bilten.settings import Settings
from ingestion import topics
from operational import database

Probe = Callable[[Settings], bool]
PROBE_SECONDS = 3.0
LAST_LINES = 3
DAGSTER_SECONDS = 15.0
"""It is still importing the code when it is asked first."""

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


def loader(settings: Settings) -> bool:
    """Whether the loader serves its metrics."""
    return answers(f"http://{settings.host}:{settings.loader_metrics_port}/metrics")


def lineage(settings: Settings) -> bool:
    """Whether the lineage service answers."""
    return answers(f"{settings.lineage_http_url}/health")


_CODE_LOCATIONS = """
{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { __typename } } } } }
"""
_DAEMONS = "{ instance { daemonHealth { allDaemonStatuses { required healthy } } } }"


def dagster_webserver(settings: Settings) -> bool:
    """Whether Dagster's web server answers and could load the platform's code."""
    data = _dagster(settings, _CODE_LOCATIONS)
    entries = data.get("workspaceOrError", {}).get("locationEntries", [])
    loaded = [(entry["locationOrLoadError"] or {}).get("__typename") for entry in entries]
    return bool(loaded) and set(loaded) == {"RepositoryLocation"}


def dagster_daemon(settings: Settings) -> bool:
    """Whether every daemon that Dagster needs sends its heartbeats."""
    health = _dagster(settings, _DAEMONS).get("instance", {}).get("daemonHealth", {})
    needed = [each["healthy"] for each in health.get("allDaemonStatuses", []) if each["required"]]
    return bool(needed) and all(needed)


def _dagster(settings: Settings, query: str) -> dict[str, Any]:
    try:
        answer = httpx.post(
            f"{settings.dagster_http_url}/graphql",
            json={"query": query},
            timeout=DAGSTER_SECONDS,
            trust_env=False,
        )
        data: dict[str, Any] = answer.json().get("data") or {}
    except (httpx.HTTPError, ValueError):
        return {}
    return data


PROBES: dict[str, Probe] = {
    "postgresql": postgresql,
    "kafka": kafka,
    "connect": connect,
    "warehouse": warehouse,
    "loader": loader,
    "lineage": lineage,
    "dagster-webserver": dagster_webserver,
    "dagster-daemon": dagster_daemon,
}


def _last_words(log_file: Path) -> str | None:
    try:
        lines = log_file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return "Its log ends with: " + " / ".join(lines[-LAST_LINES:])[-800:] if lines else None


def _ready(runs: Callable[[], bool], probe: Probe, settings: Settings) -> bool:
    return runs() and probe(settings)


def wait(name: str, settings: Settings, runs: Callable[[], bool], seconds: float = 180.0) -> None:
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
            why=_last_words(settings.logs / f"{name}.log"),
            remedy=f"Read its log, {settings.logs / (name + '.log')}; `bilten doctor` tells more.",
        ) from error
