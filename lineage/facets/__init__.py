"""The platform's own facets, beside OpenLineage's.

Every facet has the prefix ``bilten_`` and a JSON schema in this folder, named like its class; the schema's
identifier stands in the facet's ``_schemaURL`` and the service hands the file out under ``/api/v1/facets``.
"""

from __future__ import annotations

from pathlib import Path

import attr
from openlineage.client.facet_v2 import DatasetFacet, InputDatasetFacet, RunFacet

SCHEMAS = Path(__file__).resolve().parent
"""Folder of the JSON schemas."""


def _schema(name: str) -> str:
    return f"urn:bilten:lineage:facets:1-0-0:{name}#/$defs/{name}"


@attr.define
class PartitionRange:
    """Half-open range of offsets of one partition."""

    partition: int
    firstOffset: int  # noqa: N815 - the names are those of the JSON
    nextOffset: int  # noqa: N815


@attr.define
class BiltenKafkaOffsetsInputDatasetFacet(InputDatasetFacet):
    """``bilten_kafkaOffsets``: which records of a topic a run read."""

    partitions: list[PartitionRange]
    topicId: str | None = None  # noqa: N815
    firstTimestamp: str | None = None  # noqa: N815
    lastTimestamp: str | None = None  # noqa: N815

    @staticmethod
    def _get_schema() -> str:
        return _schema("BiltenKafkaOffsetsInputDatasetFacet")


@attr.define
class BiltenLoadWindowRunFacet(RunFacet):
    """``bilten_loadWindow``: one window of the streaming loader."""

    loader: str
    epoch: int
    batches: int
    deadLetters: int = 0  # noqa: N815

    @staticmethod
    def _get_schema() -> str:
        return _schema("BiltenLoadWindowRunFacet")


@attr.define
class BiltenSourcePositionRunFacet(RunFacet):
    """``bilten_sourcePosition``: where change capture stands in the source's log."""

    slot: str
    publication: str
    position: str | None = None
    epoch: int | None = None

    @staticmethod
    def _get_schema() -> str:
        return _schema("BiltenSourcePositionRunFacet")


@attr.define
class BiltenContractDatasetFacet(DatasetFacet):
    """``bilten_contract``: the data contract that a dataset obeys."""

    id: str
    version: str

    @staticmethod
    def _get_schema() -> str:
        return _schema("BiltenContractDatasetFacet")


@attr.define
class UnresolvedColumn:
    """A column (or, with an empty name, a clause over all rows) whose origin is not wholly known."""

    column: str
    reason: str


@attr.define
class BiltenUnresolvedColumnsDatasetFacet(DatasetFacet):
    """``bilten_unresolvedColumns``: what column lineage could not resolve, never dropped."""

    columns: list[UnresolvedColumn]
    resolved: int

    @staticmethod
    def _get_schema() -> str:
        return _schema("BiltenUnresolvedColumnsDatasetFacet")


@attr.define
class BiltenPublicationRunFacet(RunFacet):
    """``bilten_publication``: a publication of the marts and the verdicts behind it."""

    buildId: str  # noqa: N815
    reason: str
    verdicts: dict[str, int]
    previousBuildId: str | None = None  # noqa: N815

    @staticmethod
    def _get_schema() -> str:
        return _schema("BiltenPublicationRunFacet")


@attr.define
class BiltenQueriesRunFacet(RunFacet):
    """``bilten_queries``: identifiers of the statements that a run executed."""

    queryIds: list[str]  # noqa: N815

    @staticmethod
    def _get_schema() -> str:
        return _schema("BiltenQueriesRunFacet")


@attr.define
class BiltenBuildDatasetFacet(DatasetFacet):
    """``bilten_build``: the database in which a build kept this dataset."""

    buildId: str  # noqa: N815
    database: str

    @staticmethod
    def _get_schema() -> str:
        return _schema("BiltenBuildDatasetFacet")
