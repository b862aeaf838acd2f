"""Records that could not become rows: kept whole, looked at, replayed through landing, or discarded."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from bilten.errors import WarehouseError
from warehouse.client import Warehouse
from warehouse.compile.names import examined, plain_name

Status = Literal["open", "replayed", "discarded"]

REFUSED = "refused by the engine"
"""Beginning of the reason of a record that no view could judge because the engine refused it outright."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record that is not in ``raw``, and why.

    Attributes:
        id: deterministic, so that a record that is read again is the same dead letter.
        dataset: the table it was meant for.
        topic: where it came from.
        partition: the partition's number.
        offset: its offset.
        topic_id: the incarnation of the topic.
        timestamp: its Kafka time.
        headers: its headers.
        key: its key as it came; None for none.
        value: its value as it came; None for none.
        reasons: what is wrong with it, one entry per field.
        first_seen: when it was first refused.
        status: ``open``, ``replayed`` or ``discarded``.
        updated_at: when the status last changed, or the record was last refused.
    """

    id: str
    dataset: str
    topic: str
    partition: int
    offset: int
    topic_id: str
    timestamp: datetime
    headers: dict[str, str]
    key: bytes | None
    value: bytes | None
    reasons: tuple[str, ...]
    first_seen: datetime
    status: Status
    updated_at: datetime


# Codes of errors that lie in the values of a batch: what cannot be parsed, converted or fit. Everything else
# (no such table, no memory, no disk, too many parts) concerns the table or the server, and another batch
# would fare no better: a record must not be called bad for it.
_CODES_ABOUT_THE_DATA = frozenset(
    {
        6,  # CANNOT_PARSE_TEXT
        25,  # CANNOT_PARSE_ESCAPE_SEQUENCE
        26,  # CANNOT_PARSE_QUOTED_STRING
        27,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
        33,  # CANNOT_READ_ALL_DATA
        38,  # CANNOT_PARSE_DATE
        41,  # CANNOT_PARSE_DATETIME
        69,  # ARGUMENT_OUT_OF_BOUND
        70,  # CANNOT_CONVERT_TYPE
        72,  # CANNOT_PARSE_NUMBER
        117,  # INCORRECT_DATA
        128,  # TOO_LARGE_ARRAY_SIZE
        131,  # TOO_LARGE_STRING_SIZE
        190,  # SIZES_OF_ARRAYS_DONT_MATCH
        306,  # TOO_DEEP_RECURSION
        321,  # VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
        349,  # CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
        376,  # CANNOT_PARSE_UUID
        395,  # FUNCTION_THROW_IF_VALUE_IS_NON_ZERO
        407,  # DECIMAL_OVERFLOW
        441,  # CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING
        675,  # CANNOT_PARSE_IPV4
        676,  # CANNOT_PARSE_IPV6
        691,  # UNKNOWN_ELEMENT_OF_ENUM
    }
)
_MEMORY_LIMIT_EXCEEDED = 241


def is_about_the_data(error: WarehouseError) -> bool:
    """Whether an insert was refused for a value in it, so that the rest of it may be taken."""
    return error_code(error) in _CODES_ABOUT_THE_DATA


def is_about_memory(error: WarehouseError) -> bool:
    """Whether an insert needed more memory than there is, so that a part of it may be taken."""
    return error_code(error) == _MEMORY_LIMIT_EXCEEDED


def error_code(error: WarehouseError) -> int | None:
    """The engine's error code; None when the error did not come from it."""
    code = error.details.get("engine_code")
    return code if isinstance(code, int) else None


def insert_refused(warehouse: Warehouse, dataset: str, body: bytes | memoryview, records: int) -> None:
    """Make dead letters of records that the engine refused before a view could judge them.

    They enter behind the views that read records, and become the same dead letters that those would have
    made.

    Args:
        warehouse: where to.
        dataset: the table.
        body: an Arrow IPC stream with the columns of the landing table, each name beginning with ``_``, and
            ``_loaded_at`` and ``_reasons``.
        records: how many there are.

    Raises:
        WarehouseUnavailable: nothing is known of what was done; making the call again is harmless.
    """
    warehouse.insert_arrow_stream(plain_name(examined(dataset)), body, records)


