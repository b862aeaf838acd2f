"""Publication: moving the one pointer that all readers of the marts follow.

A publication is one row of ``ops.publications``. Inserting it changes every mart at the same instant; the
build's tables were cloned beside those of earlier publications before. Going back is one more row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bilten.contracts import Contract
from bilten.errors import PublicationRefused
from warehouse.builds import Build, drop_build, find_build, list_builds, verdicts_of
from warehouse.client import Warehouse
from warehouse.clones import clone_tables, demand_contracts
from warehouse.deprecation import install_previous, load_deprecated
from warehouse.gate import Decision, decide
from warehouse.readers import CLONES_DATABASE, clone_name, replace_stale_readers

PUBLICATIONS_KEPT = 3
"""Builds that stay besides the current one, so that a rollback finds their tables."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One position of the pointer.

    Attributes:
        published_at: when readers began to see the build, in UTC.
        build_id: the build.
        database: where its tables are.
        reason: why the pointer moved: ``publish``, or what the operator said at a rollback.
        run_id: the orchestrator's run, empty outside one.
    """

    published_at: datetime
    build_id: str
    database: str
    reason: str
    run_id: str


def publish(
    warehouse: Warehouse,
    build_id: str,
    *,
    required_checks: Collection[str],
    marts: Sequence[Contract],
    run_id: str = "",
) -> Publication:
    """Let readers see a build, if every required check passed on this very build.

    Nothing changes for readers unless this succeeds. Publishing what is published already changes nothing, so
    it may be called again when an answer was lost.

    Args:
        warehouse: the warehouse.
        build_id: the build.
        required_checks: identifiers of the checks that must have passed; at least one.
        marts: contracts of the marts; the build has to hold a table for each, with exactly its columns.
        run_id: the orchestrator's run, empty outside one.

    Returns:
        The publication that readers now see.

    Raises:
        BuildNotFound: no such build was started.
        PublicationRefused: a required verdict is missing or no pass, the build is not complete, lacks
            something that a contract promises, or is older than what is published.
    """
    build = find_build(warehouse, build_id)
    decision = judge(warehouse, build_id, required_checks)
    if not decision.allowed:
        raise _refused(decision)
    if build.status != "built":
        raise PublicationRefused(
            f"Build {build_id} is {build.status}, not built.",
            why="Only a complete build may be seen by readers.",
            remedy="Build again; `bilten marts builds` shows the state of each.",
        )
    past = history(warehouse)
    current = next(iter(past), None)
    if current is not None:
        if current.build_id == build_id:
            return current
        if current.build_id > build_id:
            raise PublicationRefused(
                f"Build {build_id} is older than {current.build_id}, which is published.",
                why="Publishing it would make the marts older than they are.",
                remedy=f"To go back on purpose, run `bilten marts rollback {build_id}`.",
            )
    if build_id not in {publication.build_id for publication in past}:
        demand_contracts(warehouse, build, marts, build.database, {mart.name: mart.name for mart in marts})
        clone_tables(warehouse, build, marts)
    return _move(warehouse, build, marts, "publish", run_id)


def judge(warehouse: Warehouse, build_id: str, required_checks: Collection[str]) -> Decision:
    """What the gate says about a build, without publishing it."""
    return decide(build_id, required_checks, verdicts_of(warehouse, build_id))


def rollback(
    warehouse: Warehouse,
    *,
    marts: Sequence[Contract],
    build_id: str | None = None,
    reason: str = "",
    run_id: str = "",
) -> Publication:
    """Let readers see an earlier build again. It was judged when it was published, so it is not judged again.

    Args:
        warehouse: the warehouse.
        marts: contracts of the marts; the build has to hold a table for each, with exactly its columns.
        build_id: a build that was published before; the one before the current by default.
        reason: why, for the history.
        run_id: the orchestrator's run, empty outside one.

    Returns:
        The publication that readers now see.

    Raises:
        PublicationRefused: the build was never published, its tables are gone, or the contracts have changed
            since.
    """
    past = history(warehouse)
    if build_id is None:
        earlier = [publication for publication in past[1:] if publication.build_id < past[0].build_id]
        if not earlier:
            raise PublicationRefused(
                "There is no earlier publication.",
                why="Nothing was published before the current build.",
                remedy="Build and publish again instead.",
            )
        build_id = earlier[0].build_id
    if build_id not in {publication.build_id for publication in past}:
        raise PublicationRefused(
            f"Build {build_id} was never published.",
            why="Only a build that once passed its checks may be seen by readers.",
            remedy="Run `bilten marts history` to see the publications.",
        )
    if past[0].build_id == build_id:
        return past[0]
    build = find_build(warehouse, build_id)
    return _move(warehouse, build, marts, f"rollback: {reason}" if reason else "rollback", run_id)


def current_publication(warehouse: Warehouse) -> Publication | None:
    """What readers see now; None before the first publication."""
    return next(iter(history(warehouse, limit=1)), None)


def history(warehouse: Warehouse, limit: int = 1_000) -> tuple[Publication, ...]:
    """Publications, newest first.

    Args:
        warehouse: the warehouse.
        limit: most publications to return.
    """
    result = warehouse.query(
        "SELECT published_at, build_id, database, reason, run_id FROM ops.publications "
        "ORDER BY published_at DESC LIMIT {limit:UInt32}",
        {"limit": limit},
    )
    return tuple(
        Publication(row[0].astimezone(UTC) if row[0].tzinfo else row[0].replace(tzinfo=UTC), *row[1:])
        for row in result.rows
    )


def last_refusal(warehouse: Warehouse) -> Decision | None:
    """What stands in the way of the newest build, when readers see an older one because of it.

    Args:
        warehouse: the warehouse.

    Returns:
        The decision on the newest build after the published one that has a verdict which blocks; None when
        there is none.
    """
    current = current_publication(warehouse)
    for build in list_builds(warehouse):
        if current is not None and build.build_id == current.build_id:
            return None
        decision = judge(warehouse, build.build_id, ())
        if decision.blocking:
            return decision
    return None


def drop_old_builds(warehouse: Warehouse, kept: int = PUBLICATIONS_KEPT) -> tuple[str, ...]:
    """Remove the tables of builds that nobody needs any more.

    Args:
        warehouse: the warehouse.
        kept: published builds that stay besides the current one.

    Returns:
        Identifiers of the builds that were dropped.
    """
    builds = {build.build_id: build for build in list_builds(warehouse)}
    obsolete = builds_to_drop(builds.values(), history(warehouse), kept)
    for build_id in obsolete:
        drop_build(warehouse, builds[build_id])
    return obsolete


def builds_to_drop(
    builds: Iterable[Build], publications: Sequence[Publication], kept: int = PUBLICATIONS_KEPT
) -> tuple[str, ...]:
    """Which builds nobody needs any more: a pure decision.

    Kept are the current publication, the builds published last before it, everything newer than the current
    one (it may still be judged), and the newest build of all, which may be looked at when it failed.

    Args:
        builds: every build.
        publications: newest first; with none, nothing is dropped.
        kept: published builds that stay besides the current one.
    """
    if not publications:
        return ()
    published = list(dict.fromkeys(publication.build_id for publication in publications))
    needed = set(published[: kept + 1])
    standing = sorted((build for build in builds if build.status != "dropped"), key=lambda b: b.build_id)
    return tuple(
        build.build_id
        for build in standing[:-1]
        if build.build_id not in needed and build.build_id < published[0]
    )


def _refused(decision: Decision) -> PublicationRefused:
    return PublicationRefused(
        f"Build {decision.build_id} is not published:\n" + "\n".join(decision.reasons) + "\n",
        build_id=decision.build_id,
        missing=list(decision.missing),
        failed=[
            {
                "check": verdict.check_id,
                "dataset": verdict.dataset,
                "outcome": verdict.outcome,
                "failing_rows": verdict.failing_rows,
                "samples": [dict(sample) for sample in verdict.samples],
                "message": verdict.message,
            }
            for verdict in decision.blocking
        ],
    )


def _move(
    warehouse: Warehouse, build: Build, marts: Sequence[Contract], reason: str, run_id: str
) -> Publication:
    clones = {mart.name: clone_name(mart.name, build.build_id) for mart in marts}
    demand_contracts(warehouse, build, marts, CLONES_DATABASE, clones)
    replace_stale_readers(warehouse, marts)
    install_previous(warehouse, marts, load_deprecated(), datetime.now(UTC).date())
    # A clock that was set back must not leave the older row in force: each row is later than the last.
    warehouse.command(
        """
        INSERT INTO ops.publications (published_at, build_id, database, reason, run_id)
        SELECT
            greatest(now64(6, 'UTC'), max(published_at) + INTERVAL 1 MICROSECOND),
            {build:String}, {database:String}, {reason:String}, {run:String}
        FROM ops.publications
        """,
        {"build": build.build_id, "database": build.database, "reason": reason, "run": run_id},
    )
    (publication,) = history(warehouse, limit=1)
    return publication
