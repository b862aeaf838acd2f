"""What is known of a dataset, and its facets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from openlineage.client.facet_v2 import (
    DatasetFacet,
    column_lineage_dataset,
    data_quality_assertions_dataset,
    dataset_version_dataset,
    datasource_dataset,
    documentation_dataset,
    input_statistics_input_dataset,
    lifecycle_state_change_dataset,
    lineage,
    output_statistics_output_dataset,
    ownership_dataset,
    schema_dataset,
    storage_dataset,
    symlinks_dataset,
    tags_dataset,
)
from openlineage.client.generated.base import InputDataset, OutputDataset

from bilten.contracts import Contract
from lineage.facets import (
    BiltenBuildDatasetFacet,
    BiltenContractDatasetFacet,
    BiltenKafkaOffsetsInputDatasetFacet,
    BiltenUnresolvedColumnsDatasetFacet,
    UnresolvedColumn,
)
from lineage.flows import Flow, Origin
from lineage.names import DatasetName

Lifecycle = Literal["CREATE", "ALTER", "OVERWRITE", "TRUNCATE", "DROP"]


@dataclass(frozen=True)
class Field:
    """A column: its name, its type as the store writes it, its meaning, and how personal it is."""

    name: str
    type: str | None = None
    description: str | None = None
    classification: str | None = None


@dataclass(frozen=True)
class Facts:
    """All that is known of a dataset at one moment.

    Args:
        name: its name.
        fields: its columns.
        description: what it holds, one row of what.
        owner: the team that answers for it.
        contract: identifier and version of its contract.
        version: the version that was read or written: a build, a snapshot.
        build: build and database, for what a build made in its own database.
        symlinks: other names it is known by, each with its kind (``TABLE``, ``TOPIC``, ``LOCATION``).
        lifecycle: what happened to it as a whole.
        storage: storage layer and file format, for instance ``iceberg`` and ``parquet``.
        tags: labels of the whole dataset.
        flow: its column lineage.
        sources: exactly the datasets it was made of, when a run has several outputs.
    """

    name: DatasetName
    fields: tuple[Field, ...] = ()
    description: str | None = None
    owner: str | None = None
    contract: tuple[str, str] | None = None
    version: str | None = None
    build: tuple[str, str] | None = None
    symlinks: tuple[tuple[DatasetName, str], ...] = ()
    lifecycle: Lifecycle | None = None
    storage: tuple[str, str | None] | None = None
    tags: tuple[str, ...] = ()
    flow: Flow | None = None
    sources: tuple[DatasetName, ...] | None = None


@dataclass(frozen=True)
class Assertion:
    """The outcome of one check.

    Args:
        name: the check.
        kind: what it asserts, for instance ``not_null``.
        success: whether the data passed.
        column: the column it is about, if one.
        severity: ``error`` blocks publication, ``warn`` is shown.
        expected: what should have been.
        actual: what was, for instance the number of failing rows.
        description: one sentence for people.
    """

    name: str
    kind: str
    success: bool
    column: str | None = None
    severity: Literal["error", "warn"] = "error"
    expected: str | None = None
    actual: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Input:
    """A dataset that a run read: how much of it, which records, and what checks said of it."""

    facts: Facts
    rows: int | None = None
    size: int | None = None
    offsets: BiltenKafkaOffsetsInputDatasetFacet | None = None
    assertions: tuple[Assertion, ...] = ()


@dataclass(frozen=True)
class Output:
    """A dataset that a run wrote, with rows, bytes and files written."""

    facts: Facts
    rows: int | None = None
    size: int | None = None
    files: int | None = None


def described(name: DatasetName, contract: Contract, *, warehouse_types: bool = True) -> Facts:
    """Facts of a dataset as its contract describes it.

    Args:
        name: which of the contract's datasets (source, topic, raw, mart).
        contract: the contract.
        warehouse_types: columns with the warehouse's types; else with the source's.
    """
    mapped = warehouse_types and contract.kind == "source"
    return Facts(
        name=name,
        fields=tuple(
            Field(
                column.name,
                column.mapping.warehouse if mapped else column.source_type,
                column.description or None,
                column.classification,
            )
            for column in contract.columns
        ),
        description=contract.description or None,
        owner=contract.owner or None,
        contract=(contract.name, contract.version),
    )


def dataset_facets(facts: Facts) -> dict[str, DatasetFacet]:
    """The facets of a dataset; only those of which something is known."""
    facets: dict[str, DatasetFacet] = {
        "dataSource": datasource_dataset.DatasourceDatasetFacet(
            name=facts.name.namespace,
            uri=facts.name.namespace if "://" in facts.name.namespace else "file:///",
        )
    }
    if facts.fields:
        facets["schema"] = schema_dataset.SchemaDatasetFacet(
            fields=[
                schema_dataset.SchemaDatasetFacetFields(
                    name=each.name, type=each.type, description=each.description, ordinal_position=position
                )
                for position, each in enumerate(facts.fields, start=1)
            ]
        )
    if facts.description:
        facets["documentation"] = documentation_dataset.DocumentationDatasetFacet(
            description=facts.description
        )
    if facts.owner:
        facets["ownership"] = ownership_dataset.OwnershipDatasetFacet(
            owners=[ownership_dataset.Owner(name=facts.owner, type="OWNER")]
        )
    if facts.contract:
        facets["bilten_contract"] = BiltenContractDatasetFacet(
            id=facts.contract[0], version=facts.contract[1]
        )
    if facts.version:
        facets["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion=facts.version)
    if facts.build:
        facets["bilten_build"] = BiltenBuildDatasetFacet(buildId=facts.build[0], database=facts.build[1])
    if facts.symlinks:
        facets["symlinks"] = symlinks_dataset.SymlinksDatasetFacet(
            identifiers=[
                symlinks_dataset.Identifier(namespace=name.namespace, name=name.name, type=kind)
                for name, kind in facts.symlinks
            ]
        )
    if facts.lifecycle:
        facets["lifecycleStateChange"] = lifecycle_state_change_dataset.LifecycleStateChangeDatasetFacet(
            lifecycleStateChange=lifecycle_state_change_dataset.LifecycleStateChange(facts.lifecycle)
        )
    if facts.storage:
        facets["storage"] = storage_dataset.StorageDatasetFacet(
            storageLayer=facts.storage[0], fileFormat=facts.storage[1]
        )
    tags = [_tag("label", tag) for tag in facts.tags]
    tags += [
        _tag("classification", each.classification, each.name) for each in facts.fields if each.classification
    ]
    if tags:
        facets["tags"] = tags_dataset.TagsDatasetFacet(tags=tags)
    facets.update(sources_facet(facts))
    if facts.flow is not None:
        facets.update(flow_facets(facts.flow))
    return facets


def sources_facet(facts: Facts) -> dict[str, DatasetFacet]:
    """OpenLineage's explicit lineage of a dataset, when it is said exactly what it was made of."""
    if facts.sources is None:
        return {}
    return {
        "lineage": lineage.LineageDatasetFacet(
            inputs=[
                lineage.LineageDatasetInput(namespace=source.namespace, name=source.name, type="DATASET")
                for source in facts.sources
            ]
        )
    }


