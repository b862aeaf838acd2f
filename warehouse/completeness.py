"""Whether the changes of transactions that have ended are all there, table by table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bilten.contracts import Contract
from warehouse.client import Warehouse
from warehouse.compile import names
from warehouse.compile.statements import identifier, literal
from warehouse.sources import Reading, newest_readings

STANDSTILL = timedelta(seconds=60)
"""A table that lacks changes for so long, and into which nothing was landed meanwhile, is left out."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of a transaction: its position in the log, and when it was committed."""

    position: int
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """The first transaction of which a table lacks changes.

    Attributes:
        position: where it ends in the log.
        known_since: when it was landed that it ended.
    """

    position: int
    known_since: datetime


def newest_end(warehouse: Warehouse, source: str, epoch: int) -> End | None:
    """The last transaction of a source that is known to have ended.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    return _end(warehouse, source, epoch, "true", 0)


def end_before(warehouse: Warehouse, source: str, epoch: int, position: int) -> End | None:
    """The last one that ended before a position.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    return _end(warehouse, source, epoch, "position < {position:UInt64}", position)


def _end(warehouse: Warehouse, source: str, epoch: int, condition: str, position: int) -> End | None:
    rows = warehouse.query(
        "SELECT position, committed_at FROM ops.transactions WHERE source = {source:String} "
        f"AND epoch = {{epoch:UInt16}} AND {condition} ORDER BY position DESC LIMIT 1",
        {"source": source, "epoch": epoch, "position": position},
    ).rows
    return End(int(rows[0][0]), rows[0][1]) if rows else None


@dataclass(frozen=True, slots=True)
class Landed:
    """What the ledger says of a table.

    Attributes:
        ends: by partition, the offset up to which everything was acknowledged.
        at: when something last was.
    """

    ends: Mapping[int, int]
    at: datetime

    @property
    def condition(self) -> str:
        """SQL: whether a row of ``raw`` is acknowledged, so that it is in the state of its row as well."""
        partitions, ends = list(self.ends), list(self.ends.values())
        return f"`_offset` < transform(`_partition`, {partitions}, {ends}, 0)" if ends else "false"


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def landed_tables(warehouse: Warehouse, topics: Mapping[str, str]) -> dict[str, Landed]:
    """What the ledger says of tables.

    Args:
        warehouse: where it is.
        topics: dataset → change topic.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    rows = warehouse.query(
        "SELECT topic, partition, next_offset, loaded_at FROM ops.positions FINAL "
        "WHERE topic IN {topics:Array(String)}",
        {"topics": sorted(topics.values())},
    ).rows
    by_topic: dict[str, list[Sequence[Any]]] = {}
    for row in rows:
        by_topic.setdefault(str(row[0]), []).append(row)
    return {
        dataset: Landed(
            {int(row[1]): int(row[2]) for row in by_topic.get(topic, ())},
            max((row[3] for row in by_topic.get(topic, ())), default=_NEVER),
        )
        for dataset, topic in topics.items()
    }


def find_gaps(
    warehouse: Warehouse,
    source: str,
    epoch: int,
    contracts: Iterable[Contract],
    since: Mapping[str, int],
    landed: Mapping[str, Landed],
) -> dict[str, Gap]:
    """The tables that lack changes of transactions that have ended.

    Args:
        warehouse: where everything is.
        source: the source's name.
        epoch: its epoch.
        contracts: the tables.
        since: by dataset, the position after which transactions are looked at.
        landed: what the ledger says of them.

    Returns:
        By dataset, the first transaction that is not whole; nothing of tables that are complete.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    place = {"source": source, "epoch": epoch}
    touched = {
        str(changed): int(position)
        for changed, position in warehouse.query(
            "SELECT arrayJoin(mapKeys(tables)) AS changed, max(position) FROM ops.transactions "
            "WHERE source = {source:String} AND epoch = {epoch:UInt16} AND position > {since:UInt64} "
            "GROUP BY changed",
            {**place, "since": min(since.values(), default=0)},
        ).rows
    }
    chosen = [one for one in contracts if touched.get(_table(one), 0) > since[one.name]]
    if not chosen:
        return {}
    letters = _letters(warehouse, [one.name for one in chosen])
    parts = " UNION ALL ".join(
        _missing(one, epoch, since[one.name], landed[one.name].condition, letters.get(one.name, {}))
        for one in chosen
    )
    return {
        str(name): Gap(int(position), known_since)
        for name, position, known_since, missing in warehouse.query(parts, place).rows
        # A letter that tells no transaction may be any of the changes that are missing.
        if missing > letters.get(str(name), {}).get(0, 0)
    }


