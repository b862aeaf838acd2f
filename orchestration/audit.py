"""The audit: what is checked of the sources before a build, and of the build before it is published.

Every check blocks, so whatever comes after it in the run does not start when it fails; and publication itself
demands the recorded verdicts, whoever asks for it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSpec,
    AssetKey,
    multi_asset_check,
)

from archives.catalog import open_catalog
from archives.compare import ArchiveComparison, compare
from bilten.contracts import Contract
from bilten.results import Verdict
from ingestion.fingerprint import SourceFingerprints
from ingestion.progress import SourceProgress
from operational.database import connect
from orchestration.builds import build_id
from orchestration.check_results import check_result
from orchestration.failures import failures_explained
from orchestration.keys import model_key, ods_key
from orchestration.models import BUILD_LAYER
from orchestration.reporting import report_checks
from orchestration.resources import Platform
from quality.gate import audit
from quality.reconciliation import (
    archive_verdict,
    reconcile_all,
    source_verdict,
)
from quality.run import Target
from warehouse.builds import database_of, record_verdicts, start_build
from warehouse.fingerprint import WarehouseFingerprints

CONTRACT_CHECK = "contract"
RECONCILIATION_CHECK = "reconciled"

KeyOf = Callable[[str], AssetKey]


def source_checks(platform: Platform) -> AssetChecksDefinition:
    """Of the current tables: they equal the source, the archive equals raw, the contracts' rules hold."""
    sources = platform.contracts.sources()
    reconciled = [contract for contract in sources if contract.key]

    @multi_asset_check(
        name="audit_sources",
        specs=[
            *(_spec(RECONCILIATION_CHECK, ods_key(contract.name)) for contract in reconciled),
            *(_spec(CONTRACT_CHECK, ods_key(contract.name)) for contract in sources),
        ],
    )
    def audit_sources(context: AssetCheckExecutionContext) -> Iterator[AssetCheckResult]:
        with failures_explained():
            start_build(platform.warehouse, build_id(context), context.run.run_id)
            yield from _reconciled(platform, context, reconciled)
            yield from _judged(platform, context, sources, ods_key)

    return audit_sources


def build_checks(platform: Platform) -> AssetChecksDefinition:
    """Of the marts of a build: the rules of their contracts hold."""
    marts = platform.contracts.marts()

    @multi_asset_check(
        name="audit_build", specs=[_spec(CONTRACT_CHECK, _built(contract.name)) for contract in marts]
    )
    def audit_build(context: AssetCheckExecutionContext) -> Iterator[AssetCheckResult]:
        with failures_explained():
            yield from _judged(platform, context, marts, _built)

    return audit_build


def _built(mart: str) -> AssetKey:
    return model_key(BUILD_LAYER, mart)


def _spec(name: str, asset: AssetKey) -> AssetCheckSpec:
    descriptions = {
        CONTRACT_CHECK: "The rules of the contract, evaluated by Great Expectations.",
        RECONCILIATION_CHECK: "Rows and values: source and ods, raw and bronze.",
    }
    return AssetCheckSpec(name, asset=asset, blocking=True, description=descriptions[name])


def _judged(
    platform: Platform, context: AssetCheckExecutionContext, contracts: Iterable[Contract], key_of: KeyOf
) -> Iterator[AssetCheckResult]:
    build = build_id(context)
    target = Target(build, database_of(build), context.run.run_id)
    names = [contract.name for contract in contracts]
    begun = datetime.now(UTC)
    verdicts = _by_dataset(
        audit(platform.settings, platform.warehouse, platform.contracts, target, datasets=names)
    )
    for dataset in names:
        own = verdicts.get(dataset, ())
        if own:
            report_checks(platform, context, dataset, own, suite=CONTRACT_CHECK, begun=begun)
        yield check_result(key_of(dataset), CONTRACT_CHECK, own)


def _reconciled(
    platform: Platform, context: AssetCheckExecutionContext, contracts: Sequence[Contract]
) -> Iterator[AssetCheckResult]:
    """Each table against its source and its archive; PostgreSQL and the warehouse work side by side."""
    build, run_id = build_id(context), context.run.run_id
    with (
        ThreadPoolExecutor(1, "archive") as other_core,
        connect(platform.settings, autocommit=True) as connection,
        SourceProgress(platform.settings, contracts, platform.warehouse, connection) as progress,
    ):
        archived = other_core.submit(_archived, platform, contracts)
        source = SourceFingerprints(connection)
        rows = {contract.name: source.estimated_rows(contract) for contract in contracts}
        begun = datetime.now(UTC)
        results = reconcile_all(
            contracts,
            source,
            WarehouseFingerprints(platform.warehouse),
            progress.has_passed,
            progress.position,
            rows=rows,
        )
        archives = archived.result()
    for contract, result in zip(contracts, results, strict=True):
        verdicts = [source_verdict(build, contract, result, run_id)]
        if (archive := archives.get(contract.name)) is not None:
            verdicts.append(
                archive_verdict(
                    build,
                    contract.name,
                    (archive.raw_rows, archive.raw_hash),
                    (archive.bronze_rows, archive.bronze_hash),
                    run_id,
                )
            )
        record_verdicts(platform.warehouse, verdicts)
        report_checks(platform, context, contract.name, verdicts, suite="reconciliation", begun=begun)
        yield check_result(ods_key(contract.name), RECONCILIATION_CHECK, verdicts)


def _archived(platform: Platform, contracts: Iterable[Contract]) -> Mapping[str, ArchiveComparison]:
    """What the archive holds beside ``raw``, for the tables that are archived already."""
    with open_catalog(platform.settings) as catalog:
        found = [compare(catalog, platform.warehouse, contract) for contract in contracts]
    return {each.dataset: each for each in found if each is not None}


def _by_dataset(verdicts: Iterable[Verdict]) -> Mapping[str, tuple[Verdict, ...]]:
    found: dict[str, tuple[Verdict, ...]] = {}
    for verdict in verdicts:
        found[verdict.dataset] = (*found.get(verdict.dataset, ()), verdict)
    return found
