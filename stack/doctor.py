"""Finds what is wrong with a running stack, by asking its components, and says what to do about it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Literal

from bilten.contracts import Contracts
from bilten.errors import BiltenError
from bilten.settings import Settings
from ingestion.connector import connector_status
from ingestion.connector_configuration import SLOT_NAME
from ingestion.outlook import broken_topics
from ingestion.sources.dialects import dialect_of, open_source
from ingestion.sources.registry import list_sources
from lineage.emitter import outbox_path
from lineage.outbox import Outbox
from lineage.server import receivers_of
from operational import migrate
from operational import standing as operational_standing
from stack import preflight, processes, status
from stack.layout import Layout
from stack.supervision import Supervisor
from warehouse import sources, standing
from warehouse.builds import list_builds
from warehouse.client import Warehouse
from warehouse.lineage_store import LineageStore
from warehouse.publish import current_publication

Outcome = Literal["well", "warning", "problem", "unknown"]
LAG_RECORDS = 10_000
"""About a third of a second of the loader's work: more than this is a queue, not a batch on its way."""
BEHIND_BYTES = 1024 * 1024 * 1024
WAITING_EVENTS = 1_000
CROWDED_PARTS = 1_000
"""From here on the engine delays inserts."""
IRREGULAR_RECORDS = 10_000
"""In an hour: more than now and then an unusual value."""


@dataclass(frozen=True)
class Finding:
    """What one check found.

    ``unknown`` means that the component could not be asked; it is never taken for well.
    """

    check: str
    outcome: Outcome
    what: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        """As data, for ``--json``."""
        return {name: str(value) for name, value in asdict(self).items()}


Check = Callable[[Settings, Contracts], Iterator[Finding]]


def examine(settings: Settings, contracts: Contracts) -> tuple[Finding, ...]:
    """Run every check; one that cannot be carried out says so and never stops the others."""
    findings: list[Finding] = []
    for name, check in CHECKS.items():
        try:
            found = list(check(settings, contracts))
        except BiltenError as error:
            found = [Finding(name, "unknown", f"{error.what} {error.why}", error.remedy)]
        findings.extend(found or [Finding(name, "well", "Nothing wrong.")])
    return tuple(findings)


def _supervisor(settings: Settings, _: Contracts) -> Iterator[Finding]:
    layout = Layout.of(settings)
    if Supervisor(layout).is_alive():
        return
    orphans = processes.of_stack(layout)
    if orphans:
        yield Finding(
            "supervisor",
            "problem",
            f"The supervisor is gone; {len(orphans)} processes run without it.",
            "Run `make up`: it ends them and starts everything again.",
        )
    else:
        yield Finding("supervisor", "problem", "The stack is not running.", "Run `make up`.")


def _processes(settings: Settings, _: Contracts) -> Iterator[Finding]:
    for process in status.processes_of(settings):
        log = settings.logs / f"{process.name}.log"
        if process.state in {"RUNNING", "ELSEWHERE"} and process.answers is False:
            yield Finding(
                "processes",
                "problem",
                f"{process.name} does not answer.",
                f"It may still be starting; if it stays so, read {log}."
                if process.state == "RUNNING"
                else f"It runs elsewhere: check the address of {process.name} in `.env`.",
            )
        elif process.state in {"FATAL", "BACKOFF", "EXITED"}:
            yield Finding(
                "processes",
                "problem",
                f"{process.name} is {process.state}: {process.message}.",
                f"Read {log}, mend the cause, and run `make up`.",
            )
        elif process.state == "STOPPED" and process.name != "simulate":
            yield Finding(
                "processes", "warning", f"{process.name} was stopped.", "Run `make up` to start it."
            )


def _ports(settings: Settings, _: Contracts) -> Iterator[Finding]:
    down = [
        process.name
        for process in status.processes_of(settings)
        if process.pid is None and process.state != "ELSEWHERE"
    ]
    for port in preflight.ports(settings, down):
        try:
            preflight.check_ports(settings.host, [port])
        except BiltenError as error:
            yield Finding("ports", "problem", f"{error.what} {error.why}", error.remedy)


def _memory(_: Settings, __: Contracts) -> Iterator[Finding]:
    free = preflight.memory_available()
    if free < 256:
        yield Finding(
            "memory", "warning", f"{free} MiB of memory are free.", "End other programs, or lower the heaps."
        )


