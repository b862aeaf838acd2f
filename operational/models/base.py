"""What every operational table has in common: key, times, names of constraints."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CHAR, CheckConstraint, DateTime, Enum, MetaData, Uuid, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SECRET: dict[str, Any] = {"secret": True}
"""Marks a column that must never leave the operational database: it is in no contract and no publication."""

_CURRENCY_LENGTH = 3

NAMES = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
}
"""Names of constraints are part of the interface: `operational.rules` tells errors apart by them."""


class Base(DeclarativeBase):
    """Root of the models; holds their metadata."""

    metadata = MetaData(naming_convention=NAMES)


class Timestamps:
    """When a row was made and last changed, in UTC; a trigger keeps ``updated_at``."""

    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("now()"), sort_order=100
    )
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("now()"), sort_order=101
    )


class Entity(Timestamps, Base):
    """A table keyed by one UUID of version 7, so that keys grow with time and index pages stay warm."""

    __abstract__ = True

    id: Mapped[uuid.UUID] = mapped_column(
        Uuid, primary_key=True, server_default=text("system.uuid_v7()"), sort_order=-1
    )


def labels(enumeration: type[StrEnum], schema: str) -> Enum:
    """The PostgreSQL enum type of a Python enumeration.

    Args:
        enumeration: the labels; its name in snake case is the type's name.
        schema: the PostgreSQL schema of the type.
    """
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", enumeration.__name__).lower()
    return Enum(
        enumeration,
        name=name,
        schema=schema,
        metadata=Base.metadata,
        values_callable=lambda members: [member.value for member in members],
    )


def require_currency_codes(metadata: MetaData) -> None:
    """Give every column that holds a currency the check that it is three capital letters.

    Args:
        metadata: the tables, all of them defined.
    """
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, CHAR) and column.type.length == _CURRENCY_LENGTH:
                table.append_constraint(CheckConstraint(f"{column.name} ~ '^[A-Z]{{3}}$'", name=column.name))
