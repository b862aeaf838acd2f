"""Two small datasets whose tables stand in a build's database of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from bilten.contracts import Column, Contract, Contracts, Reference, Rule
from quality.run import Target
from warehouse.client import Warehouse
from warehouse.schema.operations import OPERATIONS_TABLES

_numbers = count(1)


def rule(name: str, **values: Any) -> Rule:
    given: dict[str, Any] = {
        "name": name,
        "metric": None,
        "query": None,
        "column": None,
        "arguments": {},
        "must_be": ("mustBe", 0),
        "severity": "error",
        "dimension": None,
        "description": f"The rule {name}.",
    }
    return Rule(**{**given, **values})


def contract(name: str, columns: list[Column], rules: list[Rule]) -> Contract:
    return Contract(
        name=name,
        version="1.0.0",
        kind="mart",
        domain="tests",
        owner="Tests",
        description="",
        usage="",
        limitations="",
        grain="one row each",
        columns=tuple(columns),
        rules=tuple(rules),
        roles=(),
        subjects=(),
    )


def column(name: str, kind: str = "String", *, required: bool = True, **values: Any) -> Column:
    return Column(name, f"The {name}.", "string", kind, required=required, **values)


def shop_contracts(*rules: Rule) -> Contracts:
    buyers = contract(
        "buyers",
        [column("email", key_position=1, classification="personal"), column("country", required=False)],
        [
            rule(
                "country_is_a_code",
                metric="invalidValues",
                column="country",
                arguments={"pattern": "^[A-Z]{2}$"},
            )
        ],
    )
    sales = contract(
        "sales",
        [
            column("sale_id", "Int64", key_position=1),
            column("code", required=False, unique=True),
            column("buyer", required=False, references=Reference("buyers", "email")),
            column("state", labels=("paid", "open")),
            column("price", "Decimal(10, 2)"),
            column("fee", "Decimal(10, 2)"),
            column("total", "Decimal(10, 2)"),
        ],
        list(rules)
        or [rule("total_adds_up", query="SELECT count() FROM {table} WHERE NOT (total = price + fee)")],
    )
    return Contracts({"buyers": buyers, "sales": sales})


SALES = [
    (1, "a", "x@example.org", "paid", 10, 1, 11),
    (2, "b", None, "open", 20, 2, 22),
    (3, None, "y@example.org", "paid", 30, 3, 33),
]
BUYERS = [("x@example.org", "DE"), ("y@example.org", None)]


@contextmanager
def built(
    warehouse: Warehouse,
    sales: list[tuple[Any, ...]] | None = None,
    buyers: list[tuple[Any, ...]] | None = None,
) -> Iterator[Target]:
    """A build with these rows."""
    number = next(_numbers)
    target = Target(f"20260101T000000_{number:08x}", f"build_20260101T000000_{number:08x}")
    warehouse.command("CREATE DATABASE IF NOT EXISTS ops")
    for statement in OPERATIONS_TABLES:
        warehouse.command(statement.sql)
    warehouse.command(f"CREATE DATABASE {target.database}")
    warehouse.command(
        f"CREATE TABLE {target.database}.sales (sale_id Int64, code Nullable(String), "
        "buyer Nullable(String), state Nullable(String), price Decimal(10, 2), fee Decimal(10, 2), "
        "total Decimal(10, 2)) "
        "ENGINE = MergeTree ORDER BY sale_id"
    )
    warehouse.command(
        f"CREATE TABLE {target.database}.buyers (email String, country Nullable(String)) "
        "ENGINE = MergeTree ORDER BY email"
    )
    names = ["sale_id", "code", "buyer", "state", "price", "fee", "total"]
    warehouse.insert_rows(f"{target.database}.sales", names, SALES if sales is None else sales)
    warehouse.insert_rows(
        f"{target.database}.buyers", ["email", "country"], BUYERS if buyers is None else buyers
    )
    yield target
    warehouse.command(f"DROP DATABASE {target.database}")
