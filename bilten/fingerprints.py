"""Fingerprints of tables as plain values, so that sides which know nothing of each other can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bilten.contracts import Contract


@dataclass(frozen=True, slots=True)
class BucketSum:
    """Rows whose key falls into one bucket: how many, and the sum of their hashes."""

    rows: int
    hash_sum: int


@dataclass(frozen=True, slots=True)
class TableFingerprint:
    """One table on one side.

    Attributes:
        dataset: its name.
        buckets: number of buckets the keys were spread over, a power of two.
        sums: the buckets that hold rows.
        position: position in the source's log that the figures include at least; None where there is none.
    """

    dataset: str
    buckets: int
    sums: Mapping[int, BucketSum]
    position: int | None = None

    @property
    def rows(self) -> int:
        """Rows in all."""
        return sum(bucket.rows for bucket in self.sums.values())

    @property
    def hash_sum(self) -> int:
        """Sum of all rows' hashes."""
        return sum(bucket.hash_sum for bucket in self.sums.values())


class FingerprintSide(Protocol):
    """One side of a comparison. Keys are canonical texts, the same on every side."""

    def table(self, contract: Contract, buckets: int) -> TableFingerprint:
        """Bucket sums of a table as it stands now."""
        ...

    def rows_of_buckets(self, contract: Contract, buckets: int, chosen: Sequence[int]) -> Mapping[str, int]:
        """Row hash by key, of the rows in some buckets."""
        ...

    def rows_of_keys(self, contract: Contract, keys: Sequence[str]) -> Mapping[str, int]:
        """Row hash by key, of some keys; keys that do not exist are left out."""
        ...


def buckets_for(rows: int) -> int:
    """How many buckets keep about a hundred rows each: few enough to sum, small enough to look into.

    Args:
        rows: rows of the table, roughly.

    Returns:
        A power of two between 16 and 16,384.
    """
    wanted = max(rows // 128, 1)
    return min(max(1 << (wanted - 1).bit_length(), 16), 16_384)
