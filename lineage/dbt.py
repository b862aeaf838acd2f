"""dbt's artifacts as lineage: a run for every model, and for every tested dataset its tests.

Reads what dbt leaves behind (``manifest.json``, ``run_results.json``, ``catalog.json`` where there is one);
the column lineage comes from the compiled SQL. A model that dbt skipped is a run that was aborted. A test
that found bad rows is a run that was completed, with a failed assertion; only a test that could not be
evaluated is a failed run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from graphlib import TopologicalSorter
from typing import Any

from openlineage.client.event_v2 import RunEvent
from openlineage.client.facet_v2 import RunFacet

from bilten.contracts import Contract
from lineage.columns import flow_of
from lineage.datasets import Assertion, Facts, Field, Input, Output
from lineage.events import Work, aborted, completed, failed, started
from lineage.facets import BiltenQueriesRunFacet
from lineage.flows import Flow
from lineage.names import DatasetName, Names, build_of
from lineage.runs import Engine, Parent, RunContext, fixed_run_id, job

Node = Mapping[str, Any]

_STATE_COLUMNS = ("_version", "_committed_at", "_transaction")
"""What the views in ``ods`` have beside the contract's columns."""
_CHANGE_COLUMNS = (
    *("_op", "_committed_at", "_epoch", "_position", "_commit_position", "_transaction", "_ordinal"),
    *("_topic", "_partition", "_offset", "_timestamp", "_loaded_at", "_unchanged", "_extra", "_version"),
)
"""What the tables in ``raw`` have beside the contract's columns."""


@dataclass(frozen=True)
class Invocation:
    """One run of dbt, as it left its artifacts.

    Args:
        manifest: ``manifest.json``.
        results: ``run_results.json``.
        catalog: ``catalog.json``, with the columns as the warehouse has them.
        columns: columns of what models read that is not a model, by database and table.
        sizes: rows and bytes of tables that were built, by database and table.
    """

    manifest: Mapping[str, Any]
    results: Mapping[str, Any]
    catalog: Mapping[str, Any] | None = None
    columns: Mapping[tuple[str, str], Iterable[str]] = field(default_factory=dict)
    sizes: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)


def columns_of(contracts: Iterable[Contract]) -> dict[tuple[str, str], tuple[str, ...]]:
    """The columns of what models read that is no model: the views in ``ods``, the tables in ``raw``, the
    truncations of sources, and the time zones that the engine knows.
    """
    found: dict[tuple[str, str], tuple[str, ...]] = {
        ("ops", "truncations"): ("dataset", "version"),
        ("system", "time_zones"): ("time_zone",),
    }
    for contract in contracts:
        if contract.kind == "source":
            names = tuple(column.name for column in contract.columns)
            found["ods", contract.name] = (*names, *_STATE_COLUMNS)
            found["raw", contract.name] = (*names, *_CHANGE_COLUMNS)
    return found


def events_of(
    names: Names,
    invocation: Invocation,
    *,
    parent: Parent | None = None,
    flows: Mapping[str, Flow] | None = None,
) -> list[RunEvent]:
    """The events of every model that was to run and of every test, in the order of their times.

    Building them twice from the same artifacts gives the same events.

    Args:
        names: how datasets are named here.
        invocation: what dbt left behind.
        parent: the run that started dbt.
        flows: what `flows_of` said of this invocation, where somebody has asked already.
    """
    reader = _Reader(names, invocation, parent, flows)
    return sorted([*reader.models(), *reader.tests()], key=lambda event: event.eventTime)


def flows_of(names: Names, invocation: Invocation) -> dict[str, Flow]:
    """The column lineage of every model that has compiled SQL, by the node's identifier."""
    return dict(_Reader(names, invocation, None, None).flows)


