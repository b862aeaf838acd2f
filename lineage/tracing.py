"""Tracing a number: from a figure in a mart to the changes behind it, with their places in log and topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bilten.contracts import Contract
from bilten.errors import TraceImpossible, WarehouseError, WarehouseUnavailable
from lineage import answers
from lineage.graph import Column
from lineage.library import Library
from lineage.names import Names
from lineage.provenance import Behind, Way, cut_of, in_build, rows_behind, ways_to_sources
from lineage.runs import JOB_NAMESPACE
from lineage.snapshot import PERSONAL, Snapshot, follow, layer_of
from warehouse import figures
from warehouse.client import Warehouse
from warehouse.lineage_store import LineageStore
from warehouse.publish import Publication, current_publication

Json = dict[str, Any]

ROWS_SHOWN: Final = 50
CHANGES_SHOWN: Final = 200
MOST_ROWS_FOLLOWED: Final = 10_000
"""Rows behind a figure that are followed to their changes; of more, the first ones."""
HIDDEN: Final = "•••"
"""Stands for personal values, whoever asks."""


class Tracer:
    """Traces figures of what is published.

    Args:
        warehouse: the warehouse.
        store: the lineage.
        library: its graph.
        names: how datasets are named here.
        contracts: of sources and marts.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        store: LineageStore,
        library: Library,
        names: Names,
        contracts: Mapping[str, Contract],
    ) -> None:
        self._warehouse = warehouse
        self._store = store
        self._library = library
        self._names = names
        self._contracts = contracts

    def rows(self, mart: str) -> Json:
        """Some rows of a mart to choose a figure from, with its key."""
        contract, publication = self._mart(mart), self._publication()
        found = figures.first_rows(self._warehouse, publication.database, mart, ROWS_SHOWN)
        return {
            "mart": mart,
            "build": publication.build_id,
            "key": [column.name for column in contract.key],
            "columns": [column.name for column in contract.columns],
            "rows": [_hidden(row, contract) for row in found],
        }

    def trace(self, mart: str, key: Sequence[tuple[str, str]], figure: str) -> Json:
        """Everything behind one figure.

        Args:
            mart: the published mart.
            key: columns and values, as text, that name one row.
            figure: the column.

        Raises:
            TraceImpossible: nothing is published, the row or column does not exist, or the key names several.
        """
        contract, publication = self._mart(mart), self._publication()
        if figure not in {column.name for column in contract.columns}:
            raise TraceImpossible(f"{mart} has no column {figure}.", remedy="Choose one of its columns.")
        known = {column.name for column in contract.columns}
        if not key or any(column not in known for column, _ in key):
            raise TraceImpossible(f"The key does not name a row of {mart}.", remedy="Give its key columns.")
        row = self._row(publication, mart, key)
        snapshot = self._library.snapshot()
        built = Column(self._names.built(mart), figure)
        sources, jobs = self._sources(snapshot, built)
        answer: Json = {
            "mart": mart,
            "key": dict(key),
            "figure": figure,
            "value": _hidden(row, contract)[figure],
            "publication": {
                "build": publication.build_id,
                "publishedAt": publication.published_at,
                "reason": publication.reason,
            },
            "runs": self._runs(jobs, publication),
        }
        statement = self._statement(mart, publication)
        behind = rows_behind(statement, key) if statement else None
        if behind is None:
            return {**answer, "behind": None, "sources": [], "unfollowed": sorted(sources)}
        cut = self._cut(publication)
        rows = self._rows(behind)
        followed = ways_to_sources(
            snapshot, self._names, self._contracts, self._columns(snapshot, behind, built), sorted(sources)
        )
        answer["cut"] = cut
        answer["behind"] = {
            "of": ".".join(behind.table) if behind.table else mart,
            "grouped": behind.grouped,
            "query": behind.query,
            "total": rows.total,
            "rows": [
                _masked(each, self._personal(snapshot, behind, built)) for each in rows.rows[:ROWS_SHOWN]
            ],
        }
        answer["sources"] = [self._changes(way, rows.rows, sources[way.dataset], cut) for way in followed]
        answer["unfollowed"] = sorted(sources.keys() - {way.dataset for way in followed})
        return answer

    def _mart(self, mart: str) -> Contract:
        if mart not in self._contracts or self._contracts[mart].kind != "mart":
            raise TraceImpossible(f"There is no mart {mart}.", remedy="Run `bilten contracts list`.")
        return self._contracts[mart]

    def _publication(self) -> Publication:
        found = current_publication(self._warehouse)
        if found is None:
            raise TraceImpossible("Nothing is published yet.", remedy="Build the marts first.")
        return found

    def _row(self, publication: Publication, mart: str, key: Sequence[tuple[str, str]]) -> Json:
        try:
            found = figures.row_of(self._warehouse, publication.database, mart, key)
        except WarehouseUnavailable:
            raise
        except WarehouseError as error:
            raise TraceImpossible(
                f"The tables of build {publication.build_id} are not there.", why=error.what
            ) from error
        if len(found) != 1:
            several = "several rows have" if found else "no row has"
            raise TraceImpossible(
                f"In {mart}, {several} {', '.join(f'{c} = {v}' for c, v in key)}.",
                remedy="Give the whole key.",
            )
        return found[0]

    def _sources(
        self, snapshot: Snapshot, figure: Column
    ) -> tuple[dict[str, tuple[str, ...]], set[tuple[str, str]]]:
        """The sources whose values make the figure, with their columns; and the jobs on the way."""
        reached, edges = follow(snapshot, [figure], downstream=False)
        if not any(layer_of(column.dataset) == "raw" for column in reached):
            # A count is made of no column, but of rows: of what decides about them.
            decided = snapshot.columns_into.get(Column(figure.dataset, ""), ())
            further, ways = follow(snapshot, [edge.source for edge in decided], downstream=False)
            reached, edges = {**further, **reached}, [*edges, *decided, *ways]
        found: dict[str, set[str]] = {}
        for column in reached:
            dataset = column.dataset.name.partition(".")[2]
            if layer_of(column.dataset) == "raw" and dataset in self._contracts:
                found.setdefault(dataset, set()).add(column.name)
        jobs = {(edge.job.namespace, edge.job.name) for edge in edges} | {(JOB_NAMESPACE, "publish.marts")}
        return {name: tuple(sorted(columns)) for name, columns in found.items()}, jobs

    def _runs(self, jobs: set[tuple[str, str]], publication: Publication) -> list[Json]:
        """The newest run of each job until the publication."""
        found = []
        for job in sorted(jobs):
            for run in self._store.runs(job, 20):
                if run["started_at"] <= publication.published_at:
                    found.append({**run, "job_name": job[1]})
                    break
        return found

    def _statement(self, mart: str, publication: Publication) -> str | None:
        job = (JOB_NAMESPACE, f"dbt.model.{mart}")
        sql = self._store.sql_of(job, publication.published_at)
        return in_build(sql, publication.database) if sql else None

    def _cut(self, publication: Publication) -> str:
        """The moment as of which this build read its sources."""
        for name in sorted(self._contracts):
            sql = self._store.sql_of((JOB_NAMESPACE, f"dbt.model.input_{name}"), publication.published_at)
            if sql and (cut := cut_of(sql)):
                return cut
        return publication.published_at.isoformat()

    def _rows(self, behind: Behind) -> figures.Rows:
        try:
            return figures.rows_behind(self._warehouse, behind.query, MOST_ROWS_FOLLOWED)
        except WarehouseUnavailable:
            raise
        except WarehouseError as error:
            raise TraceImpossible("The rows behind the figure cannot be read.", why=error.what) from error

    def _columns(self, snapshot: Snapshot, behind: Behind, built: Column) -> list[Column]:
        dataset = self._names.warehouse(*behind.table) if behind.table else built.dataset
        return [Column(dataset, str(each["name"])) for each in snapshot.fields(dataset)]

    def _personal(self, snapshot: Snapshot, behind: Behind, built: Column) -> set[str]:
        return {
            column.name
            for column in self._columns(snapshot, behind, built)
            if any(
                snapshot.classification(each) in PERSONAL
                for each in follow(snapshot, [column], downstream=False)[0]
            )
        }

    def _changes(self, way: Way, rows: Sequence[Json], columns: Sequence[str], cut: str) -> Json:
        contract = self._contracts[way.dataset]
        values = sorted({str(row[way.through]) for row in rows if row.get(way.through) is not None})
        found = figures.changes_behind(self._warehouse, way.dataset, way.column, values, cut, CHANGES_SHOWN)
        offsets = [int(row["_offset"]) for row in found.rows]
        job = (JOB_NAMESPACE, f"load.{way.dataset}")
        loads = figures.loads_behind(self._warehouse, job, min(offsets), max(offsets)) if offsets else ()
        shown = [*(column.name for column in contract.key), way.column, *columns]
        newest: dict[str, object] = {}
        for row in found.rows:
            newest[str([row[column.name] for column in contract.key])] = row["_version"]
        changes = [
            {
                "operation": row["_op"],
                "committedAt": row["_committed_at"],
                "position": _position(row["_position"]),
                "transaction": row["_transaction"],
                "topic": row["_topic"],
                "partition": row["_partition"],
                "offset": row["_offset"],
                "loadedAt": row["_loaded_at"],
                "run": next((load["run_id"] for load in loads if _holds(load, row)), None),
                "counts": newest[str([row[column.name] for column in contract.key])] == row["_version"],
                "values": _hidden({name: row.get(name) for name in dict.fromkeys(shown)}, contract),
            }
            for row in found.rows
        ]
        return {
            "dataset": way.dataset,
            "source": answers.identity(self._names.source(contract)),
            "by": {"column": way.column, "through": way.through},
            "columns": list(columns),
            "total": found.total,
            "changes": changes,
        }


def _holds(load: Json, row: Json) -> bool:
    inside: bool = load["first_offset"] <= row["_offset"] < load["next_offset"]
    return inside and bool(load["partition"] == row["_partition"])


def _position(value: object) -> str:
    """A position of PostgreSQL's log as PostgreSQL writes it."""
    number = int(str(value or 0))
    return f"{number >> 32:X}/{number & 0xFFFFFFFF:X}"


def _hidden(row: Json, contract: Contract) -> Json:
    return _masked(row, {column.name for column in contract.columns if column.is_personal})


def _masked(row: Json, personal: set[str]) -> Json:
    return {name: HIDDEN if name in personal and value is not None else value for name, value in row.items()}
