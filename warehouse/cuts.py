"""Cuts: places in the log of a source until which every table of it is complete.

The connector tells at the end of each transaction how many changes of which table belong to it. A cut may be
laid behind a transaction when all these changes have arrived, and those of every transaction before it: as
rows of ``raw`` that the ledger has acknowledged, or as dead letters. Tables that are held back, are being
read again or have stood still for long are left out of it, and the cut says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bilten.contracts import Contract
from warehouse.client import Warehouse
from warehouse.compile.consistent import cut_version
from warehouse.completeness import End, end_before, find_gaps, landed_tables, read_again, stands_still
from warehouse.sources import checked_position, held_tables
from warehouse.standing import open_dead_letters

_COLUMNS = ("source", "epoch", "position", "cut", "committed_at", "dead_letters", "left_out", "determined_at")


@dataclass(frozen=True, slots=True)
class Cut:
    """A place until which a source is complete.

    Attributes:
        source: the source.
        epoch: its epoch.
        position: where the last commit that counts ends in its log.
        committed_at: when that was, in UTC, to the millisecond.
        dead_letters: open dead letters by table; these changes are not in it.
        left_out: tables that are not complete, and until where each of them is.
        determined_at: when it was found out.
    """

    source: str
    epoch: int
    position: int
    committed_at: datetime
    dead_letters: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    determined_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def version(self) -> int:
        """What the views of ``consistent`` want as their parameter."""
        return cut_version(self.epoch, self.position)

    def __str__(self) -> str:
        return (
            f"{self.source} is complete as of {self.committed_at.isoformat(' ', 'milliseconds')}, "
            f"log position {self.position}."
        )

    def reservations(self, datasets: Collection[str]) -> list[str]:
        """What people have to know beside it.

        Args:
            datasets: the tables that they read.
        """
        return [
            *(
                f"{name} is complete until position {self.left_out[name]} only."
                for name in sorted(self.left_out.keys() & set(datasets))
            ),
            *(
                f"{name} lacks {self.dead_letters[name]} changes, which are dead letters."
                for name in sorted(self.dead_letters.keys() & set(datasets))
            ),
        ]


def newest_cuts(warehouse: Warehouse) -> dict[str, Cut]:
    """The newest cut of each source.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    rows = warehouse.query(
        "SELECT source, epoch, position, committed_at, dead_letters, left_out, determined_at FROM ops.cuts "
        "ORDER BY source, epoch DESC, position DESC, determined_at DESC LIMIT 1 BY source"
    ).rows
    return {str(row[0]): Cut(*row) for row in rows}


def store_cut(warehouse: Warehouse, cut: Cut) -> None:
    """Remember a cut.

    Raises:
        WarehouseUnavailable: nothing is known of the write; making it again is harmless.
    """
    row = (
        *(cut.source, cut.epoch, cut.position, cut.version, cut.committed_at),
        *(dict(cut.dead_letters), dict(cut.left_out), cut.determined_at),
    )
    warehouse.insert_rows("ops.cuts", _COLUMNS, [row])


def advance(
    warehouse: Warehouse,
    source: str,
    epoch: int,
    newest: End | None,
    topics: Mapping[str, str],
    contracts: Sequence[Contract],
) -> Cut | None:
    """Lay a cut as late as can be, and remember it.

    Args:
        warehouse: where everything is.
        source: the source's name.
        epoch: its epoch.
        newest: the last end that counts, see `warehouse.completeness.newest_end`.
        topics: dataset → change topic.
        contracts: of all its tables.

    Returns:
        The newest cut: a new one, or the one before if nothing more is complete; None if there is none yet.

    Raises:
        WarehouseUnavailable: the warehouse does not answer; nothing is lost.
    """
    before = newest_cuts(warehouse).get(source)
    if before is not None and before.epoch != epoch:
        before = None
    last = before.position if before else 0
    compared = checked_position(warehouse, source)
    # Until a comparison has found what a connector left out at its start, its counts are no proof.
    if newest is None or newest.position <= max(last, compared):
        return before
    since = {
        contract.name: before.left_out.get(contract.name, max(last, compared)) if before else compared
        for contract in contracts
    }
    held = held_tables(warehouse).keys() & since.keys()
    landed = landed_tables(warehouse, topics)
    flowing = [one for one in contracts if one.name not in held]
    read = read_again(warehouse, source, epoch, flowing, since, landed)
    counted = {
        name: max(at, read[name].position) if name in read and read[name].is_whole else at
        for name, at in since.items()
    }
    unread = {name for name, one in read.items() if not one.has_arrived}
    chosen = [one for one in flowing if one.name not in unread]
    gaps = find_gaps(warehouse, source, epoch, chosen, counted, landed)
    stuck = {name for name, gap in gaps.items() if stands_still(gap, landed[name])}
    holding = [gap.position for name, gap in gaps.items() if name not in stuck]
    end = end_before(warehouse, source, epoch, min(holding)) if holding else newest
    if end is None or end.position <= max(last, compared):
        return before
    later = {name for name, one in read.items() if one.position >= end.position}
    cut = Cut(
        source,
        epoch,
        end.position,
        end.committed_at,
        _open_letters(warehouse, since.keys()),
        {name: since[name] for name in sorted(held | unread | stuck | later)},
    )
    store_cut(warehouse, cut)
    return cut


def _open_letters(warehouse: Warehouse, datasets: Collection[str]) -> dict[str, int]:
    found = open_dead_letters(warehouse)
    return {name: found[name] for name in sorted(found.keys() & set(datasets))}
