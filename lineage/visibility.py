"""Which values of a trace a reader may see: contracts and roles decide, as in the warehouse. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from bilten.contracts import Contract
from lineage.graph import Column
from lineage.names import Names
from lineage.snapshot import Snapshot, follow, identities
from warehouse.access.identity import Reader

HIDDEN: Final = "•••"
"""Stands for a value that the reader may not see."""


def hidden_columns(contract: Contract, reader: Reader) -> frozenset[str]:
    """The columns of a dataset whose values a reader may not see: all of them where no role is named."""
    return frozenset(column.name for column in contract.columns if not reader.may_see(contract, column))


def columns_of_hidden_origin(
    snapshot: Snapshot,
    names: Names,
    contracts: Mapping[str, Contract],
    columns: Iterable[Column],
    reader: Reader,
) -> frozenset[str]:
    """The columns of a model whose values the reader may not see elsewhere: in the sources that they come
    from, or in marts that pass them on as they are.

    Args:
        snapshot: the lineage.
        names: how datasets are named here.
        contracts: of sources and marts.
        columns: the columns of the model.
        reader: who asks.
    """
    hidden = {
        Column(names.raw(contract.name) if contract.kind == "source" else names.built(contract.name), column)
        for contract in contracts.values()
        for column in hidden_columns(contract, reader)
    }
    unchanged = identities(snapshot)
    return frozenset(
        column.name
        for column in columns
        if not hidden.isdisjoint(follow(snapshot, [column], downstream=False)[0])
        or not hidden.isdisjoint(follow(unchanged, [column], downstream=True)[0])
    )


def shown(row: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """A row with its hidden values covered; what is null shows that nothing is there."""
    return {name: HIDDEN if name in hidden and value is not None else value for name, value in row.items()}
