"""What must hold after every fault: the source, the log and the warehouse compared, value for value."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import psycopg
from kafka import KafkaConsumer, TopicPartition

from bilten.contracts import Column, Contract
from bilten.errors import WarehouseUnavailable
from bilten.settings import Settings
from ingestion.consumer import consumer_options
from ingestion.topics import partition_bounds
from operational.database import connect
from warehouse.client import Warehouse

Row = tuple[object, ...]
LOOK_SECONDS = 0.5


def source_rows(connection: psycopg.Connection[Any], contract: Contract) -> Counter[Row]:
    """Every row of the operational table."""
    columns = ", ".join(_source_expression(column) for column in contract.columns)
    table = f"{contract.source_schema}.{contract.source_table}"
    found = connection.execute(f"SELECT {columns} FROM {table}".encode())
    return Counter(_row(contract.columns, values) for values in found)


def current_rows(warehouse: Warehouse, contract: Contract) -> Counter[Row]:
    """Every row of the warehouse's current state."""
    columns = ", ".join(f"`{column.name}`" for column in contract.columns)
    answer = warehouse.query(f"SELECT {columns} FROM ods.`{contract.name}`")
    return Counter(_row(contract.columns, values) for values in answer.rows)


@dataclass
class ChangeLog:
    """Every change event that the topics were ever seen to hold: key, position and operation.

    Topics are read once: a later look adds what has come since.

    Attributes:
        settings: of the stack.
        contracts: the tables by topic.
        seen: of each dataset, each change with the places at which it stands.
    """

    settings: Settings
    contracts: dict[str, Contract]
    seen: dict[str, dict[Row, set[tuple[str, int, int]]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    _read: dict[tuple[str, TopicPartition], int] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings, contracts: Iterable[Contract]) -> ChangeLog:
        """Of these tables; nothing is read yet."""
        return cls(settings, {contract.topic(settings.topic_prefix): contract for contract in contracts})

    def read(self) -> None:
        """Add what the topics hold now. Tombstones and rubbish are no changes."""
        bounds = partition_bounds(self.settings, self.contracts)
        begin = {
            partition: max(held.first_offset, self._read.get((held.topic_id, partition), 0))
            for partition, held in bounds.items()
        }
        behind = {partition for partition, offset in begin.items() if offset < bounds[partition].next_offset}
        if not behind:
            return
        consumer = KafkaConsumer(**{**consumer_options(self.settings), "client_id": "faults"})
        try:
            consumer.assign(list(behind))
            for partition in behind:
                consumer.seek(partition, begin[partition])
            while behind:
                for records in consumer.poll(200).values():
                    for record in records:
                        self._note(record)
                behind = {each for each in behind if consumer.position(each) < bounds[each].next_offset}
        finally:
            consumer.close()
        self._read.update(
            ((held.topic_id, partition), held.next_offset) for partition, held in bounds.items()
        )

    def _note(self, record: Any) -> None:
        contract = self.contracts[record.topic]
        try:
            event = json.loads(record.value or b"")
            image = event["after"] or event["before"]
            if event["op"] not in {"c", "u", "d", "r"}:
                return
            change = (
                *(str(image[column.name]) for column in contract.key),
                event["source"]["lsn"],
                event["op"],
            )
        except (ValueError, KeyError, TypeError):
            return
        self.seen[contract.name][change].add((record.topic, record.partition, record.offset))


def kept_changes(warehouse: Warehouse, contract: Contract) -> Counter[Row]:
    """Key, position and operation of every row of ``raw``, as a reader under FINAL sees them."""
    key = ", ".join(f"toString(`{column.name}`)" for column in contract.key)
    answer = warehouse.query(f"SELECT {key}, _position, _op FROM raw.`{contract.name}` FINAL")
    return Counter(tuple(values) for values in answer.rows)


def dead_places(warehouse: Warehouse) -> set[tuple[str, int, int]]:
    """Topic, partition and offset of every dead letter."""
    answer = warehouse.query("SELECT DISTINCT topic, partition, offset FROM ops.dead_letters")
    return {(str(topic), int(partition), int(offset)) for topic, partition, offset in answer.rows}


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found equal: rows of the source, and changes of the log."""

    rows: int
    changes: int


def assert_equal_to_source(
    settings: Settings,
    contracts: Iterable[Contract],
    log: ChangeLog,
    *,
    cut: Collection[str] = (),
    seconds: float = 90,
) -> Compared:
    """Wait until every table equals its source, which has no traffic, then compare ``raw`` with the log.

    Each change of the log must be in ``raw`` exactly once, or its record a dead letter; and ``raw`` must have
    no other.

    Args:
        settings: of the stack.
        contracts: the tables.
        log: the changes.
        cut: datasets whose topic has lost records before they were read here: ``raw`` may have more.
        seconds: longest time to wait.

    Raises:
        AssertionError: something differs.
    """
    chosen = tuple(contracts)
    deadline = time.monotonic() + seconds
    with Warehouse(settings) as warehouse, connect(settings, autocommit=True) as connection:
        rows = sum(_until_equal(connection, warehouse, contract, deadline) for contract in chosen)
        log.read()
        dead = dead_places(warehouse)
        changes = sum(
            _assert_kept(warehouse, contract, log, dead, contract.name in cut) for contract in chosen
        )
    return Compared(rows, changes)


def _until_equal(
    connection: psycopg.Connection[Any], warehouse: Warehouse, contract: Contract, deadline: float
) -> int:
    expected = source_rows(connection, contract)
    while True:
        try:
            found = current_rows(warehouse, contract)
        except WarehouseUnavailable as error:
            # It was killed a moment ago, perhaps.
            found = Counter([(error.what,)])
        if expected == found:
            return expected.total()
        if time.monotonic() > deadline:
            missing, surplus = expected - found, found - expected
            raise AssertionError(
                f"{contract.name}: {missing.total()} rows missing, {surplus.total()} too many; "
                f"{list(missing)[:2]} {list(surplus)[:2]}"
            )
        time.sleep(LOOK_SECONDS)


def _assert_kept(
    warehouse: Warehouse, contract: Contract, log: ChangeLog, dead: set[tuple[str, int, int]], is_cut: bool
) -> int:
    logged, kept = log.seen[contract.name], kept_changes(warehouse, contract)
    assert set(kept.values()) <= {1}, f"{contract.name}: a change is in raw twice"
    lost = [change for change in logged.keys() - kept.keys() if not logged[change] <= dead]
    assert not lost, f"{contract.name}: {len(lost)} changes are neither in raw nor dead letters: {lost[:2]}"
    invented = kept.keys() - logged.keys()
    assert is_cut or not invented, (
        f"{contract.name}: {len(invented)} changes nobody sent: {list(invented)[:2]}"
    )
    return len(kept)


def _source_expression(column: Column) -> str:
    family = column.mapping.family
    if family == "array":
        return f"{column.name}::text[]"
    if column.source_type == "inet":
        # A cast to text always writes the width of the network, the type itself only where it is not a host.
        return f"CASE WHEN {column.name} IS NOT NULL THEN concat({column.name}) END"
    if family in {"json", "enum", "text", "uuid", "time"}:
        return f"{column.name}::text"
    return column.name


def _row(columns: Iterable[Column], values: Iterable[Any]) -> Row:
    return tuple(_value(column, value) for column, value in zip(columns, values, strict=True))


def _value(column: Column, value: Any) -> object:
    if value is None:
        return None
    family = column.mapping.family
    if family == "json":
        return json.dumps(json.loads(value, parse_float=Decimal), sort_keys=True, default=str)
    if family == "array":
        return tuple(str(item) for item in value)
    if family in {"uuid", "time"}:
        return str(value)
    return value
