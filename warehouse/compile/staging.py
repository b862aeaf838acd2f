"""Contracts of sources → dbt's sources and the staging model of each: business columns only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml

from bilten.contracts import Column, Contract
from warehouse.compile.names import current_type

STAGING_FOLDER = PurePosixPath("dbt_project/models/staging/_generated")
"""Where these files are kept, from the project's root; nothing else is kept there."""

_NOTE = "Generated from contracts by `make generate`; change the contract, not this file."


def staging_files(sources: Iterable[Contract]) -> Mapping[PurePosixPath, str]:
    """Every file of the staging layer.

    Args:
        sources: contracts of operational tables.

    Returns:
        Text by path from the project's root; the same for the same contracts.
    """
    contracts = tuple(sources)
    files = {STAGING_FOLDER / "sources.yml": _yaml({"version": 2, "sources": [_source(contracts)]})}
    for contract in contracts:
        name = f"stg_{contract.name}"
        files[STAGING_FOLDER / f"{name}.sql"] = _model_sql(contract)
        files[STAGING_FOLDER / f"{name}.yml"] = _yaml({"version": 2, "models": [_model(contract)]})
    return files


def _source(contracts: tuple[Contract, ...]) -> dict[str, Any]:
    return {
        "name": "ods",
        "schema": "ods",
        "description": "Rows of the operational tables that exist now, as views; readers need no FINAL.",
        "tables": [
            {
                "name": contract.name,
                "description": _description(contract),
                "config": {"meta": {"owner": contract.owner, "domain": contract.domain}},
                "columns": [
                    *(
                        {"name": column.name, "description": column.description}
                        for column in contract.columns
                    ),
                    {"name": "_version", "description": "Epoch and log position of the row's last change."},
                    {"name": "_committed_at", "description": "When the source committed it."},
                    {"name": "_transaction", "description": "The source's number of that transaction."},
                ],
            }
            for contract in contracts
        ],
    }


def _model_sql(contract: Contract) -> str:
    columns = ",\n".join(f"    {_quoted(column)}" for column in contract.columns)
    return f"-- {_NOTE}\nselect\n{columns}\nfrom {{{{ source('ods', '{contract.name}') }}}}\n"


def _quoted(column: Column) -> str:
    return f"`{column.name}`"


def _model(contract: Contract) -> dict[str, Any]:
    return {
        "name": f"stg_{contract.name}",
        "description": _description(contract),
        "config": {
            "meta": {
                "dataset": contract.name,
                "owner": contract.owner,
                "domain": contract.domain,
                "version": contract.version,
                "grain": contract.grain,
            },
        },
        "columns": [_column(contract, column) for column in contract.columns],
    }


def _column(contract: Contract, column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": column.name,
        "description": column.description,
        "data_type": current_type(column),
        "config": {"meta": {"classification": column.classification}},
    }
    tests: list[dict[str, Any]] = []
    if contract.key == (column,):
        tests.append({"unique": {"name": f"stg_{contract.name}__{column.name}_is_unique"}})
    if column.labels:
        # A label that is new in the source must show, and must not stop anything.
        tests.append(
            {
                "accepted_values": {
                    "name": f"stg_{contract.name}__{column.name}_is_a_label",
                    "arguments": {"values": list(column.labels)},
                    "config": {"severity": "warn"},
                }
            }
        )
    return {**described, "data_tests": tests} if tests else described


def _description(contract: Contract) -> str:
    parts = (contract.description, f"Grain: {contract.grain}.", contract.usage, contract.limitations)
    return " ".join(part for part in parts if part and part != "Grain: .")


def _yaml(document: Mapping[str, Any]) -> str:
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    return f"# {_NOTE}\n{text}"
