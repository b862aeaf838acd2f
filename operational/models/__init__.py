"""Every operational table, one module per PostgreSQL schema."""

from operational.models import authentication, branding, events, financial, payments, system, tickets, users
from operational.models.base import Base, require_currency_codes

SCHEMAS = ("users", "authentication", "events", "tickets", "payments", "financial", "branding", "system")
"""The PostgreSQL schemas, in the order in which they are created."""

metadata = Base.metadata
require_currency_codes(metadata)

__all__ = [
    "SCHEMAS",
    "Base",
    "authentication",
    "branding",
    "events",
    "financial",
    "metadata",
    "payments",
    "system",
    "tickets",
    "users",
]
