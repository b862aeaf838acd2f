"""Answers as JSON data: how graphs, datasets, impact and the rest look to whoever asks over HTTP. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lineage.graph import Column, ColumnEdge, DatasetEdge
from lineage.names import DatasetName
from lineage.questions import Coverage, Difference, Impact, PersonalFlow
from lineage.searching import Found
from lineage.snapshot import PERSONAL, Snapshot, label_of, layer_of

Json = dict[str, Any]


def graph(
    snapshot: Snapshot, distances: Mapping[DatasetName, int], start: Iterable[DatasetName], *, columns: bool
) -> Json:
    """A part of the graph, with the columns inside its nodes when asked for."""
    edges: dict[tuple[DatasetName, DatasetName], list[str]] = {}
    for node in distances:
        for edge in snapshot.into.get(node, ()):
            if edge.source in distances and edge.source != edge.target:
                edges.setdefault((edge.source, edge.target), []).append(edge.job.name)
    answer: Json = {
        "start": [each.node for each in start],
        "at": snapshot.at,
        "nodes": [
            _node(snapshot, each, distances, columns) for each in snapshot.datasets if each in distances
        ],
        "edges": [
            {"source": source.node, "target": target.node, "jobs": sorted(set(jobs))}
            for (source, target), jobs in sorted(edges.items())
        ],
    }
    if columns:
        place = {each["id"]: index for index, each in enumerate(answer["nodes"])}
        answer["columnEdges"] = [
            [
                place[edge.source.dataset.node],
                edge.source.name,
                place[edge.target.dataset.node],
                edge.target.name,
                edge.kind,
                edge.subtype,
                int(edge.masking),
            ]
            for edge in snapshot.column_edges
            if edge.source.dataset in distances and edge.target.dataset in distances
        ]
    return answer


def _node(snapshot: Snapshot, name: DatasetName, distances: Mapping[DatasetName, int], columns: bool) -> Json:
    facets = snapshot.facets.get(name, {})
    checks = facets.get("dataQualityAssertions", {}).get("assertions") or ()
    failed = [each for each in checks if not each.get("success")]
    fields = snapshot.fields(name)
    classes = {each["name"]: snapshot.classification(Column(name, str(each["name"]))) for each in fields}
    unresolved = {
        str(each.get("column")) for each in facets.get("bilten_unresolvedColumns", {}).get("columns") or ()
    }
    answer: Json = {
        **identity(name),
        "distance": distances[name],
        "owner": snapshot.owner(name),
        "rows": facets.get("outputStatistics", {}).get("rowCount"),
        "written": facets.get("written", {}).get("_at"),
        "checks": {
            "passed": len(checks) - len(failed),
            "failed": sum(each.get("severity") != "warn" for each in failed),
            "warned": sum(each.get("severity") == "warn" for each in failed),
        },
        "personal": sum(kind in PERSONAL for kind in classes.values()),
        "hiddenUp": len({each.source for each in snapshot.into.get(name, ())} - distances.keys() - {name}),
        "hiddenDown": len(
            {each.target for each in snapshot.out_of.get(name, ())} - distances.keys() - {name}
        ),
        "columnCount": len(fields),
    }
    if columns:
        answer["columns"] = [
            {
                "name": each["name"],
                "type": each.get("type"),
                "class": classes[each["name"]],
                **({"unresolved": True} if each["name"] in unresolved else {}),
            }
            for each in fields
        ]
    return answer


def identity(name: DatasetName) -> Json:
    """What identifies a dataset, and where it is shown."""
    return {
        "id": name.node,
        "namespace": name.namespace,
        "name": name.name,
        "label": label_of(name),
        "layer": layer_of(name),
    }


def column(each: Column) -> Json:
    """A column; an empty name stands for all rows."""
    return {
        "id": each.dataset.node,
        "label": label_of(each.dataset),
        "layer": layer_of(each.dataset),
        "column": each.name,
    }


def edge(each: ColumnEdge | DatasetEdge) -> Json:
    """An edge with its job, and between columns with its way."""
    job = {"namespace": each.job.namespace, "name": each.job.name}
    if isinstance(each, DatasetEdge):
        return {"source": identity(each.source), "target": identity(each.target), "job": job}
    return {
        "source": column(each.source),
        "target": column(each.target),
        "job": job,
        "kind": each.kind,
        "subtype": each.subtype,
        "masking": each.masking,
    }


def dataset(snapshot: Snapshot, name: DatasetName) -> Json:
    """Everything a snapshot knows of one dataset."""
    facets = snapshot.facets.get(name, {})
    unresolved = {
        str(each.get("column")): each.get("reason")
        for each in facets.get("bilten_unresolvedColumns", {}).get("columns") or ()
    }
    contract = facets.get("bilten_contract")
    return {
        **identity(name),
        "at": snapshot.at,
        "description": facets.get("documentation", {}).get("description"),
        "owner": snapshot.owner(name),
        "tags": snapshot.tags(name),
        "contract": {"id": contract.get("id"), "version": contract.get("version")} if contract else None,
        "version": facets.get("version", {}).get("datasetVersion"),
        "rows": facets.get("outputStatistics", {}).get("rowCount"),
        "writtenBy": facets.get("written", {}).get("job"),
        "writtenByNamespace": facets.get("written", {}).get("namespace"),
        "written": facets.get("written", {}).get("_at"),
        "columns": [_field(snapshot, name, each, unresolved) for each in snapshot.fields(name)],
        "rowsDecidedBy": [edge(each) for each in snapshot.columns_into.get(Column(name, ""), ())],
        "unresolved": unresolved,
        "checks": facets.get("dataQualityAssertions", {}).get("assertions") or [],
        "checked": facets.get("dataQualityAssertions", {}).get("_at"),
        "upstream": [identity(each) for each in sorted({e.source for e in snapshot.into.get(name, ())})],
        "downstream": [identity(each) for each in sorted({e.target for e in snapshot.out_of.get(name, ())})],
        "facets": sorted(key for key in facets if key),
    }


def _field(snapshot: Snapshot, name: DatasetName, each: Json, unresolved: Mapping[str, Any]) -> Json:
    this = Column(name, str(each["name"]))
    return {
        "name": this.name,
        "type": each.get("type"),
        "description": each.get("description") or snapshot.meanings.get(this),
        "class": snapshot.classification(this),
        "unresolved": unresolved.get(this.name),
        "from": [edge(one) for one in snapshot.columns_into.get(this, ())],
        "to": len(snapshot.columns_out_of.get(this, ())),
    }


def found(each: Found) -> Json:
    """One result of a search, in Marquez's words where it has them."""
    return {
        "kind": each.kind,
        "type": "JOB" if each.job else "DATASET",
        "name": each.text,
        "note": each.note,
        "nodeId": each.dataset.node if each.dataset else _job_node(each),
        "namespace": each.dataset.namespace if each.dataset else each.job.namespace if each.job else "",
        "column": each.column,
        "layer": layer_of(each.dataset) if each.dataset else None,
    }


