"""Which files lie where they arrive, and of which day each is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
from pyarrow import fs

from bilten.contracts import Contract
from bilten.errors import ContractError, FilesUnavailable
from bilten.locations import open_location
from bilten.settings import Settings

LARGEST_VERSION = 65_535
SETTLED = timedelta(seconds=5)
"""Age from which on nobody is writing a file any more; one that grows after that is a corrected one."""
_VERSION_SHIFT = 48


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that lies there.

    Attributes:
        path: its name below the dataset's folder.
        day: its day; None where the name tells none, or one that the dataset cannot have.
        version: as its name says; 0 where it says none.
        bytes: its size.
        modified_ns: when it was last written, nanoseconds since 1970.
        problem: why there is no day.
    """

    path: str
    day: date | None
    version: int
    bytes: int
    modified_ns: int
    problem: str = ""

    @property
    def position(self) -> int:
        """Where its name and time place it among the files of its day: version, then milliseconds."""
        return (self.version << _VERSION_SHIFT) | (self.modified_ns // 1_000_000)


class Folder:
    """The folder of one dataset, in a file system or a bucket: ``schema/table`` below the root.

    Args:
        settings: where the root is.
        contract: of the dataset.

    Raises:
        ContractError: the dataset does not come in files.
        FilesUnavailable: the place cannot be reached.
    """

    def __init__(self, settings: Settings, contract: Contract) -> None:
        if contract.files is None:
            raise ContractError(f"{contract.name} does not come in files.")
        self._names = contract.files
        self._pattern = re.compile(contract.files.pattern)
        try:
            self._files, root = open_location(settings.files_location)
        except (OSError, pa.ArrowInvalid) as error:
            # The driver's message may quote the address, which may hold a password.
            raise FilesUnavailable("The place that BILTEN_FILES_URL names cannot be reached.") from error
        self.root = f"{root.rstrip('/')}/{contract.source_schema}/{contract.source_table}"

    def arrivals(self, now: datetime) -> list[Arrival]:
        """What lies there and is not being written any more, in the order in which it counts.

        Args:
            now: the time, with a time zone.

        Raises:
            FilesUnavailable: the place cannot be read.
        """
        with _translated(self.root):
            everything = fs.FileSelector(self.root, allow_not_found=True, recursive=True)
            found = self._files.get_file_info(everything)
            # No folder is none yet; no bucket is a slip of the pen.
            if not found and self._files.type_name == "s3":
                bucket = self.root.partition("/")[0]
                if self._files.get_file_info(bucket).type == fs.FileType.NotFound:
                    raise FileNotFoundError(f"there is no bucket {bucket}")
        newest = (now - SETTLED).timestamp() * 1e9
        arrivals = [
            self._arrival(info, now.astimezone(UTC).date())
            for info in found
            if info.type == fs.FileType.File and (info.mtime_ns or 0) <= newest
        ]
        return sorted(arrivals, key=lambda one: (one.day or date.min, one.position, one.path))

    @contextmanager
    def reading(self, arrival: Arrival) -> Iterator[pa.NativeFile]:
        """The bytes of a file as they are.

        Raises:
            FilesUnavailable: it cannot be read.
        """
        with (
            _translated(f"{self.root}/{arrival.path}"),
            self._files.open_input_stream(f"{self.root}/{arrival.path}", compression=None) as stream,
        ):
            yield stream

    def _arrival(self, info: fs.FileInfo, today: date) -> Arrival:
        path = info.path[len(self.root) :].lstrip("/")
        day, version, problem = self._read_name(path, today)
        return Arrival(path, day, version, info.size or 0, info.mtime_ns or 0, problem)

    def _read_name(self, path: str, today: date) -> tuple[date | None, int, str]:
        found = self._pattern.fullmatch(path)
        if found is None:
            return None, 0, f"the name is not of the form {self._names.pattern}"
        said = found.groupdict()
        try:
            day = date.fromisoformat(said["day"])
            version = int(said.get("version") or 0)
        except ValueError as error:
            return None, 0, f"the name holds no day or no version: {error}"
        if not self._names.since <= day <= today:
            return None, 0, f"{day} is not between {self._names.since} and today"
        if version > LARGEST_VERSION:
            return None, 0, f"the version {version} is above {LARGEST_VERSION}"
        return day, version, ""


@contextmanager
def _translated(place: str) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowInvalid) as error:
        raise FilesUnavailable(f"{place} cannot be read: {error}.") from error
