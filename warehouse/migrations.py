"""``ops.migrations``: the statement that each object was last made by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from warehouse.client import Warehouse
from warehouse.compile import Statement


@dataclass(frozen=True, slots=True)
class Recorded:
    """One object's record.

    Attributes:
        statement: what made it, with its name and kind.
        applied_at: when it was made or altered, UTC.
    """

    statement: Statement
    applied_at: datetime

    def as_dict(self) -> dict[str, str]:
        """For JSON; the time in ISO form."""
        return {
            "name": self.statement.name,
            "kind": self.statement.kind,
            "digest": self.statement.digest,
            "statement": self.statement.sql,
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
        "SELECT object, kind, statement, applied_at FROM ops.migrations FINAL "
        "WHERE {name:String} = '' OR object = {name:String} ORDER BY applied_at DESC, object",
        {"name": name},
    ).rows
    return tuple(Recorded(Statement(name, kind, sql), applied_at) for name, kind, sql, applied_at in rows)
