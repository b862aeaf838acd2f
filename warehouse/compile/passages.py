"""The tables of ``landing``: they keep nothing, records pass through them to the views that hang on them.

Regular records go ``<dataset>`` → ``__parsed`` → ``raw`` and ``ods``; the others take the way round by
``__irregular`` and ``__examined``, which also leads to dead letters and truncations.
"""

from __future__ import annotations

from bilten.contracts import Contract
from warehouse.compile import names
from warehouse.compile.rows import row_type, values_type
from warehouse.compile.statements import Statement, identifier, lines


def landing_table(contract: Contract) -> Statement:
    """The loader's target: records as they came."""
    return _passage(names.landing(contract.name), list(names.LANDING_COLUMNS))


def parsed_table(contract: Contract) -> Statement:
    """Every record, its values, and whether it was in the usual form."""
    return _passage(names.parsed(contract.name), parsed_columns(contract))


def irregular_table(contract: Contract) -> Statement:
    """Records that were not in the usual form, as they came."""
    return _passage(names.irregular(contract.name), list(names.LANDING_COLUMNS))


def examined_table(contract: Contract) -> Statement:
    """The same with their values, and the reasons against each; no reason means good."""
    return _passage(names.examined(contract.name), examined_columns(contract))


def parsed_columns(contract: Contract) -> list[tuple[str, str]]:
    """Names and types of what the fast way says of a record."""
    return [
        ("_row", row_type(contract.columns)),
        ("_values", values_type(contract.columns)),
        *_record_columns(),
        ("_is_regular", "Bool"),
    ]


def examined_columns(contract: Contract) -> list[tuple[str, str]]:
    """Names and types of what the complete readers say of a record."""
    columns = [(column.name, names.optional_type(column)) for column in contract.columns]
    columns += [(names.is_null(column), "Bool") for column in contract.columns if names.has_null_flag(column)]
    return [*columns, *_record_columns(), ("_reasons", "Array(String)")]


def defined(columns: list[tuple[str, str]]) -> str:
    """Columns as CREATE wants them. A view that states its columns is analysed once less when it is made."""
    return lines(f"{identifier(column)} {kind}" for column, kind in columns)


def _record_columns() -> list[tuple[str, str]]:
    landing = [(f"_{name}", kind) for name, kind in names.LANDING_COLUMNS if not name.startswith("_")]
    return [*names.RECORD_COLUMNS, *landing]


def _passage(name: str, columns: list[tuple[str, str]]) -> Statement:
    return Statement(
        names.plain_name(name),
        "table",
        f"CREATE TABLE IF NOT EXISTS {name} (\n{defined(columns)}\n)\nENGINE = Null",
    )
