"""Two ways past the views behind ``landing``, for small batches of tables that promise most.

A view is planned anew at each insert, and planning takes most of what a small batch costs. So an INSERT into
``ods`` stays open: it says what the views say, is planned once, and takes batch after batch. ``raw`` gets
all of them in one insert when it ends. Of ten records of ``tickets.orders`` (chdb 4.4.0) a batch took 9 ms of
CPU by the open INSERT, and 39 by the views, in turns on the same busy machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bilten.contracts import Contract
from warehouse.compile import names
from warehouse.compile.changes import regular_change_select
from warehouse.compile.current import regular_state_select, state_columns
from warehouse.compile.regular import regular_select
from warehouse.compile.rows import JSON_SETTINGS
from warehouse.compile.statements import Statement, lines, literal

PROMISED_SECONDS = 1.0
"""Tables that promise at most this freshness have such ways; others wait long enough for company."""

LOADED_AT = ("_loaded_at", "DateTime64(6, 'UTC')")
"""What the records say beside the columns of ``landing``: when they were given to the warehouse."""

_SETTINGS = {
    **JSON_SETTINGS,
    "max_insert_threads": "1",
    "max_threads": "1",
    # Replaced rows are left to merges: to look for them in each insert takes 2 of 3 µs a row.
    "optimize_on_insert": "0",
}
# Each batch is written when it comes; otherwise they would wait until a million rows are together.
_AT_ONCE = {"min_insert_block_size_bytes": "0", "min_insert_block_size_rows": "0"}
_NEVER = 3600 * 24


@dataclass(frozen=True, slots=True)
class StreamInserts:
    """The statements of one table, each up to its FORMAT; their data are records with `LOADED_AT`.

    Attributes:
        state: fills the table behind ``ods``; what it has been given is visible at once.
        changes: fills ``raw``.

    Both fail on a record that is not in the usual form (`warehouse.compile.regular.IRREGULAR`); what they
    took in before stays.
    """

    state: str
    changes: str


def has_stream(contract: Contract) -> bool:
    """Whether a table promises so much that its small batches go past the views.

    Values of a Cassandra are merged one by one, which the views alone do; lines of files come by the day.
    """
    freshness = contract.freshness
    return (
        contract.database not in ("cassandra", "files")
        and freshness is not None
        and freshness.total_seconds() <= PROMISED_SECONDS
    )


def state_door(contract: Contract) -> tuple[Statement, ...]:
    """What the open INSERT writes into; nothing for tables without one.

    A table itself shows a block only when the next one comes. A Buffer whose bounds are all exceeded keeps
    nothing: it hands each block on before it takes another one.
    """
    if not has_stream(contract):
        return ()
    name = names.door(contract.name)
    database, _, table = names.plain_name(names.state(contract.name)).partition(".")
    return (
        Statement(
            names.plain_name(name),
            "table",
            f"CREATE TABLE IF NOT EXISTS {name} (\n{lines(state_columns(contract))}\n)\n"
            f"ENGINE = Buffer({literal(database)}, {literal(table)}, 1, {_NEVER}, {_NEVER}, 0, 0, 0, 0)",
        ),
    )


def stream_inserts(contract: Contract) -> StreamInserts:
    """The statements that take records past the views.

    Args:
        contract: of the dataset; one that `has_stream`.
    """
    return StreamInserts(
        _through(contract, names.door(contract.name), regular_state_select(contract), _AT_ONCE),
        _through(contract, names.raw(contract.name), regular_change_select(contract), {}),
    )


def _through(contract: Contract, table: str, selected: list[str], more: Mapping[str, str]) -> str:
    # Unlike a view's, an INSERT's columns go by their place.
    targets = ", ".join(column.rpartition(" AS ")[2] for column in selected)
    structure = ", ".join(f"{name} {kind}" for name, kind in (*names.LANDING_COLUMNS, LOADED_AT))
    records = regular_select(contract, f"input({literal(structure)})", tells_loading=True)
    settings = ", ".join(f"{name} = {literal(value)}" for name, value in {**_SETTINGS, **more}.items())
    return (
        f"INSERT INTO {table} ({targets})\nSELECT\n{lines(selected)}\nFROM (\n{lines([records])}\n)\n"
        # The condition is the check itself: a column that nobody reads would not be computed.
        f"WHERE _is_irregular = 0\nSETTINGS {settings}"
    )
