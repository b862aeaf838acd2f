from __future__ import annotations

from dataclasses import dataclass, field

from bilten.contracts import Column, Contract


@dataclass
class Change:
    """A record as the consumer hands it over."""

    offset: int
    topic: str = "ticketing.tickets.orders"
    partition: int = 0
    timestamp: int = 1_795_448_280_338
    key: bytes | None = b'{"id":1}'
    value: bytes | None = b"{}"
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)


def column(name: str, source_type: str = "text", *, key: int | None = None) -> Column:
    return Column(name, "", "string", source_type, required=key is not None, key_position=key)


def contract(schema: str, table: str, *columns: Column, excluded: tuple[str, ...] = ()) -> Contract:
    return Contract(
        name=f"{schema}__{table}",
        version="1.0.0",
        kind="source",
        domain=schema,
        owner="team",
        description="",
        usage="",
        limitations="",
        grain="",
        columns=columns or (column("id", "uuid", key=1),),
        rules=(),
        roles=(),
        subjects=(),
        excluded_columns=excluded,
        source_schema=schema,
        source_table=table,
    )
