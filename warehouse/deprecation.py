"""The version of a contract before this one, which stays readable for a while: a view with its columns.

A deprecated version is the old contract as it was, in a folder of its own, with the day until which it is
kept (``deprecatedUntil``) and what its columns are called now (``renamedColumns``). Its view is
``previous.<dataset>__v<major>``; it reads what its readers could read, with their own rights.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import yaml

from bilten.contracts import Column, Contract
from bilten.contracts.reading import read_contract
from bilten.errors import DeprecationRefused
from bilten.settings import PROJECT_ROOT
from warehouse.client import Warehouse
from warehouse.compile.names import current_type
from warehouse.compile.statements import Statement, identifier, lines, literal
from warehouse.readers import READERS_DATABASE, mart_type

DEPRECATED_FOLDER: Final = PROJECT_ROOT / "deprecated"
PREVIOUS_DATABASE: Final = "previous"


@dataclass(frozen=True)
class Deprecated:
    """An old version of a contract.

    Attributes:
        contract: as it was.
        until: the last day on which it is readable.
        renamed: what its columns are called now, by their old names.
    """

    contract: Contract
    until: date
    renamed: Mapping[str, str] = field(default_factory=dict)

    @property
    def view(self) -> str:
        """Name of its view."""
        return f"{PREVIOUS_DATABASE}.{self.contract.name}__v{self.contract.version.partition('.')[0]}"


def load_deprecated(folder: Path = DEPRECATED_FOLDER) -> tuple[Deprecated, ...]:
    """Read the old versions; without the folder there are none.

    Raises:
        ContractError: one cannot be read.
        DeprecationRefused: one does not say until when it is kept.
    """
    found = []
    for path in sorted(folder.rglob("*.yaml")):
        listed = yaml.safe_load(path.read_text(encoding="utf-8")).get("customProperties", ())
        properties = {entry["property"]: entry["value"] for entry in listed}
        try:
            until = date.fromisoformat(str(properties["deprecatedUntil"]))
        except (KeyError, ValueError) as error:
            raise DeprecationRefused(f"{path.name} does not say until when it is kept.") from error
        found.append(Deprecated(read_contract(path), until, properties.get("renamedColumns", {})))
    return tuple(found)


def compatibility_view(old: Deprecated, current: Contract) -> Statement:
    """The view that shows today's rows as the old version had them. Pure.

    Raises:
        DeprecationRefused: a column can't be had from today's any more.
    """
    selected, missing = [], []
    for column in old.contract.columns:
        now = current.by_name.get(old.renamed.get(column.name, column.name))
        kind = _type(old.contract, column)
        if now is not None:
            # Not a lenient cast: what doesn't fit any more must be seen.
            value = identifier(now.name) if _type(current, now) == kind else _cast(now, kind)
            selected.append(f"{value} AS {identifier(column.name)}")
        elif not column.required:
            selected.append(f"CAST(NULL, {literal(kind)}) AS {identifier(column.name)}")
        else:
            missing.append(column.name)
    if missing:
        raise DeprecationRefused(
            f"{old.view} cannot be made: "
            f"{current.name} {current.version} has nothing for {', '.join(missing)}.",
            dataset=current.name,
        )
    place = READERS_DATABASE if current.kind == "mart" else "ods"
    return Statement(
        old.view,
        "view",
        f"CREATE OR REPLACE VIEW {PREVIOUS_DATABASE}.{identifier(old.view.partition('.')[2])}\nAS SELECT\n"
        f"{lines(selected)}\nFROM {place}.{identifier(current.name)}\n"
        f"COMMENT {literal(f'{current.name} {old.contract.version}, deprecated; gone after {old.until}.')}",
    )


def install_previous(
    warehouse: Warehouse, current: Iterable[Contract], deprecated: Sequence[Deprecated], today: date
) -> tuple[str, ...]:
    """Make the views of these datasets' old versions, and drop those whose time is over.

    Args:
        warehouse: where.
        current: contracts as they are; of other datasets nothing is touched.
        deprecated: old versions.
        today: a version is kept on its last day.

    Returns:
        Names of the views that were made or dropped.

    Raises:
        DeprecationRefused: a column can't be had any more; nothing was done.
        WarehouseError: the warehouse refused a statement.
    """
    by_name = {contract.name: contract for contract in current}
    wanted = [
        compatibility_view(old, by_name[old.contract.name])
        for old in deprecated
        if old.contract.name in by_name and old.until >= today
    ]
    present = {
        f"{PREVIOUS_DATABASE}.{row[0]}"
        for row in warehouse.query(
            "SELECT name FROM system.tables WHERE database = {database:String}",
            {"database": PREVIOUS_DATABASE},
        ).rows
    }
    if wanted and not present:
        warehouse.command(f"CREATE DATABASE IF NOT EXISTS {PREVIOUS_DATABASE}")
    for statement in wanted:
        warehouse.command(statement.sql)
    names = {statement.name for statement in wanted}
    over = sorted(view for view in present - names if view.partition(".")[2].rpartition("__v")[0] in by_name)
    for view in over:
        database, _, name = view.partition(".")
        warehouse.command(f"DROP VIEW IF EXISTS {database}.{identifier(name)}")
    return (*sorted(names), *over)


def _type(contract: Contract, column: Column) -> str:
    return mart_type(column) if contract.kind == "mart" else current_type(column)


def _cast(column: Column, kind: str) -> str:
    return f"accurateCast({identifier(column.name)}, {literal(kind)})"
