"""Files of the Open Data Contract Standard → `Contract` values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast, get_args

import yaml
from open_data_contract_standard.model import (
    CustomProperty,
    DataQuality,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
    ServiceLevelAgreementProperty,
)
from pydantic import ValidationError

from bilten.contracts.model import (
    Classification,
    Column,
    Contract,
    Contracts,
    FileNames,
    Infinity,
    Kind,
    Reference,
    ReplicaIdentity,
    Rule,
    Severity,
    Storage,
    SubjectPath,
)
from bilten.databases import FILES, Database
from bilten.errors import ContractError
from bilten.settings import PROJECT_ROOT, find_contracts

CONTRACTS_FOLDER = PROJECT_ROOT / "contracts"

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_COMPARISONS = (
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
)

# Calendar units are counted in days so that a retention means the same on every day of the year.
_UNITS = {
    "ms": timedelta(milliseconds=1),
    "milliseconds": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "seconds": timedelta(seconds=1),
    "minutes": timedelta(minutes=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "hours": timedelta(hours=1),
    "d": timedelta(days=1),
    "days": timedelta(days=1),
    "y": timedelta(days=365),
    "years": timedelta(days=365),
}


def load_contracts(folder: Path | None = None) -> Contracts:
    """Read every contract below a folder.

    Args:
        folder: the folder; files end in ``.yaml``. By default the one that is set, or the project's own.

    Returns:
        The contracts by name, sorted.

    Raises:
        ContractError: a file cannot be used; the message names it and the place in it.
    """
    found: dict[str, Contract] = {}
    for path in sorted((folder or find_contracts()).rglob("*.yaml")):
        contract = read_contract(path)
        if contract.name in found:
            raise ContractError(f"{path} defines {contract.name} a second time.")
        found[contract.name] = contract
    return Contracts(dict(sorted(found.items())))


def read_contract(path: Path) -> Contract:
    """Read one contract.

    Args:
        path: a YAML file of the Open Data Contract Standard, version 3.

    Returns:
        What it says.

    Raises:
        ContractError: the file breaks the standard, or lacks something that the platform needs.
    """
    try:
        # Same rules as `yaml.safe_load`, in C where the library was built so: a quarter of the time.
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506
        standard = OpenDataContractStandard.model_validate(document)
    except (yaml.YAMLError, ValidationError) as error:
        raise ContractError(f"{path} is not a contract: {error}") from error
    try:
        return _contract(standard)
    except (ValueError, KeyError, TypeError) as error:
        raise ContractError(f"{path} cannot be used: {error}") from error


def _contract(standard: OpenDataContractStandard) -> Contract:
    if not standard.schema_ or len(standard.schema_) != 1:
        raise ValueError("a contract describes exactly one table")
    table = standard.schema_[0]
    properties = _custom(standard.customProperties)
    kind = properties.get("kind", "source")
    if kind not in get_args(Kind):
        raise ValueError(f"unknown kind {kind}")
    database = cast(Database, _one_of(properties.get("database", "postgresql"), Database))
    service_levels = {level.property: level for level in standard.slaProperties or []}
    description = standard.description
    schema_name, _, table_name = (table.physicalName or "").rpartition(".")
    return Contract(
        name=_needed(standard.id, "id"),
        version=_needed(standard.version, "version"),
        kind=cast(Kind, kind),
        domain=standard.domain or "",
        owner=_owner(standard),
        description=_text(description.purpose if description else None),
        usage=_text(description.usage if description else None),
        limitations=_text(description.limitations if description else None),
        grain=_text(table.dataGranularityDescription),
        columns=tuple(_column(item, database) for item in table.properties or []),
        rules=tuple(_rules(table)),
        roles=tuple(role.role for role in standard.roles or [] if role.role),
        subjects=tuple(_subjects(properties.get("dataSubject"))),
        excluded_columns=tuple(properties.get("excludedColumns", ())),
        freshness=_duration(service_levels.get("freshness")),
        retention=_duration(service_levels.get("retention")),
        hot_retention=_duration(service_levels.get("hotRetention")),
        source=FILES if database == FILES else str(properties.get("source", "")),
        source_schema=schema_name,
        source_table=table_name,
        replica_identity=cast(
            ReplicaIdentity, _one_of(properties.get("replicaIdentity", "default"), ReplicaIdentity)
        ),
        database=database,
        partition_key=tuple(properties.get("partitionKey", ())),
        files=_file_names(properties.get("files")) if database == FILES else None,
    )


def _file_names(value: Any) -> FileNames:
    if not isinstance(value, dict) or not value.get("pattern") or not value.get("since"):
        raise ValueError("files need the properties pattern and since")
    since = value["since"]
    return FileNames(
        pattern=str(value["pattern"]),
        since=since if isinstance(since, date) else date.fromisoformat(str(since)),
        delimiter=str(value.get("delimiter", ",")),
    )


def _owner(standard: OpenDataContractStandard) -> str:
    team = standard.team
    if team is None:
        raise ValueError("a contract names its owning team")
    if isinstance(team, list):
        return _needed(team[0].username or team[0].name, "team")
    return _needed(team.name, "team.name")


def _column(item: SchemaProperty, database: Database) -> Column:
    name = _needed(item.name, "property name")
    classification = item.classification or "internal"
    if classification not in get_args(Classification):
        raise ValueError(f"column {name} has the unknown classification {classification}")
    custom = _custom(item.customProperties)
    references = [
        _reference(cast(str, relationship.to)) for relationship in item.relationships or [] if relationship.to
    ]
    return Column(
        name=name,
        description=_text(item.description),
        logical_type=item.logicalType or "string",
        source_type=_needed(item.physicalType, f"physicalType of {name}"),
        required=bool(item.required) or bool(item.primaryKey),
        unique=bool(item.unique),
        key_position=(item.primaryKeyPosition or 1) if item.primaryKey else None,
        classification=cast(Classification, classification),
        labels=tuple(str(label.value) for label in item.enum or []),
        references=references[0] if references else None,
        storage=cast(Storage, _one_of(custom["storage"], Storage)) if "storage" in custom else None,
        infinity=cast(Infinity, _one_of(custom.get("infinity", "refused"), Infinity)),
        database=database,
    )


def _one_of(value: Any, allowed: Any) -> str:
    if value not in get_args(allowed):
        raise ValueError(f"{value} is none of {', '.join(get_args(allowed))}")
    return str(value)


def _rules(table: SchemaObject) -> Iterable[Rule]:
    for quality in table.quality or []:
        yield _rule(quality, None)
    for item in table.properties or []:
        for quality in item.quality or []:
            yield _rule(quality, item.name)


def _rule(quality: DataQuality, column: str | None) -> Rule:
    metric = quality.metric or quality.rule
    name = quality.id or quality.name or "_".join(part for part in (column, metric) if part)
    comparisons = [(key, getattr(quality, key)) for key in _COMPARISONS if getattr(quality, key) is not None]
    if len(comparisons) != 1:
        raise ValueError(f"rule {name} needs exactly one comparison, such as mustBe")
    severity = quality.severity or "error"
    if severity not in get_args(Severity):
        raise ValueError(f"rule {name} has the unknown severity {severity}")
    if (metric is None) == (quality.query is None):
        raise ValueError(f"rule {name} needs either a metric or a query")
    return Rule(
        name=_needed(name, "quality id"),
        metric=metric,
        query=quality.query,
        column=column,
        arguments=dict(quality.arguments or {}),
        must_be=comparisons[0],
        severity=cast(Severity, severity),
        dimension=quality.dimension,
        description=_text(quality.description),
    )


def _subjects(value: Any) -> Iterable[SubjectPath]:
    ways = value if isinstance(value, list) else [value] if value else []
    for way in ways:
        references = way.get("references")
        yield SubjectPath(
            column=way["column"],
            path=way.get("path"),
            references=_reference(references) if references else None,
        )


def _reference(text: str) -> Reference:
    """``users__users.id``, or ``users__users`` for its ``id``."""
    dataset, _, column = text.partition(".")
    return Reference(dataset, column or "id")


def _duration(level: ServiceLevelAgreementProperty | None) -> timedelta | None:
    if level is None or level.value is None:
        return None
    unit = level.unit or "d"
    if unit not in _UNITS:
        raise ValueError(f"{level.property} has the unknown unit {unit}")
    return float(level.value) * _UNITS[unit]


def _custom(properties: list[CustomProperty] | None) -> dict[str, Any]:
    return {item.property: item.value for item in properties or [] if item.property}


def _needed(value: str | None, name: str) -> str:
    if not value:
        raise ValueError(f"{name} is missing")
    return value


def _text(value: str | None) -> str:
    return " ".join((value or "").split())
