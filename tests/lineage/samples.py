"""Small values that the lineage tests share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bilten.contracts import Column, Contract
from lineage.names import JobName, Names
from lineage.runs import Engine, Parent

NAMES = Names(
    postgres="127.0.0.1:15432",
    database="ticketing",
    kafka="127.0.0.1:9092",
    bootstrap_servers=("127.0.0.1:9092", "broker-2.internal:9092"),
    authority="warehouse",
    warehouse_address="127.0.0.1:8123",
    topic_prefix="ticketing",
)
BEGUN = datetime(2026, 3, 29, 0, 59, 30, 123456, tzinfo=UTC)
ENDED = BEGUN + timedelta(seconds=60)
CLICKHOUSE = Engine("ClickHouse", "26.9.1.1")
PARENT = Parent(
    "019c1a2b-0000-7000-8000-000000000001",
    JobName("bilten", "dagster.marts"),
    "019c1a2b-0000-7000-8000-000000000000",
    JobName("bilten", "dagster"),
)


def column(name: str, source_type: str, *, required: bool = True, classification: str = "internal") -> Column:
    return Column(
        name=name,
        description=f"The {name} of an order.",
        logical_type="string",
        source_type=source_type,
        required=required,
        key_position=1 if name == "id" else None,
        classification=classification,  # type: ignore[arg-type]
    )


ORDERS = Contract(
    name="tickets__orders",
    version="1.2.0",
    kind="source",
    domain="tickets",
    owner="sales",
    description="Orders, one row each.",
    usage="",
    limitations="",
    grain="one order",
    columns=(
        column("id", "uuid"),
        column("total", "numeric(10,2)"),
        column("buyer_email", "text", classification="personal"),
        column("created_at", "timestamptz"),
    ),
    rules=(),
    roles=(),
    subjects=(),
    source_schema="tickets",
    source_table="orders",
)
