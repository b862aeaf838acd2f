"""How complete marts are: as of which instant and position of the source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bilten.contracts import Contract
from warehouse.client import Warehouse
from warehouse.compile.statements import identifier
from warehouse.readers import READERS_DATABASE, comment_of


@dataclass(frozen=True, slots=True)
class Completeness:
    """What a mart contains of its sources.

    Attributes:
        instant: everything that was committed until then, in UTC, and nothing later.
        position: of the last change in it, in the source's log.
    """

    instant: datetime
    position: int

    def __str__(self) -> str:
        return f"Complete as of {self.instant:%Y-%m-%d %H:%M:%S.%f} UTC, log position {self.position}."


def complete_as_of(warehouse: Warehouse, database: str = READERS_DATABASE) -> Mapping[str, Completeness]:
    """How complete every mart is.

    Args:
        warehouse: the warehouse.
        database: a build's database; what readers see by default.

    Returns:
        By mart; nothing before the first publication.
    """
    rows = warehouse.query(
        f"SELECT mart, complete_as_of, complete_as_of_position FROM {identifier(database)}.freshness"
    ).rows
    return {
        str(mart): Completeness(
            instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC), int(position)
        )
        for mart, instant, position in rows
    }


def comment_readers(warehouse: Warehouse, marts: Iterable[Contract]) -> None:
    """Say in the comment of each view in ``marts`` as of when it is complete.

    Called after the pointer moved: comments follow within a second or so, and nothing reads them to decide.

    Args:
        warehouse: the warehouse.
        marts: contracts of the marts.
    """
    known = complete_as_of(warehouse)
    for contract in marts:
        if contract.name in known:
            comment = comment_of(contract, str(known[contract.name]))
            warehouse.command(f"ALTER TABLE {READERS_DATABASE}.{contract.name} MODIFY COMMENT {comment}")
