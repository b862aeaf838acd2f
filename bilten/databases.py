"""Where tables come from, kinds of database and files, and how the types of each are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from bilten import cassandra_types, file_types, mariadb_types, mongodb_types, types
from bilten.types import TypeMapping

Database = Literal["postgresql", "mariadb", "mongodb", "cassandra", "files"]
FILES: Final = "files"
"""Not captured from a database: rows that arrive as files; also the name of the source of all of them."""


@dataclass(frozen=True, slots=True)
class TypeSystem:
    """What is known of a database's types.

    Attributes:
        map_type: how values of a type are kept; raises `UnmappedType`.
        normal_type: the one spelling of a type among several.
        has_infinite_times: whether a time may be infinite.
    """

    map_type: Callable[[str], TypeMapping]
    normal_type: Callable[[str], str]
    has_infinite_times: bool = False


TYPE_SYSTEMS: Mapping[Database, TypeSystem] = {
    "postgresql": TypeSystem(types.map_type, types.normal_type, has_infinite_times=True),
    "mariadb": TypeSystem(mariadb_types.map_type, mariadb_types.normal_type),
    "mongodb": TypeSystem(mongodb_types.map_type, mongodb_types.normal_type),
    "cassandra": TypeSystem(cassandra_types.map_type, cassandra_types.normal_type),
    FILES: TypeSystem(file_types.map_type, types.normal_type),
}
