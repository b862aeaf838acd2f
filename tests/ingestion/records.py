from __future__ import annotations

from dataclasses import dataclass, field


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
