"""Builds of the marts: each has a database of its own, and verdicts that bear its identifier."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from bilten.errors import BuildNotFound, WarehouseError
from bilten.results import MAXIMUM_SAMPLES, Verdict
from warehouse.client import Warehouse
from warehouse.readers import CLONES_DATABASE

BuildStatus = Literal["building", "built", "failed", "dropped"]

DATABASE_PREFIX = "build_"
_BUILD_ID = re.compile(r"^\d{8}T\d{6}_[0-9a-f]{8}$")
_VERDICT_COLUMNS = (
    "build_id",
    "dataset",
    "check_id",
    "kind",
    "severity",
    "outcome",
    "failing_rows",
    "total_rows",
    "samples",
    "message",
    "checked_at",
    "run_id",
)
_BUILD_COLUMNS = ("build_id", "database", "status", "started_at", "finished_at", "run_id")


@dataclass(frozen=True, slots=True)
class Build:
    """One build of all marts.

    Attributes:
        build_id: ``20260131T101500_1a2b3c4d``: UTC second of its start, then eight hexadecimal digits.
        database: where its tables are.
        status: ``building``, ``built`` (complete, may be judged), ``failed`` or ``dropped``.
        started_at: when it began, in UTC.
        finished_at: when it was complete or failed; None while it is made.
        run_id: the orchestrator's run, empty outside one.
    """

    build_id: str
    database: str
    status: BuildStatus
    started_at: datetime
    finished_at: datetime | None = None
    run_id: str = ""


def new_build_id(now: datetime | None = None) -> str:
    """A new identifier, sorted by time.

    Args:
        now: the moment it begins; now by default.
    """
    return f"{(now or datetime.now(UTC)).astimezone(UTC):%Y%m%dT%H%M%S}_{secrets.token_hex(4)}"


def database_of(build_id: str) -> str:
    """The database of a build.

    Args:
        build_id: a build's identifier.

    Raises:
        WarehouseError: it is not one; names of development builds, such as ``dev``, are refused so that they
            can never be published.
    """
    if not _BUILD_ID.match(build_id):
        raise WarehouseError(
            f"{build_id!r} does not identify a build.",
            why="Builds are named by the second of their start, as in 20260131T101500_1a2b3c4d.",
            remedy="Run `bilten marts builds` to see them.",
        )
    return DATABASE_PREFIX + build_id


def start_build(warehouse: Warehouse, build_id: str, run_id: str = "") -> Build:
    """Open a build: its database exists afterwards, and it is listed.

    Opening a build that was opened before goes on with it; what it holds stays.

    Args:
        warehouse: the warehouse.
        build_id: see `new_build_id`.
        run_id: the orchestrator's run, empty outside one.

    Raises:
        WarehouseError: the identifier is not a build's, or the warehouse refused.
    """
    database = database_of(build_id)
    warehouse.command(f"CREATE DATABASE IF NOT EXISTS `{database}`")
    build = Build(build_id, database, "building", datetime.now(UTC), run_id=run_id)
    _write(warehouse, build)
    return build


def finish_build(warehouse: Warehouse, build_id: str, *, succeeded: bool) -> Build:
    """Close a build: no more is written to it; only a complete one may be published.

    Args:
        warehouse: the warehouse.
        build_id: a build that was started.
        succeeded: whether all its tables were made.

    Raises:
        BuildNotFound: no such build was started.
    """
    started = find_build(warehouse, build_id)
    build = Build(
        build_id,
        started.database,
        "built" if succeeded else "failed",
        started.started_at,
        datetime.now(UTC),
        started.run_id,
    )
    _write(warehouse, build)
    return build


def drop_build(warehouse: Warehouse, build: Build) -> None:
    """Remove a build's tables; the build stays listed, as dropped. Doing it again changes nothing."""
    warehouse.command(f"DROP DATABASE IF EXISTS `{database_of(build.build_id)}`")
    for (clone,) in warehouse.query(
        "SELECT name FROM system.tables "
        "WHERE database = {database:String} AND endsWith(name, {suffix:String})",
        {"database": CLONES_DATABASE, "suffix": f"__{build.build_id}"},
    ).rows:
        warehouse.command(f"DROP TABLE IF EXISTS {CLONES_DATABASE}.`{clone}`")
    _write(
        warehouse,
        Build(
            build.build_id,
            build.database,
            "dropped",
            build.started_at,
            datetime.now(UTC),
            build.run_id,
        ),
    )


def list_builds(warehouse: Warehouse) -> tuple[Build, ...]:
    """Every build that was ever started, newest first."""
    # The table keeps a row for each change of status; the latest of them is the build.
    result = warehouse.query(
        """
        SELECT
            build_id,
            argMax(database, moment),
            argMax(status, moment),
            min(started_at),
            argMax(tuple(finished_at), moment).1,
            argMax(run_id, moment)
        FROM (
            SELECT *, greatest(started_at, ifNull(finished_at, started_at)) AS moment
            FROM ops.builds
        )
        GROUP BY build_id
        ORDER BY min(started_at) DESC, build_id DESC
        """
    )
    return tuple(
        Build(row[0], row[1], row[2], _utc(row[3]), _utc(row[4]) if row[4] else None, row[5])
        for row in result.rows
    )


def find_build(warehouse: Warehouse, build_id: str) -> Build:
    """One build.

    Raises:
        BuildNotFound: no such build was started.
    """
    for build in list_builds(warehouse):
        if build.build_id == build_id:
            return build
    raise BuildNotFound(f"There is no build {build_id}.", build_id=build_id)


def record_verdicts(warehouse: Warehouse, verdicts: Iterable[Verdict]) -> int:
    """Keep verdicts; a check that is evaluated again adds one, and the latest counts.

    Args:
        warehouse: the warehouse.
        verdicts: of any builds.

    Returns:
        How many were kept.
    """
    rows = [
        (
            verdict.build_id,
            verdict.dataset,
            verdict.check_id,
            verdict.kind,
            verdict.severity,
            verdict.outcome,
            verdict.failing_rows,
            verdict.total_rows,
            json.dumps([dict(sample) for sample in verdict.samples[:MAXIMUM_SAMPLES]]),
            verdict.message,
            verdict.checked_at,
            verdict.run_id,
        )
        for verdict in verdicts
    ]
    if rows:
        warehouse.insert_rows("ops.quality_results", _VERDICT_COLUMNS, rows)
    return len(rows)


def verdicts_of(warehouse: Warehouse, build_id: str) -> tuple[Verdict, ...]:
    """Every verdict that bears a build's identifier, oldest first."""
    result = warehouse.query(
        f"""
        SELECT {", ".join(_VERDICT_COLUMNS)}
        FROM ops.quality_results
        WHERE build_id = {{build:String}}
        ORDER BY checked_at, check_id
        """,
        {"build": build_id},
    )
    return tuple(_verdict(row) for row in result.rows)


def _verdict(row: Sequence[object]) -> Verdict:
    values = dict(zip(_VERDICT_COLUMNS, row, strict=True))
    values["samples"] = tuple(json.loads(str(values["samples"] or "[]")))
    values["checked_at"] = _utc(values["checked_at"])
    return Verdict(**values)  # type: ignore[arg-type]


def _write(warehouse: Warehouse, build: Build) -> None:
    warehouse.insert_rows(
        "ops.builds",
        _BUILD_COLUMNS,
        [
            (
                build.build_id,
                build.database,
                build.status,
                build.started_at,
                build.finished_at,
                build.run_id,
            )
        ],
    )


def _utc(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise WarehouseError(f"{value!r} is not a time.")
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
