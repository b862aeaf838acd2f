"""What the loader knows of each table while it runs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kafka import TopicPartition

from bilten.contracts import Contract
from bilten.errors import BiltenError, TableHeld
from ingestion.buffers import TableBuffer
from warehouse.compile.transactions import tells_transactions, transaction_topic, transactions_dataset

SHORTEST_STOP_SECONDS = 2.0
LONGEST_STOP_SECONDS = 60.0
TRANSACTIONS_SECONDS = 1.0
"""Ends of transactions are landed about so often: an insert costs the same for one as for hundreds."""


@dataclass(slots=True)
class Table:
    """One table: what waits, what is under way, and whether it is stopped.

    Attributes:
        dataset: its name.
        topic: its change topic.
        buffer: records that wait.
        acknowledged: per partition, the offset up to which the warehouse acknowledged everything.
        busy_bytes: size of the insert under way.
        busy: whether an insert is under way.
        error: why it is stopped; None while it flows.
        resume_at: when it is tried again, seconds of a monotonic clock; None while only a resync helps.
        stops: how often it stopped since an insert last succeeded.
        is_about_transactions: whether it holds no rows but tells which transactions ended. What its topic no
            longer has is missed by nobody, so that it is read on from wherever the topic begins.
    """

    dataset: str
    topic: str
    buffer: TableBuffer
    acknowledged: dict[TopicPartition, int] = field(default_factory=dict)
    busy_bytes: int = 0
    busy: bool = False
    error: BiltenError | None = None
    resume_at: float | None = None
    stops: int = 0
    is_about_transactions: bool = False

    def stop(self, error: BiltenError, *, now: float, again: bool) -> None:
        """Let go of what waits, it is read again later, and say why.

        Args:
            error: the reason.
            now: the monotonic clock.
            again: whether to try again by itself, each time after a longer pause.
        """
        self.buffer.clear()
        self.error = error
        self.stops += 1
        pause = min(SHORTEST_STOP_SECONDS * 2 ** (self.stops - 1), LONGEST_STOP_SECONDS)
        self.resume_at = now + pause if again else None

    @property
    def may_begin(self) -> bool:
        """Whether its partitions may be read; not while it waits for another try, or is held back."""
        return self.resume_at is None and not isinstance(self.error, TableHeld)

    def resume(self) -> Mapping[TopicPartition, int]:
        """Flow again, from what was acknowledged.

        Returns:
            The offsets to read from.
        """
        self.error, self.resume_at = None, None
        return dict(self.acknowledged)


def new_tables(prefix: str, contracts: Iterable[Contract]) -> dict[str, Table]:
    """Tables by topic, those of the transactions of their sources among them.

    Args:
        prefix: the topics' prefix.
        contracts: the source contracts.
    """
    known = sorted(contracts, key=lambda item: item.name)
    tables = {
        contract.topic(prefix): Table(
            contract.name, contract.topic(prefix), TableBuffer(contract.name, _promised_seconds(contract))
        )
        for contract in known
    }
    for contract in known:
        if tells_transactions(contract):
            topic, dataset = transaction_topic(contract.source or prefix), transactions_dataset(contract)
            buffer = TableBuffer(dataset, least_seconds=TRANSACTIONS_SECONDS)
            tables[topic] = Table(dataset, topic, buffer, is_about_transactions=True)
    return tables


def _promised_seconds(contract: Contract) -> float:
    return contract.freshness.total_seconds() if contract.freshness else 0.0


def buffered_bytes(tables: Iterable[Table]) -> int:
    """Bytes read and not acknowledged, over all tables."""
    return sum(table.buffer.bytes + table.busy_bytes for table in tables)