def _disk(settings: Settings, _: Contracts) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.home).free // preflight.MEBIBYTE
    if free < preflight.DISK_MEGABYTES:
        yield Finding(
            "disk",
            "problem" if free < preflight.DISK_MEGABYTES // 4 else "warning",
            f"{free} MiB are free below {settings.home}.",
            "Free some: databases stop when the disk is full.",
        )


def _operational(settings: Settings, _: Contracts) -> Iterator[Finding]:
    server = operational_standing.server(settings)
    if server.wal_level != "logical":
        yield Finding(
            "operational",
            "problem",
            f"The operational database has wal_level = {server.wal_level}.",
            "Set wal_level = logical there and restart it; changes cannot be captured without.",
        )
    if not server.may_replicate:
        yield Finding(
            "operational",
            "problem",
            "The user of the operational database may not replicate.",
            "Grant it the attribute REPLICATION.",
        )
    current, newest = migrate.current(settings), migrate.newest()
    if current != newest:
        yield Finding(
            "operational",
            "problem",
            f"Its schema is at {current or 'nothing'}, the newest is {newest}.",
            "Run `make up`: it applies what is missing.",
        )


def _slot(settings: Settings, _: Contracts) -> Iterator[Finding]:
    slot = operational_standing.replication_slot(settings, SLOT_NAME)
    anew = f"Run `bilten source resync {settings.topic_prefix}`: it captures anew, and reads what differs."
    if slot is None:
        yield Finding("slot", "problem", f"The replication slot {SLOT_NAME} does not exist.", anew)
    elif slot.wal_status == "lost":
        yield Finding(
            "slot",
            "problem",
            f"The replication slot {SLOT_NAME} is lost: the connector stayed away for too long.",
            anew,
        )
    elif not slot.is_active:
        yield Finding(
            "slot",
            "problem",
            f"Nobody reads from the replication slot {SLOT_NAME}; {_backlog(settings, slot)}.",
            "See to the connector first; while nobody reads, the database keeps its log.",
        )
    elif slot.behind_bytes > BEHIND_BYTES or (slot.safe_bytes is not None and slot.safe_bytes < BEHIND_BYTES):
        yield Finding(
            "slot",
            "warning",
            f"The connector is behind the database's log: {_backlog(settings, slot)}.",
            "It catches up by itself unless the source is busier than it; at the bound the slot is lost.",
        )


def _backlog(settings: Settings, slot: operational_standing.Slot) -> str:
    """How much waits in a slot, and how long it may go on."""
    waiting = f"{slot.behind_bytes // preflight.MEBIBYTE} MiB wait there"
    left = operational_standing.seconds_left(settings, slot)
    if left is None:
        return waiting
    return f"{waiting}, and it is lost in {timedelta(seconds=int(left))} if the log grows on as it does now"


def _connector(settings: Settings, _: Contracts) -> Iterator[Finding]:
    connector = connector_status(settings)
    if connector.is_running:
        return
    states = ", ".join(f"task {number} {state}" for number, state in sorted(connector.tasks.items()))
    yield Finding(
        "connector",
        "problem",
        f"The connector {connector.name} is {connector.state}{f' ({states})' if states else ''}. "
        f"{connector.trace}".strip(),
        "Run `make up`: it registers the connector and restarts what failed.",
    )


def _lag(settings: Settings, contracts: Contracts) -> Iterator[Finding]:
    standing_now = status.gather(settings, contracts)
    for name, reason in standing_now.unanswered.items():
        yield Finding("lag", "unknown", f"{name}: {reason}", "See to that component first.")
    lag = standing_now.lag or 0
    if lag > LAG_RECORDS:
        worst = max(standing_now.tables, key=lambda table: table.lag or 0)
        yield Finding(
            "lag",
            "warning",
            f"{lag} records wait between Kafka and the warehouse, {worst.lag} of them of {worst.dataset}.",
            f"It drains by itself unless this figure grows; see {settings.logs / 'loader.log'}.",
        )


def _topics(settings: Settings, contracts: Contracts) -> Iterator[Finding]:
    datasets = {contract.topic(settings.topic_prefix): contract.name for contract in contracts.captured()}
    with Warehouse(settings) as warehouse:
        broken = broken_topics(settings, warehouse, datasets)
    for topic, error in sorted(broken.items()):
        yield Finding(
            "topics",
            "problem",
            f"{error.what} {datasets[topic]} is stopped, all others go on.",
            f"Run `bilten source resync {datasets[topic]}`.",
        )


