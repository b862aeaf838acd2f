"""A developer's own database: everything of the published build, as clones that share its files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from bilten.errors import WarehouseError
from warehouse.builds import DATABASE_PREFIX, find_build
from warehouse.client import Warehouse
from warehouse.publish import current_publication

_NAME = re.compile(r"^[a-z][a-z0-9_]{0,30}$")


def development_build(name: str) -> str:
    """The build of a developer, as dbt is told it. It is no build's identifier, so it can never be published.

    Args:
        name: the developer's, a plain word.

    Raises:
        WarehouseError: the name is no plain word.
    """
    if not _NAME.match(name):
        raise WarehouseError(
            f"{name!r} cannot name a developer's database.",
            why="A name is of lower-case letters, digits and underscores, and begins with a letter.",
            remedy="Give another one with --name.",
        )
    return f"dev_{name}"


@contextmanager
def development_database(warehouse: Warehouse, name: str) -> Iterator[str]:
    """A database of one's own for as long as the block runs; it is removed afterwards.

    What an earlier one of the same name left behind, because its process was killed, is removed first.

    Args:
        warehouse: the warehouse.
        name: the developer's, a plain word.

    Returns:
        The database. It holds inputs, intermediate tables and marts of the published build, which take no
        space until they are changed; before the first publication it is empty.

    Raises:
        WarehouseError: the name is no plain word, or the warehouse refused.
    """
    database = f"{DATABASE_PREFIX}{development_build(name)}"
    warehouse.command(f"DROP DATABASE IF EXISTS {database}")
    warehouse.command(f"CREATE DATABASE {database}")
    try:
        published = current_publication(warehouse)
        if published is not None:
            source = find_build(warehouse, published.build_id).database
            for (table,) in warehouse.query(
                "SELECT name FROM system.tables WHERE database = {database:String} AND engine = 'MergeTree'",
                {"database": source},
            ).rows:
                warehouse.command(f"CREATE TABLE {database}.`{table}` CLONE AS `{source}`.`{table}`")
        yield database
    finally:
        warehouse.command(f"DROP DATABASE IF EXISTS {database}")