def _missing(contract: Contract, epoch: int, since: int, is_landed: str, letters: Mapping[int, int]) -> str:
    """SQL of a table's first transaction that is not whole, since when that is known, and what lacks."""
    version = ", ".join(identifier(name) for name in (*(c.name for c in contract.key), "_version", "_op"))
    # The first transaction of a stream names none before it.
    after = f"ifNull(`_commit_position` >= {since}, true)" if since else "true"
    dead = f"transform(transaction, {list(letters)}, {list(letters.values())}, 0)" if letters else "0"
    return (
        f"SELECT {literal(contract.name)} AS dataset, min(position) AS first, min(loaded_at) AS known_since, "
        "toUInt64(sum(lacking)) AS missing FROM ("
        "SELECT position, loaded_at, toInt64(expected) - toInt64(arrived) - toInt64("
        f"{dead}) AS lacking FROM ("
        f"SELECT position, transaction, loaded_at, tables[{literal(_table(contract))}] AS expected "
        "FROM ops.transactions FINAL WHERE source = {source:String} AND epoch = {epoch:UInt16} "
        f"AND position > {since} AND expected > 0) AS ended LEFT JOIN ("
        f"SELECT assumeNotNull(`_transaction`) AS transaction, uniqExact({version}) AS arrived "
        f"FROM {names.raw(contract.name)} WHERE `_epoch` = {epoch} AND {after} AND isNotNull(`_transaction`) "
        f"AND `_op` != 'r' AND {is_landed} GROUP BY transaction) AS there USING transaction) "
        "WHERE lacking > 0 GROUP BY dataset SETTINGS join_use_nulls = 0"
    )


def _letters(warehouse: Warehouse, datasets: Sequence[str]) -> dict[str, dict[int, int]]:
    """Dead letters by table and transaction; those that tell none under 0."""
    rows = warehouse.query(
        "SELECT dataset, JSONExtractUInt(ifNull(value, ''), 'source', 'txId') AS transaction, count() "
        "FROM ops.dead_letters FINAL WHERE dataset IN {datasets:Array(String)} AND status != 'replayed' "
        "GROUP BY dataset, transaction",
        {"datasets": list(datasets)},
    ).rows
    found: dict[str, dict[int, int]] = {}
    for dataset, transaction, count in rows:
        found.setdefault(str(dataset), {})[int(transaction)] = int(count)
    return found


def _table(contract: Contract) -> str:
    return f"{contract.source_schema}.{contract.source_table}"


def stands_still(gap: Gap, landed: Landed) -> bool:
    """Whether a table is left behind: all others go on without it."""
    return max(gap.known_since, landed.at) < datetime.now(UTC) - STANDSTILL


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """A table of which rows were read beside the log.

    Attributes:
        position: of the log; each change at a smaller one is in what was read.
        is_whole: whether all rows were read.
        has_arrived: whether all that was read is in the warehouse.
    """

    position: int
    is_whole: bool
    has_arrived: bool


def read_again(
    warehouse: Warehouse,
    source: str,
    epoch: int,
    contracts: Sequence[Contract],
    since: Mapping[str, int],
    landed: Mapping[str, Landed],
) -> dict[str, ReadAgain]:
    """The last reading of each table that was read beside the log after a position of its own.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    readings = newest_readings(warehouse, source, epoch)
    found = {}
    for contract in contracts:
        reading = readings.get(contract.name)
        if reading is not None and reading.position > since[contract.name]:
            found[contract.name] = ReadAgain(
                reading.position,
                reading.is_whole,
                reading.events is not None and _has_arrived(warehouse, contract, epoch, reading, landed),
            )
    return found


def _has_arrived(
    warehouse: Warehouse, contract: Contract, epoch: int, reading: Reading, landed: Mapping[str, Landed]
) -> bool:
    version = ", ".join(identifier(name) for name in (*(c.name for c in contract.key), "_version", "_op"))
    arrived = warehouse.scalar(
        f"SELECT uniqExact({version}) FROM {names.raw(contract.name)} WHERE isNull(`_transaction`) "
        # Deletions and the truncation stand just before the moment of the reading.
        f"AND `_epoch` = {epoch} AND `_position` IN ({reading.position}, {reading.position - 1}) "
        f"AND {landed[contract.name].condition}"
    )
    letters = _letters(warehouse, [contract.name]).get(contract.name, {}).get(0, 0)
    return int(arrived) + letters >= (reading.events or 0)
