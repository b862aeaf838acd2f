"""What a live table has become, beside what its contract says. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from bilten.contracts import Column, Contract
from bilten.databases import TYPE_SYSTEMS
from bilten.errors import SourceRefused
from ingestion.sources.inference import DRAFT, Document, column_document
from ingestion.sources.obstacles import captured_columns, contract_type, table_obstacles
from ingestion.sources.personal import classify
from ingestion.sources.tables import SourceColumn, SourceTable

Effect = Literal["compatible", "incompatible"]

_WIDER_WHOLE_NUMBERS = (
    ("smallint", "integer", "bigint"),
    ("tinyint", "smallint", "mediumint", "int", "bigint"),
    ("tinyint unsigned", "smallint unsigned", "mediumint unsigned", "int unsigned", "bigint unsigned"),
)
_TEXTS = ("tinytext", "text", "mediumtext", "longtext")
_BOUNDED = re.compile(r"^(varchar|char)\((\d+)\)$")
_DECIMAL = re.compile(r"^(?:numeric|decimal)\((\d+),(\d+)\)$")


_Found = tuple[str, str, Effect]


@dataclass(frozen=True, slots=True)
class Drift:
    """One way in which a table is not as its contract says.

    Attributes:
        dataset: the table.
        place: ``column total``, ``key``, or ``table``.
        change: what happened, for people.
        effect: an ``incompatible`` change puts the table in quarantine.
    """

    dataset: str
    place: str
    change: str
    effect: Effect

    def __str__(self) -> str:
        return f"{self.place}: {self.change}"


def find_drift(contract: Contract, table: SourceTable | None) -> tuple[Drift, ...]:
    """Compare a table with its contract.

    Args:
        contract: what is promised.
        table: what there is; None when the table is gone.

    Returns:
        The differences, incompatible ones first; none when the table is as its contract says.
    """
    if table is None:
        found: list[_Found] = [("table", "it is gone, or may not be seen any more", "incompatible")]
    else:
        found = [*_of_table(contract, table), *_of_columns(contract, table)]
    drifts = [Drift(contract.name, place, change, effect) for place, change, effect in found]
    return tuple(sorted(drifts, key=lambda drift: (drift.effect == "compatible", drift.place)))


def is_compatible(drifts: Iterable[Drift]) -> bool:
    """Whether the table may flow on."""
    return all(drift.effect == "compatible" for drift in drifts)


def announcement(dataset: str, drifts: Iterable[Drift]) -> str:
    """The differences in one line, and the commands that answer them."""
    found = tuple(drifts)
    told = "; ".join(str(drift) for drift in found)
    if is_compatible(found):
        return f"{told}. `bilten source accept {dataset}` takes it into the contract."
    return (
        f"{told}. `bilten source accept {dataset}` takes it as it is and keeps history under the old shape, "
        f"with --rename old=new for a renamed column; changing the source back releases the table by itself."
    )


def accepted(
    document: Document, contract: Contract, table: SourceTable, renames: Mapping[str, str]
) -> Document:
    """The contract's document as the table is now, with a higher version.

    Args:
        document: the contract's document.
        contract: the same as a value.
        table: what there is.
        renames: old name → new name of columns.

    Raises:
        SourceRefused: a rename names a column that is not there, or the table cannot be captured any more.
    """
    for old, new in renames.items():
        if old not in contract.by_name or new not in {column.name for column in table.columns}:
            raise SourceRefused(f"{contract.name} has no column {old} that became {new}.")
    if weighty := [each for each in table_obstacles(table) if each.weight == "table"]:
        raise SourceRefused(
            f"{contract.name} cannot be captured any more: {weighty[0].what}.", remedy=weighty[0].remedy
        )
    former_names = {new: old for old, new in renames.items()}
    described = {each["name"]: each for each in document["schema"][0]["properties"]}
    excluded = [name for name in contract.excluded_columns if name not in former_names]
    properties = []
    for column in captured_columns(table):
        if column.name in excluded:
            continue
        known = described.get(former_names.get(column.name, column.name))
        properties.append(_property(known, column, table))
    schema = {**document["schema"][0], "properties": properties}
    major, minor, _ = (int(part) for part in contract.version.split("."))
    is_major = bool(renames) or not is_compatible(find_drift(contract, table))
    version = f"{major + 1}.0.0" if is_major else f"{major}.{minor + 1}.0"
    return {**document, "version": version, "schema": [schema]}


def _property(known: Document | None, column: SourceColumn, table: SourceTable) -> Document:
    if known is None:
        described = column_document(column, classify(column.name, ()))
    else:
        kind = contract_type(column) or column.type
        described = {**known, "name": column.name}
        if TYPE_SYSTEMS[column.database].normal_type(known["physicalType"]) != kind:
            described |= {
                key: column_document(column, "internal")[key] for key in ("logicalType", "physicalType")
            }
        described["required"] = bool(known.get("required")) and column.required
        if kind == "enum":
            described["enum"] = [{"value": label} for label in column.labels]
        described.setdefault("description", DRAFT)
        described.pop("primaryKey", None)
        described.pop("primaryKeyPosition", None)
    if column.name in table.key:
        place = table.key.index(column.name) + 1
        described |= {"primaryKey": True, "primaryKeyPosition": place, "required": True}
    return described


def _of_table(contract: Contract, table: SourceTable) -> Iterator[_Found]:
    key = tuple(column.name for column in contract.key)
    if table.key != key:
        yield "key", f"changed from {', '.join(key)} to {', '.join(table.key) or 'none'}", "incompatible"
    if contract.replica_identity == "full" and table.replica_identity != "full":
        yield "table", f"its replica identity is {table.replica_identity}, no longer full", "incompatible"
    elif table.replica_identity in {"nothing", "index"}:
        yield "table", f"its replica identity is {table.replica_identity}", "incompatible"
    if not table.is_logged:
        yield "table", "it is unlogged: its changes are not in the log", "incompatible"


def _of_columns(contract: Contract, table: SourceTable) -> Iterator[_Found]:
    present = {column.name: column for column in table.columns}
    captured = {column.name for column in captured_columns(table)}
    for column in contract.columns:
        if column.name not in present:
            yield f"column {column.name}", "dropped or renamed", "incompatible"
        else:
            yield from _of_column(column, present[column.name])
    for name, found in present.items():
        if name in captured and name not in contract.by_name and name not in contract.excluded_columns:
            yield f"column {name}", f"added, {found.type}", "compatible"


def _of_column(column: Column, found: SourceColumn) -> Iterator[_Found]:
    place = f"column {column.name}"
    normal_type = TYPE_SYSTEMS[found.database].normal_type
    before, after = normal_type(column.source_type), contract_type(found) or normal_type(found.type)
    if before != after:
        effect: Effect = "compatible" if _is_wider(before, after) else "incompatible"
        yield place, f"type changed from {before} to {after}", effect
    if column.required and not found.required:
        yield place, "may now be null", "incompatible"
    new = [label for label in found.labels if label not in column.labels]
    gone = [label for label in column.labels if label not in found.labels]
    if before == after == "enum" and new:
        yield place, f"labels added: {', '.join(new)}", "compatible"
    if before == after == "enum" and gone:
        yield place, f"labels gone: {', '.join(gone)}", "incompatible"


def _is_wider(before: str, after: str) -> bool:
    """Whether every value of the former type, and its text, is one of the new type, kept in the same way."""
    if after in _TEXTS:
        return before.startswith("varchar") or before in _TEXTS[: _TEXTS.index(after)]
    if after == "varchar":
        return before.startswith("varchar(")
    bounds = _BOUNDED.match(before), _BOUNDED.match(after)
    if bounds[0] and bounds[1] and bounds[0][1] == bounds[1][1] == "varchar":
        return int(bounds[1][2]) >= int(bounds[0][2])
    for widening in _WIDER_WHOLE_NUMBERS:
        if before in widening and after in widening:
            return widening.index(after) > widening.index(before)
    decimals = _DECIMAL.match(before), _DECIMAL.match(after)
    if not decimals[0] or not decimals[1]:
        return False
    (old, old_scale), (new, new_scale) = (
        tuple(int(part) for part in found.groups()) for found in decimals if found
    )
    return new_scale >= old_scale and new - new_scale >= old - old_scale
