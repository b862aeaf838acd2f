"""The bus matrix: which mart speaks of which dimension, as the contracts of the marts say it."""

from __future__ import annotations

from bilten.contracts import Column, Contract, load_contracts
from bilten.settings import PROJECT_ROOT
from tests.fixtures.golden import Golden

PAGE = PROJECT_ROOT / "docs" / "reference" / "bus-matrix.md"
DIMENSIONS = {
    "customers": ("customer_id", "holder_id", "owner_id"),
    "organizers": ("organizer_id",),
    "events": ("event_id",),
    "venues": ("venue_id",),
    "ticket types": ("ticket_type_id",),
    "promotions": ("promotion_id", "discount_code_id"),
    "currencies": ("currency", "payout_currency"),
}
ORDER = {
    "Dimensions": (
        *("customers", "organizers", "events", "venues", "ticket_types", "promotions", "dates", "currencies"),
        *("organizers_history", "events_history", "ticket_types_history"),
    ),
    "Facts": (
        *("orders", "order_lines", "tickets", "check_ins", "payments", "refunds", "payouts", "carts"),
        *("page_views_by_day", "inventory_by_day"),
    ),
    "Answers": (
        *("sales_by_day", "sales_by_channel", "sales_by_event", "sales_by_organizer", "sales_by_ticket_type"),
        *("event_pace", "funnel_by_day", "customer_values", "customer_cohorts", "promotion_effects"),
        *("order_risks", "payouts_due", "door_flow", "organizer_scorecards"),
    ),
    "About the marts": ("freshness",),
}


def cell(contract: Contract, names: tuple[str, ...]) -> str:
    return " ".join(f"`{column.name}`" for column in contract.columns if column.name in names)


def is_day(column: Column) -> bool:
    return column.source_type.startswith("Date32")


def matrix() -> str:
    contracts = load_contracts()
    head = ["mart", "grain", *DIMENSIONS, "dates"]
    lines = [
        "# Bus matrix",
        "",
        "Made from the contracts by `make golden`. A cell names the columns by which a mart joins the",
        "dimension; the same name means the same thing in every mart.",
        "What the marts are for: [marts](../explanation/marts.md).",
    ]
    for title, names in ORDER.items():
        lines += ["", f"## {title}", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
        for name in names:
            contract = contracts[name]
            days = " ".join(f"`{column.name}`" for column in contract.columns if is_day(column))
            cells = [f"[{name}](contracts/{name}.md)", contract.grain]
            cells += [cell(contract, columns) for columns in DIMENSIONS.values()]
            lines.append("| " + " | ".join([*cells, days]) + " |")
    return "\n".join(lines) + "\n"


def test_the_page_is_current(golden: Golden) -> None:
    golden(PAGE, matrix())


def test_every_mart_has_its_line() -> None:
    listed = [name for names in ORDER.values() for name in names]
    assert sorted(listed) == sorted(contract.name for contract in load_contracts().marts())


def test_the_same_name_means_the_same_type() -> None:
    """Conformed: no mart keeps a key of a dimension in a type of its own."""
    types: dict[str, set[str]] = {}
    for contract in load_contracts().marts():
        for column in contract.columns:
            if any(column.name in names for names in DIMENSIONS.values()):
                types.setdefault(column.name, set()).add(column.source_type)
    assert all(len(found) == 1 for found in types.values()), types