class _Reader:
    def __init__(
        self,
        names: Names,
        invocation: Invocation,
        parent: Parent | None,
        flows: Mapping[str, Flow] | None,
    ) -> None:
        self._names = names
        self._invocation = invocation
        self._parent = parent
        metadata = invocation.results["metadata"]
        self._generated = _time(metadata["generated_at"])
        self._engine = Engine("dbt", str(metadata.get("dbt_version", "unknown")))
        self._nodes: Mapping[str, Node] = {**invocation.manifest["nodes"], **invocation.manifest["sources"]}
        self._results: Mapping[str, Node] = {
            each["unique_id"]: each for each in invocation.results["results"]
        }
        self._columns: dict[tuple[str, str], tuple[str, ...]] = {
            key: tuple(columns) for key, columns in invocation.columns.items()
        }
        self._complete_sources()
        self.flows = self._analyse() if flows is None else flows

    def models(self) -> Iterator[RunEvent]:
        """START and the closing event of every model that dbt was asked to run."""
        for identifier, result in self._results.items():
            node = self._nodes.get(identifier)
            if node is None or node["resource_type"] not in {"model", "snapshot", "seed"}:
                continue
            work = self._work(identifier, node, result)
            begun, ended = self._times(result)
            yield started(work, begun)
            if result["status"] == "success":
                yield completed(work, ended)
            elif result["status"] == "skipped":
                yield aborted(work, ended)
            else:
                yield failed(work, ended, str(result.get("message") or result["status"]), language="SQL")

    def tests(self) -> Iterator[RunEvent]:
        """START and the closing event for every dataset that has tests."""
        tested: dict[str, list[tuple[Node, Node]]] = {}
        for identifier, result in self._results.items():
            node = self._nodes.get(identifier)
            if node is not None and node["resource_type"] == "test" and result["status"] != "skipped":
                tested.setdefault(self._tested(node), []).append((node, result))
        for identifier, found in tested.items():
            target = self._nodes.get(identifier)
            if target is None:
                continue
            times = [self._times(result) for _, result in found]
            begun, ended = min(each for each, _ in times), max(each for _, each in times)
            name = job("dbt", "test", str(target["name"]))
            errors = [result for _, result in found if result["status"] in {"error", "runtime error"}]
            assertions = tuple(_assertion(node, result) for node, result in found if result not in errors)
            work = Work(
                context=RunContext(
                    name,
                    fixed_run_id(name, begun, self._invocation_id(), identifier),
                    self._parent,
                    self._engine,
                ),
                integration="DBT",
                job_type="TEST",
                inputs=(Input(self._facts(identifier, target), assertions=assertions),),
                description=f"dbt's tests of {target['name']}.",
            )
            yield started(work, begun)
            if errors:
                yield failed(
                    work, ended, str(errors[0].get("message") or "A test could not run."), language="SQL"
                )
            else:
                yield completed(work, ended)

    def _work(self, identifier: str, node: Node, result: Node) -> Work:
        begun, _ = self._times(result)
        name = job("dbt", str(node["resource_type"]), str(node["name"]))
        sql = self._sql(identifier)
        response = result.get("adapter_response") or {}
        rows, size = self._invocation.sizes.get(
            _relation(node), (_number(response.get("rows_affected")), None)
        )
        facets: dict[str, RunFacet] = {}
        if response.get("query_id"):
            facets["bilten_queries"] = BiltenQueriesRunFacet([str(response["query_id"])])
        output = self._facts(identifier, node, written=True)
        return Work(
            context=RunContext(
                name, fixed_run_id(name, begun, self._invocation_id(), identifier), self._parent, self._engine
            ),
            integration="DBT",
            job_type=str(node["resource_type"]).upper(),
            inputs=self._inputs(identifier, node),
            outputs=(Output(output, rows=rows, size=size),),
            description=str(node.get("description") or "") or None,
            owner=_owner(node),
            sql=(sql, "clickhouse") if sql else None,
            facets=facets,
        )

    def _inputs(self, identifier: str, node: Node) -> tuple[Input, ...]:
        known = [self._facts(each, self._nodes[each]) for each in self._read(node)]
        flow = self.flows.get(identifier)
        if flow is not None:
            # A model may name another only to be built after it.
            known = [facts for facts in known if facts.name in flow.datasets]
        named = {facts.name for facts in known}
        # And it may read tables that dbt does not know of.
        further = sorted((flow.datasets if flow else frozenset()) - named)
        return tuple(Input(facts) for facts in [*known, *(Facts(name) for name in further)])

    def _facts(self, identifier: str, node: Node, *, written: bool = False) -> Facts:
        database, table = _relation(node)
        build = build_of(database)
        flow = self.flows.get(identifier) if written else None
        lifecycle = None
        if written and _materialized(node) == "table":
            lifecycle = "CREATE" if build else "OVERWRITE"
        return Facts(
            name=self._names.warehouse(database, table),
            fields=self._fields(identifier, node),
            description=str(node.get("description") or "") or None,
            owner=_owner(node),
            version=build,
            build=(build, database) if build else None,
            lifecycle=lifecycle,  # type: ignore[arg-type]
            tags=tuple(str(tag) for tag in node.get("tags") or ()),
            flow=flow,
        )

    def _fields(self, identifier: str, node: Node) -> tuple[Field, ...]:
        described = {each["name"]: each for each in (node.get("columns") or {}).values()}
        catalog = self._cataloged(identifier)
        flow = self.flows.get(identifier)
        known = tuple(flow.fields) if flow is not None else self._columns.get(_relation(node), ())
        order = list(catalog) or list(known) or list(described)
        return tuple(
            Field(
                column,
                catalog.get(column) or described.get(column, {}).get("data_type"),
                described.get(column, {}).get("description") or None,
            )
            for column in order
        )

    def _cataloged(self, identifier: str) -> dict[str, str]:
        catalog = self._invocation.catalog or {}
        entry = {**catalog.get("nodes", {}), **catalog.get("sources", {})}.get(identifier)
        if entry is None:
            return {}
        return {
            each["name"]: each["type"]
            for each in sorted(entry["columns"].values(), key=lambda each: each["index"])
        }

    def _complete_sources(self) -> None:
        for identifier, node in self._nodes.items():
            if node["resource_type"] == "source" and _relation(node) not in self._columns:
                known = tuple(self._cataloged(identifier)) or tuple(node.get("columns") or ())
                if known:
                    self._columns[_relation(node)] = known

    def _analyse(self) -> dict[str, Flow]:
        """Follow the models in the order of their dependence: each needs the columns of those before it."""
        models = {
            identifier: set(self._read(node))
            for identifier, node in self._nodes.items()
            if node["resource_type"] in {"model", "snapshot", "seed"}
        }
        flows: dict[str, Flow] = {}
        for identifier in TopologicalSorter(models).static_order():
            node = self._nodes[identifier]
            sql = self._sql(identifier)
            if identifier not in models:
                continue
            declared = tuple(each["name"] for each in (node.get("columns") or {}).values())
            if sql:
                flows[identifier] = flow_of(sql, self._columns, self._names.warehouse, declared=declared)
                self._columns[_relation(node)] = tuple(flows[identifier].fields)
            elif declared:
                self._columns[_relation(node)] = declared
        return flows

    def _read(self, node: Node) -> list[str]:
        return [
            each
            for each in (node.get("depends_on") or {}).get("nodes", [])
            if each in self._nodes and self._nodes[each].get("config", {}).get("materialized") != "ephemeral"
        ]

    def _tested(self, node: Node) -> str:
        return str(node.get("attached_node") or next(iter(self._read(node)), ""))

    def _sql(self, identifier: str) -> str | None:
        found = self._results.get(identifier, {}).get("compiled_code") or self._nodes[identifier].get(
            "compiled_code"
        )
        return str(found).strip() if found else None

    def _invocation_id(self) -> str:
        return str(self._invocation.results["metadata"].get("invocation_id", ""))

    def _times(self, result: Node) -> tuple[datetime, datetime]:
        timing = [
            each for each in result.get("timing") or () if each.get("started_at") and each.get("completed_at")
        ]
        if not timing:
            return self._generated, self._generated
        return min(_time(each["started_at"]) for each in timing), max(
            _time(each["completed_at"]) for each in timing
        )


