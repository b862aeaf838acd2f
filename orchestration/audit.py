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

from bilten.contracts import Contract
from bilten.results import Verdict
from orchestration.builds import build_id
from orchestration.check_results import check_result
from orchestration.failures import failures_explained
from orchestration.keys import model_key, ods_key
from orchestration.models import BUILD_LAYER
from orchestration.reporting import report_checks
from orchestration.resources import ENGINE_POOL, Platform
from quality.gate import audit, is_reconciled
from quality.run import Target
from warehouse.builds import database_of, record_verdicts, start_build

CONTRACT_CHECK = "contract"
RECONCILIATION_CHECK = "reconciled"

KeyOf = Callable[[str], AssetKey]


def source_checks(platform: Platform) -> AssetChecksDefinition:
    """Of the current tables: they equal the source, the archive equals raw, the contracts' rules hold."""
    sources = platform.contracts.sources()
    reconciled = [contract for contract in sources if is_reconciled(contract)]

    @multi_asset_check(
        name="audit_sources",
        pool=ENGINE_POOL,
        specs=[
            *(_spec(RECONCILIATION_CHECK, ods_key(contract.name)) for contract in reconciled),
            *(_spec(CONTRACT_CHECK, ods_key(contract.name)) for contract in sources),
        ],
    )
    def audit_sources(context: AssetCheckExecutionContext) -> Iterator[AssetCheckResult]:
        with failures_explained(context):
            start_build(platform.warehouse, build_id(context), context.run.run_id)
            yield from _reconciled(platform, context, reconciled)
            yield from _judged(platform, context, sources, ods_key)

    return audit_sources


def build_checks(platform: Platform) -> AssetChecksDefinition:
    """Of the marts of a build: the rules of their contracts hold."""
    marts = platform.contracts.marts()

    @multi_asset_check(
        name="audit_build",
        pool=ENGINE_POOL,
        specs=[_spec(CONTRACT_CHECK, _built(contract.name)) for contract in marts],
    )
    def audit_build(context: AssetCheckExecutionContext) -> Iterator[AssetCheckResult]:
        with failures_explained(context):
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
    # The drivers of PostgreSQL, Kafka and Iceberg take two seconds to load, and only this step has any use of
    # them.
    from orchestration.reconciling import archive_verdicts, source_verdicts  # noqa: PLC0415

    build, run_id = build_id(context), context.run.run_id
    settings, warehouse, begun = platform.settings, platform.warehouse, datetime.now(UTC)
    with ThreadPoolExecutor(1, "archive") as other_core:
        archived = other_core.submit(archive_verdicts, settings, warehouse, contracts, build, run_id)
        compared = source_verdicts(settings, warehouse, platform.contracts, contracts, build, run_id)
        verdicts = _by_dataset([*compared, *archived.result()])
    for dataset, own in verdicts.items():
        record_verdicts(warehouse, own)
        report_checks(platform, context, dataset, own, suite="reconciliation", begun=begun)
        yield check_result(ods_key(dataset), RECONCILIATION_CHECK, own)


def _by_dataset(verdicts: Iterable[Verdict]) -> Mapping[str, tuple[Verdict, ...]]:
    found: dict[str, tuple[Verdict, ...]] = {}
    for verdict in verdicts:
        found[verdict.dataset] = (*found.get(verdict.dataset, ()), verdict)
    return found
