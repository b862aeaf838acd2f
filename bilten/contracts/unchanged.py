"""Which columns a change event may leave out although they have a value.

PostgreSQL moves large values out of line (TOAST) and does not repeat those that an update leaves alone. Only
a row that is too large for its page is treated so, thus a table whose rows are always small never sends the
placeholder, and its current state can be kept in the simpler and faster way.
"""

from __future__ import annotations

from bilten.contracts.model import Column, Contract

# TOAST_TUPLE_THRESHOLD in PostgreSQL: rows above 2,032 bytes (with 8 KiB pages) are made smaller.
TOAST_THRESHOLD_BYTES = 2000
_ROW_HEADER_BYTES = 32
_WORST_ALIGNMENT_BYTES = 7


def unchanged_columns(contract: Contract) -> tuple[Column, ...]:
    """The columns of a source table whose values an update may leave out.

    With a full replica identity the log carries every value, so none is left out.

    Args:
        contract: the contract of an operational table.

    Returns:
        Columns in the contract's order; none when rows always stay below PostgreSQL's threshold.

    Raises:
        UnmappedType: a column has a type without a mapping.
    """
    if contract.replica_identity == "full":
        return ()
    largest = largest_row_bytes(contract)
    if largest is not None and largest <= TOAST_THRESHOLD_BYTES:
        return ()
    return tuple(column for column in contract.columns if _can_move(column))


def largest_row_bytes(contract: Contract) -> int | None:
    """Most bytes that a row of the source table takes, None when there is no bound.

    Columns that are excluded from capture are in the row as well; their types are unknown here, so they
    count as unbounded.
    """
    if contract.excluded_columns:
        return None
    total = _ROW_HEADER_BYTES
    for column in contract.columns:
        maximum = column.mapping.maximum_bytes
        if maximum is None:
            return None
        total += maximum + _WORST_ALIGNMENT_BYTES
    return total


def _can_move(column: Column) -> bool:
    return column.key_position is None and column.storage != "plain" and column.mapping.can_be_unchanged
