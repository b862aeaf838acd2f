"""The contracts' own rules, put to PostgreSQL, so that what is written can be judged where it is written."""

from __future__ import annotations

import re
from typing import Any

import psycopg

from bilten.contracts import Rule, load_contracts

_SETTLED = re.compile(
    r"\w+\._committed_at < \(SELECT max\(_committed_at\) FROM \{\w+\}\) - INTERVAL 5 SECOND AND "
)


def verdicts(connection: psycopg.Connection[Any]) -> dict[tuple[str, str], int]:
    """Failing rows of every rule with a query, by dataset and rule."""
    contracts = load_contracts()
    tables = {each.name: f"{each.source_schema}.{each.source_table}" for each in contracts.captured()}
    found = {}
    for contract in contracts.captured():
        for rule in contract.rules:
            if rule.query is not None:
                query = _translated(rule, {**tables, "table": tables[contract.name]})
                row = connection.execute(query.encode()).fetchone()
                assert row is not None
                found[contract.name, rule.name] = int(row[0])
    return found


def broken(connection: psycopg.Connection[Any]) -> dict[tuple[str, str], int]:
    """Those of the rules that fail, with the number of rows."""
    return {rule: rows for rule, rows in verdicts(connection).items() if rows}


def _translated(rule: Rule, tables: dict[str, str]) -> str:
    assert rule.query is not None
    query = _SETTLED.sub("", rule.query).replace("count()", "count(*)").replace("toDate32(", "date(")
    return query.format(**tables)
