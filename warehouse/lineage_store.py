"""Statements over the ``lineage`` database: keeping events, and asking for what follows from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from warehouse.client import Warehouse
from warehouse.schema.lineage import STATEMENTS

Row = dict[str, Any]
Pair = tuple[str, str]


# A tuple's element is always taken with tupleElement: read as a subcolumn (`latest.value`), it is not merged
# by FINAL, and the engine gives that of any part.
_PAIRS = "(SELECT arrayJoin(JSONExtract({keys:String}, 'Array(Tuple(String, String))')))"
_EDGE = """target_namespace, target_name, source_namespace, source_name, job_namespace, job_name,
    first_seen, last_seen, tupleElement(last_run, 'run_id') AS run_id"""
_COLUMN_EDGE = """target_namespace, target_name, target_field, source_namespace, source_name, source_field,
    kind, subtype, masking, job_namespace, job_name, last_seen"""


class LineageStore:
    """Lineage in the warehouse.

    Args:
        connection: the warehouse's client.

    Raises:
        WarehouseUnavailable: the warehouse does not answer (from every method).
        WarehouseError: it refused a statement (from every method).
    """

    def __init__(self, connection: Warehouse) -> None:
        self._connection = connection

    def create(self) -> None:
        """Create what does not exist yet."""
        for statement in STATEMENTS:
            self._connection.command(statement)

    def keep(self, events: Iterable[tuple[str, str]], received_at: datetime) -> int:
        """Keep events (identifier and text); keeping one again changes nothing a reader sees.

        Returns:
            How many were sent.
        """
        rows = [(identifier, received_at, body) for identifier, body in events]
        if rows:
            self._connection.insert_rows("lineage.events", ("event_id", "received_at", "event"), rows)
        return len(rows)

    def namespaces(self) -> list[Row]:
        """Every namespace with its number of datasets and jobs."""
        return self._rows(
            """SELECT namespace, countIf(what = 'dataset') AS datasets, countIf(what = 'job') AS jobs,
                min(seen) AS first_seen
            FROM (
                SELECT namespace, name, 'dataset' AS what, min(first_seen) AS seen
                FROM lineage.dataset_facets GROUP BY namespace, name
                UNION ALL
                SELECT namespace, name, 'job' AS what, min(first_seen) AS seen
                FROM lineage.job_facets GROUP BY namespace, name
            ) GROUP BY namespace ORDER BY namespace"""
        )

    def datasets(self, search: str = "", limit: int = 1000) -> list[Row]:
        """Datasets whose name contains a text, by name."""
        return self._rows(
            "SELECT * FROM lineage.datasets WHERE positionCaseInsensitive(name, {search:String}) > 0 "
            "OR {search:String} = '' ORDER BY name, namespace LIMIT {limit:UInt32}",
            search=search,
            limit=limit,
        )

    def named(self, name: str) -> list[Pair]:
        """Namespace and name of the datasets that have exactly this name, or have it as a symlink."""
        found = self._rows(
            "SELECT DISTINCT namespace, name FROM lineage.dataset_facets WHERE name = {name:String} "
            "OR (facet = 'symlinks' AND has(arrayMap(each -> JSONExtractString(each, 'name'), "
            "JSONExtractArrayRaw(tupleElement(latest, 'value'), 'identifiers')), {name:String})) "
            "ORDER BY namespace, name",
            name=name,
        )
        return [(row["namespace"], row["name"]) for row in found]

    def facets(self, keys: Sequence[Pair], only: Sequence[str] = ()) -> dict[Pair, dict[str, Any]]:
        """The newest facets of datasets, by namespace and name; all of them, or only some."""
        found = self._rows(
            "SELECT namespace, name, facet, tupleElement(latest, 'value') AS value "
            f"FROM lineage.dataset_facets FINAL WHERE (namespace, name) IN {_PAIRS} AND facet != '' "
            "AND (empty({only:String}) OR has(splitByChar(',', {only:String}), facet))",
            keys=json.dumps(keys),
            only=",".join(only),
        )
        result: dict[Pair, dict[str, Any]] = {}
        for row in found:
            result.setdefault((row["namespace"], row["name"]), {})[row["facet"]] = json.loads(row["value"])
        return result

    def jobs(self, search: str = "", limit: int = 1000) -> list[Row]:
        """Jobs whose name contains a text, by name."""
        return self._rows(
            "SELECT * FROM lineage.jobs WHERE positionCaseInsensitive(name, {search:String}) > 0 "
            "OR {search:String} = '' ORDER BY name, namespace LIMIT {limit:UInt32}",
            search=search,
            limit=limit,
        )

    def runs(self, job: Pair | None = None, limit: int = 100) -> list[Row]:
        """The newest runs, of one job or of all."""
        return self._rows(
            """SELECT job_namespace, job_name, run_id, tupleElement(runs.state, 'name') AS state,
                first_event AS started_at,
                if(tupleElement(runs.state, 'rank') > 3, tupleElement(runs.state, 'at'), NULL) AS ended_at,
                parent_run_id, root_run_id, nominal_start, nominal_end,
                if(tupleElement(runs.state, 'name') = 'FAIL', error, '') AS error
            FROM lineage.runs FINAL
            WHERE ({namespace:String} = '' OR job_namespace = {namespace:String})
              AND ({name:String} = '' OR job_name = {name:String})
            ORDER BY first_event DESC, run_id LIMIT {limit:UInt32}""",
            namespace=job[0] if job else "",
            name=job[1] if job else "",
            limit=limit,
        )

    def events(self, run_id: str) -> list[dict[str, Any]]:
        """The events of one run, in the order of their times."""
        found = self._rows(
            "SELECT event FROM lineage.events FINAL WHERE run_id = {run:String} "
            "ORDER BY event_time, event_id",
            run=run_id,
        )
        return [json.loads(row["event"]) for row in found]

    def count(self) -> int:
        """How many different events are kept."""
        return int(self._rows("SELECT uniqExact(event_id) AS events FROM lineage.events")[0]["events"])

    def stamp(self) -> int:
        """A number that changes when events arrive; costs nothing, however many there are."""
        return int(self._rows("SELECT count() AS rows FROM lineage.events")[0]["rows"])

    def moments(self, most: int = 400) -> list[Row]:
        """How many events each stretch of time has seen, oldest first: what a slider through time shows.

        Args:
            most: how many stretches about; each is a whole number of hours.
        """
        span = self._rows(
            "SELECT dateDiff('hour', min(event_time), max(event_time)) AS hours FROM lineage.events"
        )
        return self._rows(
            """SELECT toStartOfInterval(event_time, toIntervalHour({step:UInt32})) AS hour, count() AS events,
                min(event_time) AS first, max(event_time) AS last, countIf(event_type = 'FAIL') AS failures
            FROM lineage.events GROUP BY hour ORDER BY hour""",
            step=1 + int(span[0]["hours"]) // most,
        )

    def run(self, run_id: str) -> list[Row]:
        """The rows of one run: several only when jobs share its identifier."""
        return self.runs_named([run_id])

    def runs_named(self, run_ids: Sequence[str]) -> list[Row]:
        """The rows of some runs."""
        return self._rows(
            """SELECT job_namespace, job_name, run_id, tupleElement(runs.state, 'name') AS state,
                first_event AS started_at,
                if(tupleElement(runs.state, 'rank') > 3, tupleElement(runs.state, 'at'), NULL) AS ended_at,
                last_event, parent_run_id, root_run_id, error
            FROM lineage.runs FINAL
            WHERE run_id IN (SELECT arrayJoin(JSONExtract({runs:String}, 'Array(String)')))
            ORDER BY job_namespace, job_name""",
            runs=json.dumps(list(run_ids)),
        )

    def latest_writes(self, key: Pair, at: datetime | None = None, limit: int = 12) -> list[Row]:
        """The newest runs that wrote a dataset up to a moment, with their rows, bytes and version."""
        # Which events are the newest is seen in the key alone; only those are read.
        closing = """(job_namespace, job_name) IN (
                SELECT job_namespace, job_name FROM lineage.edges
                WHERE target_namespace = {namespace:String} AND target_name = {name:String})
              AND event_type IN ('COMPLETE', 'FAIL', 'ABORT')
              AND event_time <= parseDateTime64BestEffort({at:String}, 6, 'UTC')"""
        return self._rows(
            f"""WITH arrayFirst(
                    each -> JSONExtractString(each, 'namespace') = {{namespace:String}}
                        AND JSONExtractString(each, 'name') = {{name:String}},
                    JSONExtractArrayRaw(event, 'outputs')
                ) AS output,
                JSONExtractRaw(output, 'outputFacets', 'outputStatistics') AS counts
            SELECT job_namespace, job_name, run_id, event_type, event_time,
                JSONExtract(counts, 'rowCount', 'Nullable(Int64)') AS rows,
                JSONExtract(counts, 'size', 'Nullable(Int64)') AS size,
                JSONExtractString(output, 'facets', 'version', 'datasetVersion') AS version
            FROM lineage.events FINAL
            WHERE {closing} AND output != ''
              AND event_time >= (SELECT min(event_time) FROM (
                SELECT event_time FROM lineage.events WHERE {closing} ORDER BY event_time DESC LIMIT 50))
            ORDER BY event_time DESC LIMIT {{limit:UInt32}}""",
            namespace=key[0],
            name=key[1],
            at=at.isoformat() if at else "2299-01-01T00:00:00Z",
            limit=limit,
        )

    def job_facets(self, key: Pair) -> dict[str, Any]:
        """The newest facets of one job."""
        found = self._rows(
            "SELECT facet, tupleElement(latest, 'value') AS value FROM lineage.job_facets FINAL "
            "WHERE namespace = {namespace:String} AND name = {name:String} AND facet != ''",
            namespace=key[0],
            name=key[1],
        )
        return {row["facet"]: json.loads(row["value"]) for row in found}

    def sql_of(self, key: Pair, at: datetime | None = None) -> str | None:
        """The newest statement of a job, up to a moment."""
        found = self._rows(
            """SELECT JSONExtractString(event, 'job', 'facets', 'sql', 'query') AS sql FROM lineage.events
            WHERE job_namespace = {namespace:String} AND job_name = {name:String} AND sql != ''
              AND event_time <= parseDateTime64BestEffort({at:String}, 6, 'UTC')
            ORDER BY event_time DESC LIMIT 1""",
            namespace=key[0],
            name=key[1],
            at=at.isoformat() if at else "2299-01-01T00:00:00Z",
        )
        return str(found[0]["sql"]) if found else None

    def events_between(self, since: datetime, until: datetime, limit: int) -> list[tuple[str, str]]:
        """Identifier and text of the events of a period, in the order of their times."""
        found = self._rows(
            """SELECT event_id, event FROM lineage.events FINAL
            WHERE event_time >= parseDateTime64BestEffort({since:String}, 6, 'UTC')
              AND event_time <= parseDateTime64BestEffort({until:String}, 6, 'UTC')
            ORDER BY event_time, event_id LIMIT {limit:UInt32}""",
            since=since.isoformat(),
            until=until.isoformat(),
            limit=limit,
        )
        return [(row["event_id"], row["event"]) for row in found]

    def newest_events(self, jobs: Sequence[Pair], at: datetime | None, limit: int) -> list[tuple[str, str]]:
        """Identifier and text of the newest event of each kind of some jobs, up to a moment."""
        found = self._rows(
            f"""SELECT event_id, event FROM (
                SELECT event_id, event, event_time FROM lineage.events FINAL
                WHERE (job_namespace, job_name) IN {_PAIRS}
                  AND event_time <= parseDateTime64BestEffort({{at:String}}, 6, 'UTC')
                ORDER BY event_time DESC, event_id LIMIT 1 BY job_namespace, job_name, event_type
            ) ORDER BY event_time, event_id LIMIT {{limit:UInt32}}""",
            keys=json.dumps(list(jobs)),
            at=at.isoformat() if at else "2299-01-01T00:00:00Z",
            limit=limit,
        )
        return [(row["event_id"], row["event"]) for row in found]

    def events_of_runs(self, run_ids: Sequence[str], limit: int) -> list[tuple[str, str]]:
        """Identifier and text of the events of some runs, in the order of their times."""
        found = self._rows(
            "SELECT event_id, event FROM lineage.events FINAL "
            "WHERE run_id IN (SELECT arrayJoin(JSONExtract({runs:String}, 'Array(String)'))) "
            "ORDER BY event_time, event_id LIMIT {limit:UInt32}",
            runs=json.dumps(list(run_ids)),
            limit=limit,
        )
        return [(row["event_id"], row["event"]) for row in found]

    def edges(self, keys: Sequence[Pair], *, upstream: bool) -> list[Row]:
        """Present edges into (upstream) or out of (downstream) datasets."""
        return self._present("edges", _EDGE, keys, upstream)

    def column_edges(self, keys: Sequence[Pair], *, upstream: bool) -> list[Row]:
        """Present column edges into or out of any column of some datasets."""
        return self._present("column_edges", _COLUMN_EDGE, keys, upstream)

    def _present(self, table: str, columns: str, keys: Sequence[Pair], upstream: bool) -> list[Row]:
        # The view alone would order the whole table for its windows; the targets in question are found first,
        # by the primary key or, downstream, from the sources.
        targets = (
            _PAIRS
            if upstream
            else f"(SELECT target_namespace, target_name FROM lineage.{table} "
            f"WHERE (source_namespace, source_name) IN {_PAIRS})"
        )
        wanted = "" if upstream else f"AND (source_namespace, source_name) IN {_PAIRS}"
        return self._rows(
            f"""SELECT {columns} FROM (
                SELECT *, max(last_seen) OVER (
                    PARTITION BY target_namespace, target_name, job_namespace, job_name
                ) AS newest
                FROM lineage.{table} FINAL WHERE (target_namespace, target_name) IN {targets}
            )
            WHERE last_seen = newest AND source_name != '' {wanted} ORDER BY ALL""",
            keys=json.dumps(keys),
        )

    def _rows(self, sql: str, **parameters: Any) -> list[Row]:
        answer = self._connection.query(sql, parameters or None)
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
