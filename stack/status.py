"""How everything stands now, as the components themselves tell it. Nothing here comes from memory."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import psutil

from archives import catalog, reading
from bilten.contracts import Contract, Contracts
from bilten.errors import BiltenError
from bilten.settings import Settings
from ingestion import topics
from ingestion.connector_configuration import SLOT_NAME
from operational import standing as operational_standing
from stack import programs, readiness
from stack.layout import Layout
from stack.supervision import State, Supervisor
from warehouse import ledger, standing
from warehouse.client import Warehouse
from warehouse.cuts import Cut, newest_cuts
from warehouse.files import lines_that_count
from warehouse.gate import reason_of
from warehouse.publish import current_publication, last_refusal

FRESHNESS_SECONDS = 60.0
"""How far back changes are measured."""
QUESTIONS_AT_ONCE = 4
MUCH_LOG_BYTES = 256 * 1024 * 1024

T = TypeVar("T")


@dataclass(frozen=True)
class ProcessStatus:
    """One process.

    ``answers`` is what the component itself says (None when it has no way to say); ``megabytes`` is the
    resident memory of the process and everything below it, MiB.
    """

    name: str
    state: str
    pid: int | None
    seconds_up: int | None
    megabytes: int | None
    answers: bool | None
    message: str

    @property
    def is_well(self) -> bool:
        """Whether it runs, or lives elsewhere, and answers."""
        return self.state in {"RUNNING", "ELSEWHERE"} and self.answers is not False


@dataclass(frozen=True)
class TableStatus:
    """One table along its way; None where the component did not tell, or has nothing of it yet.

    ``topic`` is the offset after the newest record, over all partitions; ``lag`` the records of it that the
    warehouse has not taken yet, none of a table that comes in files.
    """

    dataset: str
    source: int | None
    topic: int | None
    raw: int | None
    ods: int | None
    bronze: int | None
    lag: int | None


@dataclass(frozen=True)
class Refused:
    """A newer build than the published one that its checks did not let through, and each rule it broke."""

    build: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class SourceLog:
    """What the database keeps of its log until the connector has read it; ``seconds_left`` as `seconds_left`.

    It is measured only where much waits, or nobody reads.
    """

    behind_bytes: int
    safe_bytes: int | None
    is_active: bool
    seconds_left: float | None


@dataclass(frozen=True)
class Status:
    """Everything.

    ``unanswered`` names what could not be asked, with the reason; ``marts`` holds rows as readers see them;
    ``cuts`` says until where all tables of each source are complete.
    """

    home: str
    processes: tuple[ProcessStatus, ...]
    tables: tuple[TableStatus, ...]
    marts: Mapping[str, int]
    published_build: str | None
    refused: Refused | None
    freshness: standing.Freshness | None
    cuts: Mapping[str, Cut]
    dead_letters: Mapping[str, int]
    log: SourceLog | None
    unanswered: Mapping[str, str]

    @property
    def is_well(self) -> bool:
        """Whether every process runs and answers, and everything could be asked."""
        return not self.unanswered and all(process.is_well for process in self.processes)

    @property
    def lag(self) -> int | None:
        """Records that the warehouse has not taken yet, over all tables; None when that is unknown."""
        known = [table.lag for table in self.tables if table.lag is not None]
        return sum(known) if len(known) == len(self.tables) else None

    def as_dict(self) -> dict[str, Any]:
        """As data, for ``--json``."""
        return {"is_well": self.is_well, "lag": self.lag, **asdict(self)}


class _Inquiry:
    """Asks components side by side, and remembers which did not answer."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self.unanswered: dict[str, str] = {}

    def ask(self, what: str, question: Callable[..., T], *arguments: object) -> Future[T | None]:
        return self._pool.submit(self._asked, what, question, arguments)

    def _asked(self, what: str, question: Callable[..., T], arguments: Sequence[object]) -> T | None:
        try:
            return question(*arguments)
        except BiltenError as error:
            self.unanswered[what] = f"{error.what} {error.why}"
            return None


