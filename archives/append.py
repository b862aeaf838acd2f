"""Append new rows of ``raw`` to ``bronze``, each exactly once.

Rows and the position after them are one commit of the Iceberg table. Whatever fails, at whatever instant,
the next run reads the position that was committed and goes on from there: data files without a commit are
orphans (`archives.maintenance` removes them), a commit whose answer was lost is seen by its position, and of
two appenders one loses the race and starts again from the other's position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.io.pyarrow import _dataframe_to_data_files, schema_to_pyarrow
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table
from pyiceberg.types import StringType
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from archives.catalog import TABLE_PROPERTIES, ensure_table
from archives.positions import (
    Closing,
    Positions,
    Step,
    current_logs,
    plan_step,
    positions_property,
    read_positions,
    replaced_logs,
)
from bilten.contracts import Contract
from bilten.errors import ArchiveConflict, ArchiveError
from bilten.settings import Settings
from warehouse.client import Warehouse
from warehouse.extract import read_first_offsets, read_log_closing, stream_changes
from warehouse.ledger import StoredPosition, stored_positions

OFFSETS_PER_COMMIT = 500_000
# Rows are gathered up to this many bytes of Arrow before they become one Parquet file (about a tenth of it).
BYTES_PER_FILE = 64 * 1024 * 1024
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class AppendResult:
    """What one run added to one table.

    Attributes:
        dataset: the table.
        rows: rows added.
        bytes: size of the files added.
        snapshot_id: the newest snapshot; None when the table has none yet.
        location: root of the table's files as a URI.
        positions: how far the archive is now.
    """

    dataset: str
    rows: int
    bytes: int
    snapshot_id: int | None
    location: str
    positions: Positions


@dataclass(frozen=True, slots=True)
class _Added:
    rows: int
    bytes: int


def append_all(
    settings: Settings,
    catalog: Catalog,
    warehouse: Warehouse,
    contracts: Sequence[Contract],
    progress: Callable[[AppendResult], None] | None = None,
) -> tuple[AppendResult, ...]:
    """Append what is new of several tables.

    Args:
        settings: the settings.
        catalog: the archive.
        warehouse: where ``raw`` is.
        contracts: contracts of source tables.
        progress: called after each table.

    Returns:
        One result per table that the loader has begun; their order is that of the contracts.

    Raises:
        ArchiveError: a table could not be archived; those before it are.
    """
    ends = stored_positions(warehouse)
    results = []
    for contract in contracts:
        topic = contract.topic(settings.topic_prefix)
        own = [end for end in ends if end.topic == topic]
        if not own:
            continue
        result = append(catalog, warehouse, contract, own)
        results.append(result)
        if progress is not None:
            progress(result)
    return tuple(results)


def append(
    catalog: Catalog, warehouse: Warehouse, contract: Contract, ends: Sequence[StoredPosition]
) -> AppendResult:
    """Append what is new of one table.

    Args:
        catalog: the archive.
        warehouse: where ``raw`` is.
        contract: the table's contract.
        ends: where the loader stands in each partition of its topic.

    Returns:
        What was added, all commits together.

    Raises:
        ArchiveConflict: other appenders were faster, again and again.
        ArchiveHistoryBroken: archive and warehouse disagree on what was read.
        ArchiveError: the archive refused the rows.
        WarehouseError: the rows could not be read.
    """
    for attempt in Retrying(
        retry=retry_if_exception_type(ArchiveConflict),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.05, max=2),
        reraise=True,
    ):
        with attempt:
            return _append(catalog, warehouse, contract, ends)
    raise ArchiveConflict(f"{contract.name} could not be archived.")


def _append(
    catalog: Catalog, warehouse: Warehouse, contract: Contract, ends: Sequence[StoredPosition]
) -> AppendResult:
    table = ensure_table(catalog, contract)
    positions = read_positions(table.properties)
    closings = _closings(warehouse, ends, positions)
    known = current_logs(positions)
    firsts = (
        read_first_offsets(warehouse, contract.name)
        if any(end.partition not in known for end in ends)
        else {}
    )
    rows = size = 0
    while step := plan_step(contract.name, positions, ends, closings, firsts, OFFSETS_PER_COMMIT):
        added = _commit(table, step, _batches(warehouse, table, contract, step))
        rows += added.rows
        size += added.bytes
        positions = step.positions
    snapshot = table.current_snapshot()
    return AppendResult(
        dataset=contract.name,
        rows=rows,
        bytes=size,
        snapshot_id=snapshot.snapshot_id if snapshot else None,
        location=str(table.location()),
        positions=read_positions(table.properties),
    )


def _closings(
    warehouse: Warehouse, ends: Sequence[StoredPosition], positions: Positions
) -> dict[int, Closing]:
    closings = {}
    topics = {end.partition: end.topic for end in ends}
    for log in replaced_logs(positions, ends):
        found = read_log_closing(warehouse, topics[log.partition], log.partition, log.topic_id)
        if found is not None:
            closings[log.partition] = Closing(*found)
    return closings


def _batches(warehouse: Warehouse, table: Table, contract: Contract, step: Step) -> Iterator[pa.RecordBatch]:
    fields = table.schema().fields
    names = {column.name for column in contract.columns}
    standing = [field for field in fields if field.name in names or field.name.startswith("_")]
    columns = [
        (field.name, field.name in names and isinstance(field.field_type, StringType)) for field in standing
    ]
    schema = schema_to_pyarrow(table.schema())
    key = [column.name for column in contract.key]
    for batch in stream_changes(warehouse, contract.name, columns, key, step.ranges):
        yield conform(batch, schema)


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Give a batch from the warehouse the archive's types; columns that it lacks become null.

    Args:
        batch: columns by name.
        schema: the archive's schema.

    Returns:
        The same rows.

    Raises:
        ArchiveError: a value does not fit its type; nothing is cut off or rounded.
    """
    arrays = []
    for field in schema:
        position = batch.schema.get_field_index(field.name)
        try:
            array = (
                batch.column(position).cast(field.type, safe=True)
                if position >= 0
                else pa.nulls(batch.num_rows, field.type)
            )
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise ArchiveError(
                f"The column {field.name} cannot be archived.", why=str(error), column=field.name
            ) from error
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _commit(table: Table, step: Step, batches: Iterator[pa.RecordBatch]) -> _Added:
    retries = "commit.retry.num-retries"
    if table.properties.get(retries) != TABLE_PROPERTIES[retries]:
        # pyiceberg would add our rows to whatever was committed meanwhile, which may hold the same rows.
        table.transaction().set_properties({retries: TABLE_PROPERTIES[retries]}).commit_transaction()
    files = list(_files(table, batches))
    if not files:
        return _Added(0, 0)
    try:
        transaction = table.transaction()
        with transaction.update_snapshot().merge_append() as appending:
            for data_file in files:
                appending.append_data_file(data_file)
        transaction.set_properties(positions_property(step.positions))
        transaction.commit_transaction()
    except CommitFailedException as error:
        raise ArchiveConflict(f"{table.name()[-1]} was archived by another process.") from error
    except Exception as error:
        # pyiceberg lets the errors of its catalog's driver through; whichever it is, the commit may stand.
        raise ArchiveError(
            f"Nobody knows whether a commit to {table.name()[-1]} was made.",
            why=f"The catalog did not answer: {error}",
        ) from error
    return _Added(sum(file.record_count for file in files), sum(file.file_size_in_bytes for file in files))


def _files(table: Table, batches: Iterator[pa.RecordBatch]) -> Iterator[DataFile]:
    # pyiceberg's own streaming append hands all of a stream to its thread pool at once, so that its memory
    # is the whole stream when writing is slower than reading. Writing file by file keeps to one file's rows.
    gathered: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        gathered.append(batch)
        size += batch.nbytes
        if size >= BYTES_PER_FILE:
            yield from _dataframe_to_data_files(table.metadata, pa.Table.from_batches(gathered), table.io)
            gathered, size = [], 0
    if gathered:
        yield from _dataframe_to_data_files(table.metadata, pa.Table.from_batches(gathered), table.io)
