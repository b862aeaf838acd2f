"""dbt artifacts in the shape dbt 1.11 writes them, cut down to one source, three models and their tests."""

from __future__ import annotations

from typing import Any

BUILD = "20260329T005930_1a2b3c4d"
DATABASE = f"build_{BUILD}"


def model(
    name: str, schema: str, sql: str, reads: list[str], *, materialized: str, columns: list[str]
) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "name": name,
        "alias": name,
        "schema": schema,
        "description": f"{name}, one row each.",
        "config": {"materialized": materialized, "meta": {"owner": "sales"}},
        "columns": {
            each: {"name": each, "data_type": None, "description": f"The {each}."} for each in columns
        },
        "tags": [],
        "depends_on": {"nodes": reads},
        "compiled_code": sql,
    }


def data_test(name: str, kind: str, attached: str, column: str, severity: str = "ERROR") -> dict[str, Any]:
    return {
        "resource_type": "test",
        "name": name,
        "alias": name,
        "schema": f"{DATABASE}_audit",
        "config": {"severity": severity},
        "test_metadata": {"name": kind},
        "column_name": column,
        "attached_node": attached,
        "depends_on": {"nodes": [attached]},
    }


MANIFEST: dict[str, Any] = {
    "metadata": {"dbt_version": "1.11.16"},
    "sources": {
        "source.bilten.ods.tickets__orders": {
            "resource_type": "source",
            "name": "tickets__orders",
            "identifier": "tickets__orders",
            "schema": "ods",
            "description": "",
            "columns": {},
        }
    },
    "nodes": {
        "model.bilten.sales_by_day": model(
            "sales_by_day",
            DATABASE,
            f"with orders as (select * from `{DATABASE}`.`int_orders`)\n"
            "select toDate(created_at) as day, count() as orders, sum(amount) as gross\n"
            "from orders where amount > 0 group by day",
            ["model.bilten.int_orders"],
            materialized="table",
            columns=["day", "orders", "gross"],
        ),
        "model.bilten.int_orders": model(
            "int_orders",
            DATABASE,
            "select id, cityHash64(buyer_email) as buyer, total as amount, created_at\n"
            "from `staging`.`stg_tickets__orders`",
            ["model.bilten.stg_tickets__orders"],
            materialized="table",
            columns=[],
        ),
        "model.bilten.stg_tickets__orders": model(
            "stg_tickets__orders",
            "staging",
            "select * except (_version, _committed_at, _transaction) from `ods`.`tickets__orders`",
            ["source.bilten.ods.tickets__orders"],
            materialized="view",
            columns=[],
        ),
        "test.bilten.not_null_day": data_test(
            "not_null_sales_by_day_day", "not_null", "model.bilten.sales_by_day", "day"
        ),
        "test.bilten.gross": data_test(
            "gross_is_positive", "identity", "model.bilten.sales_by_day", "gross", "WARN"
        ),
        "test.bilten.broken": data_test("unique_int_orders_id", "unique", "model.bilten.int_orders", "id"),
    },
}


def result(identifier: str, status: str, second: int, **values: Any) -> dict[str, Any]:
    return {
        "unique_id": identifier,
        "status": status,
        "timing": [
            {
                "name": "compile",
                "started_at": f"2026-03-29T01:00:{second:02}Z",
                "completed_at": f"2026-03-29T01:00:{second:02}.1Z",
            },
            {
                "name": "execute",
                "started_at": f"2026-03-29T01:00:{second:02}.1Z",
                "completed_at": f"2026-03-29T01:00:{second:02}.9Z",
            },
        ]
        if status != "skipped"
        else [],
        "adapter_response": {},
        "message": None,
        "failures": None,
        **values,
    }


RESULTS: dict[str, Any] = {
    "metadata": {
        "dbt_version": "1.11.16",
        "generated_at": "2026-03-29T01:00:59Z",
        "invocation_id": "3e5f8a8e-9d5a-4f7e-8b56-1f4d7b1c9a11",
    },
    "results": [
        result("model.bilten.stg_tickets__orders", "success", 1),
        result(
            "model.bilten.int_orders", "success", 2, adapter_response={"query_id": "q-2", "rows_affected": 98}
        ),
        result("model.bilten.sales_by_day", "success", 3),
        result("test.bilten.not_null_day", "pass", 4, failures=0),
        result("test.bilten.gross", "warn", 5, failures=3, message="Got 3 results"),
        result("test.bilten.broken", "error", 6, message="Code: 241. Memory limit exceeded"),
    ],
}
