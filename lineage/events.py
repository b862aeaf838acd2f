"""OpenLineage events: pure builders, from a description of work to the events of its run.

A run has one START and exactly one of COMPLETE, FAIL and ABORT. START names the datasets; the closing event
tells everything known of them. Both have the same run identifier, and building the same event twice gives
the same bytes, so a report repeated after a crash is recognised.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from openlineage.client.event_v2 import Job, JobEvent, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    JobFacet,
    RunFacet,
    documentation_job,
    error_message_run,
    job_type_job,
    nominal_time_run,
    ownership_job,
    parent_run,
    processing_engine_run,
    set_producer,
    sql_job,
)
from openlineage.client.serde import Serde

from lineage.datasets import Input, Output, bare, input_dataset, output_dataset
from lineage.runs import Parent, RunContext, instant

PRODUCER = "urn:bilten:data-platform"
set_producer(PRODUCER)

Event = RunEvent | JobEvent


@dataclass(frozen=True)
class Work:
    """One run of one job, described by whoever ran it.

    Args:
        context: job, run, parent, engine, nominal time.
        integration: the tool, in capitals: ``DBT``, ``DEBEZIUM``, ``BILTEN``.
        job_type: what kind of job it is in that tool, in capitals.
        streaming: the job never ends; its runs are windows of it.
        inputs: what it read.
        outputs: what it wrote.
        description: what the job does.
        owner: the team that answers for it.
        sql: the statement, and its dialect, where there is one.
        facets: further facets of the run.
        window_seconds: length of a streaming job's windows, seconds.
    """

    context: RunContext
    integration: str
    job_type: str
    streaming: bool = False
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    description: str | None = None
    owner: str | None = None
    sql: tuple[str, str] | None = None
    facets: Mapping[str, RunFacet] = field(default_factory=dict)
    window_seconds: int | None = None


def started(work: Work, at: datetime) -> RunEvent:
    """The event that opens the run, at the time it began."""
    opening = replace(
        work,
        inputs=tuple(Input(bare(each.facts)) for each in work.inputs),
        outputs=tuple(Output(bare(each.facts)) for each in work.outputs),
    )
    return _event(opening, RunState.START, at)


def running(work: Work, at: datetime) -> RunEvent:
    """An event in the middle of a run that goes on, with what is known by now."""
    return _event(work, RunState.RUNNING, at)


def completed(work: Work, at: datetime) -> RunEvent:
    """The event that closes a run that did its work."""
    return _event(work, RunState.COMPLETE, at)


def failed(
    work: Work, at: datetime, message: str, *, language: str = "PYTHON", trace: str | None = None
) -> RunEvent:
    """The event that closes a run that failed.

    Args:
        work: the run.
        at: when it failed.
        message: what happened; never secrets or personal data.
        language: of what failed: ``PYTHON``, ``SQL``.
        trace: where it happened.
    """
    error = error_message_run.ErrorMessageRunFacet(
        message=message, programmingLanguage=language, stackTrace=trace
    )
    return _event(replace(work, facets={**work.facets, "errorMessage": error}), RunState.FAIL, at)


def aborted(work: Work, at: datetime) -> RunEvent:
    """The event that closes a run that was stopped before its end."""
    return _event(work, RunState.ABORT, at)


def reported(
    work: Work, begun: datetime, ended: datetime, error: str | None = None
) -> tuple[RunEvent, RunEvent]:
    """Both events of a run that is over, complete unless there is an error."""
    closing = completed(work, ended) if error is None else failed(work, ended, error)
    return started(work, begun), closing


def declared(work: Work, at: datetime) -> JobEvent:
    """What a job does by its design, without a run: everything known of what it reads and writes.

    Args:
        work: the job; who runs it when does not matter.
        at: since when it is so.
    """
    return JobEvent(
        eventTime=instant(at),
        job=Job(namespace=work.context.job.namespace, name=work.context.job.name, facets=_job_facets(work)),
        inputs=[input_dataset(each) for each in work.inputs],
        outputs=[output_dataset(each) for each in work.outputs],
        producer=PRODUCER,
    )


def as_dict(event: Event) -> dict[str, Any]:
    """The event as JSON data, without empty values."""
    return Serde.to_dict(event)


def as_json(event: Event | Mapping[str, Any]) -> str:
    """The event as text, always the same for the same event."""
    data = as_dict(event) if isinstance(event, Event) else event
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _event(work: Work, state: RunState, at: datetime) -> RunEvent:
    context = work.context
    return RunEvent(
        eventType=state,
        eventTime=instant(at),
        run=Run(runId=context.run_id, facets=_run_facets(work)),
        job=Job(namespace=context.job.namespace, name=context.job.name, facets=_job_facets(work)),
        inputs=[input_dataset(each) for each in work.inputs],
        outputs=[output_dataset(each) for each in work.outputs],
        producer=PRODUCER,
    )


def _run_facets(work: Work) -> dict[str, RunFacet]:
    context = work.context
    facets: dict[str, RunFacet] = {}
    if context.parent is not None:
        facets["parent"] = _parent(context.parent)
    if context.engine is not None:
        facets["processing_engine"] = processing_engine_run.ProcessingEngineRunFacet(
            name=context.engine.name, version=context.engine.version
        )
    if context.nominal_start is not None:
        facets["nominalTime"] = nominal_time_run.NominalTimeRunFacet(
            nominalStartTime=instant(context.nominal_start),
            nominalEndTime=instant(context.nominal_end) if context.nominal_end else None,
        )
    return {**facets, **work.facets}


def _parent(parent: Parent) -> parent_run.ParentRunFacet:
    root_job = parent.root_job or parent.job
    return parent_run.ParentRunFacet(
        run=parent_run.Run(runId=parent.run_id),
        job=parent_run.Job(namespace=parent.job.namespace, name=parent.job.name),
        root=parent_run.Root(
            run=parent_run.RootRun(runId=parent.root_run_id or parent.run_id),
            job=parent_run.RootJob(namespace=root_job.namespace, name=root_job.name),
        ),
    )


def _job_facets(work: Work) -> dict[str, JobFacet]:
    pattern = None
    if work.window_seconds is not None:
        pattern = job_type_job.EmissionPattern(
            eventTrigger="PERIODIC", eventContentMode="COMPLETE_SNAPSHOT", windowDuration=work.window_seconds
        )
    facets: dict[str, JobFacet] = {
        "jobType": job_type_job.JobTypeJobFacet(
            processingType="STREAMING" if work.streaming else "BATCH",
            integration=work.integration,
            jobType=work.job_type,
            emissionPattern=pattern,
        )
    }
    if work.description:
        facets["documentation"] = documentation_job.DocumentationJobFacet(description=work.description)
    if work.owner:
        facets["ownership"] = ownership_job.OwnershipJobFacet(
            owners=[ownership_job.Owner(name=work.owner, type="OWNER")]
        )
    if work.sql is not None:
        facets["sql"] = sql_job.SQLJobFacet(query=work.sql[0], dialect=work.sql[1])
    return facets
