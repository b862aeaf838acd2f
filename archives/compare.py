"""Compare ``bronze`` with ``raw``: rows and hashes of every change up to the archive's position.

The warehouse computes both sides with the same expression, reading the archive as any foreign engine would,
from its Iceberg metadata. Only what the archive's position says is archived is compared, so that changes
which arrive meanwhile raise no alarm.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyiceberg.catalog import Catalog
from pyiceberg.table import Table

from archives.catalog import find_table
from archives.positions import read_positions
from archives.schema import bookkeeping
from bilten.contracts import Contract
from warehouse.client import Warehouse
from warehouse.extract import DELIVERY, archive_relation, change_fingerprint_query


@dataclass(frozen=True, slots=True)
class ArchiveComparison:
    """One table on both sides.

    Attributes:
        dataset: the table.
        raw_rows: changes in ``raw`` up to the archive's position.
        bronze_rows: changes in the archive.
        raw_hash: sum of their hashes, as hexadecimal text.
        bronze_hash: the same of the archive.
    """

    dataset: str
    raw_rows: int
    bronze_rows: int
    raw_hash: str
    bronze_hash: str

    @property
    def equal(self) -> bool:
        """Whether every change is there, with the same values."""
        return self.raw_rows == self.bronze_rows and self.raw_hash == self.bronze_hash


def compare(catalog: Catalog, warehouse: Warehouse, contract: Contract) -> ArchiveComparison | None:
    """Compare one table's archive with ``raw``.

    Args:
        catalog: the archive.
        warehouse: where ``raw`` is; it must be able to read the archive's files.
        contract: the table's contract.

    Returns:
        The figures; None when nothing of it was archived yet.

    Raises:
        WarehouseError: one of the sides could not be read.
    """
    table = find_table(catalog, contract.name)
    if table is None or table.current_snapshot() is None:
        return None
    return _compare(warehouse, table, contract)


def _compare(warehouse: Warehouse, table: Table, contract: Contract) -> ArchiveComparison:
    ranges = [log.archived() for log in read_positions(table.properties)]
    others = [(name, kind) for name, kind in bookkeeping(contract) if name not in DELIVERY]
    sides = []
    for relation in (f"raw.`{contract.name}`", archive_relation(str(table.location()))):
        query = change_fingerprint_query(contract, others, relation, ranges)
        rows, hash_sum = warehouse.query(query).rows[0]
        sides.append((int(rows), f"{int(hash_sum or 0):032x}"))
    (raw_rows, raw_hash), (bronze_rows, bronze_hash) = sides
    return ArchiveComparison(contract.name, raw_rows, bronze_rows, raw_hash, bronze_hash)
