"""From which columns a dataset's columns come, as frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from lineage.names import DatasetName

Kind = Literal["DIRECT", "INDIRECT"]
Subtype = Literal[
    "IDENTITY", "TRANSFORMATION", "AGGREGATION", "FILTER", "JOIN", "GROUP_BY", "SORT", "WINDOW", "CONDITIONAL"
]


@dataclass(frozen=True, order=True)
class Origin:
    """A column that something depends on, and how.

    Args:
        dataset: where the column is.
        field: the column.
        kind: ``DIRECT`` when values flow, ``INDIRECT`` when they only decide what flows.
        subtype: OpenLineage's word for the way.
        masking: the values cannot be read back from the result (a hash, a count).
    """

    dataset: DatasetName
    field: str
    kind: Kind = "DIRECT"
    subtype: Subtype = "IDENTITY"
    masking: bool = False


@dataclass(frozen=True)
class Unresolved:
    """A column (or, with an empty name, a clause that concerns every row) that is not wholly resolved."""

    column: str
    reason: str


@dataclass(frozen=True)
class Flow:
    """The column lineage of one dataset.

    Args:
        fields: every column of the dataset, with the columns it comes from (none for a constant).
        everything: columns that decide about all rows: filters, joins, groups.
        unresolved: what could not be resolved. Such a column stands in ``fields`` too, with what is known.
    """

    fields: Mapping[str, tuple[Origin, ...]]
    everything: tuple[Origin, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()

    @property
    def resolved(self) -> int:
        """How many columns are wholly resolved."""
        return len(self.fields.keys() - {each.column for each in self.unresolved})

    @property
    def datasets(self) -> frozenset[DatasetName]:
        """Every dataset that plays a part."""
        origins = [*self.everything, *(origin for found in self.fields.values() for origin in found)]
        return frozenset(origin.dataset for origin in origins)


def identity(source: DatasetName, columns: Iterable[str]) -> Flow:
    """Every column comes from the column of the same name, unchanged."""
    return Flow({column: (Origin(source, column),) for column in columns})
