"""Names of what is compiled from a contract, and the bookkeeping columns that every change carries."""

from __future__ import annotations

from bilten.contracts import Column

EPOCH_HEADER = "bilten.epoch"
"""Record header with the source's epoch, a number below 65,536; without it the epoch is 0."""

TOPIC_ID_HEADER = "bilten.topic_id"
"""Record header with the incarnation of the topic, so that a recreated one makes other dead letters."""

POSITION_HEADER = "bilten.position"
"""Record header with the position of a file; the record is a line of it, not an event."""

FILE_HEADER = "bilten.file"
"""Record header with the name of the file that a line comes from, for people."""

LANDING_COLUMNS: tuple[tuple[str, str], ...] = (
    ("_topic", "String"),
    ("_partition", "Int32"),
    ("_offset", "Int64"),
    ("_timestamp", "DateTime64(3, 'UTC')"),
    ("headers", "Map(String, String)"),
    ("key", "Nullable(String)"),
    ("value", "Nullable(String)"),
)

RECORD_COLUMNS: tuple[tuple[str, str], ...] = (
    ("_op", "LowCardinality(String)"),
    ("_committed_at", "DateTime64(6, 'UTC')"),
    ("_epoch", "UInt16"),
    ("_position", "UInt64"),
    ("_commit_position", "Nullable(UInt64)"),
    ("_transaction", "Nullable(UInt64)"),
    ("_ordinal", "Nullable(UInt64)"),
    ("_topic", "LowCardinality(String)"),
    ("_partition", "Int32"),
    ("_offset", "Int64"),
    ("_timestamp", "DateTime64(3, 'UTC')"),
    ("_loaded_at", "DateTime64(6, 'UTC')"),
    ("_unchanged", "Array(String)"),
    ("_extra", "String"),
    ("_version", "UInt128"),
)
"""Bookkeeping columns of ``raw``, in order."""


def landing(dataset: str) -> str:
    """Where the loader inserts the records of a topic."""
    return f"landing.`{dataset}`"


def parsed(dataset: str) -> str:
    """Where records in the usual form pass, read the short way."""
    return f"landing.`{dataset}__parsed`"


def irregular(dataset: str) -> str:
    """Where a batch of records passes that is not wholly in the usual form."""
    return f"landing.`{dataset}__irregular`"


def examined(dataset: str) -> str:
    """Where they pass again, with the reasons against them."""
    return f"landing.`{dataset}__examined`"


def view(dataset: str, purpose: str) -> str:
    """A materialized view between these tables."""
    return f"landing.`{dataset}__{purpose}`"


def raw(dataset: str) -> str:
    """Every change."""
    return f"raw.`{dataset}`"


def state(dataset: str) -> str:
    """The latest state of every key, deleted ones too."""
    return f"ods.`{dataset}__state`"


def door(dataset: str) -> str:
    """Where an INSERT that stays open writes the state, past the views."""
    return f"landing.`{dataset}__state`"


def ods(dataset: str) -> str:
    """The rows that exist now."""
    return f"ods.`{dataset}`"


def consistent(dataset: str) -> str:
    """The rows that existed at a cut through the source's log."""
    return f"consistent.`{dataset}`"


def is_null(column: Column) -> str:
    """Bookkeeping column beside an array that may be null, which an Array column cannot say."""
    return f"_is_null_{column.name}"


def has_null_flag(column: Column) -> bool:
    """Whether a column has that companion."""
    return column.mapping.family == "array" and not column.required


def plain_name(name: str) -> str:
    """``raw.`a__b``` → ``raw.a__b``."""
    return name.replace("`", "")


def optional_type(column: Column) -> str:
    """The type of a column that may have no value: Nullable, but for arrays."""
    kept = column.mapping.warehouse
    if kept.startswith("Array("):
        return kept
    if kept.startswith("LowCardinality("):
        return f"LowCardinality(Nullable({kept.removeprefix('LowCardinality(').removesuffix(')')}))"
    return f"Nullable({kept})"


def current_type(column: Column) -> str:
    """The type of a column of a row that exists: as the contract says."""
    return column.mapping.warehouse if column.required else optional_type(column)


def change_type(column: Column) -> str:
    """The type of a column of a change: a delete carries the key alone."""
    return column.mapping.warehouse if column.key_position is not None else optional_type(column)
