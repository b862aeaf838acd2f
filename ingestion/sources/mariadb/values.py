"""What is kept of values, in MariaDB's own SQL: as the text the connector would send, and as canonical text.

Values never pass through Python's types. Canonical texts are the same here, in PostgreSQL and in the
warehouse (`warehouse.fingerprint`), and so are their hashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bilten.contracts import Column, Contract
from bilten.databases import TYPE_SYSTEMS

_normal_type = TYPE_SYSTEMS["mariadb"].normal_type
_BITS = re.compile(r"^bit\((\d+)\)$")
_IS_ZERO = "MONTH({0}) = 0 OR DAYOFMONTH({0}) = 0"
_EPOCH = "CAST('1970-01-01' AS DATETIME(6))"


def quoted(name: str) -> str:
    """An identifier for MariaDB."""
    return "`" + name.replace("`", "``") + "`"


def table_of(contract: Contract) -> str:
    """The table's name for MariaDB."""
    return f"{quoted(contract.source_schema)}.{quoted(contract.source_table)}"


def row_json(columns: Iterable[Column]) -> str:
    """SQL of a row as the text of a JSON object, fields in the order of the columns."""
    fields = [f"""'"{column.name}":', {value_json(column)}""" for column in columns]
    return "CONCAT('{', " + ", ',', ".join(fields) + ", '}')"


def value_json(column: Column) -> str:
    """SQL of a column's value as JSON, ``null`` where it has none."""
    written = _JSON.get(column.mapping.family, "JSON_QUOTE(CONVERT({0} USING utf8mb4))")
    return f"COALESCE({written.format(kept(column))}, 'null')"


def row_text(columns: Iterable[Column]) -> str:
    """SQL of the canonical text of a row."""
    return f"CONCAT_WS('|', {', '.join(canonical_text(column) for column in columns)})"


def canonical_text(column: Column) -> str:
    """SQL of the canonical text of a column's value, never null."""
    family = (
        "float32" if column.mapping.bits == 32 and column.mapping.family == "float" else column.mapping.family
    )
    written = _CANONICAL.get(family, _WITH_LENGTH.format("CONVERT({0} USING utf8mb4)"))
    return f"COALESCE({written.format(kept(column))}, 'N')"


def kept(column: Column) -> str:
    """SQL of what is kept of a column's value: what the connector makes of it."""
    value, kind = quoted(column.name), _normal_type(column.source_type)
    if kind in {"date", "datetime"}:
        nothing = _EPOCH if column.required else "NULL"
        return f"IF({_IS_ZERO.format(value)}, {nothing}, {value})"
    if bits := _BITS.match(kind):
        width = (int(bits[1]) + 7) // 8 * 2
        return value if kind == "bit(1)" else f"REVERSE(UNHEX(LPAD(HEX({value} + 0), {width}, '0')))"
    return _KEPT.get(kind, "{0}").format(value)


_KEPT: Mapping[str, str] = {
    "timestamp": f"IF(YEAR({{0}}) = 0, {_EPOCH}, {{0}})",
    "time": "CASE WHEN {0} = '24:00:00' THEN CAST('00:00:00' AS TIME(6)) "
    "WHEN {0} BETWEEN '00:00:00' AND '23:59:59.999999' THEN {0} END",
    "year": "IF({0} = 0, 1900, {0})",
}
_OF_A_DAY = "TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM TIME_FORMAT({0}, '%H:%i:%s.%f')))"
_MOMENT = """DATE_FORMAT({0}, '"%Y-%m-%dT%H:%i:%s.%fZ"')"""
# Zeros in front are for display only, and go by the addition.
_NUMBER = "CAST({0} + 0 AS CHAR)"
_JSON: Mapping[str, str] = {
    "integer": _NUMBER,
    "decimal": f"""CONCAT('"', {_NUMBER}, '"')""",
    # As a double: MariaDB writes six digits of a float. It stores no negative zero.
    "float": "CAST({0} * 1e0 AS CHAR)",
    "boolean": "IF({0} = b'1', 'true', IF({0} = b'0', 'false', NULL))",
    "bytes": r"""CONCAT('"', REPLACE(TO_BASE64({0}), '\n', ''), '"')""",
    "date": """DATE_FORMAT({0}, '"%Y-%m-%dZ"')""",
    "timestamp": _MOMENT,
    "timestamp_local": _MOMENT,
    "time": f"""CONCAT('"', {_OF_A_DAY}, 'Z"')""",
}

_WITH_LENGTH = "CONCAT(LENGTH({0}), ':', {0})"
_MICROSECONDS = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {0})"
# MariaDB has no function for the bits of a float, but writes them as part of a point.
_BITS_OF_DOUBLE = "CONV(HEX(REVERSE(SUBSTRING(ST_AsBinary(POINT({0} * 1e0, 0)), 6, 8))), 16, 10)"


def _bits_of_single(value: str) -> str:
    """SQL of the 32 bits of a float that is known by the 64 of the same number."""
    bits = f"CAST({_BITS_OF_DOUBLE.format(value)} AS UNSIGNED)"
    exponent, fraction = f"(({bits} >> 52) & 2047)", f"({bits} & 4503599627370495)"
    regular = f"((CAST({exponent} AS SIGNED) - 896) << 23) | ({fraction} >> 29)"
    # Below the smallest exponent the leading one is written out, and moves to the right.
    tiny = f"({fraction} | 4503599627370496) >> (926 - CAST({exponent} AS SIGNED))"
    magnitude = f"CASE WHEN {exponent} = 0 THEN 0 WHEN {exponent} > 896 THEN {regular} ELSE {tiny} END"
    unsigned = f"((({bits} >> 63) << 31) | ({magnitude}))"
    return f"CAST(CAST({unsigned} AS SIGNED) - IF({unsigned} >= 2147483648, 4294967296, 0) AS CHAR)"


_CANONICAL: Mapping[str, str] = {
    "integer": _NUMBER,
    "decimal": (
        f"IF(LOCATE('.', {_NUMBER}), TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {_NUMBER})), {_NUMBER})"
    ),
    "float": _BITS_OF_DOUBLE.replace("16, 10", "16, -10"),
    "float32": _bits_of_single("{0}"),
    "boolean": _JSON["boolean"],
    "bytes": "CONCAT(LENGTH({0}), ':', MD5({0}))",
    "date": "CAST(DATEDIFF({0}, '1970-01-01') AS CHAR)",
    "timestamp": _MICROSECONDS,
    "timestamp_local": _MICROSECONDS,
    "time": _WITH_LENGTH.format(_OF_A_DAY),
}


def text_hash(text: str) -> str:
    """SQL of the first eight bytes of a text's MD5 as a signed integer."""
    return f"CAST(CONV(SUBSTRING(MD5({text}), 1, 16), 16, -10) AS SIGNED)"
