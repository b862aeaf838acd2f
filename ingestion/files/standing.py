"""How the files of a dataset stand: those that lie there, and those that came before. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from ingestion.files.arrivals import Arrival
from ingestion.files.delivering import counting, unsettled
from warehouse.files import FileState, StoredFile

Standing = Literal["counts", "replaced", "waiting", "unrecognised", FileState]


@dataclass(frozen=True, slots=True)
class FileStanding:
    """A delivery, or a file that is none yet.

    Attributes:
        dataset: whose rows it has.
        path: its name below the dataset's folder.
        day: its day; None where its name tells none.
        state: ``counts`` for its day, or was ``replaced``; ``waiting`` to be landed; ``unrecognised`` by its
            name; or what became of it, as `StoredFile` says.
        lines: lines read.
        dead: lines that became dead letters.
        removed: rows of the day's earlier files that it removed.
        bytes: its size.
        modified_at: when it was last written.
        content: SHA-256 of its bytes; empty while nobody has looked into it.
        reason: why, where there is something to say.
    """

    dataset: str
    path: str
    day: date | None
    state: Standing
    lines: int
    dead: int
    removed: int
    bytes: int
    modified_at: datetime
    content: str
    reason: str


def standing(
    dataset: str, arrivals: Sequence[Arrival], stored: Sequence[StoredFile]
) -> tuple[FileStanding, ...]:
    """Every delivery and every file, by day and position; what has no day comes first.

    Args:
        dataset: the dataset.
        arrivals: what lies there.
        stored: what became of files, in order.
    """
    by_day: dict[date, list[StoredFile]] = defaultdict(list)
    for file in stored:
        by_day[file.day].append(file)
    found = [_of_arrival(dataset, one, "unrecognised") for one in arrivals if one.day is None]
    waiting = [_of_arrival(dataset, one, "waiting") for one in unsettled(arrivals, stored)]
    delivered = [each for of_day in by_day.values() for each in _of_day(of_day)]
    ordered = sorted([*delivered, *waiting], key=lambda each: each.day or date.min)
    return (*found, *ordered)


def _of_day(files: Iterable[StoredFile]) -> Iterable[FileStanding]:
    files = list(files)
    counts = counting(files)
    for file in files:
        state: Standing = file.state
        if file.state == "landed":
            state = "counts" if file is counts else "replaced"
        yield FileStanding(
            dataset=file.dataset,
            path=file.path,
            day=file.day,
            state=state,
            lines=file.lines,
            dead=file.dead,
            removed=file.removed,
            bytes=file.bytes,
            modified_at=datetime.fromtimestamp(file.modified_ns / 1e9, UTC),
            content=file.content,
            reason=file.reason,
        )


def _of_arrival(dataset: str, arrival: Arrival, state: Standing) -> FileStanding:
    modified_at = datetime.fromtimestamp(arrival.modified_ns / 1e9, UTC)
    place = (dataset, arrival.path, arrival.day, state)
    return FileStanding(*place, 0, 0, 0, arrival.bytes, modified_at, "", arrival.problem)