def gather(settings: Settings, contracts: Contracts) -> Status:
    """Ask every component; one that does not answer leaves a gap and never an error.

    Args:
        settings: where the components are.
        contracts: which tables and marts there are.
    """
    sources = contracts.sources()
    datasets = [contract.name for contract in sources]
    streamed = [contract.name for contract in contracts.captured()]
    names = [contract.topic(settings.topic_prefix) for contract in sources]
    marts = [contract.name for contract in contracts.marts()]
    with Warehouse(settings) as warehouse, ThreadPoolExecutor(QUESTIONS_AT_ONCE) as pool:
        inquiry = _Inquiry(pool)
        raw = inquiry.ask("warehouse.raw", standing.rows_of, warehouse, "raw", datasets)
        ods = inquiry.ask("warehouse.ods", standing.rows_of, warehouse, "ods", datasets)
        mart_rows = inquiry.ask("warehouse.marts", standing.rows_of, warehouse, "marts", marts)
        source = inquiry.ask("operational", _source_rows, settings, contracts.tables_of())
        lines = inquiry.ask("warehouse.files", lines_that_count, warehouse)
        bounds = inquiry.ask("kafka", topics.partition_bounds, settings, names)
        stored = inquiry.ask("warehouse.ledger", ledger.stored_positions, warehouse)
        bronze = inquiry.ask("archive", _bronze_rows, settings)
        cuts = inquiry.ask("warehouse.cuts", newest_cuts, warehouse)
        fresh = inquiry.ask("warehouse.freshness", standing.freshness, warehouse, streamed, FRESHNESS_SECONDS)
        source_log = inquiry.ask("operational.slot", log_of, settings)
        letters = inquiry.ask("warehouse.dead_letters", standing.open_dead_letters, warehouse)
        published = inquiry.ask("warehouse.publications", current_publication, warehouse)
        refusal = inquiry.ask("warehouse.verdicts", last_refusal, warehouse)
        processes = processes_of(settings)
        ends = {(each.topic, each.partition): each.next_offset for each in (bounds.result() or {}).values()}
        lag = behind(ends, {(each.topic, each.partition): each.next_offset for each in stored.result() or ()})
        newest: dict[str, int] = defaultdict(int)
        for (topic, _), end in ends.items():
            newest[topic] += end
        tables = tuple(
            TableStatus(
                dataset=contract.name,
                source=_at_source(contract, source.result(), lines.result()),
                topic=newest.get(name),
                raw=(raw.result() or {}).get(contract.name),
                ods=(ods.result() or {}).get(contract.name),
                bronze=(bronze.result() or {}).get(contract.name),
                lag=_lag_of(contract, lag.get(name) if stored.result() is not None else None),
            )
            for contract, name in zip(sources, names, strict=True)
        )
        publication, decision = published.result(), refusal.result()
        return Status(
            home=str(settings.home),
            processes=processes,
            tables=tables,
            marts=mart_rows.result() or {},
            published_build=publication.build_id if publication else None,
            refused=Refused(decision.build_id, tuple(map(reason_of, decision.blocking)))
            if decision
            else None,
            freshness=fresh.result(),
            cuts=cuts.result() or {},
            dead_letters=letters.result() or {},
            log=source_log.result(),
            unanswered=dict(sorted(inquiry.unanswered.items())),
        )


def _at_source(
    contract: Contract, rows: Mapping[str, int] | None, lines: Mapping[str, int] | None
) -> int | None:
    """Rows of a table in the operational database, or good lines of the files that count."""
    if contract.files is not None:
        return None if lines is None else lines.get(contract.name, 0)
    return (rows or {}).get(contract.name)


def _lag_of(contract: Contract, records: int | None) -> int | None:
    """Lines of files pass no topic, so none of them waits in one."""
    return 0 if contract.files is not None else records


