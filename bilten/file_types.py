"""Type mapping of files: the names of PostgreSQL's types, for values that always come whole."""

from __future__ import annotations

from dataclasses import replace

from bilten import types
from bilten.errors import UnmappedType
from bilten.types import TypeMapping


def map_type(source_type: str) -> TypeMapping:
    """How values of a type are kept in the warehouse.

    Args:
        source_type: as `bilten.types` knows it.

    Raises:
        UnmappedType: it is not known there, or only as a text that PostgreSQL makes of it.
    """
    found = types.map_type(source_type)
    # What is noted of PostgreSQL's plain times is only so in its connector's events.
    if found.note and types.normal_type(source_type) != "time":
        raise UnmappedType(f"Files hold no values of the type {source_type}.", type=source_type)
    return replace(found, can_be_unchanged=False, note="")
