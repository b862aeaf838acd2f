"""The source connector on Kafka Connect: registered, brought to running, and asked how it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import httpx
import structlog
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_exponential

from bilten.contracts import Contract
from bilten.errors import BiltenError, ConnectUnavailable, SourceConnectorFailed, SourceConnectorRefused
from bilten.settings import Settings
from ingestion.connect import connect_client, message_of, request
from ingestion.connect_secrets import with_references
from ingestion.connector_configuration import change_topics, connector_configuration
from ingestion.sources.definition import CONNECTOR_NAME, Source, own_source
from ingestion.topics import create_missing

REGISTER_SECONDS = 120
TRACE_CHARACTERS = 800

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectorStatus:
    """What Kafka Connect says of the connector now.

    Attributes:
        name: the connector's name.
        state: ``RUNNING``, ``PAUSED``, ``FAILED``, ``UNASSIGNED``, ``RESTARTING`` or ``MISSING``;
            ``ELSEWHERE`` for one that is a program of its own.
        tasks: state of each task by its number.
        trace: beginning of the first failed task's error; empty when none failed.
    """

    name: str
    state: str
    tasks: Mapping[int, str]
    trace: str = ""

    @property
    def is_running(self) -> bool:
        """Whether the connector and all of its tasks run."""
        return self.state == "RUNNING" and bool(self.tasks) and set(self.tasks.values()) == {"RUNNING"}

    @property
    def is_failed(self) -> bool:
        """Whether the connector or one of its tasks failed and waits for a restart."""
        return "FAILED" in {self.state, *self.tasks.values()}


def register(
    settings: Settings,
    contracts: Iterable[Contract],
    source: Source | None = None,
    *,
    with_rows: bool | None = None,
) -> ConnectorStatus:
    """Make the connector exist as the contracts say, and wait until it runs.

    Idempotent: a configuration that did not change is left alone, failed tasks are restarted, and missing
    topics are created.

    Args:
        settings: addresses and names.
        contracts: the source contracts; those of other databases are left out.
        source: the database; the platform's own by default.
        with_rows: whether a new connector sends every row first; by default the platform's own does.

    Returns:
        The status, running.

    Raises:
        KafkaUnavailable: the cluster does not answer.
        ConnectUnavailable: Kafka Connect did not answer, or the tasks did not start, within two minutes.
        SourceConnectorRefused: the configuration is wrong.
        SourceConnectorFailed: the connector started and failed.
    """
    source = source or own_source(settings)
    captured = source.tables(contracts)
    create_missing(settings, set(change_topics(source.name, captured).values()))
    if source.stands_alone:
        return ConnectorStatus(source.connector, "ELSEWHERE", {})
    configuration = connector_configuration(settings, captured, source, with_rows=with_rows)
    status = run(settings, source.connector, configuration)
    log.info("connector_running", connector=source.connector, tables=len(captured))
    return status


def run(settings: Settings, name: str, configuration: Mapping[str, str]) -> ConnectorStatus:
    """Make a connector exist with a configuration, and wait until it runs.

    Args:
        settings: where Kafka Connect is.
        name: the connector's name.
        configuration: all of its options.

    Returns:
        The status, running.

    Raises:
        ConnectUnavailable: Kafka Connect did not answer, or the tasks did not start, within two minutes.
        SourceConnectorRefused: the configuration is wrong.
        SourceConnectorFailed: the connector started and failed.
    """
    sent, has_new_password = with_references(settings, name, configuration)
    with connect_client(settings) as client:
        for attempt in _patiently():
            with attempt:
                _put(client, name, sent, has_new_password=has_new_password)
        restarted = False
        for attempt in _patiently():
            with attempt:
                status = _status(client, name)
                if status.is_failed and not restarted:
                    restarted = True
                    _restart(client, name)
                    status = _status(client, name)
                elif status.is_failed:
                    raise SourceConnectorFailed(f"The connector {name} failed: {status.trace}")
                if not status.is_running:
                    raise ConnectUnavailable(f"The connector {name} is {status.state}, not running yet.")
    return status


def connector_status(settings: Settings, name: str = CONNECTOR_NAME) -> ConnectorStatus:
    """Ask Kafka Connect how the connector is.

    Raises:
        ConnectUnavailable: it does not answer.
    """
    with connect_client(settings) as client:
        return _status(client, name)


def remove(settings: Settings, source: Source) -> None:
    """Delete a source's connector and what it knows of its place; harmless where there is none.

    Raises:
        ConnectUnavailable: Kafka Connect does not answer.
    """
    if source.stands_alone:
        return
    path = f"/connectors/{source.connector}"
    with connect_client(settings) as client:
        if _status(client, source.connector).state == "MISSING":
            return
        request(client, "PUT", f"{path}/stop")
        for attempt in _patiently():
            with attempt:
                # Offsets can only be forgotten once its tasks have ended.
                answer = request(client, "DELETE", f"{path}/offsets")
                if not answer.is_success:
                    raise ConnectUnavailable(f"{source.connector} has not stopped yet: {message_of(answer)}")
        request(client, "DELETE", path)


def reconfigure(settings: Settings, contracts: Iterable[Contract], source: Source) -> ConnectorStatus:
    """Stop a source's connector, and register it anew: no record after this follows its old configuration.

    Raises:
        ConnectUnavailable: Kafka Connect did not answer, or the tasks did not end or start, in time.
        SourceConnectorRefused: the configuration is wrong; the connector stays stopped.
        SourceConnectorFailed: the connector started and failed.
    """
    if source.stands_alone:
        return register(settings, contracts, source)
    name = source.connector
    with connect_client(settings) as client:
        if _status(client, name).state != "MISSING":
            request(client, "PUT", f"/connectors/{name}/stop")
            for attempt in _patiently():
                with attempt:
                    status = _status(client, name)
                    if status.state != "STOPPED" or status.tasks:
                        raise ConnectUnavailable(f"The connector {name} has not stopped yet.")
            configuration = connector_configuration(settings, source.tables(contracts), source)
            sent, has_new_password = with_references(settings, name, configuration)
            _put(client, name, sent, has_new_password=has_new_password)
            request(client, "PUT", f"/connectors/{name}/resume")
    return register(settings, contracts, source)


def restart_failed(settings: Settings, name: str = CONNECTOR_NAME) -> None:
    """Restart the connector and those of its tasks that failed.

    Raises:
        ConnectUnavailable: Kafka Connect does not answer.
    """
    with connect_client(settings) as client:
        _restart(client, name)


def _patiently() -> Retrying:
    return Retrying(
        stop=stop_after_delay(REGISTER_SECONDS),
        wait=wait_exponential(multiplier=0.2, max=2),
        retry=retry_if_exception(lambda error: isinstance(error, BiltenError) and error.retryable),
        reraise=True,
    )


def _put(
    client: httpx.Client, name: str, configuration: Mapping[str, str], *, has_new_password: bool
) -> None:
    path = f"/connectors/{name}/config"
    current = request(client, "GET", path)
    # Writing the same configuration again would restart the task.
    if current.status_code == httpx.codes.OK and current.json() == {**configuration, "name": name}:
        if has_new_password:
            _restart(client, name, only_failed=False)
        return
    answer = request(client, "PUT", path, json=dict(configuration))
    if answer.status_code == httpx.codes.BAD_REQUEST:
        raise SourceConnectorRefused(f"Kafka Connect refused the connector {name}: {message_of(answer)}")
    if answer.status_code not in {httpx.codes.OK, httpx.codes.CREATED}:
        raise ConnectUnavailable(f"Kafka Connect could not take the connector {name}: {message_of(answer)}")


def _restart(client: httpx.Client, name: str, *, only_failed: bool = True) -> None:
    request(
        client,
        "POST",
        f"/connectors/{name}/restart",
        params={"includeTasks": True, "onlyFailed": only_failed},
    )


def _status(client: httpx.Client, name: str) -> ConnectorStatus:
    answer = request(client, "GET", f"/connectors/{name}/status")
    if answer.status_code == httpx.codes.NOT_FOUND:
        return ConnectorStatus(name, "MISSING", {})
    if answer.status_code != httpx.codes.OK:
        raise ConnectUnavailable(f"Kafka Connect could not tell the connector's status: {message_of(answer)}")
    body = answer.json()
    parts = [body["connector"], *body["tasks"]]
    traces = [str(part["trace"]) for part in parts if part.get("trace")]
    return ConnectorStatus(
        name=name,
        state=body["connector"]["state"],
        tasks={int(task["id"]): str(task["state"]) for task in body["tasks"]},
        trace=_essence(traces[0]) if traces else "",
    )


def _essence(trace: str) -> str:
    """The innermost causes of a Java trace: what a reader needs of its hundred lines."""
    lines = [line.strip() for line in trace.splitlines()]
    told = [line for number, line in enumerate(lines) if number == 0 or line.startswith("Caused by:")]
    return " ".join(told)[-TRACE_CHARACTERS:]