def dataset_of(names: Names, node: Node) -> DatasetName:
    """The dataset that a model or a source of dbt's manifest is."""
    return names.warehouse(*_relation(node))


def _relation(node: Node) -> tuple[str, str]:
    return str(node["schema"]), str(node.get("identifier") or node.get("alias") or node["name"])


def _materialized(node: Node) -> str:
    return str((node.get("config") or {}).get("materialized", ""))


def _owner(node: Node) -> str | None:
    meta = {**(node.get("meta") or {}), **((node.get("config") or {}).get("meta") or {})}
    owner = meta.get("owner") or node.get("group")
    return str(owner) if owner else None


def _assertion(node: Node, result: Node) -> Assertion:
    failures = result.get("failures")
    severity = str((node.get("config") or {}).get("severity", "error")).lower()
    return Assertion(
        name=str(node["name"]),
        kind=str((node.get("test_metadata") or {}).get("name") or "custom_sql"),
        success=result["status"] == "pass",
        column=node.get("column_name"),
        severity="warn" if severity == "warn" else "error",
        expected="0",
        actual=str(failures) if failures is not None else None,
        description=str(node.get("description") or "") or None,
    )


def _number(value: object) -> int | None:
    return int(str(value)) if str(value).isdigit() else None


def _time(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace("Z", "+00:00"))
