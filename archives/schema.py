"""Contract → Iceberg schema of its table in ``bronze``.

Pure: the same contract always gives the same schema. A bronze table has the columns of ``raw`` under the
same names: those of the contract, then the bookkeeping ones. Choices that the types force:

* Only the key and the bookkeeping columns are required. A delete carries its key alone, so everything else
  of that row is null, whatever the contract says of rows that exist.
* ``_version`` is a UInt128 in the warehouse and ``decimal(38, 0)`` here: every engine reads it as a number
  and sorts it alike, which 16 raw bytes would not give. The largest value holds source epochs up to 19,258;
  beyond that the conversion in the warehouse raises, it never wraps.
* Unsigned 64-bit positions are ``long``: a log position of 2^63 bytes is out of reach.
* Decimals of more than 38 digits, which Iceberg has not, are kept as their exact text.
* ``timestamp`` without a zone stays without one; ``bytea`` is ``binary``, since its bytes need not be text.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from pyiceberg.schema import Schema
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    NestedField,
    StringType,
    TimestampType,
    TimestamptzType,
    UUIDType,
)

from bilten.contracts import Contract
from bilten.types import Family, TypeMapping, map_type
from warehouse.compile.names import has_null_flag, is_null

LARGEST_DECIMAL_PRECISION = 38

BOOKKEEPING: tuple[tuple[str, str, str], ...] = (
    ("_op", "text", "r snapshot, c created, u updated, d deleted, t truncated"),
    ("_committed_at", "timestamptz", "when the source committed the change"),
    ("_epoch", "integer", "raised when the source is restored or failed over"),
    ("_position", "bigint", "position of the change in the source's log"),
    ("_commit_position", "bigint", "position of its transaction's commit"),
    ("_transaction", "bigint", "the source's transaction number"),
    ("_ordinal", "bigint", "order of the change inside its transaction"),
    ("_topic", "text", "topic the change came through"),
    ("_partition", "integer", "partition of the topic"),
    ("_offset", "bigint", "offset in the partition"),
    ("_timestamp", "timestamptz", "time of the record in the log"),
    ("_loaded_at", "timestamptz", "when the warehouse took it in"),
    ("_unchanged", "text[]", "columns that the source left out"),
    ("_extra", "text", "fields that the contract does not know, as JSON"),
    ("_version", "numeric(38, 0)", "order of the changes of one key"),
)
"""Bookkeeping columns: name, type as an operational database would name it, meaning."""

_FLAG_MEANING = "whether the array of this name was null rather than empty"
_OPTIONAL_BOOKKEEPING = frozenset({"_committed_at", "_commit_position", "_transaction", "_ordinal"})


def bookkeeping(contract: Contract) -> tuple[tuple[str, TypeMapping], ...]:
    """The bookkeeping columns of a table, with how they are kept.

    Args:
        contract: the contract of an operational table; each array that may be null adds its flag, as in
            ``raw``, whose arrays cannot be null themselves.
    """
    flags = [is_null(column) for column in contract.columns if has_null_flag(column)]
    return (
        *((name, map_type(kind)) for name, kind, _ in BOOKKEEPING),
        *((flag, map_type("boolean")) for flag in flags),
    )


_BY_WIDTH: dict[tuple[Family, int | None], IcebergType] = {
    ("integer", 64): LongType(),
    ("float", 64): DoubleType(),
}
_BY_FAMILY: dict[Family, IcebergType] = {
    "integer": IntegerType(),
    "float": FloatType(),
    "uuid": UUIDType(),
    "boolean": BooleanType(),
    "timestamp": TimestamptzType(),
    "timestamp_local": TimestampType(),
    "date": DateType(),
    "bytes": BinaryType(),
}
"""Families kept under a type of their own; all others are text."""


def bronze_schema(contract: Contract) -> Schema:
    """The Iceberg schema of a source table's archive.

    Args:
        contract: the contract of an operational table.

    Returns:
        The schema; top-level columns are numbered first, elements of lists after them, which is also the
        numbering that a catalog gives a new table.

    Raises:
        UnmappedType: a column has a type without a lossless mapping.
    """
    fields = list(_fields(contract))
    numbers = count(len(fields) + 1)
    return Schema(*[_numbered(field, numbers) for field in fields])


def _fields(contract: Contract) -> Iterator[NestedField]:
    columns = [
        (column.name, iceberg_type(column.mapping), column.key_position is not None, column.description)
        for column in contract.columns
    ]
    meanings = {name: meaning for name, _, meaning in BOOKKEEPING}
    others = [
        (name, iceberg_type(mapping), name not in _OPTIONAL_BOOKKEEPING, meanings.get(name, _FLAG_MEANING))
        for name, mapping in bookkeeping(contract)
    ]
    for position, (name, kind, required, description) in enumerate([*columns, *others], start=1):
        yield NestedField(position, name, kind, required=required, doc=description or None)


def _numbered(field: NestedField, numbers: Iterator[int]) -> NestedField:
    kind = field.field_type
    if not isinstance(kind, ListType):
        return field
    element = ListType(next(numbers), kind.element_type, element_required=kind.element_required)
    return NestedField(field.field_id, field.name, element, required=field.required, doc=field.doc)


def iceberg_type(mapping: TypeMapping) -> IcebergType:
    """How the archive keeps values of an operational type.

    Args:
        mapping: the type as `bilten.types` maps it.

    Returns:
        The Iceberg type; the elements of a list may be null.
    """
    if mapping.element is not None:
        return ListType(-1, iceberg_type(mapping.element), element_required=False)
    if mapping.precision is not None:
        fits = mapping.precision <= LARGEST_DECIMAL_PRECISION
        return DecimalType(mapping.precision, mapping.scale or 0) if fits else StringType()
    return _BY_WIDTH.get((mapping.family, mapping.bits)) or _BY_FAMILY.get(mapping.family, StringType())
