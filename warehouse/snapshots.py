"""The embedded warehouse's data as they were before an upgrade, and the way back to them.

A snapshot is a second folder with the same files. Parts of tables are never changed once they are written, so
theirs are linked, not copied: a snapshot takes seconds, and no room until the tables have moved on. It guards
against an upgrade, not against a broken disk.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bilten.contracts import Contracts
from bilten.errors import DataNewer, SnapshotRefused
from bilten.settings import Settings
from warehouse.migrate import wanted

KEPT: Final = 2
"""Snapshots that are kept; the oldest makes room."""

_PART: Final = "columns.txt"
"""A folder that holds it is a part of a table: what is in it stays as it is."""

_LOCK: Final = "status"
"""The file in the data that a running engine holds locked."""


@dataclass(frozen=True, slots=True)
class Maker:
    """What a data folder was last brought up by.

    Attributes:
        platform: release of the platform, with its commit where that is known.
        engine: version of the embedded engine's package.
        schema: digest of every statement that the contracts and the platform ask for.
    """

    platform: str
    engine: str
    schema: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A data folder that is kept.

    Attributes:
        path: the folder.
        taken_at: when, UTC.
        maker: what had made the data; None for data from before this was noted.
    """

    path: Path
    taken_at: datetime
    maker: Maker | None


def this_maker(platform: str, contracts: Contracts) -> Maker:
    """What this checkout would bring a data folder to.

    Args:
        platform: its release and commit.
        contracts: its contracts.
    """
    statements = "\n".join(statement.sql for stage in wanted(contracts) for statement in stage)
    return Maker(platform, version("chdb"), hashlib.sha256(statements.encode()).hexdigest())


def maker_of(settings: Settings) -> Maker | None:
    """What the data were last brought up by; None if it was never noted."""
    return _read(_home(settings) / "maker.json")


def note_maker(settings: Settings, maker: Maker) -> None:
    """Remember what the data are by now."""
    new = _home(settings) / "maker.new"
    new.write_text(json.dumps(asdict(maker), indent=1) + "\n", encoding="utf-8")
    new.replace(new.with_suffix(".json"))


def has_data(settings: Settings) -> bool:
    """Whether there is a warehouse at all."""
    return (_data(settings) / "store").exists()


def needs_snapshot(before: Maker | None, now: Maker) -> bool:
    """Whether bringing data up would change them: the engine or the schema is another one.

    Raises:
        DataNewer: the data were made by a newer engine.
    """
    if before is None:
        return True
    if _ordered(before.engine) > _ordered(now.engine):
        raise DataNewer(
            f"The warehouse's data were written by engine {before.engine} ({before.platform}); "
            f"this is {now.engine}."
        )
    return (before.engine, before.schema) != (now.engine, now.schema)


def take(settings: Settings) -> Snapshot:
    """Keep the data as they are; the oldest snapshot makes room.

    Raises:
        SnapshotRefused: the warehouse runs.
    """
    with _unused(settings):
        moment = datetime.now(UTC)
        place = _snapshots(settings) / f"{moment:%Y%m%dT%H%M%S}Z"
        unfinished = place.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        _twin(_data(settings), unfinished / "data")
        with suppress(FileNotFoundError):
            shutil.copy2(_home(settings) / "maker.json", unfinished)
        unfinished.rename(place)
    for old in snapshots(settings)[KEPT:]:
        shutil.rmtree(old.path)
    return _snapshot(place)


def snapshots(settings: Settings) -> tuple[Snapshot, ...]:
    """What is kept, newest first."""
    found = sorted(_snapshots(settings).glob("*Z"), reverse=True)
    return tuple(_snapshot(path) for path in found)


def put_back(settings: Settings) -> Snapshot:
    """Exchange the data for those of the newest snapshot.

    Returns:
        What is in place now. The data that were there are the newest snapshot from now on, so that doing it
        again goes forward again.

    Raises:
        SnapshotRefused: the warehouse runs, or nothing is kept.
    """
    kept = snapshots(settings)
    if not kept:
        raise SnapshotRefused("There is no snapshot to go back to.", why="None was needed yet.")
    newest = kept[0]
    with _unused(settings):
        aside = _take_aside(settings)
        (newest.path / "data").rename(_data(settings))
        with suppress(FileNotFoundError):
            (newest.path / "maker.json").rename(_home(settings) / "maker.json")
        shutil.rmtree(newest.path)
        aside.rename(aside.with_suffix(""))
    return newest


def _take_aside(settings: Settings) -> Path:
    """Move the data and what made them to where snapshots are."""
    aside = _snapshots(settings) / f"{datetime.now(UTC):%Y%m%dT%H%M%S}Z.aside"
    aside.mkdir(parents=True)
    _data(settings).rename(aside / "data")
    with suppress(FileNotFoundError):
        (_home(settings) / "maker.json").rename(aside / "maker.json")
    return aside


@contextmanager
def _unused(settings: Settings) -> Iterator[None]:
    """Hold the lock that a running engine would hold."""
    path = _data(settings) / _LOCK
    if not path.exists():
        yield
        return
    with path.open("rb+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SnapshotRefused("The warehouse is running.") from None
        yield


def _twin(source: Path, target: Path) -> None:
    """A folder with the same files: those of parts linked, all others copied."""

    def copy(place: str, to: str) -> str:
        if Path(place).with_name(_PART).exists():
            with suppress(OSError):
                # Another disk, or a file system without links.
                os.link(place, to)
                return to
        return shutil.copy2(place, to)

    shutil.copytree(source, target, symlinks=True, copy_function=copy)


def _snapshot(path: Path) -> Snapshot:
    moment = datetime.strptime(path.name, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return Snapshot(path, moment, _read(path / "maker.json"))


def _read(path: Path) -> Maker | None:
    try:
        facts: Mapping[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Maker(facts["platform"], facts["engine"], facts["schema"])


def _ordered(engine: str) -> tuple[int, ...]:
    return tuple(int(part) for part in engine.split(".") if part.isdigit())


def _home(settings: Settings) -> Path:
    return settings.home / "warehouse"


def _data(settings: Settings) -> Path:
    return _home(settings) / "data"


def _snapshots(settings: Settings) -> Path:
    return _home(settings) / "snapshots"
