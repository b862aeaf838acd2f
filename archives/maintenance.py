"""Keep the archive tidy: snapshots that nobody travels to, files that no commit names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyiceberg.table import Table

from archives.catalog import local_path

# Between writing a file and committing it lie seconds; a day is far beyond any append that still runs.
ORPHAN_AGE = timedelta(days=1)
SNAPSHOT_AGE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was removed from one table.

    Attributes:
        dataset: the table.
        snapshots: snapshots that expired; positions and rows stay.
        files: files that no snapshot named.
        bytes: their size.
    """

    dataset: str
    snapshots: int
    files: int
    bytes: int


def tidy(
    table: Table,
    now: datetime | None = None,
    snapshot_age: timedelta = SNAPSHOT_AGE,
    orphan_age: timedelta = ORPHAN_AGE,
) -> Tidied:
    """Expire old snapshots, then remove orphans.

    Args:
        table: a table of the archive.
        now: the time to count from.
        snapshot_age: snapshots older than this go, the current one excepted.
        orphan_age: files younger than this are left alone, since their commit may be under way.

    Returns:
        What was removed. Only tables on a file system lose orphans; object stores have life-cycle rules.
    """
    moment = now or datetime.now(UTC)
    before = len(table.snapshots())
    if before > 1:
        table.maintenance.expire_snapshots().older_than(moment - snapshot_age).commit()
        table.refresh()
    removed = [
        (path, path.stat().st_size) for path in find_orphans(table) if _older(path, moment - orphan_age)
    ]
    for path, _ in removed:
        path.unlink(missing_ok=True)
    return Tidied(
        table.name()[-1], before - len(table.snapshots()), len(removed), sum(size for _, size in removed)
    )


def find_orphans(table: Table) -> tuple[Path, ...]:
    """Files in a table's folder that no snapshot and no metadata file in its log names.

    Args:
        table: a table of the archive.

    Returns:
        The files by name; none for a table that is not on a file system.
    """
    folder = local_path(str(table.location()))
    if folder is None:
        return ()
    # The folder is read before the names: a file committed in between is named, and so not an orphan.
    present = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    table.refresh()
    named = {table.metadata_location, *(entry.metadata_file for entry in table.metadata.metadata_log)}
    for snapshot in table.snapshots():
        named.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            named.add(manifest.manifest_path)
            named.update(
                entry.data_file.file_path
                for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=False)
            )
    known = {str(name).removeprefix("file://") for name in named}
    return tuple(path for path in present if str(path) not in known)


def _older(path: Path, moment: datetime) -> bool:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment
