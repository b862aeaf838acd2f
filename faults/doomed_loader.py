"""A real loader that kills itself at one exact moment: ``python -m faults.doomed_loader MOMENT BATCHES``."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bilten.contracts import load_contracts
from bilten.settings import load_settings
from ingestion.loader import Loader
from warehouse.client import Warehouse


class DeadlyWarehouse(Warehouse):
    """Everything real but the moment of death.

    Args:
        moment: ``before-insert``, ``after-insert`` (acknowledged, but the loader never learns),
            ``before-ledger``, ``after-ledger``, ``between-raw-and-ods`` (the views that fill ``ods`` are
            away for the last insert); of a stream ``in-a-stream`` (its INSERT has taken a batch and is open),
            ``between-ods-and-raw`` or ``after-a-stream`` (both acknowledged, but the loader never learns).
        batches: inserts that go well before it.
    """

    moment = ""
    batches = 0

    def insert_arrow_stream(
        self,
        table: str,
        body: bytes | memoryview | Iterable[bytes],
        rows: int,
        *,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Insert, and die before or after it."""
        self.batches -= 1
        last = self.batches < 0
        if last and self.moment == "before-insert":
            os.kill(os.getpid(), signal.SIGKILL)
        if last and self.moment == "between-raw-and-ods":
            for purpose in ("to_ods", "examined_to_ods"):
                self.command(f"DETACH TABLE {table}__{purpose}")
        super().insert_arrow_stream(table, body, rows, settings=settings)
        if last and self.moment in {"after-insert", "between-raw-and-ods"}:
            os.kill(os.getpid(), signal.SIGKILL)

    def insert_through(self, sql: str, body: Iterable[bytes]) -> int:
        """Insert through a query, and die in it, before it or after it."""
        if sql.startswith("INSERT INTO landing."):
            return super().insert_through(sql, self._given(body))
        if self.moment == "between-ods-and-raw":
            os.kill(os.getpid(), signal.SIGKILL)
        taken = super().insert_through(sql, body)
        if self.moment == "after-a-stream":
            os.kill(os.getpid(), signal.SIGKILL)
        return taken

    def _given(self, body: Iterable[bytes]) -> Iterator[bytes]:
        for number, piece in enumerate(body):
            if number > 1 and self.moment == "in-a-stream":
                # The schema and a batch were given; long enough ago to be in the table.
                time.sleep(0.5)
                os.kill(os.getpid(), signal.SIGKILL)
            yield piece

    def insert_rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert, and die before or after it if it is for the ledger."""
        last = self.batches <= 0 and table == "ops.ledger"
        if last and self.moment == "before-ledger":
            os.kill(os.getpid(), signal.SIGKILL)
        super().insert_rows(table, columns, rows)
        if last and self.moment == "after-ledger":
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    settings = load_settings()
    warehouse = DeadlyWarehouse(settings)
    warehouse.moment, warehouse.batches = sys.argv[1], int(sys.argv[2])
    Loader(settings, load_contracts().captured(), warehouse).run()
