"""Lineage of the real project as the platform itself reports it: real contracts, dbt's real compiled SQL.

Two builds a day apart: in the older one ``sales_by_day`` had no ``currency``, so that there is a past.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bilten.contracts import Contracts
from bilten.settings import Settings
from lineage.datasets import Assertion, Field, described
from lineage.dbt import Invocation, columns_of, events_of
from lineage.events import as_json, declared, reported
from lineage.names import Names
from lineage.producers import (
    ArchiveReceipt,
    LoadWindow,
    OffsetRange,
    Publication,
    archive,
    capture,
    check,
    load,
    load_design,
    publish,
)
from lineage.runs import Engine
from tests.dbt.project import run_dbt
from tests.lineage.samples import CLICKHOUSE, NAMES, PARENT

FIRST = datetime(2026, 3, 28, 1, 0, tzinfo=UTC)
SECOND = FIRST + timedelta(days=1)
BUILDS = {FIRST: "20260328T010000_aaaa0001", SECOND: "20260329T010000_bbbb0002"}
ENGINE = Engine("Great Expectations", "1.24")
PROJECT_BUILD = "20260101T000000_compiled"


def compiled(target: Path, settings: Settings) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The manifest and results of the real project, compiled by the real dbt."""
    outcome = run_dbt(target, "compile", settings=settings, build=PROJECT_BUILD)
    assert outcome.status == 0, outcome.output[-5000:]
    return outcome.manifest, json.loads((target / "run_results.json").read_text())


def real_events(
    contracts: Contracts, manifest: Mapping[str, Any], results: Mapping[str, Any], names: Names = NAMES
) -> list[str]:
    """Every event from PostgreSQL to the published marts, of two days."""
    sources = contracts.sources()
    captured = capture(
        names,
        contracts.captured(),
        connector="ticketing-postgresql",
        slot="bilten",
        publication="bilten",
        at=FIRST,
        engine=Engine("Debezium", "3.5"),
    )
    events: list[Any] = [declared(captured, FIRST - timedelta(hours=2))]
    events += [declared(load_design(names, each), FIRST - timedelta(hours=2)) for each in sources]
    for at, build in BUILDS.items():
        for position, contract in enumerate(sources):
            events += _landed(names, contract, at, position)
        older = at == FIRST
        moved = _moved(_as_build(manifest, build, older), _as_build(results, build, older), at)
        models = [node for node in moved[0]["nodes"].values() if node["resource_type"] == "model"]
        tables = {str(node["alias"]) for node in models}
        sizes = {(f"build_{build}", table): (1000 + len(table), 40_000) for table in tables}
        events += events_of(
            names, Invocation(*moved, columns=columns_of(sources), sizes=sizes), parent=PARENT
        )
        for contract in contracts.marts():
            events += _checked(names, contract, at, build)
        marts = tuple(contract.name for contract in contracts.marts())
        decision = Publication(build, None, "publish", {"passed": 170}, marts)
        published = publish(
            names,
            decision,
            {c.name: tuple(Field(column.name) for column in c.columns) for c in contracts.marts()},
            engine=CLICKHOUSE,
            at=at + timedelta(minutes=3),
            parent=PARENT,
            contracts=contracts.marts(),
        )
        events += reported(published, at + timedelta(minutes=3), at + timedelta(minutes=3, seconds=1))
    return [as_json(event) for event in events]


def _landed(names: Names, contract: Any, at: datetime, position: int) -> list[Any]:
    window = LoadWindow(
        begun=at - timedelta(minutes=10),
        ended=at - timedelta(minutes=9),
        ranges=(OffsetRange(0, 100 * position, 100 * position + 50),),
        rows=50,
        size=25_000,
        batches=3,
        loader="loader-1",
        first_timestamp=at - timedelta(minutes=10),
        last_timestamp=at - timedelta(minutes=9, seconds=1),
    )
    receipt = ArchiveReceipt(f"s3://archive/bronze/{contract.name}", f"{at:%Y%m%d}{position:04}", 50, 9000, 1)
    appended = archive(
        names, contract, receipt, at=at - timedelta(minutes=5), engine=Engine("PyIceberg", "0.12")
    )
    begun, ended = at - timedelta(minutes=5), at - timedelta(minutes=5) + timedelta(milliseconds=420)
    return [
        *reported(load(names, contract, window, engine=CLICKHOUSE), window.begun, window.ended),
        *reported(appended, begun, ended),
    ]


def _checked(names: Names, contract: Any, at: datetime, build: str) -> list[Any]:
    broken = contract.name == "refunds" and at == SECOND
    assertions = [
        Assertion(
            rule.name, rule.metric or "query", not (broken and index == 0), rule.column, "warn", "0", "0"
        )
        for index, rule in enumerate(contract.rules)
    ]
    work = check(
        described(names.built(contract.name), contract),
        assertions,
        suite=f"contract.{contract.name}",
        at=at + timedelta(minutes=2),
        engine=ENGINE,
        run_key=build,
        parent=PARENT,
        rows=1234,
    )
    return list(reported(work, at + timedelta(minutes=2), at + timedelta(minutes=2, seconds=4)))


def _as_build(artifact: Mapping[str, Any], build: str, older: bool) -> dict[str, Any]:
    """The artifact of another build of the same project."""
    text = json.dumps(artifact).replace(PROJECT_BUILD, build)
    result: dict[str, Any] = json.loads(text)
    if older:
        for node in [*result.get("nodes", {}).values(), *result.get("results", [])]:
            if str(node.get("unique_id", "")) == "model.bilten.sales_by_day":
                node["compiled_code"] = (
                    f"select ordered_on as sales_on, sum(total_amount_eur) as total_amount_eur\n"
                    f"from `build_{build}`.`int_orders_priced`\nwhere is_sale\ngroup by sales_on"
                )
                if node.get("columns"):
                    node["columns"] = {}
    return result


def _moved(
    manifest: dict[str, Any], results: dict[str, Any], at: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same results at another time: models one after the other, a second each."""
    results = copy.deepcopy(results)
    results["metadata"]["generated_at"] = (at + timedelta(minutes=1)).isoformat()
    results["metadata"]["invocation_id"] = f"{at:%Y%m%d}"
    for index, each in enumerate(results["results"]):
        begun = at + timedelta(milliseconds=150 * index)
        ended = begun + timedelta(milliseconds=90 + 37 * (index % 11))
        if each["unique_id"].startswith("test."):
            each["status"], each["failures"] = "pass", 0
        each["timing"] = [
            {"name": "execute", "started_at": begun.isoformat(), "completed_at": ended.isoformat()}
        ]
    return manifest, results
