"""How tables of changes and states are kept, small and large alike, and how views fill them.

About fifty datasets with two tables each get an insert every few hundred milliseconds, in an engine that
shares two cores and a gigabyte. Parts therefore stay compact (one file) until they are large, and parts that
were merged away are forgotten after a minute instead of eight.
"""

from __future__ import annotations

from bilten.contracts import Contract
from warehouse.compile import names
from warehouse.compile.statements import Statement, lines

TABLE_SETTINGS = "index_granularity = 8192, min_bytes_for_wide_part = 33554432, old_parts_lifetime = 60"

# Positions and times of consecutive rows are near each other; the rest is left to the default.
CODECS = {
    "_committed_at": "Delta(8), LZ4",
    "_position": "Delta(8), LZ4",
    "_offset": "Delta(8), LZ4",
    "_timestamp": "Delta(8), LZ4",
    "_loaded_at": "Delta(8), LZ4",
}


def with_codec(name: str, kind: str) -> str:
    """A column's definition, with its codec where one is worth it."""
    codec = f" CODEC({CODECS[name]})" if name in CODECS else ""
    return f"`{name}` {kind}{codec}"


def filling_view(
    contract: Contract, purpose: str, target: str, selected: list[str], source: str, condition: str = ""
) -> Statement:
    """A materialized view from one of a dataset's passages into a table.

    Args:
        contract: of the dataset.
        purpose: the end of the view's name.
        target: the table.
        selected: SQL of the table's columns, with their names.
        source: the passage.
        condition: SQL; which records it takes, all of them by default.
    """
    name = names.view(contract.name, purpose)
    where = f"\nWHERE {condition}" if condition else ""
    return Statement(
        names.plain_name(name),
        "materialized_view",
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {name} TO {target}\nAS SELECT\n{lines(selected)}\n"
        f"FROM {source}{where}",
    )
