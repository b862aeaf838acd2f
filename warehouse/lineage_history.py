"""The lineage graph as a whole, now or as it was: the rows that a snapshot is made of.

The derived tables hold each edge once, with when it was first and last seen, which tells what is so now but
not what was so in between. The past is therefore derived from the events again, by the very statements of the
materialized views, over the events until then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from warehouse.client import Warehouse
from warehouse.schema.lineage import COLUMN_EDGES_VIEW, DATASET_FACETS_VIEW, EDGES_VIEW

Row = dict[str, Any]

NEAR: Final = timedelta(hours=3)
"""How far back is looked at first: most jobs ran in it, and events of a year need not be parsed."""
LEFT_OUT: Final = ("", "columnLineage", "lineage", "symlinks")
"""Facets that a snapshot does not need: edges hold the first two, and names are found elsewhere."""

_BEGIN, _END = "1900-01-01T00:00:00Z", "2299-01-01T00:00:00Z"
_WRITTEN = "target_namespace, target_name, job_namespace, job_name"
_COLUMNS = {
    "edges": f"{_WRITTEN}, source_namespace, source_name",
    "column_edges": f"{_WRITTEN}, source_namespace, source_name, target_field, source_field, "
    "kind, subtype, masking",
}
_UNTIL = "parseDateTime64BestEffort({at:String}, 6, 'UTC')"
_SINCE = "parseDateTime64BestEffort({since:String}, 6, 'UTC')"
_KEYS = "(SELECT arrayJoin(JSONExtract({keys:String}, 'Array(Tuple(String, String))')))"
_VIEWS = {"edges": EDGES_VIEW, "column_edges": COLUMN_EDGES_VIEW}


class LineageHistory:
    """Reads whole graphs.

    Args:
        connection: the warehouse's client.

    Raises:
        WarehouseUnavailable: the warehouse does not answer (from every method).
        WarehouseError: it refused a statement (from every method).
    """

    def __init__(self, connection: Warehouse) -> None:
        self._connection = connection

    def edges(self, at: datetime | None = None) -> list[Row]:
        """The edges between datasets, now or as of a moment."""
        return self._edges("edges", at)

    def column_edges(self, at: datetime | None = None) -> list[Row]:
        """The edges between columns, now or as of a moment."""
        return [row for row in self._edges("column_edges", at) if row["source_name"]]

    def facets(self, at: datetime | None = None) -> list[Row]:
        """The newest facets of every dataset, now or as of a moment."""
        known = self._rows(
            "SELECT namespace, name, facet, tupleElement(latest, 'value') AS value, "
            "tupleElement(latest, 'at') AS at "
            "FROM lineage.dataset_facets FINAL WHERE NOT has(splitByChar(',', {out:String}), facet) "
            f"AND first_seen <= {_UNTIL}",
            out=",".join(LEFT_OUT),
            at=_text(at),
        )
        if at is None:
            return known
        exact = [row for row in known if row["at"] <= at]
        missing = {(row["namespace"], row["name"], row["facet"]) for row in known if row["at"] > at}
        for since in (at - NEAR, None):
            if missing:
                found = self._derived_facets(at, since, {(each[0], each[1]) for each in missing})
                taken = [row for row in found if (row["namespace"], row["name"], row["facet"]) in missing]
                missing -= {(row["namespace"], row["name"], row["facet"]) for row in taken}
                exact += taken
        return exact

    def _edges(self, table: str, at: datetime | None) -> list[Row]:
        if at is None:
            return self._rows(_newest(_COLUMNS[table], f"lineage.{table} FINAL"))
        written = self._rows(
            f"""SELECT {_WRITTEN}, max(last_seen) AS newest FROM lineage.{table} FINAL
            GROUP BY {_WRITTEN} HAVING min(first_seen) <= {_UNTIL}""",
            at=_text(at),
        )
        # What was not written since is as the table has it.
        still = {_key(row) for row in written if row["newest"] <= at}
        missing = {_key(row) for row in written} - still
        result = [row for row in self._edges(table, None) if _key(row) in still] if still else []
        for since in (at - NEAR, None):
            if missing:
                found = self._derived_edges(table, at, since, {each[2:] for each in missing})
                taken = [row for row in found if _key(row) in missing]
                missing -= {_key(row) for row in taken}
                result += taken
        return result

    def _derived_edges(
        self, table: str, at: datetime, since: datetime | None, jobs: Iterable[tuple[str, ...]]
    ) -> list[Row]:
        only = f"(job_namespace, job_name) IN {_KEYS}"
        return self._rows(
            _newest(_COLUMNS[table], f"({_over(_VIEWS[table], only)})"),
            at=_text(at),
            since=_text(since, _BEGIN),
            keys=json.dumps(sorted(jobs)),
        )

    def _derived_facets(
        self, at: datetime, since: datetime | None, datasets: Iterable[tuple[str, ...]]
    ) -> list[Row]:
        return self._rows(
            f"""SELECT namespace, name, facet, tupleElement(max(latest), 'value') AS value,
                tupleElement(max(latest), 'at') AS at
            FROM ({_over(DATASET_FACETS_VIEW, "1")})
            WHERE (namespace, name) IN {_KEYS}
              AND NOT has(splitByChar(',', {{out:String}}), facet)
            GROUP BY namespace, name, facet""",
            at=_text(at),
            since=_text(since, _BEGIN),
            keys=json.dumps(sorted(datasets)),
            out=",".join(LEFT_OUT),
        )

    def _rows(self, sql: str, **parameters: Any) -> list[Row]:
        answer = self._connection.query(sql, parameters or None)
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def _newest(columns: str, source: str) -> str:
    """Of what each job wrote, only what its newest event says."""
    return (
        f"SELECT DISTINCT {columns} FROM (SELECT *, max(last_seen) OVER (PARTITION BY {_WRITTEN}) AS newest "
        f"FROM {source}) WHERE last_seen = newest"
    )


def _over(view: str, condition: str) -> str:
    """A materialized view's statement over the events of a period only."""
    _, _, statement = view.partition(" AS\n")
    period = (
        f"(SELECT * FROM lineage.events FINAL WHERE event_time <= {_UNTIL} "
        f"AND event_time > {_SINCE} AND {condition})"
    )
    return statement.replace("FROM lineage.events", f"FROM {period}")


def _key(row: Row) -> tuple[str, str, str, str]:
    return row["target_namespace"], row["target_name"], row["job_namespace"], row["job_name"]


def _text(at: datetime | None, otherwise: str = _END) -> str:
    return at.isoformat() if at else otherwise
