"""Files into the warehouse, each so that doing it again, wholly or in part, changes nothing.

A delivery is written down before its first line is inserted, and again when all of it is there. Its lines are
records of the partition of its day, at offsets that it was given once: what a crash leaves half done is done
again with the same offsets and the same position, and so makes the same rows and the same dead letters.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import structlog

from bilten.contracts import Contract
from bilten.errors import FileRefused
from bilten.settings import Settings
from ingestion.batches import Headers, arrow_stream, refused_columns_of
from ingestion.buffers import Batch
from ingestion.files.arrivals import Arrival, Folder
from ingestion.files.delivering import counting, decide, unsettled
from ingestion.files.lines import BLOCK_BYTES, read_lines
from ingestion.inserts import Inserter, added_headers
from ingestion.ledger import loader_name
from warehouse import files as store
from warehouse.client import Warehouse
from warehouse.compile import FILE_HEADER, POSITION_HEADER
from warehouse.dead_letters import insert_refused
from warehouse.files import StoredFile, partition_of
from warehouse.ledger import LedgerRow, write_ledger

ROWS_AT_ONCE = 20_000
BYTES_AT_ONCE = 8 * 1024 * 1024
TOPIC_ID = "files"
"""Of the ledger: a day's offsets never begin anew."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Record:
    """A line as the views read it, or an event about a row that a file no longer has."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


def load_files(
    settings: Settings,
    warehouse: Warehouse,
    contract: Contract,
    days: Sequence[date] = (),
    told: Callable[[StoredFile], None] | None = None,
) -> tuple[StoredFile, ...]:
    """Land what has arrived of one dataset and is not in the warehouse yet.

    Args:
        settings: where files arrive.
        warehouse: where to.
        contract: of the dataset.
        days: only files of these days; all by default.
        told: called with each file when something has become of it.

    Returns:
        Every file that was looked into, with what became of it; of an unchanged one there is nothing to say.

    Raises:
        FilesUnavailable: the place cannot be read; files before are landed.
        WarehouseUnavailable: the warehouse does not answer; calling again goes on.
        WarehouseError: it refuses the table.
    """
    folder = Folder(settings, contract)
    landing = _Landing(settings, warehouse, contract)
    results = []
    arrivals = folder.arrivals(datetime.now(UTC))
    for arrival in unsettled(arrivals, store.stored_files(warehouse, contract.name)):
        if days and arrival.day not in days:
            continue
        with _copy(folder, arrival) as (path, content):
            result = landing.settle(arrival, path, content)
        log.info("file_settled", dataset=contract.name, path=arrival.path, state=result.state)
        results.append(result)
        if told is not None:
            told(result)
    return tuple(results)


class _Landing:
    def __init__(self, settings: Settings, warehouse: Warehouse, contract: Contract) -> None:
        self._warehouse = warehouse
        self._contract = contract
        self._topic = contract.topic(settings.topic_prefix)
        no_waiting = threading.Event()
        no_waiting.set()
        self._inserter = Inserter(warehouse, no_waiting, lambda _, __: None)

    def settle(self, arrival: Arrival, path: Path, content: str) -> StoredFile:
        """Decide about a file, and land it if it must be."""
        assert arrival.day is not None, "only files with a day are looked into"
        warehouse, dataset = self._warehouse, self._contract.name
        of_day = [file for file in store.stored_files(warehouse, dataset) if file.day == arrival.day]
        first_offset = store.next_offset(warehouse, dataset, arrival.day)
        decided = decide(dataset, arrival, content, of_day, first_offset, datetime.now(UTC))
        store.store_files(warehouse, decided)
        file = decided[-1]
        if file.state != "begun":
            return file
        try:
            # All of it, before the first line is sent: a file that breaks off must not replace a part.
            lines = max((line.number for line in read_lines(path, file.path, self._contract)), default=0)
        except FileRefused as error:
            result = replace(file, state="refused", reason=f"{error.what} {error.why}")
        else:
            size = self._insert(file, path)
            result = replace(file, state="landed", lines=lines)
            others = [each for each in of_day if each.position != file.position]
            self._replace_others(result, [*others, *decided[:-1]])
            dead, removed = store.outcome_of(warehouse, dataset, file.day, file.position)
            result = replace(result, dead=dead, removed=removed)
            self._write_ledger(result, size)
        result = replace(result, changed_at=datetime.now(UTC))
        store.store_files(warehouse, [result])
        return result

    def _insert(self, file: StoredFile, path: Path) -> int:
        """Send every line; returns the bytes of what was sent."""
        headers = self._headers(file)
        good: list[_Record] = []
        bad: list[tuple[_Record, str]] = []
        size = waiting = 0
        for line in read_lines(path, file.path, self._contract):
            record = self._record(file, line.number, line.value, headers)
            if line.problem:
                bad.append((record, line.problem))
            else:
                good.append(record)
            size += len(line.value)
            waiting += len(line.value)
            if len(good) + len(bad) >= ROWS_AT_ONCE or waiting >= BYTES_AT_ONCE:
                self._send(good, bad)
                good, bad, waiting = [], [], 0
        self._send(good, bad)
        return size

    def _send(self, good: Sequence[_Record], bad: Sequence[tuple[_Record, str]]) -> None:
        if good:
            size = sum(len(record.value or b"") for record in good)
            self._inserter.insert(Batch(self._contract.name, good, (), size, 0.0), TOPIC_ID)
        if bad:
            records, reasons = [record for record, _ in bad], [reason for _, reason in bad]
            columns = refused_columns_of(records, added_headers(TOPIC_ID), reasons, datetime.now(UTC))
            insert_refused(self._warehouse, self._contract.name, arrow_stream(columns), len(records))

    def _replace_others(self, landed: StoredFile, others: Sequence[StoredFile]) -> None:
        """Rows and dead letters of the day's other files go, but for those of the one that counts."""
        if all(file.state in {"duplicate", "refused"} for file in others):
            return
        counts = counting([*others, landed])
        assert counts is not None, "one is landed"
        headers: Headers = [(FILE_HEADER, counts.path.encode())]
        gone = store.left_behind(self._warehouse, self._contract, landed.day, counts.position)
        for start in range(0, len(gone), ROWS_AT_ONCE):
            deletes = [
                self._record(landed, 0, _delete(counts, key), headers, key.encode())
                for key in gone[start : start + ROWS_AT_ONCE]
            ]
            self._send(deletes, ())
        store.discard_dead_lines(self._warehouse, self._contract.name, landed.day, counts.position)

    def _record(
        self, file: StoredFile, line: int, value: bytes, headers: Headers, key: bytes | None = None
    ) -> _Record:
        milliseconds = file.modified_ns // 1_000_000
        offset = file.first_offset + line
        return _Record(self._topic, partition_of(file.day), offset, milliseconds, key, value, headers)

    @staticmethod
    def _headers(file: StoredFile) -> Headers:
        return [(POSITION_HEADER, str(file.position).encode()), (FILE_HEADER, file.path.encode())]

    def _write_ledger(self, file: StoredFile, size: int) -> None:
        written = datetime.fromtimestamp(file.modified_ns / 1e9, UTC)
        row = LedgerRow(
            topic=self._topic,
            partition=partition_of(file.day),
            first_offset=file.first_offset,
            next_offset=file.next_offset,
            rows=file.lines + file.removed,
            bytes=size,
            first_timestamp=written,
            last_timestamp=written,
            loaded_at=datetime.now(UTC),
            loader=loader_name(),
            epoch=0,
            topic_id=TOPIC_ID,
        )
        write_ledger(self._warehouse, [row])


def _delete(file: StoredFile, key: str) -> bytes:
    """An event that a row is gone as of a file; it is older than every line of that file."""
    source = {"lsn": file.position, "ts_us": file.modified_ns // 1_000, "row": 0}
    event = {"before": json.loads(key), "after": None, "source": source, "op": "d"}
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


@contextmanager
def _copy(folder: Folder, arrival: Arrival) -> Iterator[tuple[Path, str]]:
    """A file's bytes at one moment, and their hash: what is counted as its content is what is read."""
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(prefix="bilten-file-") as copy:
        with folder.reading(arrival) as stream:
            while block := stream.read(BLOCK_BYTES):
                digest.update(block)
                copy.write(block)
        copy.flush()
        yield Path(copy.name), digest.hexdigest()
