"""Evaluate checks with Great Expectations on one build of the marts, and on ``ods``.

Outcomes are data: a rule that is broken is a verdict, and so is a rule of which nothing could be said.
Nothing is written to disk, and no figure leaves the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import groupby
from typing import Any
from urllib.parse import quote, urlsplit

from bilten.contracts import Contracts
from bilten.errors import BiltenError, QualityError
from bilten.results import MAXIMUM_SAMPLES, Outcome, Verdict
from bilten.settings import Settings
from quality.breaches import breach_of
from quality.checks import Check
from warehouse import rules
from warehouse.client import Warehouse
from warehouse.compile.statements import identifier


@dataclass(frozen=True, slots=True)
class Target:
    """What is judged.

    Attributes:
        build_id: the build that verdicts bear.
        database: where its marts are; ``marts`` for what is published.
        run_id: the orchestrator's run, empty outside one.
    """

    build_id: str
    database: str
    run_id: str = ""


@dataclass(frozen=True)
class _Judging:
    """One evaluation: everything that each verdict needs."""

    warehouse: Warehouse
    contracts: Contracts
    target: Target
    settings: Settings

    @cached_property
    def sources(self) -> dict[str, Any]:
        """Great Expectations' data sources by database, filled as they are needed."""
        return {}

    def asset(self, database: str, table: str) -> Any:
        """A table as Great Expectations sees it."""
        if database not in self.sources:
            self.sources[database] = _data_source(self.settings, database)
        return self.sources[database].add_table_asset(name=table, table_name=table)

    def resolve(self, dataset: str) -> str:
        """Where a dataset stands."""
        database, table = self.place(dataset)
        return f"{identifier(database)}.{identifier(table)}"

    def place(self, dataset: str) -> tuple[str, str]:
        """Database and table of a dataset."""
        kind = self.contracts[dataset].kind
        return ("ods", dataset) if kind == "source" else (self.target.database, dataset)

    def key_of(self, dataset: str) -> tuple[str, ...]:
        """Key columns that may be shown: those that are no personal data."""
        return tuple(column.name for column in self.contracts[dataset].key if not column.is_personal)

    def verdict(self, check: Check, outcome: Outcome, **values: Any) -> Verdict:
        """What a check said about the target."""
        return Verdict(
            build_id=self.target.build_id,
            dataset=check.dataset,
            check_id=check.check_id,
            kind="expectation",
            severity=check.severity,
            outcome=outcome,
            checked_at=datetime.now(UTC),
            run_id=self.target.run_id,
            **values,
        )


def evaluate(
    settings: Settings,
    warehouse: Warehouse,
    contracts: Contracts,
    checks: Iterable[Check],
    target: Target,
    progress: Callable[[str, Sequence[Verdict]], None] | None = None,
) -> tuple[Verdict, ...]:
    """Evaluate checks.

    Args:
        settings: where the warehouse is.
        warehouse: the same warehouse, for samples and for parsing rules.
        contracts: all contracts.
        checks: which checks.
        target: what is judged; sources are judged as they stand in ``ods``.
        progress: called after each dataset.

    Returns:
        One verdict per check, always: what could not be evaluated is an ``error``.
    """
    judging = _Judging(warehouse, contracts, target, settings)
    verdicts: list[Verdict] = []
    ordered = sorted(checks, key=lambda check: check.dataset)
    for dataset, group in groupby(ordered, key=lambda check: check.dataset):
        judged = _judge(judging, dataset, tuple(group))
        verdicts.extend(judged)
        if progress is not None:
            progress(dataset, judged)
    return tuple(verdicts)


def _data_source(settings: Settings, database: str) -> Any:
    # Only who evaluates pays for it: some seconds and 150 MB.
    import great_expectations as gx  # noqa: PLC0415
    from great_expectations.data_context.types.base import (  # noqa: PLC0415
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=stores,
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
        ),
    )
    return context.data_sources.add_sql(
        name=database, connection_string=_connection_string(settings, database), create_temp_table=False
    )


def _connection_string(settings: Settings, database: str) -> str:
    parts = urlsplit(settings.warehouse_http_url)
    user, password = (quote(text, safe="") for text in settings.warehouse_credentials)
    host, port = settings.warehouse_host_port
    secure = "&secure=true" if parts.scheme == "https" else ""
    # Great Expectations reads a dollar sign as the name of a variable. With `readonly` 2 the engine itself
    # refuses whatever is not reading.
    address = f"clickhousedb://{user}:{password}@{host}:{port}/{database}"
    return f"{address}?ch_readonly=2{secure}".replace("$", "\\$")


