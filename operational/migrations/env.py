"""Run by Alembic, always within the connection that `operational.migrate` opened."""

from __future__ import annotations

from alembic import context

from operational.models import SCHEMAS, metadata


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Keep autogenerate to the platform's own schemas."""
    return kind != "schema" or name in SCHEMAS


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_schemas=True,
    include_name=include_name,
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
