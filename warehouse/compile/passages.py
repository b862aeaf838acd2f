"""The tables of ``landing``: they keep nothing, records pass through them to the views that hang on them.

A batch of regular records goes ``<dataset>`` → ``__parsed`` → ``raw`` and ``ods``; any other is refused there
and goes ``__irregular`` → ``__examined``, from where ways lead to dead letters and truncations, too.
"""

from __future__ import annotations

from bilten.contracts import Contract
from warehouse.compile import names
from warehouse.compile.rows import row_type, values_type
from warehouse.compile.statements import Statement, identifier, lines


def landing_table(contract: Contract) -> Statement:
    """The loader's first target: records as they came."""
    return _passage(names.landing(contract.name), list(names.LANDING_COLUMNS))


def parsed_table(contract: Contract) -> Statement:
    """Records in the usual form, with their values."""
    return _passage(names.parsed(contract.name), parsed_columns(contract))


def irregular_table(contract: Contract) -> Statement:
    """The loader's second target: records of a batch that is not wholly in the usual form, as they came."""
    return _passage(names.irregular(contract.name), list(names.LANDING_COLUMNS))


def examined_table(contract: Contract) -> Statement:
    """The same with their values, and the reasons against each; no reason means good."""
    return _passage(names.examined(contract.name), examined_columns(contract))


def parsed_columns(contract: Contract) -> list[tuple[str, str]]:
    """Names and types of what the short way says of a record."""
    return [
        ("_row", row_type(contract.columns)),
        ("_values", values_type(contract.columns)),
        *names.RECORD_COLUMNS,
        ("_is_irregular", "UInt8"),
    ]


def examined_columns(contract: Contract) -> list[tuple[str, str]]:
    """Names and types of what the complete readers say of a record."""
    columns = [(column.name, names.optional_type(column)) for column in contract.columns]
    columns += [(names.is_null(column), "Bool") for column in contract.columns if names.has_null_flag(column)]
    landing = [(f"_{name}", kind) for name, kind in names.LANDING_COLUMNS if not name.startswith("_")]
    return [*columns, *names.RECORD_COLUMNS, *landing, ("_reasons", "Array(String)")]


def defined(columns: list[tuple[str, str]]) -> str:
    """Columns as CREATE wants them. A view that states its columns is analysed once less when it is made."""
    return lines(f"{identifier(column)} {kind}" for column, kind in columns)


def _passage(name: str, columns: list[tuple[str, str]]) -> Statement:
    return Statement(
        names.plain_name(name),
        "table",
        f"CREATE TABLE IF NOT EXISTS {name} (\n{defined(columns)}\n)\nENGINE = Null",
    )
