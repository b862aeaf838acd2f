"""Tracing a number: from a figure in a mart to the changes behind it, with their places in log and topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bilten.contracts import Contract
from bilten.errors import ReadingRefused, TraceImpossible, WarehouseError, WarehouseUnavailable
from lineage.changes import Changes
from lineage.graph import Column
from lineage.library import Library
from lineage.names import Names
from lineage.pasted import Asked, understand
from lineage.provenance import Behind, cut_of, in_build, rows_behind, ways_to_sources
from lineage.runs import JOB_NAMESPACE
from lineage.snapshot import Snapshot, follow, layer_of
from lineage.visibility import columns_of_hidden_origin, hidden_columns, shown
from warehouse import figures
from warehouse.access.identity import Reader
from warehouse.client import Warehouse
from warehouse.lineage_store import LineageStore
from warehouse.publish import Publication, current_publication

Json = dict[str, Any]

ROWS_SHOWN: Final = 50
MOST_ROWS_FOLLOWED: Final = 10_000
"""Rows behind a figure that are followed to their changes; of more, the first ones."""


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
        self._changes = Changes(warehouse, names, contracts)

    def rows(self, mart: str, reader: Reader) -> Json:
        """Some rows of a mart to choose a figure from, with its key.

        Raises:
            ReadingRefused: the reader's roles may not see the mart.
            TraceImpossible: there is no such mart, or nothing is published.
        """
        return self._choice(Asked(mart, {}), reader)

    def asked(self, query: str, reader: Reader) -> Json:
        """The rows and figures that a query shows, to choose one from.

        Args:
            query: one SELECT from one mart; it is understood, not run.
            reader: who asks.

        Raises:
            ReadingRefused: the reader's roles may not see the mart.
            TraceImpossible: the query is something else, or nothing is published.
        """
        marts = {name: each for name, each in self._contracts.items() if each.kind == "mart"}
        hidden = {name: hidden_columns(contract, reader) for name, contract in marts.items()}
        return self._choice(understand(query, marts, hidden), reader)

    def trace(self, mart: str, key: Sequence[tuple[str, str]], figure: str, reader: Reader) -> Json:
        """Everything behind one figure.

        Args:
            mart: the published mart.
            key: columns and values, as text, that name one row.
            figure: the column.
            reader: who asks; values that the reader may not see are covered.

        Raises:
            ReadingRefused: the reader's roles may not see the mart.
            TraceImpossible: nothing is published, the row or column does not exist, or the key names several.
        """
        contract, publication = self._mart(mart, reader), self._publication()
        hidden = hidden_columns(contract, reader)
        if figure not in contract.by_name:
            raise TraceImpossible(f"{mart} has no column {figure}.", remedy="Choose one of its columns.")
        if not key or any(column not in contract.by_name or column in hidden for column, _ in key):
            raise TraceImpossible(
                f"The key does not name a row of {mart}.",
                remedy="Give its key columns; hidden ones are none.",
            )
        row = self._row(publication, mart, key)
        snapshot = self._library.snapshot()
        built = Column(self._names.built(mart), figure)
        sources, jobs = self._sources(snapshot, built)
        answer: Json = {
            "mart": mart,
            "key": dict(key),
            "figure": figure,
            "value": shown(row, hidden)[figure],
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
        columns = self._columns(snapshot, behind, built)
        followed = ways_to_sources(snapshot, self._names, self._contracts, columns, sorted(sources))
        covered = columns_of_hidden_origin(snapshot, self._names, self._contracts, columns, reader)
        answer["cut"] = cut
        answer["behind"] = {
            "of": ".".join(behind.table) if behind.table else mart,
            "grouped": behind.grouped,
            "query": behind.query,
            "total": rows.total,
            "rows": [shown(each, covered) for each in rows.rows[:ROWS_SHOWN]],
        }
        answer["sources"] = [
            self._changes.behind(way, rows.rows, sources[way.dataset], cut, snapshot, reader)
            for way in followed
        ]
        answer["unfollowed"] = sorted(sources.keys() - {way.dataset for way in followed})
        return answer

    def _choice(self, asked: Asked, reader: Reader) -> Json:
        contract, publication = self._mart(asked.mart, reader), self._publication()
        try:
            found = figures.chosen_rows(
                self._warehouse,
                publication.database,
                asked.mart,
                asked.condition,
                asked.parameters,
                ROWS_SHOWN,
            )
        except WarehouseUnavailable:
            raise
        except WarehouseError as error:
            raise TraceImpossible("The rows cannot be read.", why=error.what) from error
        hidden = hidden_columns(contract, reader)
        return {
            "mart": asked.mart,
            "build": publication.build_id,
            "key": [column.name for column in contract.key],
            "columns": [column.name for column in contract.columns],
            "figures": [{"name": name, "columns": list(used)} for name, used in asked.figures.items()],
            "rows": [shown(row, hidden) for row in found.rows],
            "total": found.total,
        }

    def _mart(self, mart: str, reader: Reader) -> Contract:
        if mart not in self._contracts or self._contracts[mart].kind != "mart":
            raise TraceImpossible(f"There is no mart {mart}.", remedy="Run `bilten contracts list`.")
        contract = self._contracts[mart]
        if reader.level(contract) is None:
            raise ReadingRefused(
                f"{reader.name} may not see rows of {mart}.",
                remedy=f"Ask its owner, {contract.owner}, to name the role in the contract.",
            )
        return contract

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