def _dead_letters(settings: Settings, _: Contracts) -> Iterator[Finding]:
    with Warehouse(settings) as warehouse:
        for dataset, letters in standing.open_dead_letters(warehouse).items():
            yield Finding(
                "dead letters",
                "problem",
                f"{letters} records of {dataset} could not be read as its contract says.",
                f"Run `bilten dead-letters list --table {dataset}`, mend the cause, then replay them.",
            )


def _tables(settings: Settings, _: Contracts) -> Iterator[Finding]:
    with Warehouse(settings) as warehouse:
        states, irregular = sources.table_states(warehouse), sources.irregular_records(warehouse, 1)
        crowded = standing.crowded_tables(warehouse, CROWDED_PARTS)
    for dataset, state in states.items():
        if state.state != "flowing":
            yield Finding("tables", "problem", f"{dataset} is {state.state}: {state.reason}")
        elif state.reason:
            yield Finding("tables", "warning", f"{dataset}: {state.reason}")
    for dataset, parts in crowded.items():
        yield Finding(
            "tables",
            "warning",
            f"{dataset} consists of {parts} parts: merges do not keep up, and its records wait for longer.",
            "See that the disk is not full and that nobody has stopped merges.",
        )
    for dataset, records in irregular.items():
        if records > IRREGULAR_RECORDS:
            yield Finding(
                "tables",
                "warning",
                f"{records} records of {dataset} took the long way in the last hour: correct, but dear.",
                "Run `bilten source check`: a column that the contract lacks makes all records do so.",
            )


def _captured(settings: Settings, contracts: Contracts) -> Iterator[Finding]:
    """Tables of other sources that their connectors do not see."""
    with Warehouse(settings) as warehouse:
        others = [source for source in list_sources(settings, warehouse) if not source.is_own]
    for source in others:
        dialect, tables = dialect_of(source.database), source.tables(contracts.values())
        with open_source(source) as connection:
            for place, what, remedy in dialect.blind_spots(settings, source, connection, tables):
                yield Finding("captured", "problem", f"{place}: {what}.", remedy)


def _inexact(_: Settings, contracts: Contracts) -> Iterator[Finding]:
    """Columns whose values are not kept as the source has them, as the contracts say."""
    for contract in contracts.sources():
        notes = [f"{column.name} ({note})" for column in contract.columns if (note := column.mapping.note)]
        if notes:
            yield Finding("inexact", "well", f"{contract.name}: {'; '.join(notes)}.")


def _lineage(settings: Settings, _: Contracts) -> Iterator[Finding]:
    with Warehouse(settings) as warehouse:
        names = [receiver.name for receiver in receivers_of(settings, LineageStore(warehouse))]
    with closing(Outbox(outbox_path(settings))) as outbox:
        receivers = outbox.state(names)
    for receiver in receivers:
        if receiver.waiting > WAITING_EVENTS or receiver.last_error:
            yield Finding(
                "lineage",
                "warning",
                f"{receiver.waiting} events wait for {receiver.receiver}. {receiver.last_error or ''}",
                "They are delivered later by themselves; see that the receiver answers.",
            )
        if receiver.refused:
            yield Finding(
                "lineage",
                "problem",
                f"{receiver.receiver} refused {receiver.refused} events; they are kept.",
                "Run `bilten lineage outbox` to see why.",
            )


def _builds(settings: Settings, _: Contracts) -> Iterator[Finding]:
    with Warehouse(settings) as warehouse:
        builds, published = list_builds(warehouse), current_publication(warehouse)
    if published is None:
        yield Finding(
            "marts",
            "problem",
            "Nothing is published yet.",
            "Look at the run that builds the marts, in Dagster.",
        )
        return
    newest = max(builds, key=lambda build: build.build_id, default=None)
    if newest is None or newest.build_id <= published.build_id:
        return
    if newest.status == "failed":
        yield Finding(
            "marts", "problem", f"The build {newest.build_id} failed.", "Look at its run in Dagster."
        )
    elif newest.status == "built":
        yield Finding(
            "marts",
            "warning",
            f"The build {newest.build_id} is complete but not published; readers see {published.build_id}.",
            "Run `bilten marts verdicts` to see which rules failed.",
        )


CHECKS: dict[str, Check] = {
    "supervisor": _supervisor,
    "processes": _processes,
    "ports": _ports,
    "memory": _memory,
    "disk": _disk,
    "operational": _operational,
    "slot": _slot,
    "connector": _connector,
    "lag": _lag,
    "topics": _topics,
    "dead letters": _dead_letters,
    "tables": _tables,
    "captured": _captured,
    "inexact": _inexact,
    "lineage": _lineage,
    "marts": _builds,
}