def _judge(judging: _Judging, dataset: str, checks: tuple[Check, ...]) -> tuple[Verdict, ...]:
    from quality.expectations import compile_suite  # noqa: PLC0415 - as in _data_source

    sound, refused = _parsed(judging, checks)
    try:
        batch = judging.asset(*judging.place(dataset)).add_batch_definition_whole_table("all").get_batch()
        judged = _validated(judging, batch, compile_suite(dataset, sound, judging.resolve), sound)
        # One that could not be evaluated takes those of the same pass with it; alone, it takes only itself.
        alone = [check for check in sound if judged[check.check_id].outcome == "error"]
        if alone:
            suite = compile_suite(dataset, alone, judging.resolve, in_one_pass=False)
            judged |= _validated(judging, batch, suite, alone)
    except Exception as error:
        # Whatever Great Expectations or its driver stumbles over, nothing is known of the data.
        message = _first_line(error)
        return (*refused, *(judging.verdict(check, "error", message=message) for check in sound))
    return (*refused, *_with_totals([judged[check.check_id] for check in sound]))


def _validated(judging: _Judging, batch: Any, suite: Any, checks: Iterable[Check]) -> dict[str, Verdict]:
    results = {
        result.expectation_config.meta["check_id"]: result
        for result in batch.validate(suite, result_format="BASIC").results
    }
    return {
        check.check_id: _verdict(judging, check, results[check.check_id])
        if check.check_id in results
        else judging.verdict(check, "error", message="No result came back.")
        for check in checks
    }


def _parsed(judging: _Judging, checks: Sequence[Check]) -> tuple[list[Check], list[Verdict]]:
    sound: list[Check] = []
    refused: list[Verdict] = []
    for check in checks:
        try:
            if check.query is not None:
                query = rules.resolved(check.query, check.dataset, judging.resolve)
                rules.refuse_unless_reading(judging.warehouse, check.check_id, query)
            sound.append(check)
        except BiltenError as error:
            refused.append(judging.verdict(check, "error", message=error.what))
    return sound, refused


def _verdict(judging: _Judging, check: Check, result: Any) -> Verdict:
    error = _error_of(result)
    if error is not None:
        return judging.verdict(check, "error", message=error)
    failing, total = _figures(result.result)
    if result.success:
        return judging.verdict(check, "passed", failing_rows=failing, total_rows=total)
    outcome: Outcome = "failed" if check.severity == "error" else "warned"
    try:
        samples = _samples(judging, check)
    except BiltenError:
        samples = ()
    return judging.verdict(
        check,
        outcome,
        failing_rows=failing,
        total_rows=total,
        samples=samples,
        message=check.description or check.name,
    )


def _figures(result: Mapping[str, Any]) -> tuple[int, int | None]:
    """Failing and total rows from an expectation's result; the total is None where it was not counted."""
    failing = result.get("unexpected_count", result.get("observed_value", 0))
    total = result.get("element_count")
    return int(failing or 0), None if total is None else int(total)


def _with_totals(verdicts: list[Verdict]) -> list[Verdict]:
    """Rows looked at are the same for all checks of a dataset, whoever counted them."""
    total = next((verdict.total_rows for verdict in verdicts if verdict.total_rows is not None), None)
    return [
        replace(verdict, total_rows=total) if verdict.outcome != "error" else verdict for verdict in verdicts
    ]


def _samples(judging: _Judging, check: Check) -> tuple[Mapping[str, str | None], ...]:
    key = judging.key_of(check.dataset)
    breach = breach_of(check, judging.resolve(check.dataset), judging.resolve)
    query = None
    if breach is not None and key:
        query = breach.sampling(key, MAXIMUM_SAMPLES)
    elif check.query is not None:
        query = rules.sampling_query(
            check.query, check.dataset, judging.resolve, judging.key_of, MAXIMUM_SAMPLES
        )
    if query is None:
        return ()
    found = judging.warehouse.query(query)
    return tuple(
        {name: None if value is None else str(value) for name, value in zip(found.columns, row, strict=True)}
        for row in found.rows
    )


def _error_of(result: Any) -> str | None:
    """The first cause that an expectation could not be evaluated, if it could not."""
    information = result.exception_info or {}
    if "raised_exception" in information:
        information = {"": information}
    for entry in information.values():
        if entry.get("raised_exception"):
            return _first_line(entry.get("exception_message") or "unknown cause")
    if not result.result and not result.success:
        return "Great Expectations gave no figure."
    return None


def _first_line(error: object) -> str:
    text = str(error).strip()
    if isinstance(error, QualityError):
        text = error.what
    return text.splitlines()[0][:500] if text else type(error).__name__
