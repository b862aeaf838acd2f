"""The envelope of a change event: where it comes from, what it does, and what makes it unusable as a whole.

One ``JSONExtract`` reads all of an event. As ``Nullable(String)`` every field keeps its text: integers of any
length are exact, and so is text of any content. Absent and null look alike in it, so the names of the fields
are read too; they are compared with the contract's in one step and looked into only when they differ.
"""

from __future__ import annotations

from bilten.contracts import Column, Contract
from warehouse.compile.logs import log_of
from warehouse.compile.names import EPOCH_HEADER
from warehouse.compile.readers import shown
from warehouse.compile.statements import identifier, literal

DOCUMENT = "ifNull(_value, '')"
ROW_OPERATIONS = "('r', 'c', 'u')"
OPERATIONS = "('r', 'c', 'u', 'd', 't')"
# To the end of the year 9999: beyond it the engine would keep another time without a word.
IS_A_TIME = "`_source.ts_us` BETWEEN 0 AND 253402300799999999"


def operations(contract: Contract) -> str:
    """SQL of the operations that there are; ``p`` deletes a whole partition of Cassandra."""
    return OPERATIONS.replace(")", ", 'p')") if contract.partition_key else OPERATIONS


def has_key_alone(contract: Contract) -> str:
    """SQL of whether an event has its key in ``before``, and no row."""
    return "_op IN ('d', 'p')" if contract.partition_key else "_op = 'd'"


def event_type(contract: Contract) -> str:
    """The type that ``JSONExtract`` reads an event as."""
    key = ", ".join(f"{identifier(column.name)} Nullable(String)" for column in contract.key)
    after = ", ".join(f"{identifier(column.name)} Nullable(String)" for column in contract.columns)
    return f"Tuple(before Tuple({key}), after Tuple({after}), {_header(contract)})"


def header_type(contract: Contract) -> str:
    """The type that the parts of an event around the row are read as."""
    return f"Tuple({_header(contract)})"


def _header(contract: Contract) -> str:
    source = log_of(contract).member_type
    return f"op Nullable(String), source {source}, transaction Tuple(total_order Nullable(UInt64))"


def event_select(contract: Contract) -> list[str]:
    """The innermost layer: records of a table of landing, with the event read as text."""
    return [
        "_topic",
        "_partition",
        "_offset",
        "_timestamp",
        "headers AS _headers",
        "key AS _key",
        "value AS _value",
        f"JSONExtract(ifNull(value, ''), {literal(event_type(contract))}) AS _event",
        "JSONExtractKeys(ifNull(value, ''), 'after') AS _fields",
    ]


def text_select() -> list[str]:
    """The second layer: the parts of the event as columns ``_source.lsn``, ``_before.id``, ``_text.total``.

    `untuple` names all members at once; a path such as ``_event.after.total`` costs the analyser four times
    as much, each time it is written.
    """
    return [
        *("_topic", "_partition", "_offset", "_timestamp", "_headers", "_key", "_value", "_fields"),
        "untuple(_event.before) AS _before",
        "untuple(_event.after) AS _text",
        *source_select(),
    ]


def source_select() -> list[str]:
    """The parts of ``_event`` around the row, and the epoch among the ``_headers``."""
    header = f"_headers[{literal(EPOCH_HEADER)}]"
    return [
        "ifNull(_event.op, '') AS _op",
        "_event.transaction.total_order AS _ordinal",
        "untuple(_event.source) AS _source",
        f"{header} AS _epoch_text",
        "if(_epoch_text = '', 0, toUInt16OrNull(_epoch_text)) AS _epoch_or_null",
    ]


def text(column: Column) -> str:
    """SQL of the text of a column, above `text_select`; a key's is defined by `definitions`."""
    prefix = "_text" if column.key_position is None else "_key_text"
    return identifier(f"{prefix}.{column.name}")


def definitions(contract: Contract) -> list[str]:
    """What a layer above `text_select` must define: the texts of the key.

    A delete has its key in ``before``; a table without a replica identity has it in the record's key only.
    """
    defined = []
    for column in contract.key:
        before, after = identifier(f"_before.{column.name}"), identifier(f"_text.{column.name}")
        from_key = f"JSONExtract(ifNull(_key, ''), {literal(column.name)}, 'Nullable(String)')"
        defined.append(
            f"if({has_key_alone(contract)}, ifNull({before}, {from_key}), {after}) AS {text(column)}"
        )
    return defined


LOADED_NOW = "now64(6, 'UTC') AS _loaded_at"


def header_select(contract: Contract, *, loaded_at: str = LOADED_NOW) -> list[str]:
    """Bookkeeping columns of a record, but for those that depend on its columns.

    Args:
        contract: of the dataset.
        loaded_at: SQL of ``_loaded_at``, with its name.
    """
    log = log_of(contract)
    return [
        "_op",
        "fromUnixTimestamp64Micro(ifNull(`_source.ts_us`, 0), 'UTC') AS _committed_at",
        "ifNull(_epoch_or_null, 0) AS _epoch",
        f"ifNull({log.position}, 0) AS _position",
        f"{log.commit_position} AS _commit_position",
        f"{log.transaction} AS _transaction",
        "_ordinal",
        "_topic",
        "_partition",
        "_offset",
        "_timestamp",
        loaded_at,
    ]


def envelope_reasons(contract: Contract) -> list[str]:
    """SQL of the reasons why an event's envelope is refused; empty texts where there is none."""
    log = log_of(contract)
    return [
        f"if(_op = '', 'op: missing', if(_op NOT IN {operations(contract)}, "
        f"concat('op: unknown operation ', {shown('_op')}), ''))",
        f"if(isNull({log.position}), '{log.place}: missing or not a position', '')",
        f"if(ifNull({IS_A_TIME}, 0), '', 'source.ts_us: missing or no time')",
        f"if(isNull(_epoch_or_null), concat('header {EPOCH_HEADER}: ', {shown('_epoch_text')}, "
        "' is not a number below 65536'), '')",
        f"if(_op IN {ROW_OPERATIONS} AND empty(_fields), 'after: missing or not an object', '')",
    ]


def version(contract: Contract) -> str:
    """SQL of ``_version``: epoch (16 bits), position (64 bits), 0 for a snapshot's read and 1 for the stream.

    A row that a snapshot read at some position is older than a change streamed at that same position. Where
    one position may hold several changes of a row, they count on from 1.
    """
    log = log_of(contract)
    place = f"if(_op = 'r', 0, 1 + {log.row})" if log.row else "_op != 'r'"
    return (
        "bitOr(bitOr(bitShiftLeft(toUInt128(ifNull(_epoch_or_null, 0)), 112), "
        f"bitShiftLeft(toUInt128(ifNull({log.position}, 0)), 48)), toUInt128({place}))"
    )
