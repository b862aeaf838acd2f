"""What a Cassandra is, as change capture sees it: read from its system keyspaces, nothing is changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ingestion.sources.cassandra.connection import Connection
from ingestion.sources.cassandra.types import Type, parse, spelled
from ingestion.sources.tables import SourceColumn, SourceTable

_OWN = ("system", "system_auth", "system_distributed", "system_schema", "system_traces", "system_views")
_HIDDEN_KINDS = {"static"}
_COLLECTIONS = frozenset({"list", "set", "map"})
_BASIC = frozenset(
    {"ascii", "text", "varchar", "tinyint", "smallint", "int", "bigint", "float", "double", "boolean", "time"}
    | {"blob"}
)
_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


@dataclass(frozen=True, slots=True)
class SourceServer:
    """The node and what it allows.

    Attributes:
        version: of Cassandra.
        is_enabled: whether it keeps its commit log for change capture at all.
        sync_seconds: how long a write may wait until it can be seen in the commit log.
        space: how much is kept for a connector that is away.
        blocks_writes: whether writes are refused when that is full.
        nodes: nodes of the cluster.
        poisonous: captured columns of which one value stops the connector, or makes it skip all that follows
            in the log, as ``keyspace.table.column``.
        blinding: columns, captured or not, whose mere definition keeps the connector from knowing any table.
    """

    version: str
    is_enabled: bool
    sync_seconds: float
    space: str
    blocks_writes: bool
    nodes: int
    poisonous: tuple[str, ...]
    blinding: tuple[str, ...]


def node_settings(connection: Connection) -> dict[str, str]:
    """The node's settings, those of ``cassandra.yaml`` and their defaults."""
    found = connection.execute("SELECT name, value FROM system_views.settings").fetchall()
    return {str(name): str(value) for name, value in found if value is not None}


def sync_seconds(settings: Mapping[str, str]) -> float:
    """How long a write may wait until it can be seen in the commit log."""
    period = (
        "commitlog_sync_period"
        if settings.get("commitlog_sync") == "periodic"
        else "commitlog_sync_group_window"
    )
    return seconds(settings.get(period, "0ms"))


def seconds(duration: str) -> float:
    """``50ms`` → 0.05."""
    number = duration.rstrip("nsumhd")
    return float(number or 0) * _SECONDS.get(duration[len(number) :], 0.0)


def inspect_server(connection: Connection) -> SourceServer:
    """Ask the node what it is."""
    settings = node_settings(connection)
    (version,) = connection.execute("SELECT release_version FROM system.local").fetchone() or ("",)
    columns = [
        (table, column, parse(column.type))
        for table in inspect_tables(connection)
        for column in table.columns
    ]
    peers = connection.execute("SELECT peer FROM system.peers_v2").fetchall()
    return SourceServer(
        version=str(version),
        is_enabled=settings.get("cdc_enabled") == "true",
        sync_seconds=sync_seconds(settings),
        space=settings.get("cdc_total_space", ""),
        blocks_writes=settings.get("cdc_block_writes") == "true",
        nodes=len(peers) + 1,
        poisonous=tuple(
            f"{table.full_name}.{column.name}"
            for table, column, kind in columns
            if table.is_logged and is_poisonous(kind)
        ),
        blinding=tuple(
            f"{table.full_name}.{column.name}" for table, column, kind in columns if has_vector(kind)
        ),
    )


def is_poisonous(kind: Type) -> bool:
    """Whether one value of a type stops the connector, and so the capture of every table."""
    if kind.name == "udt" and not kind.is_frozen:
        return True
    nested = (part for part in kind.parts if part.name in _COLLECTIONS)
    is_collection = kind.name in _COLLECTIONS
    return (is_collection and any(not _is_basic(part) for part in nested)) or any(
        map(is_poisonous, kind.parts)
    )


def has_vector(kind: Type) -> bool:
    """Whether there is a vector in a type."""
    return kind.name == "vector" or any(map(has_vector, kind.parts))


