"""Type mapping of MongoDB: a document is kept whole, under the text of its ``_id``."""

from __future__ import annotations

from bilten.errors import UnmappedType
from bilten.types import TypeMapping

_FIXED = {
    "id": TypeMapping("text", "String", note="kept as extended JSON, such as an $oid"),
    "document": TypeMapping("json", "String", note="kept as the connector's extended JSON"),
}


def normal_type(source_type: str) -> str:
    """The one spelling of a type."""
    return source_type.strip().lower()


def map_type(source_type: str) -> TypeMapping:
    """How values are kept in the warehouse.

    Raises:
        UnmappedType: it is neither an ``id`` nor a ``document``.
    """
    try:
        return _FIXED[normal_type(source_type)]
    except KeyError:
        raise UnmappedType(f"MongoDB has no type {source_type} here.", type=source_type) from None
