"""Fingerprints of the tables of a Cassandra, computed here: it has no function for them.

Each comparison reads the whole table, and so does the search for rows of some keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from bilten.contracts import Contract
from bilten.errors import IngestionError
from bilten.fingerprints import BucketSum, TableFingerprint
from ingestion.sources.cassandra.connection import ERRORS, Connection, told
from ingestion.sources.cassandra.reading import ROWS_AT_ONCE, select_values, server_microseconds
from ingestion.sources.cassandra.values import row_text, text_hash


class CassandraFingerprints:
    """Fingerprints of rows as they stand; see `ingestion.sources.dialect.SourceSide`.

    Args:
        connection: an open connection; it is not closed here.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def table(self, contract: Contract, buckets: int) -> TableFingerprint:
        """Bucket sums of a table; its ``position`` lies at or after every change that they include."""
        rows: defaultdict[int, int] = defaultdict(int)
        sums: defaultdict[int, int] = defaultdict(int)
        for key, text in self._texts(contract):
            bucket = text_hash(key) & (buckets - 1)
            rows[bucket] += 1
            sums[bucket] += text_hash(text)
        found = {bucket: BucketSum(rows[bucket], sums[bucket]) for bucket in rows}
        return TableFingerprint(contract.name, buckets, found, server_microseconds(self._connection))

    def rows_of_buckets(self, contract: Contract, buckets: int, chosen: Sequence[int]) -> Mapping[str, int]:
        """Row hash by canonical key text, of the rows in some buckets."""
        wanted = frozenset(chosen)
        texts = self._texts(contract)
        return {key: text_hash(text) for key, text in texts if text_hash(key) & (buckets - 1) in wanted}

    def rows_of_keys(self, contract: Contract, keys: Collection[str]) -> Mapping[str, int]:
        """Row hash by canonical key text, of some keys; keys that do not exist are left out."""
        wanted = frozenset(keys)
        return {key: text_hash(text) for key, text in self._texts(contract) if key in wanted}

    def estimated_rows(self, contract: Contract) -> int:
        """Rows by the node's own estimate of its partitions; 0 when there is none yet."""
        found = self._connection.execute(
            "SELECT partitions_count FROM system.size_estimates WHERE keyspace_name = %s AND table_name = %s",
            (contract.source_schema, contract.source_table),
        ).fetchall()
        return sum(int(row[0]) for row in found)

    def _texts(self, contract: Contract) -> Iterator[tuple[str, str]]:
        """Canonical texts of key and row, of every row."""
        places = [contract.columns.index(column) for column in contract.key]
        try:
            for rows in self._connection.stream(select_values(contract), ROWS_AT_ONCE):
                for row in rows:
                    yield (
                        row_text(contract.key, [row[place] for place in places]),
                        row_text(contract.columns, row),
                    )
        except ERRORS as error:
            raise IngestionError("The source could not be read for a comparison.", why=told(error)) from error