def _is_basic(kind: Type) -> bool:
    """Whether the connector passes a value on as the log has it."""
    return all(map(_is_basic, kind.parts)) if kind.name in _COLLECTIONS else kind.name in _BASIC


def inspect_tables(connection: Connection, chosen: Collection[str] = ()) -> tuple[SourceTable, ...]:
    """Every table, by name.

    Args:
        connection: an open connection.
        chosen: keyspaces, or tables as ``keyspace.table``; all but the system's own by default.
    """
    types = _types(connection)
    keyspaces = connection.execute("SELECT keyspace_name, durable_writes FROM system_schema.keyspaces")
    durable = {str(name): bool(is_durable) for name, is_durable in keyspaces.fetchall()}
    columns: dict[tuple[str, str], list[tuple[str, str, int, str]]] = defaultdict(list)
    for keyspace, table, *column in connection.execute(_COLUMNS).fetchall():
        columns[keyspace, table].append((column[0], column[1], column[2], column[3]))
    tables = connection.execute(
        "SELECT keyspace_name, table_name, cdc, comment, flags, default_time_to_live "
        "FROM system_schema.tables"
    ).fetchall()
    views = connection.execute("SELECT keyspace_name, view_name FROM system_schema.views").fetchall()
    found = [
        _table(
            keyspace,
            name,
            "counter" if "counter" in (flags or ()) else "table",
            columns[keyspace, name],
            types[keyspace],
            is_logged=bool(cdc) and bool(durable.get(keyspace, True)),
            comment=comment or "",
            time_to_live=int(lives or 0),
        )
        for keyspace, name, cdc, comment, flags, lives in tables
        if keyspace not in _OWN
    ]
    found += [
        _table(keyspace, name, "view", columns[keyspace, name], types[keyspace]) for keyspace, name in views
    ]
    return tuple(
        table
        for table in sorted(found, key=lambda table: (table.schema, table.name))
        if not chosen or table.schema in chosen or table.full_name in chosen
    )


def _types(connection: Connection) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    found: dict[str, dict[str, Mapping[str, str]]] = defaultdict(dict)
    query = "SELECT keyspace_name, type_name, field_names, field_types FROM system_schema.types"
    for keyspace, name, fields, kinds in connection.execute(query).fetchall():
        found[keyspace][name] = dict(zip(fields, kinds, strict=True))
    return found


def _table(
    keyspace: str,
    name: str,
    kind: str,
    columns: list[tuple[str, str, int, str]],
    types: Mapping[str, Mapping[str, str]],
    *,
    is_logged: bool = False,
    comment: str = "",
    time_to_live: int = 0,
) -> SourceTable:
    places = {"partition_key": 0, "clustering": 1}
    keyed = sorted(
        (each for each in columns if each[1] in places), key=lambda each: (places[each[1]], each[2])
    )
    others = sorted(each for each in columns if each[1] not in places)
    partition = tuple(each[0] for each in keyed if each[1] == "partition_key")
    return SourceTable(
        schema=keyspace,
        name=name,
        kind=kind,
        is_logged=is_logged,
        replica_identity="default",
        key=tuple(each[0] for each in keyed),
        columns=tuple(
            SourceColumn(
                name=column,
                type=spelled(parse(source_type, types)),
                required=role in places,
                labels=(),
                is_generated=role in _HIDDEN_KINDS,
                storage="plain",
                default_storage="plain",
                comment="",
                is_known=True,
                database="cassandra",
            )
            for column, role, _, source_type in (*keyed, *others)
        ),
        references={},
        rows=-1,
        may_read=True,
        is_owned=True,
        is_inherited=False,
        comment=comment,
        partition_key=partition if len(partition) < len(keyed) else (),
        time_to_live=time_to_live,
        database="cassandra",
    )


_COLUMNS = "SELECT keyspace_name, table_name, column_name, kind, position, type FROM system_schema.columns"