def _job_node(each: Found) -> str:
    return f"job:{each.job.namespace}:{each.job.name}" if each.job else ""


def impact(result: Impact) -> Json:
    """What breaks."""
    return {
        "column": column(result.column),
        "broken": [
            {
                **identity(name),
                "jobs": sorted({each.job.name for each in uses}),
                "uses": [edge(each) for each in uses if isinstance(each, ColumnEdge)],
            }
            for name, uses in result.broken.items()
        ],
        "stale": [identity(name) for name in result.stale],
        "marts": [identity(n) for n in (*result.broken, *result.stale) if layer_of(n) == "marts"],
        "columns": [{**column(each), "distance": steps} for each, steps in result.columns.items()],
        "people": [
            {"owner": owner, "datasets": [identity(each) for each in names]}
            for owner, names in result.people.items()
        ],
    }


def personal(snapshot: Snapshot, flow: PersonalFlow) -> Json:
    """Where personal data goes."""
    return {
        "sources": [{**column(each), "class": kind} for each, kind in sorted(flow.sources.items())],
        "reached": [
            {
                **column(each),
                "class": snapshot.classification(each),
                "masked": is_masked,
                "from": [column(source) for source in sorted(sources)],
            }
            for is_masked, columns in ((False, flow.reached), (True, flow.masked))
            for each, sources in sorted(columns.items())
            if each not in flow.sources
        ],
        "edges": [edge(each) for each in flow.edges],
        "violations": [column(each) for each in flow.violations],
    }


def coverage(result: Coverage) -> Json:
    """How much has lineage."""
    return {
        "transformations": result.transformations,
        "covered": result.covered,
        "uncovered": [
            {"job": {"namespace": job.namespace, "name": job.name}, "dataset": identity(name)}
            for job, name in result.uncovered
        ],
        "columns": result.columns,
        "unresolved": [{**column(each), "reason": reason} for each, reason in result.unresolved],
    }


def difference(result: Difference) -> Json:
    """What changed."""
    return {
        "empty": result.is_empty,
        "datasets": {
            "added": [identity(each) for each in result.datasets_added],
            "removed": [identity(each) for each in result.datasets_removed],
        },
        "edges": {
            "added": [edge(each) for each in result.edges_added],
            "removed": [edge(each) for each in result.edges_removed],
        },
        "columnEdges": {
            "added": [edge(each) for each in result.column_edges_added],
            "removed": [edge(each) for each in result.column_edges_removed],
        },
        "columns": [
            {**identity(name), "column": column_name, "before": before, "after": after}
            for name, column_name, before, after in result.fields
        ],
        "facts": [
            {**identity(name), "fact": fact, "before": before, "after": after}
            for name, fact, before, after in result.facts
        ],
    }
