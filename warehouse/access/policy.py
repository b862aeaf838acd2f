"""What follows from the contracts: which role may read which dataset, and how much of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bilten.contracts import Column, Contract
from warehouse.access.roles import BY_NAME, LEVELS, ORGANIZER, ROLES, Level, Role
from warehouse.deprecation import PREVIOUS_DATABASE
from warehouse.readers import CLONES_DATABASE, READERS_DATABASE

OWN_DATABASE = "own"
"""Views of the rows that belong to who asks."""

OWNER = "organizer_id"
"""The column of a mart that says whom a row belongs to."""

_HIDDEN: dict[Level, frozenset[str]] = {
    "masked": frozenset({"personal", "sensitive"}),
    "personal": frozenset({"sensitive"}),
    "sensitive": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One dataset as one role may read it.

    Attributes:
        view: the view that shows it, as ``database.name``.
        level: how much of it that view shows.
    """

    role: str
    dataset: str
    view: str
    level: Level


@dataclass(frozen=True)
class Policy:
    """Everything that roles may do.

    Attributes:
        readings: what they may read because a contract names them.
        grants: by role, all of its rights in ClickHouse's words: ``SELECT ON masked.`orders` ``.
    """

    contracts: tuple[Contract, ...]
    readings: tuple[Reading, ...]
    grants: dict[str, tuple[str, ...]]

    def views_of(self, role: str, dataset: str) -> tuple[str, ...]:
        """The views by which a role may read a dataset."""
        return tuple(one.view for one in self.readings if (one.role, one.dataset) == (role, dataset))


def is_hidden(column: Column, level: Level) -> bool:
    """Whether a column's values are masked at a level."""
    return column.classification in _HIDDEN[level]


def levels(contract: Contract) -> tuple[Level, ...]:
    """The levels at which a dataset looks different, from the least that is shown to the most."""
    found: list[Level] = []
    last: list[bool] | None = None
    for level in LEVELS:
        hidden = [is_hidden(column, level) for column in contract.columns]
        if hidden != last:
            found.append(level)
            last = hidden
    return tuple(found)


def belongs_to_somebody(contract: Contract) -> bool:
    """Whether each row of a dataset belongs to one organizer, and organizers may see theirs."""
    return contract.kind == "mart" and ORGANIZER in contract.roles and OWNER in contract.by_name


def view_name(database: str, contract: Contract) -> str:
    """The name of a view on a dataset."""
    return f"{database}.`{contract.name}`"


def make_policy(contracts: Iterable[Contract]) -> Policy:
    """Derive the policy.

    Args:
        contracts: of sources and marts; a role that they name and `roles` doesn't know gets nothing.
    """
    known = tuple(sorted(contracts, key=lambda contract: contract.name))
    readings = tuple(reading for role in ROLES for contract in known for reading in _readings(role, contract))
    grants = {
        role.name: (
            *role.grants,
            *(f"SELECT ON {one.view}" for one in readings if one.role == role.name),
            *(grant for contract in known for grant in _published(role, contract)),
        )
        for role in ROLES
    }
    return Policy(known, readings, grants)


def _readings(role: Role, contract: Contract) -> Iterator[Reading]:
    if role.name not in contract.roles:
        return
    if role.own_rows:
        if belongs_to_somebody(contract):
            yield Reading(role.name, contract.name, view_name(OWN_DATABASE, contract), "masked")
        return
    allowed = LEVELS[: LEVELS.index(role.level) + 1]
    for level in levels(contract):
        if level in allowed:
            yield Reading(role.name, contract.name, view_name(level, contract), level)


def _published(role: Role, contract: Contract) -> tuple[str, ...]:
    """The mart's own view, for roles that may see all of its columns; it reads as who asks."""
    if contract.kind == "source" or role.own_rows or role.name not in contract.roles:
        return ()
    if any(is_hidden(column, BY_NAME[role.name].level) for column in contract.columns):
        return ()
    view = f"SELECT ON {READERS_DATABASE}.`{contract.name}`"
    if contract.kind == "live":
        # It reads with the rights of who made it.
        return (view,)
    return (
        view,
        f"SELECT ON {CLONES_DATABASE}.{contract.name}_all_*",
        f"SELECT ON {CLONES_DATABASE}.{contract.name}__*",
        "SELECT(build_id, published_at) ON ops.publications",
        # Its versions before this one, for as long as they are kept.
        f"SELECT ON {PREVIOUS_DATABASE}.{contract.name}__v*",
    )
