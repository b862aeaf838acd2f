"""A pasted query is understood, never run: only what can be built anew from its parts is asked."""

from __future__ import annotations

import pytest

from bilten.contracts import load_contracts
from bilten.errors import TraceImpossible
from lineage.pasted import Asked, understand

CONTRACTS = load_contracts()


@pytest.mark.parametrize(
    ("sql", "figures", "condition", "parameters"),
    [
        (
            "SELECT sum(net_amount) AS net, count() FROM marts.sales_by_day "
            "WHERE currency IN ('EUR', 'CHF') AND orders > 3 GROUP BY sales_on ORDER BY net LIMIT 5;",
            {"net": ("net_amount",), "count()": ()},
            '"currency" IN ({p0: String}, {p1: String}) AND "orders" > 3',
            {"p0": "EUR", "p1": "CHF"},
        ),
        (
            "select net_amount / orders as average from masked.`sales_by_day` "
            "where sales_on = toDate('2026-01-05')",
            {"average": ("net_amount", "orders")},
            '"sales_on" = toDate({p0: String})',
            {"p0": "2026-01-05"},
        ),
        ("SELECT orders FROM sales_by_day", {"orders": ("orders",)}, "", {}),
        (
            "SELECT orders FROM sales_by_day WHERE currency = '\\\\' OR currency = 'it''s'",
            {"orders": ("orders",)},
            '"currency" = {p0: String} OR "currency" = {p1: String}',
            {"p0": "\\", "p1": "it's"},
        ),
    ],
)
def test_what_is_understood(
    sql: str, figures: dict[str, tuple[str, ...]], condition: str, parameters: dict[str, str]
) -> None:
    assert understand(sql, CONTRACTS, {}) == Asked("sales_by_day", figures, condition, parameters)


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("SELECT 1", "something else than one mart"),
        ("SELECT orders FROM marts.sales_by_day, marts.orders", "something else than one mart"),
        (
            "SELECT a.orders FROM marts.sales_by_day a JOIN marts.orders b ON 1",
            "something else than one mart",
        ),
        ("WITH x AS (SELECT 1) SELECT orders FROM marts.sales_by_day", "something else than one mart"),
        ("SELECT id FROM raw.tickets__orders", "something else than one mart"),
        ("SELECT x FROM marts.nowhere", "no mart nowhere"),
        ("SELECT x FROM marts.sales_by_day", "no column x"),
        ("SELECT orders FROM marts.sales_by_day WHERE x = 1", "no column x"),
        ("DROP TABLE marts.sales_by_day", "not one SELECT"),
        ("SELECT orders FROM marts.sales_by_day; SELECT 1", "not one SELECT"),
        ("SELECT (", "cannot be read"),
        (
            "SELECT orders FROM marts.sales_by_day WHERE currency = (SELECT currency FROM raw.x)",
            "not understood",
        ),
        ("SELECT orders FROM marts.sales_by_day WHERE file('/etc/passwd') = currency", "not understood"),
        ("SELECT orders FROM marts.sales_by_day WHERE sleep(3) = 0", "not understood"),
        ("SELECT orders FROM marts.sales_by_day WHERE currency = {p0:String}", "not understood"),
    ],
)
def test_what_is_refused(sql: str, what: str) -> None:
    with pytest.raises(TraceImpossible, match=what):
        understand(sql, CONTRACTS, {})


def test_nobody_asks_by_what_they_may_not_see() -> None:
    sql = "SELECT orders FROM marts.sales_by_day WHERE currency = 'EUR'"
    with pytest.raises(TraceImpossible, match="currency cannot be asked by"):
        understand(sql, CONTRACTS, {"sales_by_day": {"currency"}})