def total_lag(settings: Settings, contracts: Contracts) -> int | None:
    """Records that the warehouse has not taken yet; None when Kafka or the warehouse does not answer.

    Much cheaper than `gather`, which counts the rows of every table at every stage.
    """
    names = [contract.topic(settings.topic_prefix) for contract in contracts.captured()]
    try:
        bounds = topics.partition_bounds(settings, names)
        with Warehouse(settings) as warehouse:
            stored = ledger.stored_positions(warehouse)
    except BiltenError:
        return None
    ends = {(each.topic, each.partition): each.next_offset for each in bounds.values()}
    return sum(behind(ends, {(each.topic, each.partition): each.next_offset for each in stored}).values())


def behind(ends: Mapping[tuple[str, int], int], stored: Mapping[tuple[str, int], int]) -> dict[str, int]:
    """Records per topic between where the warehouse is and the end, over the partitions there are."""
    lag: dict[str, int] = defaultdict(int)
    for (topic, partition), end in ends.items():
        lag[topic] += max(end - stored.get((topic, partition), 0), 0)
    return dict(lag)


def _source_rows(settings: Settings, sources: Sequence[Contract]) -> dict[str, int]:
    tables = {(contract.source_schema, contract.source_table): contract.name for contract in sources}
    counted = operational_standing.rows_per_table(settings, tables)
    return {tables[table]: rows for table, rows in counted.items()}


def _bronze_rows(settings: Settings) -> dict[str, int]:
    with catalog.open_catalog(settings) as opened:
        return {table.dataset: table.rows for table in reading.list_tables(opened)}


def log_of(settings: Settings) -> SourceLog | None:
    """What of the log waits in the connector's slot; None without a slot.

    Raises:
        OperationalUnavailable: the database does not answer.
    """
    slot = operational_standing.replication_slot(settings, SLOT_NAME)
    if slot is None:
        return None
    is_looked_at = not slot.is_active or slot.behind_bytes > MUCH_LOG_BYTES
    left = operational_standing.seconds_left(settings, slot) if is_looked_at else None
    return SourceLog(slot.behind_bytes, slot.safe_bytes, slot.is_active, left)


def processes_of(settings: Settings) -> tuple[ProcessStatus, ...]:
    """Ask the supervisor for every process, and every component whether it answers."""
    states: dict[str, State] = {}
    with suppress(BiltenError):
        states = Supervisor(Layout.of(settings)).states()
    with ThreadPoolExecutor(len(programs.NAMES)) as pool:
        answers = {
            name: pool.submit(probe, settings)
            for name, probe in readiness.PROBES.items()
            if name in programs.elsewhere(settings) or (name in states and states[name].pid)
        }
        elsewhere = programs.elsewhere(settings)
        return tuple(
            _process(
                name,
                states.get(name),
                answers[name].result() if name in answers else None,
                is_elsewhere=name in elsewhere,
            )
            for name in programs.NAMES
        )


def _process(name: str, state: State | None, answers: bool | None, *, is_elsewhere: bool) -> ProcessStatus:
    if is_elsewhere:
        return ProcessStatus(name, "ELSEWHERE", None, None, None, answers, "")
    if state is None:
        return ProcessStatus(name, "DOWN", None, None, None, None, "")
    return ProcessStatus(
        name=name,
        state=state.state,
        pid=state.pid,
        seconds_up=max(int(time.time()) - state.since, 0) if state.pid else None,
        megabytes=_megabytes(state.pid) if state.pid else None,
        answers=answers,
        message="" if state.pid else state.message,
    )


def _megabytes(pid: int) -> int | None:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return None
    total = 0
    for member in family:
        with suppress(psutil.Error):
            # Shared pages count once, with the process that holds them: PostgreSQL's are all shared.
            memory = member.memory_info()
            total += memory.rss - (memory.shared if member is not process else 0)
    return total // (1024 * 1024)
