"""Strict readers of dates and times.

``toDateTime64OrNull`` makes 2 March of 31 February and 1 o'clock of the next day of 25:00; a time counts only
when, written back, it is the text that came.
"""

from __future__ import annotations

from bilten.contracts import Column
from bilten.types import Family
from warehouse.compile.readers import Reader, shown
from warehouse.compile.statements import literal

UNREADABLE_TIME = "is not a time in UTC such as 2026-01-31T12:00:00.000000Z, of the years 1 to 9999"

FIRST = {"date": "0001-01-01", "timestamp": "0001-01-01 00:00:00.000000"}
LAST = {"date": "9999-12-31", "timestamp": "9999-12-31 23:59:59.999999"}
# As Debezium 3.5 writes them; dates differ between snapshot and stream.
INFINITIES: dict[Family, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "timestamp": (("-infinity",), ("infinity",)),
    "timestamp_local": (("-290308-12-21T19:59:27.6Z",), ("+294247-01-10T04:00:25.2Z",)),
    "date": (
        ("+292269055-12-02Z", "-5877611-06-22Z"),
        ("+292278994-08-16Z", "-5877611-06-21Z"),
    ),
}


def timestamp_reader(text: str) -> Reader:
    """Moments in UTC to the microsecond, ``2026-01-31T12:00:00[.ffffff]Z``."""
    padded = (
        f"if(length({text}) = 27, {text}, "
        f"if(length({text}) = 20, concat(substring({text}, 1, 19), '.000000Z'), "
        f"concat(substring({text}, 1, length({text}) - 1), repeat('0', 27 - length({text})), 'Z')))"
    )
    conversion = f"toDateTime64OrNull(substring({padded}, 1, 26), 6, 'UTC')"
    return Reader(
        value=(
            f"if(length({text}) BETWEEN 20 AND 27 AND endsWith({text}, 'Z') AND "
            f"formatDateTime({conversion}, '%Y-%m-%dT%H:%i:%S.%fZ') = {padded}, {conversion}, NULL)"
        ),
        refusal=(
            f"if(match({text}, '\\\\.[0-9]{{7,}}Z$'), concat({shown(text)}, ' is finer than a microsecond'), "
            f"concat({shown(text)}, ' {UNREADABLE_TIME}'))"
        ),
    )


def date_reader(text: str) -> Reader:
    """Days, ``2026-01-31`` with or without the ``Z`` that Debezium adds."""
    day = f"substring({text}, 1, 10)"
    conversion = f"toDate32OrNull({day})"
    return Reader(
        value=(
            f"if(toString({conversion}) = {day} AND (length({text}) = 10 OR length({text}) = 11 "
            f"AND endsWith({text}, 'Z')), {conversion}, NULL)"
        ),
        refusal=f"concat({shown(text)}, ' is not a day such as 2026-01-31, of the years 1 to 9999')",
    )


def time_reader(text: str) -> Reader:
    """Times of day, kept as text without Debezium's ``Z``."""
    return Reader(
        value=(
            f"if(match({text}, '^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\\\.[0-9]{{1,6}})?Z?$'), "
            f"replaceRegexpOne({text}, 'Z$', ''), NULL)"
        ),
        refusal=f"concat({shown(text)}, ' is not a time of day such as 12:00:00')",
    )


def with_sentinels(column: Column, text: str, reader: Reader) -> Reader:
    """Infinity becomes the type's last moment, minus infinity its first, where the contract says so."""
    texts = infinite_texts(column)
    if not texts:
        return reader
    earliest, latest = INFINITIES[column.mapping.family]
    kind = "date" if column.mapping.family == "date" else "timestamp"
    cast = "toDate32({})" if kind == "date" else "toDateTime64({}, 6, 'UTC')"
    return Reader(
        value=(
            f"multiIf({text} IN ({_list(latest)}), {cast.format(literal(LAST[kind]))}, "
            f"{text} IN ({_list(earliest)}), {cast.format(literal(FIRST[kind]))}, {reader.value})"
        ),
        refusal=reader.refusal,
    )


def infinite_texts(column: Column) -> tuple[str, ...]:
    """The texts that stand for a sentinel in a column; none unless its contract allows it."""
    if column.infinity != "sentinel" or column.mapping.family not in INFINITIES:
        return ()
    earliest, latest = INFINITIES[column.mapping.family]
    return (*earliest, *latest)


def _list(texts: tuple[str, ...]) -> str:
    return ", ".join(literal(text) for text in texts)
