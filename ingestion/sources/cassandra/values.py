"""What is kept of values, in Python: as the text that the compiled views make of events, and as canonical
text.

Canonical texts are the same in the warehouse (`warehouse.fingerprint`), and so are their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_address
from typing import Any

from bilten.contracts import Column, Contract
from ingestion.sources.cassandra.types import Type, parse

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SPECIAL = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_FLOATS = {32: (">f", ">i"), 64: (">d", ">q")}


def quoted(name: str) -> str:
    """An identifier in CQL."""
    return '"' + name.replace('"', '""') + '"'


def table_of(contract: Contract) -> str:
    """The table's name in CQL."""
    return f"{quoted(contract.source_schema)}.{quoted(contract.source_table)}"


def row_json(
    columns: Iterable[Column], values: Sequence[Any], more: Mapping[str, object] | None = None
) -> str:
    """A row as the text of a JSON object, fields in the order of the columns.

    Args:
        columns: the columns.
        values: as the driver gives them.
        more: fields beside them.
    """
    fields = [
        f'"{column.name}":{value_json(column, value)}' for column, value in zip(columns, values, strict=True)
    ]
    fields += [f'"{name}":{json.dumps(value)}' for name, value in (more or {}).items()]
    return "{" + ",".join(fields) + "}"


def value_json(column: Column, value: Any) -> str:
    """A column's value as JSON, ``null`` where it has none."""
    if value is None:
        return "null"
    family = column.mapping.family
    if family in {"integer", "boolean"}:
        return json.dumps(_number(value))
    if family == "float":
        return _float(column, value) if math.isfinite(value) else f'"{_SPECIAL[str(value)]}"'
    return json.dumps(_text(column, value), ensure_ascii=False)


def row_text(columns: Iterable[Column], values: Sequence[Any]) -> str:
    """The canonical text of a row."""
    return "|".join(_canonical(column, value) for column, value in zip(columns, values, strict=True))


def text_hash(text: str) -> int:
    """The first eight bytes of a text's MD5 as a signed integer."""
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:8], "big", signed=True)


def _canonical(column: Column, value: Any) -> str:
    if value is None:
        return "N"
    family = column.mapping.family
    if (written := _CANONICAL.get(family)) is not None:
        return written(value)
    if family == "float":
        pack, unpack = _FLOATS[column.mapping.bits or 64]
        return str(struct.unpack(unpack, struct.pack(pack, value))[0])
    text = _text(column, value)
    return f"{len(text.encode())}:{text}"


def _text(column: Column, value: Any) -> str:
    family = column.mapping.family
    if family == "timestamp":
        return _utc(value).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")
    if family == "bytes":
        return base64.b64encode(value).decode()
    if family == "json":
        return _document(parse(column.source_type), value)
    kind = column.source_type
    if kind == "decimal":
        return format(value, "f")
    return str(ip_address(value)) if kind == "inet" else str(value)


def _float(column: Column, value: float) -> str:
    """The shortest text of a number of its width, so that it is read as the very same."""
    if column.mapping.bits != 32:
        return repr(value)
    for digits in range(6, 10):
        text = f"{value:.{digits}g}"
        if struct.pack(">f", float(text)) == struct.pack(">f", value):
            return repr(float(text))
    return repr(value)


def _document(kind: Type, value: Any) -> str:
    """A collection, tuple or user-defined type as the connector's JSON, sets and maps in a fixed order."""
    if value is None:
        return "null"
    if kind.name == "map":
        return _map(kind, value)
    if kind.name in {"list", "set"}:
        elements = [_document(kind.parts[0], each) for each in value]
        return f"[{','.join(sorted(elements) if kind.name == 'set' else elements)}]"
    if kind.name in {"tuple", "udt"}:
        names = kind.fields or [f"field{number}" for number in range(1, len(kind.parts) + 1)]
        # A value written before a field was added is shorter.
        given = [*value, *[None] * (len(kind.parts) - len(value))]
        parts = [_document(part, each) for part, each in zip(kind.parts, given, strict=True)]
        return "{" + ",".join(f'"{name}":{part}' for name, part in zip(names, parts, strict=True)) + "}"
    return _SCALARS.get(kind.name, _quoted)(value)


def _map(kind: Type, value: Any) -> str:
    keys, values = kind.parts
    pairs = [(_document(keys, key), _document(values, each)) for key, each in value.items()]
    if keys.name not in _SCALARS:
        return "{" + ",".join(sorted(f"{key}:{each}" for key, each in pairs)) + "}"
    return "[" + ",".join(sorted(f"[{key},{each}]" for key, each in pairs)) + "]"


def _quoted(value: Any) -> str:
    return json.dumps(format(value, "f") if isinstance(value, Decimal) else str(value), ensure_ascii=False)


def _number(value: Any) -> Any:
    """A time of day is its nanoseconds."""
    return getattr(value, "nanosecond_time", value)


def _utc(value: datetime) -> datetime:
    """A moment as the database has it: the driver makes a float of it, which misses far ones by a bit."""
    return _EPOCH + timedelta(milliseconds=round((value.replace(tzinfo=UTC) - _EPOCH) / _MILLISECOND))


def _microseconds(value: datetime) -> str:
    return str((_utc(value) - _EPOCH) // timedelta(microseconds=1))


def _digest(value: bytes) -> str:
    return f"{len(value)}:{hashlib.md5(value, usedforsecurity=False).hexdigest()}"


def _days(value: Any) -> int:
    return int(value.days_from_epoch)


_CANONICAL: Mapping[str, Callable[[Any], str]] = {
    "integer": lambda value: json.dumps(_number(value)),
    "boolean": json.dumps,
    "timestamp": _microseconds,
    "date": lambda value: str(_days(value)),
    "uuid": str,
    "bytes": _digest,
}
_SCALARS: Mapping[str, Callable[[Any], str]] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint", "boolean"), json.dumps),
    "timestamp": lambda value: str((_utc(value) - _EPOCH) // _MILLISECOND),
    "date": lambda value: str(_days(value)),
    "time": lambda value: str(_number(value)),
}
