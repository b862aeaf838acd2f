"""Fingerprints of tables: the same value has the same text, and so the same hash, on every side.

The canonical text of a value depends only on its family, never on the engine or on the column's exact type
(a decimal has no trailing zeros, a time is microseconds since 1970 in UTC, a float is its bits, text is
preceded by its length in bytes, null is ``N``). PostgreSQL's half of the same definition is
`ingestion.fingerprint`; tests compare both on a real server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bilten.contracts import Column, Contract
from bilten.fingerprints import BucketSum, TableFingerprint
from bilten.types import Family, TypeMapping
from warehouse.client import Warehouse
from warehouse.compile.names import has_null_flag, is_null
from warehouse.compile.statements import identifier, literal

KEYS_PER_QUERY = 500

_OF_ANY_LENGTH: frozenset[Family] = frozenset({"text", "enum", "json", "time"})
_AS_NUMBER: dict[Family, str] = {
    "timestamp": "toUnixTimestamp64Micro({})",
    "timestamp_local": "toUnixTimestamp64Micro({})",
    "date": "toInt32({})",
}


def canonical_text(mapping: TypeMapping, expression: str) -> str:
    """SQL for the canonical text of a value.

    Args:
        mapping: how the value's operational type is kept.
        expression: SQL of the value, of any ClickHouse type that keeps this mapping.

    Returns:
        A SQL expression of type String, never null.
    """
    if mapping.element is not None:
        element = canonical_text(mapping.element, "element")
        return f"concat('[', arrayStringConcat(arrayMap(element -> {element}, {expression}), ','), ']')"
    if mapping.family == "bytes":
        # Bytes need not be text, so PostgreSQL cannot join them to one.
        return f"ifNull(concat(toString(length({expression})), ':', lower(hex(MD5({expression})))), 'N')"
    if mapping.family in _OF_ANY_LENGTH:
        text = f"toString({expression})"
        if mapping.family == "time":
            # PostgreSQL prints no zeros at the end of a fraction; connectors print three or six digits.
            text = f"if(position({text}, '.') > 0, trimRight(trimRight({text}, '0'), '.'), {text})"
        return f"ifNull(concat(toString(length({text})), ':', {text}), 'N')"
    if mapping.family == "float":
        return f"ifNull(toString(reinterpretAsInt{mapping.bits}({expression})), 'N')"
    number = _AS_NUMBER.get(mapping.family, "{}").format(expression)
    return f"ifNull(toString({number}), 'N')"


def row_text(columns: Iterable[tuple[str, TypeMapping]]) -> str:
    """SQL for the canonical text of a row: its values' texts, joined by ``|``."""
    return _joined([canonical_text(mapping, identifier(name)) for name, mapping in columns])


def current_row_text(columns: Iterable[Column]) -> str:
    """The same for columns of ``ods``, whose arrays have a flag beside them for null."""
    return _joined([_current_text(column) for column in columns])


def _current_text(column: Column) -> str:
    text = canonical_text(column.mapping, identifier(column.name))
    return f"if({identifier(is_null(column))}, 'N', {text})" if has_null_flag(column) else text


def _joined(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"concatWithSeparator('|', {', '.join(texts)})"


def text_hash(text: str) -> str:
    """SQL for the first eight bytes of a text's MD5 as a signed integer; PostgreSQL computes the same."""
    return f"reinterpretAsInt64(reverse(substring(MD5({text}), 1, 8)))"


def bucket_query(contract: Contract, relation: str, buckets: int) -> str:
    """Rows and sum of row hashes per bucket of the key's hash.

    Args:
        contract: the table's contract; its key and columns define the texts.
        relation: where the rows stand, such as ``ods.tickets__orders``.
        buckets: a power of two.

    Returns:
        A SELECT of bucket, rows and sum.
    """
    bucket = f"toInt64(bitAnd({text_hash(current_row_text(contract.key))}, {buckets - 1}))"
    row = f"toInt128({text_hash(current_row_text(contract.columns))})"
    return f"SELECT {bucket} AS bucket, count() AS rows, sum({row}) AS hash FROM {relation} GROUP BY bucket"


def row_query(contract: Contract, relation: str, condition: str) -> str:
    """Canonical key text and row hash of the rows that meet a condition on ``key_text``."""
    return (
        f"SELECT {current_row_text(contract.key)} AS key_text, "
        f"{text_hash(current_row_text(contract.columns))} AS hash "
        f"FROM {relation} WHERE {condition}"
    )


class WarehouseFingerprints:
    """Fingerprints of the current rows in ``ods``."""

    def __init__(self, warehouse: Warehouse) -> None:
        """Compute over this warehouse."""
        self._warehouse = warehouse

    def table(self, contract: Contract, buckets: int) -> TableFingerprint:
        """Bucket sums of a table as it stands now.

        Args:
            contract: its contract.
            buckets: a power of two.
        """
        result = self._warehouse.query(bucket_query(contract, f"ods.{contract.name}", buckets))
        sums = {int(row[0]): BucketSum(int(row[1]), int(row[2])) for row in result.rows}
        return TableFingerprint(contract.name, buckets, sums)

    def rows_of_buckets(self, contract: Contract, buckets: int, chosen: Sequence[int]) -> Mapping[str, int]:
        """Row hash by canonical key text, of the rows in some buckets."""
        bucket = f"bitAnd({text_hash(current_row_text(contract.key))}, {buckets - 1})"
        return self._rows(contract, f"{bucket} IN ({', '.join(str(number) for number in chosen)})")

    def rows_of_keys(self, contract: Contract, keys: Sequence[str]) -> Mapping[str, int]:
        """Row hash by canonical key text, of some keys; keys that do not exist are left out."""
        found: dict[str, int] = {}
        for start in range(0, len(keys), KEYS_PER_QUERY):
            chosen = ", ".join(literal(key) for key in keys[start : start + KEYS_PER_QUERY])
            found.update(self._rows(contract, f"key_text IN ({chosen})"))
        return found

    def _rows(self, contract: Contract, condition: str) -> dict[str, int]:
        result = self._warehouse.query(row_query(contract, f"ods.{contract.name}", condition))
        return {str(row[0]): int(row[1]) for row in result.rows}
