"""Runs: who ran, as part of what, on which engine, and under which identifier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from openlineage.client.uuid import generate_new_uuid, generate_static_uuid

from bilten.errors import LineageError
from lineage.names import JobName

JOB_NAMESPACE = "bilten"
"""Namespace of every job that this platform schedules."""


def job(*parts: str) -> JobName:
    """A job of this platform, its parts joined by dots: ``job("load", "tickets__orders")``."""
    return JobName(JOB_NAMESPACE, ".".join(parts))


def new_run_id(at: datetime | None = None) -> str:
    """A fresh run identifier (UUIDv7), sorted by time; ``at`` is when the run started."""
    return str(generate_new_uuid(at))


def fixed_run_id(name: JobName, at: datetime, *parts: object) -> str:
    """The run identifier (UUIDv7) of work that may be reported again.

    The same job, instant and parts always give the same identifier, so that a report repeated after a crash
    is the same run.

    Args:
        name: the job.
        at: an instant that belongs to the work, with its zone; never the time of the report.
        parts: what tells this run from others of the job at that instant.

    Raises:
        LineageError: the instant has no zone.
    """
    if at.tzinfo is None:
        raise LineageError(
            "A run identifier needs an instant with a zone.",
            why="The same work would get another identifier on a machine in another zone.",
            remedy="Pass times in UTC.",
        )
    data = "\x00".join([name.namespace, name.name, *(str(part) for part in parts)])
    return str(generate_static_uuid(at, data.encode()))


def instant(value: datetime) -> str:
    """A time as events write it: UTC, microseconds, ``Z``."""
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Engine:
    """What did the work: its name and version, for instance ``ClickHouse`` and ``26.9``."""

    name: str
    version: str


@dataclass(frozen=True)
class Parent:
    """The run that started this one, and the one at the root of both (usually Dagster's run)."""

    run_id: str
    job: JobName
    root_run_id: str | None = None
    root_job: JobName | None = None


@dataclass(frozen=True)
class RunContext:
    """All that identifies a run.

    Args:
        job: what ran.
        run_id: this execution of it.
        parent: what started it.
        engine: what did the work.
        nominal_start: begin of the period the run is for (not when it ran), where there is one.
        nominal_end: its end.
    """

    job: JobName
    run_id: str
    parent: Parent | None = None
    engine: Engine | None = None
    nominal_start: datetime | None = None
    nominal_end: datetime | None = None
