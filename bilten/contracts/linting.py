"""Rules that contracts obey beyond the standard they are written in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bilten.contracts.model import Column, Contract, Contracts, FileNames, Reference, dataset_name
from bilten.contracts.unchanged import TOAST_THRESHOLD_BYTES, largest_row_bytes
from bilten.errors import UnmappedType
from bilten.types import TypeMapping

Level = Literal["error", "warning"]

_NAME = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")
_DATASET = re.compile(r"^[a-z][a-z0-9_]*__[a-z][a-z0-9_]*$")
_VERSION = re.compile(r"^\d+\.\d+\.\d+$")
# Names that nearly always hold something about a person; the contract may say otherwise per column, by a
# classification that is personal or sensitive, which is what is asked for here.
_PERSONAL_WORDS = re.compile(
    r"(^|_)(email|phone|first_name|last_name|full_name|birth_date|birthday|ip_address|user_agent|iban|"
    r"tax_id|passport|holder_name|buyer_name|attendee|billing_address|recipient_address)(_|$)"
)
# What Debezium sends for a left-out array of these looks like a null.
_UNTELLABLE_ELEMENTS = frozenset({"decimal", "timestamp", "timestamp_local", "date", "enum", "boolean"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a contract should not say, or should.

    Attributes:
        dataset: the contract.
        place: ``column total``, ``rule order_total``, or the contract's own part.
        level: an ``error`` fails the lint.
        message: what is wrong.
    """

    dataset: str
    place: str
    level: Level
    message: str


def lint(contracts: Contracts) -> tuple[Finding, ...]:
    """Everything that is wrong with some contracts.

    Args:
        contracts: all of them, since they refer to each other.

    Returns:
        Findings in the order of the datasets' names.
    """
    return tuple(
        Finding(contract.name, place, level, message)
        for contract in contracts.values()
        for place, level, message in _findings(contract, contracts)
    )


_Found = tuple[str, Level, str]


def _findings(contract: Contract, contracts: Contracts) -> Iterator[_Found]:
    yield from _of_head(contract)
    names = [column.name for column in contract.columns]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"column {name}", "error", "is described twice"
    for column in contract.columns:
        yield from _of_column(contract, column, contracts)
    yield from _of_rules(contract, contracts)
    yield from _of_subjects(contract, contracts)
    if contract.kind == "source":
        yield from _of_source(contract)


def _of_head(contract: Contract) -> Iterator[_Found]:
    pattern = _DATASET if contract.kind == "source" else _NAME
    if not pattern.match(contract.name):
        yield "id", "error", "is no name of lower-case words joined by underscores"
    if not _VERSION.match(contract.version):
        yield "version", "error", f"{contract.version} is not of the form 1.2.3"
    for part in ("description", "owner", "domain", "grain"):
        if not getattr(contract, part):
            yield part, "error", "is empty"
    if not contract.columns:
        yield "columns", "error", "are missing"
    if not contract.key:
        yield "key", "error", "is missing: changes of one row could not be told from those of another"
    positions = [column.key_position for column in contract.key]
    if positions != list(range(1, len(positions) + 1)):
        yield "key", "error", f"has the positions {positions} instead of 1, 2, …"
    if contract.retention is None:
        yield "retention", "warning", "has no limit: rows stay until the source deletes or a person is erased"
    elif contract.hot_retention is not None and contract.hot_retention > contract.retention:
        yield "hotRetention", "error", "is longer than the retention"
    if contract.freshness is None:
        yield "freshness", "error", "is missing"
    if not contract.roles:
        yield "roles", "error", "name nobody who may read it"


def _of_column(contract: Contract, column: Column, contracts: Contracts) -> Iterator[_Found]:
    place = f"column {column.name}"
    if not _NAME.match(column.name):
        yield place, "error", "is no name of lower-case words joined by underscores"
    if not column.description:
        yield place, "error", "has no description"
    if contract.kind == "source":
        yield from _of_type(contract, column)
        if column.source_type == "enum" and not column.labels:
            yield place, "error", "is an enum without labels"
    if _looks_personal(column) and not column.is_personal:
        yield place, "error", f"looks personal but is classified {column.classification}"
    if column.references is not None and (problem := _broken(column.references, contracts)):
        yield place, "error", problem


