"""What lineage says about a build before anybody sees it: is it explained, does it show personal data.

Pure. Both questions are answered from dbt's compiled SQL and the contracts, by the code that answers them in
the explorer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from bilten.contracts import Contract
from lineage.dbt import Invocation, dataset_of
from lineage.flows import Flow
from lineage.graph import Column, ColumnEdge
from lineage.library import agreed_columns
from lineage.names import DatasetName, Names
from lineage.questions import personal_flow
from lineage.runs import job
from lineage.snapshot import Snapshot, label_of

Question = Literal["explained", "personal"]
QUESTIONS: tuple[Question, ...] = ("explained", "personal")


@dataclass(frozen=True)
class Judgement:
    """What lineage says about one mart of a build.

    Attributes:
        mart: the mart.
        question: ``explained``: every transformation on the way to it has column lineage; ``personal``: no
            personal data reaches a column of it unmasked that its contract does not call personal.
        failures: what stands against it, one line each.
        warnings: columns on the way that could not be resolved, with the reason.
        looked_at: transformations, or columns, that were looked at.
    """

    mart: str
    question: Question
    failures: tuple[str, ...]
    warnings: tuple[str, ...]
    looked_at: int


def check_id(mart: str, question: Question) -> str:
    """The name of a question about a mart, among the checks that a build must pass."""
    return f"lineage.{mart}.{question}"


def marts_of(invocation_manifest: Mapping[str, object], contracts: Iterable[Contract]) -> tuple[str, ...]:
    """The marts that a project builds."""
    nodes = invocation_manifest["nodes"]
    assert isinstance(nodes, Mapping)
    built = {str(node["name"]) for node in nodes.values() if node["resource_type"] == "model"}
    return tuple(each.name for each in contracts if each.kind == "mart" and each.name in built)


def judge(
    names: Names, contracts: Iterable[Contract], invocation: Invocation, found: Mapping[str, Flow]
) -> tuple[Judgement, ...]:
    """Ask both questions about every mart that dbt built.

    Args:
        names: how datasets are named here.
        contracts: of sources and marts.
        invocation: what dbt left behind.
        found: the column lineage of its models, by the node's identifier (`lineage.dbt.flows_of`).
    """
    known = tuple(contracts)
    nodes = invocation.manifest["nodes"]
    ran = {
        dataset_of(names, nodes[each["unique_id"]]): str(each["unique_id"])
        for each in invocation.results["results"]
        if each["status"] == "success" and nodes.get(each["unique_id"], {}).get("resource_type") == "model"
    }
    flows = {dataset: found.get(identifier) for dataset, identifier in ran.items()}
    exposed = _exposed(names, known, flows)
    judgements: list[Judgement] = []
    for mart in marts_of(invocation.manifest, known):
        built = names.built(mart)
        if built not in flows:
            continue
        way = _way_to(built, invocation, ran)
        judgements.append(_explained(mart, way, flows))
        flow = flows[built]
        lines = exposed.get(built, ())
        judgements.append(Judgement(mart, "personal", lines, (), len(flow.fields) if flow else 0))
    return tuple(judgements)


def _way_to(
    dataset: DatasetName, invocation: Invocation, ran: Mapping[DatasetName, str]
) -> tuple[DatasetName, ...]:
    """The models that a model is made of, itself included, as dbt has it: also where SQL cannot be read."""
    nodes, by_identifier = (
        invocation.manifest["nodes"],
        {identifier: each for each, identifier in ran.items()},
    )
    found, waiting = {dataset}, [dataset]
    while waiting:
        read = (nodes[ran[waiting.pop()]].get("depends_on") or {}).get("nodes", ())
        further = {by_identifier[each] for each in read if each in by_identifier} - found
        found |= further
        waiting += further
    return tuple(sorted(found))


def _explained(mart: str, way: Iterable[DatasetName], flows: Mapping[DatasetName, Flow | None]) -> Judgement:
    failures, warnings, looked_at = [], [], 0
    for dataset in way:
        flow, looked_at = flows[dataset], looked_at + 1
        if flow is None:
            failures.append(f"{label_of(dataset)} has no SQL to explain it.")
        elif not flow.datasets and flow.unresolved:
            failures.append(f"{label_of(dataset)}: {flow.unresolved[0].reason}")
        else:
            warnings += [f"{label_of(dataset)}.{each.column}: {each.reason}" for each in flow.unresolved]
    return Judgement(mart, "explained", tuple(failures), tuple(warnings), looked_at)


def _exposed(
    names: Names, contracts: Iterable[Contract], flows: Mapping[DatasetName, Flow | None]
) -> dict[DatasetName, tuple[str, ...]]:
    """Columns of built marts with unmasked personal data that no contract calls personal, with where from."""
    model = job("dbt", "model")
    edges = tuple(
        ColumnEdge(
            Column(origin.dataset, origin.field),
            Column(dataset, field),
            model,
            origin.kind,
            origin.subtype,
            origin.masking,
        )
        for dataset, flow in flows.items()
        if flow is not None
        for field, origins in flow.fields.items()
        for origin in origins
    )
    published = tuple(
        ColumnEdge(Column(built, field), Column(names.mart(each.name), field), model, "DIRECT", "IDENTITY")
        for each in contracts
        if each.kind == "mart" and (built := names.built(each.name)) in flows
        for field in each.by_name
    )
    classes = {at: column.classification for at, column in agreed_columns(names, contracts)}
    flow_of_persons = personal_flow(Snapshot(None, (), (*edges, *published), {}, classes))
    found: dict[DatasetName, list[str]] = {}
    for column in flow_of_persons.violations:
        origins = sorted(f"{label_of(each.dataset)}.{each.name}" for each in flow_of_persons.reached[column])
        line = (
            f"{column.name} shows {', '.join(origins)} unmasked, and the contract does not call it personal."
        )
        found.setdefault(names.built(column.dataset.name.partition(".")[2]), []).append(line)
    return {dataset: tuple(lines) for dataset, lines in found.items()}
