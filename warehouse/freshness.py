"""How long changes take from their commit in the source until the warehouse has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.client import Warehouse


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds from commit to arrival, over the changes of a window of time.

    Attributes:
        dataset: the table.
        changes: how many there were.
        median: half of them took at most this long.
        p95: 95 of 100 took at most this long.
    """

    dataset: str
    changes: int
    median: float
    p95: float


def delays_since(warehouse: Warehouse, datasets: Sequence[str], seconds: float) -> tuple[Delay, ...]:
    """Measure the changes that arrived in the last seconds, per dataset; unchanged datasets are left out.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    if not datasets:
        return ()
    parts = " UNION ALL ".join(
        f"SELECT '{dataset}' AS dataset, toFloat64(_loaded_at) - toFloat64(_committed_at) AS delay "
        f"FROM raw.`{dataset}` "
        "WHERE _loaded_at > now64(6) - toIntervalMillisecond({milliseconds:UInt64}) AND _op != 'r'"
        for dataset in sorted(datasets)
    )
    answer = warehouse.query(
        "SELECT dataset, count(), quantile(0.5)(delay), quantile(0.95)(delay) "
        f"FROM ({parts}) GROUP BY dataset ORDER BY dataset",
        {"milliseconds": round(seconds * 1000)},
    )
    return tuple(Delay(str(row[0]), int(row[1]), float(row[2]), float(row[3])) for row in answer.rows)
