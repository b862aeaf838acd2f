"""Contracts → statements of the warehouse. Pure: the same contract always gives the same text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bilten.contracts import Contract
from bilten.errors import ContractError
from warehouse.compile import names
from warehouse.compile.cells import cell_tables, cell_view, cell_views, is_of_cells, passing_view
from warehouse.compile.changes import (
    dead_letter_view,
    examined_raw_view,
    irregular_count_view,
    raw_table,
    raw_views,
    truncation_view,
)
from warehouse.compile.consistent import consistent_view
from warehouse.compile.current import current_view, state_table, state_views
from warehouse.compile.examining import examining_view
from warehouse.compile.names import EPOCH_HEADER, FILE_HEADER, POSITION_HEADER, TOPIC_ID_HEADER
from warehouse.compile.passages import examined_table, irregular_table, landing_table, parsed_table
from warehouse.compile.regular import regular_view
from warehouse.compile.statements import Statement
from warehouse.compile.streaming import state_door
from warehouse.compile.transactions import transaction_statements

__all__ = [
    "EPOCH_HEADER",
    "FILE_HEADER",
    "POSITION_HEADER",
    "TOPIC_ID_HEADER",
    "Statement",
    "compile_dataset",
    "compile_datasets",
    "retired_views",
    "transaction_statements",
]

_RETIRED = ("to_irregular",)
"""Ends of the names of views that earlier versions made."""


def compile_dataset(contract: Contract) -> tuple[Statement, ...]:
    """Everything the warehouse needs for one source dataset, in the order it must be created.

    Args:
        contract: the contract of an operational table.

    Returns:
        Tables first, then the views that fill and read them.

    Raises:
        ContractError: the table has no primary key, so its changes could not be told apart.
        UnmappedType: a column has a type without a lossless mapping.
    """
    if not contract.key:
        raise ContractError(
            f"{contract.name} has no primary key.",
            why="Without a key the changes of one row cannot be told from those of another.",
            remedy="Give the table a primary key and mark it in the contract.",
        )
    if is_of_cells(contract):
        return _of_cells(contract)
    return (
        landing_table(contract),
        parsed_table(contract),
        irregular_table(contract),
        examined_table(contract),
        raw_table(contract),
        state_table(contract),
        *state_door(contract),
        current_view(contract),
        consistent_view(contract),
        *raw_views(contract),
        *state_views(contract),
        dead_letter_view(contract),
        truncation_view(contract),
        irregular_count_view(contract),
        examining_view(contract),
        regular_view(contract),
    )


def _of_cells(contract: Contract) -> tuple[Statement, ...]:
    return (
        landing_table(contract),
        irregular_table(contract),
        examined_table(contract),
        raw_table(contract),
        *cell_tables(contract),
        cell_view(contract),
        examined_raw_view(contract),
        *cell_views(contract),
        dead_letter_view(contract),
        truncation_view(contract),
        examining_view(contract),
        passing_view(contract),
    )


def compile_datasets(contracts: Iterable[Contract]) -> tuple[Statement, ...]:
    """The statements of several source datasets, one after the other.

    Raises:
        ContractError: see `compile_dataset`.
    """
    return tuple(statement for contract in contracts for statement in compile_dataset(contract))


def retired_views(contracts: Iterable[Contract]) -> Iterator[Statement]:
    """What drops the views that earlier versions made for datasets and this one does not."""
    for contract in contracts:
        for purpose in _RETIRED:
            name = names.view(contract.name, purpose)
            yield Statement(names.plain_name(name), "retired", f"DROP VIEW IF EXISTS {name}")
