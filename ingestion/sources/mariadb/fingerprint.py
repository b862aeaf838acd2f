"""Fingerprints of the tables of a MariaDB, computed by it; see `warehouse.fingerprint`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pymysql

from bilten.contracts import Contract
from bilten.errors import IngestionError
from bilten.fingerprints import BucketSum, TableFingerprint
from ingestion.sources.mariadb.connection import Connection
from ingestion.sources.mariadb.log import current_position
from ingestion.sources.mariadb.values import row_text, table_of, text_hash

KEYS_PER_QUERY = 500


def keys_condition(connection: Connection, contract: Contract, keys: Sequence[str]) -> str:
    """SQL that chooses rows by the canonical texts of their keys, byte for byte."""
    listed = ", ".join(connection.literal(key) for key in keys) or "NULL"
    return f"BINARY {row_text(contract.key)} IN ({listed})"


class MariaFingerprints:
    """Fingerprints of rows as they stand; see `ingestion.sources.dialect.SourceSide`.

    Args:
        connection: an open connection; it is not closed here.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def table(self, contract: Contract, buckets: int) -> TableFingerprint:
        """Bucket sums of a table; its ``position`` lies at or after every change that they include."""
        rows = self._fetch(
            f"SELECT {text_hash(row_text(contract.key))} & {buckets - 1} AS bucket, COUNT(*), "
            f"SUM({text_hash(row_text(contract.columns))}) FROM {table_of(contract)} GROUP BY bucket"
        )
        sums = {int(row[0]): BucketSum(int(row[1]), int(row[2])) for row in rows}
        return TableFingerprint(contract.name, buckets, sums, current_position(self._connection))

    def rows_of_buckets(self, contract: Contract, buckets: int, chosen: Sequence[int]) -> Mapping[str, int]:
        """Row hash by canonical key text, of the rows in some buckets."""
        listed = ", ".join(str(number) for number in chosen)
        return self._rows(contract, f"{text_hash(row_text(contract.key))} & {buckets - 1} IN ({listed})")

    def rows_of_keys(self, contract: Contract, keys: Sequence[str]) -> Mapping[str, int]:
        """Row hash by canonical key text, of some keys; keys that do not exist are left out."""
        found: dict[str, int] = {}
        for start in range(0, len(keys), KEYS_PER_QUERY):
            chosen = keys[start : start + KEYS_PER_QUERY]
            found |= self._rows(contract, keys_condition(self._connection, contract, chosen))
        return found

    def estimated_rows(self, contract: Contract) -> int:
        """Rows by the server's statistics; 0 when there are none yet."""
        rows = self._fetch(
            "SELECT table_rows FROM information_schema.tables WHERE table_schema = "
            f"{self._connection.literal(contract.source_schema)} AND table_name = "
            f"{self._connection.literal(contract.source_table)}"
        )
        return int(rows[0][0] or 0) if rows else 0

    def _rows(self, contract: Contract, condition: str) -> dict[str, int]:
        rows = self._fetch(
            f"SELECT {row_text(contract.key)}, {text_hash(row_text(contract.columns))} "
            f"FROM {table_of(contract)} WHERE {condition}"
        )
        return {str(row[0]): int(row[1]) for row in rows}

    def _fetch(self, query: str) -> Sequence[Sequence[Any]]:
        try:
            found: Sequence[Sequence[Any]] = self._connection.execute(query).fetchall()
            return found
        except pymysql.Error as error:
            raise IngestionError(
                "The source could not be read for a comparison.", why=str(error.args[-1])
            ) from error
