"""The tables behind the names in a query, and clones that stand in for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from warehouse.client import Warehouse
from warehouse.publish import current_publication
from warehouse.readers import CLONES_DATABASE, READERS_DATABASE, clone_name

STATE_SUFFIX = "__state"


@dataclass(frozen=True, slots=True)
class StandIn:
    """One table that a query reads.

    Attributes:
        shown: the name in the query: ``marts.orders``, ``ods.tickets__orders``.
        table: the table behind it that has the rows.
        view: text of the view between them, or empty.
    """

    shown: str
    table: str
    view: str = ""

    @property
    def target(self) -> str:
        """Where the layout says what it gets."""
        return self.shown if self.shown.startswith(f"{READERS_DATABASE}.") else self.table


def stand_ins(warehouse: Warehouse, tables: Sequence[str]) -> tuple[StandIn, ...]:
    """What stands behind the tables that a query read, as its log names them, and has rows of its own."""
    known = {
        f"{database}.{name}": (str(engine), str(view))
        for database, name, engine, view in warehouse.query(
            "SELECT database, name, engine, as_select FROM system.tables "
            "WHERE database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema')"
        ).rows
    }
    publication = current_publication(warehouse)
    build = publication.build_id if publication is not None else ""
    found = _behind(tables, known, build)
    return tuple(one for one in found if known.get(one.table, ("", ""))[0].endswith("MergeTree"))


def _behind(tables: Sequence[str], known: dict[str, tuple[str, str]], build: str) -> Iterator[StandIn]:
    for shown in tables:
        database, _, name = shown.partition(".")
        if database == READERS_DATABASE:
            yield StandIn(shown, f"{CLONES_DATABASE}.{clone_name(name, build)}")
        elif database == "ods" and f"{shown}{STATE_SUFFIX}" in known:
            yield StandIn(shown, f"{shown}{STATE_SUFFIX}", known[shown][1])
        elif database not in (CLONES_DATABASE, "ops", "system") and not name.endswith(STATE_SUFFIX):
            yield StandIn(shown, shown)
