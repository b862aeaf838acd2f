"""Dead letters: replayed the ordinary way once their cause is removed, or discarded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ingestion.batches import Headers, arrow_stream, columns_of
from warehouse.client import Warehouse
from warehouse.dead_letters import DeadLetter, refused_since, set_status, warehouse_time
from warehouse.landing import insert_changes

RECORDS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to.

    Attributes:
        landed: letters whose records are rows now.
        refused: letters whose records were refused again; they stay open.
    """

    landed: tuple[DeadLetter, ...]
    refused: tuple[DeadLetter, ...]


@dataclass(frozen=True, slots=True)
class _Again:
    """A dead letter as the record that it was."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


def replay(
    warehouse: Warehouse, letters: Iterable[DeadLetter], progress: Callable[[int], None] | None = None
) -> Replayed:
    """Send records through landing again, in their order, and note which became rows.

    Where a record stands among others is decided by its position in the source, so a late replay never
    overwrites what is newer. Replaying a record twice is harmless.

    Args:
        warehouse: where to.
        letters: any dead letters.
        progress: called with the number of records just sent.

    Raises:
        WarehouseUnavailable: some may have landed; replay again.
        WarehouseError: the engine refuses the table.
    """
    by_dataset: dict[str, list[DeadLetter]] = defaultdict(list)
    for letter in letters:
        by_dataset[letter.dataset].append(letter)
    landed: list[DeadLetter] = []
    refused: list[DeadLetter] = []
    for dataset, found in sorted(by_dataset.items()):
        found.sort(key=lambda letter: (letter.topic, letter.partition, letter.offset))
        for start in range(0, len(found), RECORDS_AT_ONCE):
            part = found[start : start + RECORDS_AT_ONCE]
            again = _send(warehouse, dataset, part)
            refused += [letter for letter in part if letter.id in again]
            landed += [letter for letter in part if letter.id not in again]
            if progress is not None:
                progress(len(part))
    return Replayed(tuple(landed), tuple(refused))


def discard(warehouse: Warehouse, letters: Iterable[DeadLetter]) -> int:
    """Decide that records will never be rows; they are kept, and can still be replayed.

    Returns:
        How many.

    Raises:
        WarehouseUnavailable: nothing is known of the write; making it again is harmless.
    """
    chosen = list(letters)
    set_status(warehouse, chosen, "discarded")
    return len(chosen)


def _send(warehouse: Warehouse, dataset: str, letters: Sequence[DeadLetter]) -> set[str]:
    """Insert; returns the identifiers of what was refused again."""
    began = warehouse_time(warehouse)
    records = [_record(letter) for letter in letters]
    insert_changes(warehouse, dataset, arrow_stream(columns_of(records)), len(records))
    again = refused_since(warehouse, letters, began)
    set_status(warehouse, [letter for letter in letters if letter.id not in again], "replayed")
    return again


def _record(letter: DeadLetter) -> _Again:
    return _Again(
        letter.topic,
        letter.partition,
        letter.offset,
        round(letter.timestamp.timestamp() * 1000),
        letter.key,
        letter.value,
        [(name, value.encode()) for name, value in letter.headers.items()],
    )
