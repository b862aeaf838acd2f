"""The Iceberg catalog and the tables of ``bronze``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyiceberg.catalog import Catalog
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError, TableAlreadyExistsError
from pyiceberg.table import Table
from pyiceberg.types import IcebergType, ListType

from archives.schema import bronze_schema
from bilten.contracts import Contract
from bilten.errors import ArchiveError
from bilten.settings import Settings

NAMESPACE = "bronze"

TABLE_PROPERTIES = {
    "format-version": "2",
    "write.parquet.compression-codec": "zstd",
    # A commit that lost the race must not be rebased: the rows it carries may be in the winner's commit.
    "commit.retry.num-retries": "0",
    # One manifest per commit would be 1,440 a day to open for every scan.
    "commit.manifest-merge.enabled": "true",
    "commit.manifest.min-count-to-merge": "50",
    # Every commit writes a metadata file; old ones serve nobody once the newer is committed.
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
}


@contextmanager
def open_catalog(settings: Settings) -> Iterator[Catalog]:
    """The archive's catalog, with the namespace ``bronze`` in it.

    Args:
        settings: ``archive_catalog_uri`` and ``archive_warehouse_uri`` choose another catalog and place.

    Yields:
        The catalog; closed afterwards.

    Raises:
        ArchiveError: the catalog cannot be reached.
    """
    if settings.archive_catalog_uri is None:
        folder = settings.home / "archive"
        folder.mkdir(parents=True, exist_ok=True)
    try:
        catalog = SqlCatalog(
            "bilten",
            uri=settings.archive_catalog_url,
            warehouse=settings.archive_warehouse_url,
        )
        catalog.create_namespace_if_not_exists(NAMESPACE)
    except Exception as error:
        # pyiceberg lets the errors of its catalog's driver through, and each driver has its own.
        raise ArchiveError("The archive's catalog cannot be reached.", why=str(error)) from error
    try:
        yield catalog
    finally:
        catalog.close()


def archived_tables(catalog: Catalog) -> tuple[Table, ...]:
    """Every table of ``bronze``, by name."""
    return tuple(catalog.load_table(name) for name in sorted(catalog.list_tables(NAMESPACE)))


def find_table(catalog: Catalog, dataset: str) -> Table | None:
    """The archive of a dataset as it stands now, or None before its first rows."""
    try:
        return catalog.load_table((NAMESPACE, dataset))
    except NoSuchTableError:
        return None


def ensure_table(catalog: Catalog, contract: Contract) -> Table:
    """The archive of a dataset, created if missing, widened if its contract gained columns.

    Args:
        catalog: the catalog.
        contract: the contract of a source table.

    Returns:
        The table; its schema holds every column of the contract. Columns that left the contract stay.

    Raises:
        ArchiveError: a column changed to a type that Iceberg cannot widen to.
    """
    schema = bronze_schema(contract)
    table = find_table(catalog, contract.name)
    if table is None:
        try:
            return catalog.create_table((NAMESPACE, contract.name), schema, properties=TABLE_PROPERTIES)
        except TableAlreadyExistsError:
            table = catalog.load_table((NAMESPACE, contract.name))
    standing = {field.name: field.field_type for field in table.schema().fields}
    if all(
        field.name in standing and _same(standing[field.name], field.field_type) for field in schema.fields
    ):
        return table
    try:
        with table.update_schema() as update:
            update.union_by_name(schema)
    except (ValueError, TypeError) as error:
        raise ArchiveError(
            f"The archive of {contract.name} cannot follow its contract.",
            why=str(error),
            remedy="Keep the column's type, or give the new type a new column name.",
        ) from error
    return table


def _same(one: IcebergType, other: IcebergType) -> bool:
    # Elements of lists are numbered by the catalog, which says nothing of the values.
    if isinstance(one, ListType) and isinstance(other, ListType):
        return _same(one.element_type, other.element_type)
    return one == other


def location_of(table: Table) -> str:
    """Root of a table's files as a URI."""
    return str(table.location())


def local_path(uri: str) -> Path | None:
    """The folder that a ``file`` URI names; None for any other."""
    return Path(uri.removeprefix("file://")) if uri.startswith("file://") else None
