"""The changes behind rows of a source: places in log and topic, who landed them, their copy in bronze."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from bilten.contracts import Contract
from bilten.errors import WarehouseError, WarehouseUnavailable
from lineage import answers
from lineage.names import DatasetName, Names
from lineage.provenance import Way
from lineage.runs import JOB_NAMESPACE
from lineage.snapshot import Snapshot
from lineage.visibility import hidden_columns, shown
from warehouse import figures
from warehouse.access.identity import Reader
from warehouse.client import Warehouse
from warehouse.extract import archive_relation

Json = dict[str, Any]

CHANGES_SHOWN: Final = 200
Agreement = Literal["same", "different", "not yet"]
"""Whether bronze has a change with the same values as raw."""


class Changes:
    """Reads changes.

    Args:
        warehouse: the warehouse, which reads the archive too.
        names: how datasets are named here.
        contracts: of the sources.
    """

    def __init__(self, warehouse: Warehouse, names: Names, contracts: Mapping[str, Contract]) -> None:
        self._warehouse = warehouse
        self._names = names
        self._contracts = contracts

    def behind(
        self,
        way: Way,
        rows: Sequence[Json],
        columns: Sequence[str],
        cut: str,
        snapshot: Snapshot,
        reader: Reader,
    ) -> Json:
        """The changes of a source that some rows were made of.

        Args:
            way: how the source's rows are found.
            rows: the rows in question.
            columns: the source's columns whose values took part.
            cut: the moment as of which the source was read.
            snapshot: the lineage, for where the archive is.
            reader: who asks; values that the reader may not see are covered.
        """
        contract = self._contracts[way.dataset]
        values = sorted({str(row[way.through]) for row in rows if row.get(way.through) is not None})
        found = figures.changes_behind(self._warehouse, way.dataset, way.column, values, cut, CHANGES_SHOWN)
        offsets = [int(row["_offset"]) for row in found.rows]
        job = (JOB_NAMESPACE, f"load.{way.dataset}")
        loads = figures.loads_behind(self._warehouse, job, min(offsets), max(offsets)) if offsets else ()
        told = list(dict.fromkeys((*(column.name for column in contract.key), way.column, *columns)))
        newest = {_key(row, contract): row["_version"] for row in found.rows}
        archive, agreement = self._archived(contract, found.rows, snapshot)
        hidden = hidden_columns(contract, reader)
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
                "counts": newest[_key(row, contract)] == row["_version"],
                "archived": agreement.get((int(row["_partition"]), int(row["_offset"])), "not yet"),
                "values": shown({name: row.get(name) for name in told}, hidden),
            }
            for row in found.rows
        ]
        return {
            "dataset": way.dataset,
            "source": answers.identity(self._names.source(contract)),
            "by": {"column": way.column, "through": way.through},
            "columns": list(columns),
            "total": found.total,
            "archive": archive,
            "changes": changes,
        }

    def _archived(
        self, contract: Contract, rows: Sequence[Json], snapshot: Snapshot
    ) -> tuple[Json | None, dict[tuple[int, int], Agreement]]:
        """Which bronze has the same changes, and whether with the same values, by partition and offset."""
        raw = self._names.raw(contract.name)
        job = f"archive.{contract.name}"
        target = next((e.target for e in snapshot.out_of.get(raw, ()) if e.job.name == job), None)
        if target is None or not rows:
            return None, {}
        version = snapshot.facets.get(target, {}).get("version", {}).get("datasetVersion")
        archive = {**answers.identity(target), "snapshot": version, "error": None}
        places = [(int(row["_partition"]), int(row["_offset"])) for row in rows]
        try:
            kept, copied = (
                figures.change_hashes(self._warehouse, contract, relation, places)
                for relation in (f"raw.`{contract.name}`", archive_relation(_location(target)))
            )
        except WarehouseUnavailable:
            raise
        except WarehouseError as error:
            return {**archive, "error": error.what}, {}
        return archive, {
            place: "same" if copied[place] == kept.get(place) else "different" for place in copied
        }


def _location(target: DatasetName) -> str:
    return f"file://{target.name}" if target.namespace == "file" else f"{target.namespace}/{target.name}"


def _key(row: Json, contract: Contract) -> str:
    return str([row[column.name] for column in contract.key])


def _holds(load: Json, row: Json) -> bool:
    inside: bool = load["first_offset"] <= row["_offset"] < load["next_offset"]
    return inside and bool(load["partition"] == row["_partition"])


def _position(value: object) -> str:
    """A position of PostgreSQL's log as PostgreSQL writes it."""
    number = int(str(value or 0))
    return f"{number >> 32:X}/{number & 0xFFFFFFFF:X}"
