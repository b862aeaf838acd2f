"""Some of the rows that break a dbt test, so that the cause can be seen without asking the warehouse."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bilten.contracts import Contract, Contracts
from bilten.errors import WarehouseError
from bilten.results import MAXIMUM_SAMPLES, Verdict
from warehouse.client import Warehouse

_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_STAGING_PREFIX = "stg_"
_BROKEN_RULES = "broken_rules"
"""Column in which a test that judges several rules says which of them a row breaks."""


def with_samples(
    warehouse: Warehouse, contracts: Contracts, run_results: Mapping[str, Any], verdicts: Iterable[Verdict]
) -> tuple[Verdict, ...]:
    """The verdicts, those on broken rules with some of the rows that break them.

    Args:
        warehouse: where the build is.
        contracts: they say which columns are personal; those are left out.
        run_results: dbt's ``run_results.json``, which holds the tests' SQL.
        verdicts: verdicts on dbt's tests.

    Returns:
        As many verdicts, in the same order. A sample that cannot be had leaves its verdict as it is.
    """
    queries = {result["unique_id"]: result.get("compiled_code") or "" for result in run_results["results"]}
    return tuple(
        replace(verdict, samples=_samples(warehouse, contracts, verdict, queries.get(verdict.check_id, "")))
        if verdict.failing_rows and not verdict.samples
        else verdict
        for verdict in verdicts
    )


def _samples(
    warehouse: Warehouse, contracts: Contracts, verdict: Verdict, query: str
) -> tuple[Mapping[str, str | None], ...]:
    name = verdict.dataset.removeprefix(_STAGING_PREFIX)
    if not query or name not in contracts:
        return ()
    try:
        result = warehouse.query(f"SELECT * FROM (\n{query}\n) LIMIT {MAXIMUM_SAMPLES}")
    except WarehouseError:
        return ()
    shown = columns_shown(contracts[name], query) | {_BROKEN_RULES}
    return tuple(
        {
            column: None if value is None else str(value)
            for column, value in zip(result.columns, row, strict=True)
            if column in shown
        }
        for row in result.rows
        if shown & set(result.columns)
    )


def columns_shown(contract: Contract, query: str) -> frozenset[str]:
    """Columns of a sample: the key and what the test's SQL speaks of, nothing personal."""
    spoken_of = set(_WORD.findall(query.lower()))
    return frozenset(
        column.name
        for column in contract.columns
        if not column.is_personal and (column.key_position is not None or column.name in spoken_of)
    )
