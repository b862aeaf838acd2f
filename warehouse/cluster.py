"""The compiled statements for a cluster: replicated, sharded by the contracts' keys. Pure.

Nothing is compiled anew: a statement for one server becomes one or two for a cluster. Tables of sources are
split by the key of their contract, and so are the records on their way: ``landing.<dataset>`` is a
``Distributed`` table whose shards hold the views that take records in, so that all changes of a row meet on
one shard, where its engine merges them. Everything else is small, and stands whole on every node.

No statement here has run on a cluster yet; the engine's parser knows them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from bilten.contracts import Contract
from warehouse.compile import Statement, compile_dataset
from warehouse.compile.names import landing, plain_name, raw, state
from warehouse.compile.statements import identifier, literal
from warehouse.readers import all_builds_statement, reader_statement
from warehouse.renaming import renamed
from warehouse.schema import database_statements, platform_statements
from warehouse.schema.operations import MIGRATIONS_TABLE

CLUSTER: Final = "bilten"
LOCAL: Final = "__local"
SHARDED: Final = ("/clickhouse/tables/{shard}/{database}/{table}", "{replica}")
EVERYWHERE: Final = ("/clickhouse/tables/all/{database}/{table}", "{shard}-{replica}")
"""Path in Keeper and name of the replica: of a shard's table, and of one that every node has whole."""

_HEAD: Final = re.compile(
    r"^(CREATE (?:OR REPLACE )?(?:TABLE|VIEW|MATERIALIZED VIEW|DATABASE)(?: IF NOT EXISTS)? )(\S+)"
)
_ENGINE: Final = re.compile(r"\bENGINE = (\w*MergeTree)(?:\(([^)]*)\))?")
_COLUMNS: Final = re.compile(r"\(\n(.*?)\n\)\s*\nENGINE", re.DOTALL)
_CODEC: Final = re.compile(r" CODEC\((?:[^()]|\([^()]*\))*\)")
_NO_COLUMN: Final = ("INDEX ", "PROJECTION ", "CONSTRAINT ")


def cluster_statements(sources: Sequence[Contract], marts: Sequence[Contract]) -> tuple[Statement, ...]:
    """Everything that a cluster needs, in the order in which it is made.

    Args:
        sources: contracts of operational tables.
        marts: contracts of marts.

    Raises:
        ContractError: a contract cannot be compiled.
    """
    readers = [
        Statement(f"builds.{mart.name}_all", "table", all_builds_statement(mart)) for mart in marts
    ] + [Statement(f"marts.{mart.name}", "view", reader_statement(mart)) for mart in marts]
    return (
        *(_on_cluster(statement) for statement in database_statements()),
        *(everywhere(statement) for statement in (MIGRATIONS_TABLE, *platform_statements())),
        *(statement for contract in sources for statement in dataset_statements(contract)),
        *(_on_cluster(statement) for statement in readers),
    )


def everywhere(statement: Statement) -> Statement:
    """A table that every node has whole, or a view."""
    return _on_cluster(_replicated(statement, EVERYWHERE))


def dataset_statements(contract: Contract) -> tuple[Statement, ...]:
    """The statements of one source, split by its key.

    Raises:
        ContractError: it has no key.
    """
    name = contract.name
    doors = tuple(plain_name(door) for door in (landing(name), raw(name), state(name)))
    found: list[Statement] = []
    for statement in compile_dataset(contract):
        if statement.name in doors:
            local = replace(
                statement,
                name=f"{statement.name}{LOCAL}",
                sql=_moved(statement.sql, (statement.name,)),
            )
            found.append(_on_cluster(_replicated(local, SHARDED)))
            found.append(_on_cluster(_distributed(statement, contract)))
        elif statement.kind == "materialized_view":
            # A view takes in what its own shard is given, and leaves it there.
            found.append(_on_cluster(replace(statement, sql=_moved(statement.sql, doors))))
        else:
            found.append(_on_cluster(statement))
    return tuple(found)


def sharding_key(contract: Contract, *, of_records: bool) -> str:
    """Where a row belongs, and the record that brings it: the same for both.

    Args:
        contract: whose key decides.
        of_records: for ``landing``, where the key still is Kafka's, as JSON.
    """
    parts = [
        f"JSONExtract(ifNull(key, ''), {literal(column.name)}, 'String')"
        if of_records
        else f"toString({identifier(column.name)})"
        for column in contract.key
    ]
    return f"cityHash64(concatWithSeparator('|', {', '.join(parts)}))"


def _distributed(statement: Statement, contract: Contract) -> Statement:
    """The table by which all shards are read and written."""
    columns = _COLUMNS.search(statement.sql)
    if columns is None:
        raise ValueError(f"no columns in the table {statement.name}")
    lines = [line for line in columns[1].split("\n") if not line.lstrip().startswith(_NO_COLUMN)]
    described = _CODEC.sub("", "\n".join(lines)).rstrip(",")
    database, _, table = statement.name.partition(".")
    key = sharding_key(contract, of_records=database == "landing")
    return replace(
        statement,
        sql=f"CREATE TABLE IF NOT EXISTS {database}.{identifier(table)} (\n{described}\n)\n"
        f"ENGINE = Distributed({literal(CLUSTER)}, {literal(database)}, {literal(table + LOCAL)}, {key})\n"
        # Without it an insert is acknowledged before the shards have it.
        "SETTINGS fsync_after_insert = 1",
    )


def _replicated(statement: Statement, where: tuple[str, str]) -> Statement:
    """Its engine with replicas; others stay as they are."""

    def engine(found: re.Match[str]) -> str:
        arguments = [literal(part) for part in where] + ([found[2]] if found[2] else [])
        return f"ENGINE = Replicated{found[1]}({', '.join(arguments)})"

    sql, number = _ENGINE.subn(engine, statement.sql, count=1)
    if not number:
        return statement
    # Replicated tables leave out a block that they have seen: a delete and the same row again would be lost.
    setting = "replicated_deduplication_window = 0"
    if "\nSETTINGS " in sql:
        sql = sql.replace("\nSETTINGS ", f"\nSETTINGS {setting}, ", 1)
    else:
        head, mark, comment = sql.rpartition("\nCOMMENT ")
        sql = f"{head}\nSETTINGS {setting}{mark}{comment}" if mark else f"{sql}\nSETTINGS {setting}"
    return replace(statement, sql=sql)


def _moved(sql: str, names: Iterable[str]) -> str:
    for name in names:
        database, _, table = name.partition(".")
        sql = renamed(sql, name, f"{database}.{identifier(table + LOCAL)}")
    return sql


def _on_cluster(statement: Statement) -> Statement:
    sql, number = _HEAD.subn(rf"\1\2 ON CLUSTER {literal(CLUSTER)}", statement.sql, count=1)
    if not number:
        raise ValueError(f"this is no CREATE statement: {statement.sql[:80]}")
    return replace(statement, sql=sql)
