"""Fingerprints of the source's tables, computed by PostgreSQL.

The other half of `warehouse.fingerprint`: every value has the same canonical text here and there, and so the
same hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg

from bilten.contracts import Contract
from bilten.errors import IngestionError
from bilten.fingerprints import BucketSum, TableFingerprint
from bilten.types import Family, TypeMapping

KEYS_PER_QUERY = 500

_OF_ANY_LENGTH: frozenset[Family] = frozenset({"text", "enum", "json", "time"})
# Infinite times are kept in the warehouse as the first or last moment of the years 1 to 9999.
_MOMENT = (
    "CASE WHEN isfinite({0}) THEN (extract(epoch FROM {0}) * 1000000)::bigint::text "
    "WHEN {0} > now() THEN '253402300799999999' ELSE '-62135596800000000' END"
)
_BY_FAMILY: dict[Family, str] = {
    "decimal": "trim_scale({0})::text",
    "date": (
        "CASE WHEN isfinite({0}) THEN ({0} - DATE '1970-01-01')::text "
        "WHEN {0} > now() THEN '2932896' ELSE '-719162' END"
    ),
    "timestamp": _MOMENT,
    "timestamp_local": _MOMENT,
}


def canonical_text(mapping: TypeMapping, expression: str) -> str:
    """PostgreSQL's SQL for the canonical text of a value, never null.

    Args:
        mapping: how the value's type is kept in the warehouse.
        expression: SQL of the value.
    """
    expression = source_value(mapping, expression)
    if mapping.element is not None:
        element = canonical_text(mapping.element, "element")
        joined = (
            f"(SELECT coalesce(string_agg({element}, ',' ORDER BY position), '') "
            f"FROM unnest({expression}) WITH ORDINALITY AS item (element, position))"
        )
        return f"CASE WHEN {expression} IS NULL THEN 'N' ELSE '[' || {joined} || ']' END"
    if mapping.family == "bytes":
        # Bytes need not be text: both sides tell them by their length and MD5.
        return f"coalesce(octet_length({expression}) || ':' || md5({expression}), 'N')"
    if mapping.family in _OF_ANY_LENGTH:
        # What the output function prints; a cast would add the netmask to inet and strip char's blanks.
        text = f"format('%s', {expression})" if mapping.family == "text" else f"{expression}::text"
        return f"CASE WHEN {expression} IS NULL THEN 'N' ELSE octet_length({text}) || ':' || {text} END"
    text = _BY_FAMILY.get(mapping.family, "{0}::text").format(expression)
    if mapping.family == "float":
        bits, number = (32, "integer") if mapping.bits == 32 else (64, "bigint")
        text = f"('x' || encode(float{bits // 8}send({expression}), 'hex'))::bit({bits})::{number}::text"
    return f"CASE WHEN {expression} IS NULL THEN 'N' ELSE {text} END"


def source_value(mapping: TypeMapping, expression: str) -> str:
    """SQL of what is kept of a value."""
    return expression if mapping.source_value == "{0}" else f"({mapping.source_value.format(expression)})"


def row_text(columns: Iterable[tuple[str, TypeMapping]]) -> str:
    """SQL for the canonical text of a row."""
    return " || '|' || ".join(canonical_text(mapping, _quoted(name)) for name, mapping in columns)


def text_hash(text: str) -> str:
    """SQL for the first eight bytes of a text's MD5 as a bigint."""
    return f"('x' || substr(md5({text}), 1, 16))::bit(64)::bigint"


def bucket_query(contract: Contract, buckets: int) -> str:
    """Rows and sum of row hashes per bucket of the key's hash."""
    return (
        f"SELECT {text_hash(_key_text(contract))} & {buckets - 1} AS bucket, count(*) AS rows, "
        f"sum({text_hash(_row_text(contract))}) AS hash FROM {_table(contract)} GROUP BY 1"
    )


def row_query(contract: Contract, condition: str) -> str:
    """Key text and row hash of the rows that meet a condition."""
    key = _key_text(contract)
    return f"SELECT {key}, {text_hash(_row_text(contract))} FROM {_table(contract)} WHERE {condition}"


def key_condition(contract: Contract) -> str:
    """SQL that chooses rows by the canonical texts of their keys, its one parameter."""
    return f"({_key_text(contract)}) = ANY(%s)"


class SourceFingerprints:
    """Fingerprints of the operational database's rows as they stand.

    Args:
        connection: an open connection in autocommit mode; it is not closed here.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def table(self, contract: Contract, buckets: int) -> TableFingerprint:
        """Bucket sums of a table; its ``position`` lies at or after every change that they include."""
        rows = self._fetch(bucket_query(contract, buckets))
        sums = {int(row[0]): BucketSum(int(row[1]), int(row[2])) for row in rows}
        return TableFingerprint(contract.name, buckets, sums, self.position())

    def rows_of_buckets(self, contract: Contract, buckets: int, chosen: Sequence[int]) -> Mapping[str, int]:
        """Row hash by canonical key text, of the rows in some buckets."""
        condition = f"({text_hash(_key_text(contract))} & {buckets - 1}) = ANY(%s)"
        return self._rows(contract, condition, list(chosen))

    def rows_of_keys(self, contract: Contract, keys: Sequence[str]) -> Mapping[str, int]:
        """Row hash by canonical key text, of some keys; keys that do not exist are left out."""
        found: dict[str, int] = {}
        for start in range(0, len(keys), KEYS_PER_QUERY):
            chosen = list(keys[start : start + KEYS_PER_QUERY])
            condition, values = f"({_key_text(contract)}) = ANY(%s)", chosen
            if len(contract.key) == 1 and contract.key[0].mapping.family == "uuid":
                # By the column itself, so that the primary key's index serves.
                condition = f"{_quoted(contract.key[0].name)} = ANY(%s::uuid[])"
            found.update(self._rows(contract, condition, values))
        return found

    def estimated_rows(self, contract: Contract) -> int:
        """Rows by the planner's statistics; 0 when there are none yet."""
        rows = self._fetch(
            "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", _table(contract)
        )
        return max(int(rows[0][0]), 0)

    def position(self) -> int:
        """The log's current end, in bytes."""
        return int(self._fetch("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")[0][0])

    def _rows(self, contract: Contract, condition: str, values: Sequence[object]) -> dict[str, int]:
        rows = self._fetch(row_query(contract, condition), values)
        return {str(row[0]): int(row[1]) for row in rows}

    def _fetch(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        # Compiled from contracts, whose names the lint holds to plain identifiers.
        # With parameters a percent sign must be doubled, except in their own marks.
        text = query.replace("'%s'", "'%%s'") if parameters else query
        try:
            return self._connection.execute(text, parameters or None).fetchall()
        except psycopg.Error as error:
            raise IngestionError("The source could not be read for a comparison.", why=str(error)) from error


def _key_text(contract: Contract) -> str:
    return row_text((column.name, column.mapping) for column in contract.key)


def _row_text(contract: Contract) -> str:
    return row_text((column.name, column.mapping) for column in contract.columns)


def _table(contract: Contract) -> str:
    return f"{_quoted(contract.source_schema)}.{_quoted(contract.source_table)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
