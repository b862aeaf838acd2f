"""Archive one dataset in a process of its own, and kill it without warning before or after the commit."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from pyiceberg.catalog.sql import SqlCatalog

from archives.append import append_all
from archives.catalog import open_catalog
from bilten.settings import load_settings
from tests.archives.samples import sample_contract
from warehouse.client import Warehouse


def main() -> None:
    moment, dataset = sys.argv[1:]
    commit = SqlCatalog.commit_table

    def killed(self: SqlCatalog, *arguments: Any) -> Any:
        if moment == "after":
            commit(self, *arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    SqlCatalog.commit_table = killed  # type: ignore[method-assign, assignment]
    settings = load_settings()
    with open_catalog(settings) as catalog, Warehouse(settings) as warehouse:
        append_all(settings, catalog, warehouse, [sample_contract(dataset)])


if __name__ == "__main__":
    main()
