"""What each part of the platform does, described as work: capture, load, checks, archive, publication.

(dbt's models and tests are in ``dbt``.) The values come from the part that did the work; nothing here asks
anybody anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bilten.contracts import Contract
from lineage.datasets import Assertion, Facts, Field, Input, Output, bare, described, with_version
from lineage.events import Work
from lineage.facets import (
    BiltenKafkaOffsetsInputDatasetFacet,
    BiltenLoadWindowRunFacet,
    BiltenPublicationRunFacet,
    BiltenSourcePositionRunFacet,
    PartitionRange,
)
from lineage.flows import Flow, identity
from lineage.names import DatasetName, Names
from lineage.receipts import ArchiveReceipt, LoadWindow, OffsetRange, Publication
from lineage.runs import Engine, Parent, RunContext, fixed_run_id, instant, job, new_run_id

__all__ = [
    "ArchiveReceipt",
    "LoadWindow",
    "OffsetRange",
    "Publication",
    "archive",
    "capture",
    "check",
    "describes",
    "load",
    "load_design",
    "publish",
]


def capture(
    names: Names,
    contracts: Iterable[Contract],
    *,
    connector: str,
    slot: str,
    publication: str,
    at: datetime,
    engine: Engine,
    position: str | None = None,
    parent: Parent | None = None,
) -> Work:
    """Change capture: every operational table into its topic, column by column.

    Args:
        names: how datasets are named here.
        contracts: the captured tables.
        connector: name of the connector.
        slot: replication slot; empty where there is no such thing.
        publication: publication; empty likewise.
        at: when capture started; the run's identity.
        engine: Debezium and its version.
        position: position in the source's log.
        parent: what started it.
    """
    tables = tuple(contracts)
    name = job("capture", connector)
    inputs, outputs = [], []
    for contract in tables:
        source, topic = names.source(contract), names.topic(contract)
        inputs.append(Input(described(source, contract, warehouse_types=False)))
        outputs.append(Output(_from(source, described(topic, contract, warehouse_types=False))))
    return Work(
        context=RunContext(name, fixed_run_id(name, at, slot), parent, engine),
        integration="DEBEZIUM",
        job_type="TASK",
        streaming=True,
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        description="Reads committed changes from the database's log and writes them to one topic per table.",
        facets={"bilten_sourcePosition": BiltenSourcePositionRunFacet(slot, publication, position)}
        if slot or position
        else {},
    )


def describes(window: LoadWindow) -> bool:
    """Whether a window's events repeat what its job is by design: those over a full hour do.

    Column lineage of a wide table is a hundred times larger than what happened in a minute. The answer
    follows from the window alone, so that reporting it twice gives the same events.
    """
    return _hour(window.begun) != _hour(window.ended)


def load_design(names: Names, contract: Contract) -> Work:
    """What is done to load one dataset by design: topic (or files) → raw → ods, column by column.

    For `lineage.events.declared`; it belongs to no run.
    """
    topic, raw, ods = _landed(names, contract)
    return Work(
        context=RunContext(job("load", contract.name), run_id=""),
        integration="BILTEN",
        job_type="LOAD",
        streaming=contract.files is None,
        inputs=(Input(topic),),
        outputs=(Output(raw), Output(ods)),
        description="Lands change events; views in the warehouse parse and type them strictly.",
        owner=contract.owner or None,
    )


def load(
    names: Names, contract: Contract, window: LoadWindow, *, engine: Engine, parent: Parent | None = None
) -> Work:
    """One window of the streaming loader over one dataset.

    The run's identity is the window's begin and offsets: reporting a window twice is reporting one run.
    """
    design = load_design(names, contract)
    name = design.context.job
    # The offsets alone are not enough: a topic that is recreated has them again.
    offsets = ",".join(f"{each.partition}:{each.first}-{each.following}" for each in window.ranges)
    run_id = fixed_run_id(name, window.begun, window.topic_id or "", offsets)
    topic, raw, ods = (
        facts if describes(window) else replace(bare(facts), contract=facts.contract)
        for facts in _landed(names, contract)
    )
    read = BiltenKafkaOffsetsInputDatasetFacet(
        partitions=[PartitionRange(each.partition, each.first, each.following) for each in window.ranges],
        topicId=window.topic_id,
        firstTimestamp=instant(window.first_timestamp) if window.first_timestamp else None,
        lastTimestamp=instant(window.last_timestamp) if window.last_timestamp else None,
    )
    landed = window.rows - window.dead_letters
    return replace(
        design,
        context=RunContext(name, run_id, parent, engine, window.begun, window.ended),
        window_seconds=max(1, round((window.ended - window.begun).total_seconds())),
        # Offsets of lines are the platform's own: the files know none.
        inputs=(Input(topic, rows=window.rows, size=window.size, offsets=None if contract.files else read),),
        outputs=(Output(raw, rows=landed), Output(ods, rows=landed)),
        facets={
            "bilten_loadWindow": BiltenLoadWindowRunFacet(
                window.loader, window.epoch, max(1, window.batches), window.dead_letters
            )
        },
    )


def check(
    dataset: Facts,
    assertions: Iterable[Assertion],
    *,
    suite: str,
    at: datetime,
    engine: Engine,
    run_key: str,
    parent: Parent | None = None,
    rows: int | None = None,
) -> Work:
    """A suite of checks over one dataset.

    Args:
        dataset: what was checked, at the version that was checked.
        assertions: the outcomes.
        suite: name of the suite, part of the job's name.
        at: when it began.
        engine: what evaluated the checks.
        run_key: what tells this run from others, usually the build.
        parent: what started it.
        rows: rows of the dataset, when counted.
    """
    name = job("check", suite)
    return Work(
        context=RunContext(name, fixed_run_id(name, at, run_key), parent, engine),
        integration="BILTEN",
        job_type="TEST",
        inputs=(Input(dataset, rows=rows, assertions=tuple(assertions)),),
        description="Checks that a dataset obeys its contract.",
    )


def archive(
    names: Names,
    contract: Contract,
    receipt: ArchiveReceipt,
    *,
    at: datetime,
    engine: Engine,
    parent: Parent | None = None,
) -> Work:
    """One append of the archive: raw → Iceberg bronze, column by column, versioned by the snapshot."""
    name = job("archive", contract.name)
    raw = names.raw(contract.name)
    target = names.iceberg(receipt.location)
    bronze = Facts(
        name=target,
        fields=described(raw, contract).fields,
        description=contract.description or None,
        owner=contract.owner or None,
        contract=(contract.name, contract.version),
        version=receipt.snapshot,
        symlinks=((names.catalog(contract.name), "TABLE"),),
        storage=("iceberg", "parquet"),
        flow=identity(raw, (column.name for column in contract.columns)),
        sources=(raw,),
    )
    read = described(raw, contract)
    if receipt.read_version is not None:
        read = with_version(read, receipt.read_version)
    return Work(
        context=RunContext(name, fixed_run_id(name, at, receipt.snapshot), parent, engine),
        integration="BILTEN",
        job_type="ARCHIVE",
        inputs=(Input(read, rows=receipt.rows),),
        outputs=(Output(bronze, receipt.rows, receipt.size, receipt.files),),
        description="Appends new changes to the open archive, positions in the same commit.",
    )


def publish(
    names: Names,
    publication: Publication,
    columns: Mapping[str, tuple[Field, ...]],
    *,
    engine: Engine,
    at: datetime | None = None,
    parent: Parent | None = None,
    contracts: Iterable[Contract] = (),
) -> Work:
    """A publication: every mart of a build becomes what readers see.

    Args:
        names: how datasets are named here.
        publication: the decision.
        columns: the columns of each mart.
        engine: the warehouse and its version.
        at: when it began; with it, reporting it twice is reporting one run.
        parent: what started it.
        contracts: the marts' contracts, for meaning and owner.
    """
    name = job("publish", "marts")
    agreed = {contract.name: contract for contract in contracts}
    build = publication.build_id
    inputs, outputs = [], []
    for mart in publication.marts:
        candidate, published = names.built(mart), names.mart(mart)
        fields = columns.get(mart, ())
        built = Facts(candidate, fields, version=build, build=(build, f"build_{build}"))
        flow = identity(candidate, (each.name for each in fields))
        inputs.append(Input(built))
        meant = described(published, agreed[mart]) if mart in agreed else Facts(published)
        outputs.append(
            Output(
                replace(
                    meant,
                    fields=fields,
                    version=build,
                    lifecycle="OVERWRITE",
                    flow=flow,
                    sources=(candidate,),
                )
            )
        )
    run_id = fixed_run_id(name, at, build) if at else new_run_id()
    return Work(
        context=RunContext(name, run_id, parent, engine),
        integration="BILTEN",
        job_type="PUBLISH",
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        description="Moves the pointer that readers of the marts follow, on verdicts of this very build.",
        facets={
            "bilten_publication": BiltenPublicationRunFacet(
                build, publication.reason, dict(publication.verdicts), publication.previous_build_id
            )
        },
    )


def _hour(value: datetime) -> datetime:
    return value.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _landed(names: Names, contract: Contract) -> tuple[Facts, Facts, Facts]:
    topic, raw = names.delivered(contract), names.raw(contract.name)
    return (
        described(topic, contract, warehouse_types=False),
        _from(topic, described(raw, contract)),
        _from(raw, described(names.ods(contract.name), contract)),
    )


def _from(source: DatasetName, facts: Facts) -> Facts:
    """The dataset with every column coming unchanged from the source."""
    flow: Flow = identity(source, (each.name for each in facts.fields))
    return replace(facts, flow=flow, sources=(source,))
