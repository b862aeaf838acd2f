"""What is refused before the engine sees it."""

from __future__ import annotations

from typing import Final

from warehouse.server.failures import (
    INTO_OUTFILE_NOT_ALLOWED,
    QUERY_WITH_INFILE,
    READONLY,
    SYNTAX_ERROR,
    UNSUPPORTED,
    EngineError,
)
from warehouse.server.statements import Statement

_SEVERAL: Final = "Syntax error: several statements in one request are not allowed."


def check_text(statement: Statement) -> None:
    """Refuse what can be seen in the text alone.

    Raises:
        EngineError: there are several statements or none; it would touch files of the server, or end it.
    """
    if statement.several:
        raise EngineError(_SEVERAL, code=SYNTAX_ERROR, name="SYNTAX_ERROR")
    if not statement.verb:
        raise EngineError("Syntax error: empty query.", code=SYNTAX_ERROR, name="SYNTAX_ERROR")
    if statement.ends_server:
        # It would send SIGTERM to the whole process group: the supervisor, and whatever else is in it.
        raise EngineError(
            "The embedded engine can't be stopped by a statement; stop its process.",
            code=UNSUPPORTED,
            name="NOT_IMPLEMENTED",
        )
    if statement.into_outfile:
        raise EngineError(
            "INTO OUTFILE is not allowed.", code=INTO_OUTFILE_NOT_ALLOWED, name="INTO_OUTFILE_NOT_ALLOWED"
        )
    if statement.from_infile:
        raise EngineError(
            "Query has infile and was sent directly to the server.",
            code=QUERY_WITH_INFILE,
            name="UNKNOWN_TYPE_OF_QUERY",
        )


def check_class(statement: Statement, kind: str, count: int, *, read_only: bool) -> bool:
    """Refuse what the engine's own parser counts as several, and changes by a request that only reads.

    Args:
        statement: the statement.
        kind: what it would do, as the engine classifies it.
        count: how many statements the engine's parser finds.
        read_only: whether the request may only read.

    Returns:
        Whether the statement changes its session: SET, USE, or a temporary table.

    Raises:
        EngineError: 62 or 164.
    """
    if count > 1:
        raise EngineError(_SEVERAL, code=SYNTAX_ERROR, name="SYNTAX_ERROR")
    leaves_state = kind == "CONTROL" and statement.verb in ("SET", "USE", "CREATE")
    changes = kind.startswith("MUTATING") or (kind == "CONTROL" and not leaves_state)
    if read_only and changes:
        raise EngineError(
            "Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. "
            "You should use method POST for modifying queries.",
            code=READONLY,
            name="READONLY",
        )
    return leaves_state
