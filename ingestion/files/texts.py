"""Values of files as JSON text, without loss. Pure."""

from __future__ import annotations

import json
import math
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute

from bilten.types import Family

_WHOLE = re.compile(rb"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(rb"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_NANOSECONDS_ALL_ZERO = re.compile(r"(\.[0-9]{6})000Z$")
_MICROSECONDS = r"\1Z"


def field_text(field: bytes | None, family: Family | None) -> str:
    """A field of CSV.

    Where a column holds numbers or truth values, a text that is one stays without quotation marks, as the
    fast views expect it; everything else is a string, of which the views make what the contract says.

    Args:
        field: its bytes; None where it is empty.
        family: of the column's type; None for a column that the contract does not know.

    Raises:
        UnicodeDecodeError: it is no text in UTF-8.
    """
    if field is None:
        return "null"
    if (
        (family == "integer" and _WHOLE.fullmatch(field))
        or (family == "float" and _NUMBER.fullmatch(field))
        or (family == "boolean" and field in (b"true", b"false"))
    ):
        return field.decode()
    return json.dumps(field.decode(), ensure_ascii=False)


def value_texts(values: pa.Array) -> Iterator[str]:
    """The values of a column of Parquet."""
    if pa.types.is_timestamp(values.type):
        return _time_texts(values)
    return (_text(value) for value in values.to_pylist())


def _time_texts(values: pa.Array) -> Iterator[str]:
    """Moments in UTC; nanoseconds are only written where there are any, for the views refuse them."""
    if values.type.tz is not None:
        values = values.cast(pa.timestamp(values.type.unit, "UTC"))
    written = pyarrow.compute.strftime(values, format="%Y-%m-%dT%H:%M:%SZ")
    return (
        "null" if text is None else f'"{_NANOSECONDS_ALL_ZERO.sub(_MICROSECONDS, text)}"'
        for text in written.to_pylist()
    )


def _text(value: Any) -> str:
    match value:
        case None:
            return "null"
        case float() if not math.isfinite(value):
            return '"NaN"' if math.isnan(value) else '"Infinity"' if value > 0 else '"-Infinity"'
        case Decimal():
            return f'"{value:f}"'
        case bytes():
            return f'"{b64encode(value).decode()}"'
        case date() | datetime() | time():
            return f'"{value.isoformat()}"'
        case _:
            return json.dumps(value, ensure_ascii=False, default=_nested)


def _nested(value: Any) -> Any:
    """A value within a list or a structure; of a float that is not finite, JSON knows none."""
    return (
        json.loads(_text(value))
        if isinstance(value, Decimal | bytes | date | datetime | time)
        else str(value)
    )
