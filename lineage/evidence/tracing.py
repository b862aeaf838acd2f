"""A traced number as evidence: the answer, its rows and changes as CSV, pages, the events of every run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from lineage.evidence.bundle import Content
from lineage.evidence.exporting import MOST_EVENTS, table
from lineage.evidence.report import Section, make_report
from warehouse.lineage_store import LineageStore

_CHANGE: Final = (
    *("operation", "committedAt", "position", "transaction", "topic", "partition", "offset"),
    *("loadedAt", "run", "archived", "counts"),
)


def trace_content(
    answer: Mapping[str, Any], store: LineageStore, question: Mapping[str, Any], *, pages: bool
) -> Content:
    """Everything that a bundle of a traced number is made of.

    Args:
        answer: what the tracer says.
        store: where the events are.
        question: what was asked, by whom and when.
        pages: whether a PDF is wanted among the files.
    """
    runs = [str(run["run_id"]) for run in answer["runs"]]
    runs += [str(c["run"]) for source in answer["sources"] for c in source["changes"] if c["run"]]
    events = store.events_of_runs(sorted(set(runs)), MOST_EVENTS)
    rows = (answer["behind"] or {}).get("rows") or []
    heads = list(rows[0]) if rows else []
    files = {
        "trace.json": (
            json.dumps(answer, indent=1, default=_plain, ensure_ascii=False, sort_keys=True) + "\n"
        ).encode(),
        "changes.csv": table(("dataset", *_CHANGE, "values"), changes(answer)),
        "rows.csv": table(heads, [[_cell(row[name]) for name in heads] for row in rows]),
    }
    if pages:
        files["report.pdf"] = make_report(
            f"{answer['figure']} of {answer['mart']}: {answer['value']}", question, _sections(answer)
        )
    return Content([text for _, text in events], files, question)


def changes(answer: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """One row for each change behind a number."""
    return [
        (
            source["dataset"],
            *(_cell(change[name]) for name in _CHANGE),
            json.dumps(change["values"], default=_plain, ensure_ascii=False, sort_keys=True),
        )
        for source in answer["sources"]
        for change in source["changes"]
    ]


def _sections(answer: Mapping[str, Any]) -> list[Section]:
    published = answer["publication"]
    runs = [
        (run["job_name"], run["state"], _cell(run["started_at"]), _cell(run["ended_at"]), run["run_id"])
        for run in answer["runs"]
    ]
    found = [
        Section(
            f"Changes of {source['source']['label']}",
            (
                "Operation",
                "Committed",
                "Position",
                "Transaction",
                "Topic",
                "Part.",
                "Offset",
                "Counts",
                "Values",
            ),
            [
                (
                    *(_cell(c[name]) for name in _CHANGE[:7]),
                    "yes" if c["counts"] else "",
                    ", ".join(f"{name}={value}" for name, value in c["values"].items()),
                )
                for c in source["changes"]
            ],
            f"{source['total']:,} change events, found by {source['by']['column']} "
            f"through {source['by']['through']}. Those that counted are marked.",
        )
        for source in answer["sources"]
    ]
    note = f"Published {_cell(published['publishedAt'])} as build {published['build']}."
    return [*found, Section("Runs", ("Job", "State", "Began", "Ended", "Run"), runs, note)]


def _cell(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _plain(value: object) -> str:
    return str(_cell(value))
