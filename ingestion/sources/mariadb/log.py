"""Positions in the log of a MariaDB as numbers: that of the file, then the place in it in four bytes."""

from __future__ import annotations

import re

from bilten.errors import IngestionError
from ingestion.sources.mariadb.connection import Connection

_NUMBER = re.compile(r"(\d+)$")


def position_of(file: str, place: int) -> int:
    """A position as one number; `warehouse.compile.logs` makes the same of an event.

    Raises:
        IngestionError: the file has no number.
    """
    number = _NUMBER.search(file)
    if number is None:
        raise IngestionError("The source's log position cannot be read.", why=f"The log file is {file}.")
    return int(number[1]) << 32 | place


def current_position(connection: Connection) -> int:
    """The log's end.

    Raises:
        IngestionError: the server keeps no log.
    """
    # MySQL 8.4 knows it under the newer name only.
    query = "SHOW MASTER STATUS" if connection.is_mariadb else "SHOW BINARY LOG STATUS"
    row = connection.row(query)
    if not row:
        raise IngestionError(
            "The source's log position cannot be read.", why="The server keeps no binary log."
        )
    return position_of(str(row[0]), int(row[1]))
