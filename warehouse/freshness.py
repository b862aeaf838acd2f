"""How complete marts are: as of which instant of the source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from warehouse.client import Warehouse
from warehouse.compile.statements import identifier
from warehouse.readers import READERS_DATABASE


def complete_as_of(warehouse: Warehouse, database: str = READERS_DATABASE) -> Mapping[str, datetime]:
    """Until when every mart holds what the source committed.

    Args:
        warehouse: the warehouse.
        database: a build's database; what readers see by default.

    Returns:
        The instant, in UTC, by mart; nothing before the first publication.
    """
    rows = warehouse.query(f"SELECT mart, complete_as_of FROM {identifier(database)}.freshness").rows
    return {
        str(mart): instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
        for mart, instant in rows
    }
