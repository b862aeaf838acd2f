"""A file as lines: JSON objects of a dataset's columns, and what cannot be one, with the reason.

Lines of JSON stay the bytes that they are. Fields of CSV and values of Parquet become the text that the
strict views read, digit for digit; what that text is worth is judged there and nowhere else.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.csv

from bilten.contracts import Contract
from bilten.errors import FileRefused
from ingestion.files.texts import field_text, value_texts

BLOCK_BYTES = 1024 * 1024
ROWS_AT_ONCE = 10_000
_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2"}
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file.

    Attributes:
        number: from 1; of CSV and Parquet that of the record, for CSV without the header.
        value: a JSON object, or what came in its place.
        problem: why it cannot be one; empty where the views shall judge.
    """

    number: int
    value: bytes
    problem: str = ""


def read_lines(path: Path, name: str, contract: Contract) -> Iterator[Line]:
    """Every line of a file, in order.

    Args:
        path: where its bytes are.
        name: its name, whose ending tells the format: ``.csv``, ``.jsonl``, ``.ndjson``, ``.parquet``, the
            first three perhaps with ``.gz``, ``.zst`` or ``.bz2`` behind them.
        contract: of the dataset.

    Raises:
        FileRefused: it is none of these, or breaks off.
    """
    suffixes = PurePosixPath(name.lower()).suffixes
    compression = _COMPRESSIONS.get(suffixes[-1]) if suffixes else None
    kind = (suffixes[:-1] if compression else suffixes)[-1:]
    try:
        if kind in ([".jsonl"], [".ndjson"]):
            yield from _json_lines(path, compression)
        elif kind == [".csv"]:
            yield from _csv_lines(path, compression, contract)
        elif kind == [".parquet"] and compression is None:
            yield from _parquet_lines(path, contract)
        else:
            raise FileRefused(
                f"{name} has an ending that tells no format.",
                why="Known are .csv, .jsonl, .ndjson (each also with .gz, .zst or .bz2) and .parquet.",
                remedy="Ask for another name, or correct the pattern in the contract.",
            )
    except (OSError, EOFError, ValueError, OverflowError, pa.ArrowException) as error:
        raise FileRefused(f"{name} cannot be read: {error}.") from error


def _json_lines(path: Path, compression: str | None) -> Iterator[Line]:
    with _opened(path, compression) as stream:
        for number, line in enumerate(io.BufferedReader(stream, BLOCK_BYTES), start=1):
            value = line.rstrip(b"\r\n")
            if number == 1:
                value = value.removeprefix(_BYTE_ORDER_MARK)
            if value.strip():
                yield Line(number, value)


def _csv_lines(path: Path, compression: str | None, contract: Contract) -> Iterator[Line]:
    delimiter = contract.files.delimiter if contract.files else ","
    names = _header(path, compression, delimiter)
    refused: list[Line] = []

    def note(row: pyarrow.csv.InvalidRow) -> str:
        problem = f"has {row.actual_columns} fields, the header names {row.expected_columns}"
        # Numbers of rows begin with the header's.
        text = row.text if isinstance(row.text, bytes) else row.text.encode()
        refused.append(Line(row.number - 1, text, problem))
        return "skip"

    with _opened(path, compression) as stream:
        reader = pyarrow.csv.open_csv(
            stream,
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note
            ),
            # An empty field is null, a quoted one an empty text.
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.binary()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        number = 1
        for batch in reader:
            columns = [batch.column(name).to_pylist() for name in names]
            for line in _objects(contract, names, columns, delimiter):
                # The reader may be ahead with what it skipped.
                while refused and refused[0].number == number:
                    yield refused.pop(0)
                    number += 1
                yield Line(number, line.value, line.problem)
                number += 1
    yield from refused


def _objects(
    contract: Contract, names: Sequence[str], columns: Sequence[list[bytes | None]], delimiter: str
) -> Iterator[Line]:
    order = _order(contract, names)
    heads = [f"{json.dumps(names[place], ensure_ascii=False)}:" for place in order]
    families = [
        contract.by_name[names[place]].mapping.family if names[place] in contract.by_name else None
        for place in order
    ]
    for row in zip(*columns, strict=True):
        try:
            texts = [
                head + field_text(row[place], family)
                for head, place, family in zip(heads, order, families, strict=True)
            ]
        except UnicodeDecodeError:
            yield Line(0, delimiter.encode().join(field or b"" for field in row), "is not text in UTF-8")
            continue
        yield Line(0, f"{{{','.join(texts)}}}".encode())


def _parquet_lines(path: Path, contract: Contract) -> Iterator[Line]:
    # A fifth of a second that only this format needs.
    import pyarrow.parquet  # noqa: PLC0415

    number = 0
    with pyarrow.parquet.ParquetFile(path) as file:
        names = file.schema_arrow.names
        _demand_names(names)
        order = _order(contract, names)
        heads = [f"{json.dumps(names[place], ensure_ascii=False)}:" for place in order]
        for batch in file.iter_batches(ROWS_AT_ONCE):
            columns = [value_texts(batch.column(place)) for place in order]
            for row in zip(*columns, strict=True):
                number += 1
                texts = [head + text for head, text in zip(heads, row, strict=True)]
                yield Line(number, f"{{{','.join(texts)}}}".encode())


def _header(path: Path, compression: str | None, delimiter: str) -> list[str]:
    """The names of the columns; refuses a file in which a quoted field is not closed."""
    quotes = 0
    with _opened(path, compression) as stream:
        while block := stream.read(BLOCK_BYTES):
            quotes += block.count(b'"')
    if quotes % 2:
        raise FileRefused("A field's quotation mark is not closed.")
    with _opened(path, compression) as stream:
        # What comes behind the header may be no text: that is for its line to answer.
        text = io.TextIOWrapper(
            io.BufferedReader(stream), encoding="utf-8-sig", errors="surrogateescape", newline=""
        )
        try:
            names = next(csv.reader(text, delimiter=delimiter), [])
            "".join(names).encode()
        except (UnicodeEncodeError, csv.Error) as error:
            raise FileRefused("The header is no text in UTF-8.") from error
    _demand_names(names)
    return names


def _demand_names(names: Sequence[str]) -> None:
    if not names or len({*names}) < len(names):
        raise FileRefused(
            f"The columns are called {', '.join(names) or 'nothing'}.",
            why="Each must have a name of its own.",
        )


def _order(contract: Contract, names: Sequence[str]) -> list[int]:
    """Places of the columns: the contract's in its order, as the fast views expect them, then others."""
    known = {column.name: place for place, column in enumerate(contract.columns)}
    return sorted(range(len(names)), key=lambda place: known.get(names[place], len(known) + place))


@contextmanager
def _opened(path: Path, compression: str | None) -> Iterator[pa.NativeFile]:
    with pa.input_stream(str(path), compression=compression) as stream:
        yield stream
