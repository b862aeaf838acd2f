"""How the warehouse stands: rows per stage, freshness, open dead letters, builds that wait."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from warehouse.client import Warehouse


@dataclass(frozen=True, slots=True)
class Freshness:
    """Seconds from the commit in the source to the arrival in the warehouse, over all tables.

    Attributes:
        changes: how many changes were measured.
        median: half of them took at most this long; None when there were none.
        p95: 95 of 100 took at most this long.
    """

    changes: int
    median: float | None
    p95: float | None


def rows_of(warehouse: Warehouse, database: str, names: Collection[str]) -> dict[str, int]:
    """Rows that a reader of these tables or views sees; those that do not exist are left out.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    present = warehouse.query(
        "SELECT name FROM system.tables WHERE database = {database:String}", {"database": database}
    )
    chosen = sorted({str(row[0]) for row in present.rows} & set(names))
    if not chosen:
        return {}
    parts = " UNION ALL ".join(
        f"SELECT '{name}' AS name, toUInt64(count()) AS row_count FROM `{database}`.`{name}`"
        for name in chosen
    )
    return {str(row[0]): int(row[1]) for row in warehouse.query(parts).rows}


def crowded_tables(warehouse: Warehouse, parts: int) -> dict[str, int]:
    """Tables of which ``raw`` or the state behind ``ods`` has more parts than so many, and how many.

    Parts are counted in each partition, as the engine does before it delays and refuses inserts.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    rows = warehouse.query(
        "SELECT replaceRegexpOne(table, '__state$', '') AS dataset, count() AS parts "
        "FROM system.parts WHERE active AND database IN ('raw', 'ods') "
        "GROUP BY database, table, partition_id HAVING parts > {parts:UInt64} ORDER BY parts",
        {"parts": parts},
    ).rows
    return {str(row[0]): int(row[1]) for row in rows}


def freshness(warehouse: Warehouse, datasets: Collection[str], seconds: float) -> Freshness:
    """Measure the changes of the last seconds; rows of a first snapshot do not count.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    if not datasets:
        return Freshness(0, None, None)
    parts = " UNION ALL ".join(
        f"SELECT toFloat64(_loaded_at) - toFloat64(_committed_at) AS delay FROM raw.`{dataset}` "
        "WHERE _loaded_at > now64(6) - toIntervalMillisecond({milliseconds:UInt64}) AND _op != 'r'"
        for dataset in sorted(datasets)
    )
    [row] = warehouse.query(
        f"SELECT count(), quantile(0.5)(delay), quantile(0.95)(delay) FROM ({parts})",
        {"milliseconds": round(seconds * 1000)},
    ).rows
    changes = int(row[0])
    return Freshness(changes, float(row[1]), float(row[2])) if changes else Freshness(0, None, None)


def open_dead_letters(warehouse: Warehouse) -> dict[str, int]:
    """Dead letters that nobody has replayed or discarded, per dataset.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    answer = warehouse.query(
        "SELECT dataset, count() FROM ops.dead_letters FINAL WHERE status = 'open' GROUP BY dataset"
    )
    return {str(row[0]): int(row[1]) for row in answer.rows}


def disk_free_bytes(warehouse: Warehouse) -> int | None:
    """Free space on the fullest of the warehouse's disks; None when it has none that counts.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    answer = warehouse.query("SELECT min(unreserved_space) FROM system.disks WHERE total_space > 0")
    value = answer.rows[0][0] if answer.rows else None
    return None if value is None else int(value)