def flow_facets(flow: Flow) -> dict[str, DatasetFacet]:
    """``columnLineage``, and beside it what could not be resolved."""
    return {
        "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet(
            fields={
                column: column_lineage_dataset.Fields(inputFields=_input_fields(origins))
                for column, origins in flow.fields.items()
            },
            dataset=_input_fields(flow.everything),
        ),
        # Also when all is resolved: a facet that is left out would not replace an older one.
        "bilten_unresolvedColumns": BiltenUnresolvedColumnsDatasetFacet(
            columns=[UnresolvedColumn(each.column, each.reason) for each in flow.unresolved],
            resolved=flow.resolved,
        ),
    }


def input_dataset(read: Input) -> InputDataset:
    """A read dataset as OpenLineage writes it."""
    facets: dict[str, object] = {}
    if read.rows is not None or read.size is not None:
        facets["inputStatistics"] = input_statistics_input_dataset.InputStatisticsInputDatasetFacet(
            rowCount=read.rows, size=read.size
        )
    if read.offsets is not None:
        facets["bilten_kafkaOffsets"] = read.offsets
    if read.assertions:
        facets["dataQualityAssertions"] = data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
            assertions=[_assertion(each) for each in read.assertions]
        )
    return InputDataset(
        namespace=read.facts.name.namespace,
        name=read.facts.name.name,
        facets=dataset_facets(read.facts),
        inputFacets=facets,  # type: ignore[arg-type]
    )


def output_dataset(written: Output) -> OutputDataset:
    """A written dataset as OpenLineage writes it."""
    statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
        rowCount=written.rows, size=written.size, fileCount=written.files
    )
    known = any(value is not None for value in (written.rows, written.size, written.files))
    return OutputDataset(
        namespace=written.facts.name.namespace,
        name=written.facts.name.name,
        facets=dataset_facets(written.facts),
        outputFacets={"outputStatistics": statistics} if known else {},
    )


def bare(facts: Facts) -> Facts:
    """Only name and sources: enough for the event that opens a run."""
    return Facts(name=facts.name, sources=facts.sources)


def with_version(facts: Facts, version: str | None) -> Facts:
    """The same dataset at a version."""
    return replace(facts, version=version)


def _tag(key: str, value: str, field: str | None = None) -> tags_dataset.TagsDatasetFacetFields:
    return tags_dataset.TagsDatasetFacetFields(key=key, value=value, source="contract", field=field)


def _input_fields(origins: tuple[Origin, ...]) -> list[column_lineage_dataset.InputField]:
    grouped: dict[tuple[DatasetName, str], list[Origin]] = {}
    for origin in origins:
        grouped.setdefault((origin.dataset, origin.field), []).append(origin)
    return [
        column_lineage_dataset.InputField(
            namespace=dataset.namespace,
            name=dataset.name,
            field=field,
            transformations=[
                column_lineage_dataset.Transformation(
                    type=each.kind, subtype=each.subtype, masking=each.masking
                )
                for each in sorted(set(found))
            ],
        )
        for (dataset, field), found in sorted(grouped.items())
    ]


def _assertion(check: Assertion) -> data_quality_assertions_dataset.Assertion:
    return data_quality_assertions_dataset.Assertion(
        assertion=check.kind,
        success=check.success,
        column=check.column,
        severity=check.severity,
        name=check.name,
        description=check.description,
        expected=check.expected,
        actual=check.actual,
    )
