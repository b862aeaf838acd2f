"""What is to be done about the files that lie there. Pure.

A file counts by its content. One that has not changed since it was looked into is left alone; one that says
what counts for its day already is a duplicate; anything else is a delivery, and takes the place of the day's
earlier one if its version, or else its time, is later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from ingestion.files.arrivals import Arrival
from warehouse.files import StoredFile


def unsettled(arrivals: Iterable[Arrival], stored: Sequence[StoredFile]) -> list[Arrival]:
    """Files that must be looked into: new ones, changed ones, and those that were begun and not landed.

    Begun ones come first, in the order in which they were begun, so that offsets of a day only grow.
    """
    last = {file.path: file for file in stored}
    for file in stored:
        if file.changed_at > last[file.path].changed_at:
            last[file.path] = file

    def began(arrival: Arrival) -> tuple[bool, int]:
        known = last.get(arrival.path)
        is_begun = known is not None and known.state == "begun"
        return not is_begun, known.first_offset if known is not None and is_begun else 0

    found = [
        arrival
        for arrival in arrivals
        if arrival.day is not None and not is_settled(arrival, last.get(arrival.path))
    ]
    return sorted(found, key=began)


def is_settled(arrival: Arrival, known: StoredFile | None) -> bool:
    """Whether a file is as it was when something became of it."""
    return (
        known is not None
        and known.state != "begun"
        and (known.bytes, known.modified_ns) == (arrival.bytes, arrival.modified_ns)
    )


def counting(stored: Iterable[StoredFile]) -> StoredFile | None:
    """Of a day's files the one that counts: of those that were landed, the one with the greatest position."""
    landed = [file for file in stored if file.state == "landed"]
    return max(landed, key=lambda file: file.position, default=None)


def decide(
    dataset: str,
    arrival: Arrival,
    content: str,
    of_day: Sequence[StoredFile],
    first_offset: int,
    now: datetime,
) -> tuple[StoredFile, ...]:
    """What becomes of a file whose content is known now.

    Args:
        dataset: whose rows it has.
        arrival: the file.
        content: SHA-256 of its bytes.
        of_day: the files of its day that are known.
        first_offset: an offset behind everything that was inserted for the day.
        now: the time.

    Returns:
        What is to be remembered, the file itself last. It is ``begun`` if it must be landed, and then what it
        was begun as before, if it was.
    """
    assert arrival.day is not None, "only files with a day are looked into"
    same_name = [file for file in of_day if file.path == arrival.path]
    before = max(same_name, key=lambda file: file.changed_at, default=None)
    if before is not None and before.content == content:
        # Only touched, or begun before and to be finished.
        return (replace(before, modified_ns=arrival.modified_ns, bytes=arrival.bytes, changed_at=now),)
    counts = counting(of_day)
    is_duplicate = counts is not None and counts.content == content and counts.path != arrival.path
    found = StoredFile(
        dataset=dataset,
        day=arrival.day,
        position=_position(arrival, of_day, before),
        path=arrival.path,
        content=content,
        bytes=arrival.bytes,
        modified_ns=arrival.modified_ns,
        first_offset=first_offset,
        lines=0,
        dead=0,
        removed=0,
        state="duplicate" if is_duplicate else "begun",
        reason=f"has the content of {counts.path}" if is_duplicate and counts is not None else "",
        first_seen=now,
        changed_at=now,
    )
    if before is not None and before.state == "begun":
        why = "another content came under its name before it was landed"
        return replace(before, state="abandoned", reason=why, changed_at=now), found
    return (found,)


def _position(arrival: Arrival, of_day: Sequence[StoredFile], before: StoredFile | None) -> int:
    """Its own, unless another has that; new content under a name is always later than the old."""
    taken = {file.position for file in of_day}
    position = max(arrival.position, before.position + 1 if before is not None else 0)
    while position in taken:
        position += 1
    return position