def _looks_personal(column: Column) -> bool:
    return column.logical_type not in {"timestamp", "boolean"} and bool(_PERSONAL_WORDS.search(column.name))


def _of_type(contract: Contract, column: Column) -> Iterator[_Found]:
    place = f"column {column.name}"
    try:
        mapping = column.mapping
    except UnmappedType as error:
        yield place, "error", error.what
        return
    if note := mapping.note or (mapping.element.note if mapping.element else ""):
        yield place, "warning", f"is {column.source_type}: {note}"
    if column.infinity == "sentinel" and mapping.family not in {"timestamp", "timestamp_local", "date"}:
        yield place, "error", "has a sentinel for infinity, which its type does not know"
    if (
        _is_untellable(mapping)
        and contract.files is None
        and contract.replica_identity != "full"
        and _may_be_large(contract)
    ):
        yield (
            place,
            "error",
            "is an array that looks null when it is unchanged: use text[], or a full replica identity",
        )


def _is_untellable(mapping: TypeMapping) -> bool:
    return mapping.element is not None and mapping.element.family in _UNTELLABLE_ELEMENTS


def _may_be_large(contract: Contract) -> bool:
    try:
        largest = largest_row_bytes(contract)
    except UnmappedType:
        return False
    return largest is None or largest > TOAST_THRESHOLD_BYTES


def _of_rules(contract: Contract, contracts: Contracts) -> Iterator[_Found]:
    seen: set[str] = set()
    for rule in contract.rules:
        place = f"rule {rule.name}"
        # A rule of a column may share its name with a rule of another column, never within one.
        if f"{rule.column}/{rule.name}" in seen:
            yield place, "error", "has the name of another rule"
        seen.add(f"{rule.column}/{rule.name}")
        if not rule.description:
            yield place, "error", "has no description"
        if rule.column is not None and rule.column not in contract.by_name:
            yield place, "error", f"is about the unknown column {rule.column}"
        for name in re.findall(r"\{(\w+)\}", rule.query or ""):
            if name != "table" and name not in contracts:
                yield place, "error", f"reads the unknown dataset {name}"
        if rule.query is not None and not re.match(r"^\s*(SELECT|WITH)\b", rule.query, re.IGNORECASE):
            yield place, "error", "is not a single SELECT"
        if rule.query is not None and ";" in rule.query:
            yield place, "error", "is not a single SELECT: it holds a semicolon"


def _of_subjects(contract: Contract, contracts: Contracts) -> Iterator[_Found]:
    personal = [column.name for column in contract.columns if column.is_personal]
    if personal and not contract.subjects and contract.kind == "source":
        yield "dataSubject", "error", f"is missing, though {', '.join(personal)} are personal"
    for way in contract.subjects:
        if way.column not in contract.by_name:
            yield "dataSubject", "error", f"names the unknown column {way.column}"
        if way.references is not None and (problem := _broken(way.references, contracts)):
            yield "dataSubject", "error", problem


def _of_source(contract: Contract) -> Iterator[_Found]:
    if dataset_name(contract.source, contract.source_schema, contract.source_table) != contract.name:
        yield (
            "physicalName",
            "error",
            f"{contract.source_schema}.{contract.source_table} does not belong to {contract.name}",
        )
    for name in contract.excluded_columns:
        if name in contract.by_name:
            yield f"column {name}", "error", "is both described and excluded"
    if contract.files is not None:
        yield from _of_files(contract.files)


def _of_files(files: FileNames) -> Iterator[_Found]:
    try:
        groups = re.compile(files.pattern).groupindex
    except re.error as error:
        yield "files", "error", f"have a pattern that is no regular expression: {error}"
        return
    if "day" not in groups:
        yield "files", "error", "have a pattern without the group (?P<day>…)"
    for name in sorted({*groups} - {"day", "version"}):
        yield "files", "error", f"have a pattern with the unknown group {name}"
    if len(files.delimiter.encode()) != 1:
        yield "files", "error", "have a delimiter that is no single character of ASCII"


def _broken(reference: Reference, contracts: Contracts) -> str | None:
    if reference.dataset not in contracts:
        return f"references the unknown dataset {reference.dataset}"
    if reference.column not in contracts[reference.dataset].by_name:
        return f"references the unknown column {reference.dataset}.{reference.column}"
    return None