_SELECT = """
SELECT
    id, dataset, topic, partition, offset, topic_id, timestamp, headers,
    key IS NULL, base64Encode(ifNull(key, '')), value IS NULL, base64Encode(ifNull(value, '')),
    reasons, first_seen, status, updated_at
FROM ops.dead_letters FINAL
WHERE ({dataset:String} = '' OR dataset = {dataset:String})
    AND (
        {reason:String} = ''
        OR arrayExists(one -> positionCaseInsensitiveUTF8(one, {reason:String}) > 0, reasons)
    )
    AND ({status:String} = '' OR status = {status:String})
    AND (empty({ids:Array(String)}) OR has({ids:Array(String)}, id))
    AND first_seen >= {since:DateTime64(6, 'UTC')}
ORDER BY first_seen, topic, partition, offset
LIMIT {limit:UInt64}
"""


def find_dead_letters(
    warehouse: Warehouse,
    *,
    dataset: str = "",
    reason: str = "",
    status: Status | Literal[""] = "",
    ids: Sequence[str] = (),
    since: datetime | None = None,
    limit: int = 1000,
) -> list[DeadLetter]:
    """Dead letters, oldest first.

    Args:
        warehouse: where they are.
        dataset: only of this table.
        reason: only with a reason that contains this text, in any case.
        status: only with this status.
        ids: only these.
        since: only those first seen at this time or later.
        limit: at most this many.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    parameters = {
        "dataset": dataset,
        "reason": reason,
        "status": status,
        "ids": list(ids),
        "since": since or datetime.fromtimestamp(0, UTC),
        "limit": limit,
    }
    return [_letter(row) for row in warehouse.query(_SELECT, parameters).rows]


def dead_letters_between(warehouse: Warehouse, after: datetime, until: datetime) -> dict[str, int]:
    """How many records became dead letters in a window of time, per dataset.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    answer = warehouse.query(
        "SELECT dataset, count() FROM ops.dead_letters FINAL "
        "WHERE first_seen > {after:DateTime64(6, 'UTC')} AND first_seen <= {until:DateTime64(6, 'UTC')} "
        "GROUP BY dataset",
        {"after": after, "until": until},
    )
    return {str(row[0]): int(row[1]) for row in answer.rows}


def set_status(warehouse: Warehouse, letters: Iterable[DeadLetter], status: Status) -> None:
    """Note what became of dead letters; their first sighting stays.

    Raises:
        WarehouseUnavailable: nothing is known of the write; making it again is harmless.
    """
    ids = [letter.id for letter in letters]
    # Read back and written in the engine, because values are bytes of any kind.
    for start in range(0, len(ids), _IDS_AT_ONCE):
        warehouse.command(_SET_STATUS, {"ids": ids[start : start + _IDS_AT_ONCE], "status": status})


def refused_since(warehouse: Warehouse, letters: Sequence[DeadLetter], since: datetime) -> set[str]:
    """Which of these records a view refused again at or after a time.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    found: set[str] = set()
    for start in range(0, len(letters), _IDS_AT_ONCE):
        ids = [letter.id for letter in letters[start : start + _IDS_AT_ONCE]]
        # Without FINAL: the view's row may stand behind a later change of status.
        answer = warehouse.query(
            "SELECT DISTINCT id FROM ops.dead_letters "
            "WHERE has({ids:Array(String)}, id) AND first_seen >= {since:DateTime64(6, 'UTC')}",
            {"ids": ids, "since": since},
        )
        found.update(str(row[0]) for row in answer.rows)
    return found


def warehouse_time(warehouse: Warehouse) -> datetime:
    """The engine's clock, by which arrivals are timed."""
    now = warehouse.scalar("SELECT now64(6, 'UTC')")
    if not isinstance(now, datetime):
        raise WarehouseError(f"The warehouse gave {now!r} for the time.")
    return now


_IDS_AT_ONCE = 200
_SET_STATUS = """
INSERT INTO ops.dead_letters
SELECT * REPLACE ({status:String} AS status, now64(6, 'UTC') AS updated_at)
FROM ops.dead_letters FINAL
WHERE has({ids:Array(String)}, id)
"""


def _letter(row: Sequence[Any]) -> DeadLetter:
    key_is_null, key, value_is_null, value = row[8:12]
    return DeadLetter(
        id=row[0],
        dataset=row[1],
        topic=row[2],
        partition=row[3],
        offset=row[4],
        topic_id=row[5],
        timestamp=row[6],
        headers=dict(row[7]),
        key=None if key_is_null else b64decode(key),
        value=None if value_is_null else b64decode(value),
        reasons=tuple(row[12]),
        first_seen=row[13],
        status=row[14],
        updated_at=row[15],
    )
