"""``ops.migrations``: the statement that each object was last made by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from warehouse.client import Warehouse


@dataclass(frozen=True, slots=True)
class Recorded:
    """One object's record.

    Attributes:
        name: ``database.object``.
        kind: ``table``, ``view`` or ``materialized_view``.
        digest: SHA-256 of the statement.
        statement: the SQL.
        applied_at: when it was made or altered, UTC.
    """

    name: str
    kind: str
    digest: str
    statement: str
    applied_at: datetime

    def as_dict(self) -> dict[str, str]:
        """For JSON; the time in ISO form."""
        return {
            "name": self.name,
            "kind": self.kind,
            "digest": self.digest,
            "statement": self.statement,
            "applied_at": self.applied_at.isoformat(),
        }


def recorded(warehouse: Warehouse, name: str = "") -> tuple[Recorded, ...]:
    """The records, newest first.

    Args:
        warehouse: where.
        name: one object's name; all by default.

    Raises:
        WarehouseError: the warehouse refused the query.
    """
    rows = warehouse.query(
        "SELECT object, kind, digest, statement, applied_at FROM ops.migrations FINAL "
        "WHERE {name:String} = '' OR object = {name:String} ORDER BY applied_at DESC, object",
        {"name": name},
    ).rows
    return tuple(Recorded(*row) for row in rows)
