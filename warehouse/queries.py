"""What is asked of the warehouse, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.client import Warehouse
from warehouse.schema.audit import RECORD_QUERIES


@dataclass(frozen=True, slots=True)
class HeavyQuery:
    """All runs of one query, whatever its constants.

    Attributes:
        hash: of the text without its constants.
        milliseconds: of all runs together.
        slowest_milliseconds: of the slowest run.
        memory_bytes: the most that one run took.
        example: the text of the slowest run; it may hold personal data.
        database: in which that one ran.
        users: who ran it.
        tables: what it read, as the engine names it.
    """

    hash: int
    runs: int
    milliseconds: int
    slowest_milliseconds: int
    read_rows: int
    read_bytes: int
    memory_bytes: int
    example: str
    database: str
    users: Sequence[str]
    tables: Sequence[str]


def heavy_queries(
    warehouse: Warehouse, *, days: int, limit: int, least_milliseconds: int
) -> tuple[HeavyQuery, ...]:
    """The queries that took most of the time, heaviest first; what was asked until now is taken in before.

    Args:
        warehouse: with the platform's own user.
        days: how far to look back.
        limit: most queries to return.
        least_milliseconds: of the slowest run; quicker queries are left out.

    Raises:
        WarehouseError: the warehouse refused a statement.
    """
    warehouse.command("SYSTEM FLUSH LOGS")
    warehouse.command(RECORD_QUERIES)
    rows = warehouse.query(
        """
        SELECT
            hash, sum(runs), sum(milliseconds) AS total, max(slowest_milliseconds) AS slowest, sum(read_rows),
            sum(read_bytes), max(memory_bytes), tupleElement(max(example), 'query'),
            tupleElement(max(example), 'database'),
            arraySort(groupUniqArrayArray(users)), arraySort(groupUniqArrayArray(tables))
        FROM audit.queries
        WHERE day > today() - {days:UInt16}
        GROUP BY hash
        HAVING slowest >= {least:UInt32}
        ORDER BY total DESC, hash
        LIMIT {limit:UInt32}
        """,
        {"days": days, "least": least_milliseconds, "limit": limit},
    ).rows
    return tuple(HeavyQuery(*row) for row in rows)
