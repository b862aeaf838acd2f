"""Columns of generated tables: arrays on the one side, COPY text on the other.

A column is a function from a slice of rows to their texts, so that a table of any size is formatted piece by
piece while its numbers stay in compact arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import numpy.typing as npt

from operational.pricing import money as money_text

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Column = Callable[[slice], Sequence[str]]

NULL = "\\N"
SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR


@dataclass(frozen=True)
class Rows:
    """Rows of one table, not yet formatted.

    Attributes:
        table: ``schema.table``.
        count: number of rows.
        columns: the columns that are written; the others take their defaults.
    """

    table: str
    count: int
    columns: Mapping[str, Column]

    def pieces(self, size: int) -> Iterator[tuple[int, bytes]]:
        """The rows as COPY text, with the number of rows in each piece.

        Args:
            size: rows in a piece.
        """
        for start in range(0, self.count, size):
            piece = slice(start, min(start + size, self.count))
            texts = [column(piece) for column in self.columns.values()]
            lines = map("\t".join, zip(*texts, strict=True))
            yield piece.stop - start, ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True)
class Keys:
    """UUIDs of version 7, sixteen bytes each."""

    data: npt.NDArray[np.uint8]

    @classmethod
    def made(cls, random: np.random.Generator, microseconds: Integers) -> Keys:
        """Keys for rows made at the given moments, microseconds since 1970."""
        count = len(microseconds)
        milliseconds = (microseconds // 1_000).astype(np.uint64)
        high = milliseconds << np.uint64(16)
        high |= np.uint64(0x7000) | random.integers(0, 1 << 12, count, dtype=np.uint64)
        low = np.uint64(1 << 63) | random.integers(0, 1 << 62, count, dtype=np.uint64)
        pairs = np.stack([high, low], axis=1).astype(">u8")
        return cls(np.ascontiguousarray(pairs).view(np.uint8).reshape(count, 16))

    def __len__(self) -> int:
        return len(self.data)

    def take(self, indices: Integers | Booleans) -> Keys:
        """The keys at these places."""
        return Keys(self.data[indices])

    def texts(self, piece: slice) -> Sequence[str]:
        """The keys of a slice as 32 hexadecimal digits, which PostgreSQL reads as UUIDs."""
        text = np.ascontiguousarray(self.data[piece]).tobytes().hex()
        return [text[start : start + 32] for start in range(0, len(text), 32)]


def constant(text: str, count: int) -> Column:
    """The same text in every one of ``count`` rows."""
    return lambda piece: list(repeat(text, len(range(*piece.indices(count)))))


def strings(values: Sequence[str]) -> Column:
    """Texts as they are."""
    return lambda piece: values[piece]


def numbers(values: npt.NDArray[np.integer] | npt.NDArray[np.floating]) -> Column:
    """Numbers in their shortest form."""
    return lambda piece: [str(value) for value in values[piece].tolist()]


def money(cents: Integers) -> Column:
    """Cents as amounts with two decimals."""
    return lambda piece: [money_text(value) for value in cents[piece].tolist()]


def moments(microseconds: Integers) -> Column:
    """Microseconds since 1970 as times; the session's zone is UTC."""
    return lambda piece: np.datetime_as_string(microseconds[piece].astype("M8[us]")).tolist()


def days(microseconds: Integers) -> Column:
    """Microseconds since 1970 as dates."""
    return lambda piece: np.datetime_as_string(microseconds[piece].astype("M8[us]"), unit="D").tolist()


def chosen(codes: npt.NDArray[np.integer], texts: Sequence[str]) -> Column:
    """For each row the text that its code stands for."""
    return lambda piece: [texts[code] for code in codes[piece].tolist()]


def truths(values: Booleans) -> Column:
    """Booleans."""
    return chosen(values.astype(np.int64), ("f", "t"))


def made(function: Callable[[int], str]) -> Column:
    """For each row what a function makes of its number."""

    def column(piece: slice) -> Sequence[str]:
        return [function(number) for number in range(piece.start, piece.stop)]

    return column


def optional(present: Booleans, column: Column) -> Column:
    """A column with NULL wherever it is not present."""

    def masked(piece: slice) -> Sequence[str]:
        return [
            text if here else NULL for text, here in zip(column(piece), present[piece].tolist(), strict=True)
        ]

    return masked


def picked(random: np.random.Generator, weights: Sequence[float], count: int) -> Integers:
    """Random codes 0, 1, … with the given weights."""
    edges = np.cumsum(np.asarray(weights) / np.sum(weights))[:-1]
    return np.searchsorted(edges, random.random(count), side="right").astype(np.int64)
