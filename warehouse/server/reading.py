"""Whether an answer may be kept: what a query depends on, by the request and by the engine's own analysis.

Nothing here parses SQL. The engine resolves the query (``EXPLAIN QUERY TREE``) and names every table and
function of it, those of subqueries included that it has already evaluated to a constant. What isn't
understood to the letter is not kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Final

from warehouse.readers import READERS_DATABASE
from warehouse.server import entrance
from warehouse.server.engine import Engine
from warehouse.server.jobs import Job

DETERMINISTIC: Final = (
    "SELECT name FROM system.functions WHERE deterministic AND name NOT IN ('sleep', 'sleepEachRow')"
)
"""Functions whose result follows from their arguments. Those that tell who asks, when, where or in which
session are not among them, so that all users with the same roles may share an answer."""

LONGEST_SECONDS: Final = "5"

_PLAIN_SETTING: Final = re.compile(
    r"(output_format_|input_format_|format_|date_time_|http_|compile_|min_count_to_compile_).*"
    r"|session_timezone|max_threads|max_block_size|max_execution_time|join_use_nulls|readonly|log_comment"
    r"|cast_string_to_dynamic_use_inference|async_insert|wait_for_async_insert"
)
"""Settings that change the form of an answer, which is part of the key, or nothing. With others it is not
kept: some hold conditions of their own, some let a query end with a part of its result."""

_NODE: Final = re.compile(r"^ *([A-Z][A-Z_]*) id: \d+", re.MULTILINE)
_TABLE: Final = re.compile(
    rf"^ *TABLE id: \d+(?:, alias: __table\d+)?, table_name: {READERS_DATABASE}\.(\w+)$", re.MULTILINE
)
_FUNCTION: Final = re.compile(
    r"^ *FUNCTION id: \d+, function_name: (\w+), function_type: (ordinary|aggregate|window)\b", re.MULTILINE
)
_UNKNOWN: Final = frozenset({"TABLE_FUNCTION", "IDENTIFIER"})


def digest(job: Job) -> str | None:
    """What tells two questions apart whose answers may differ; None if the answer is not to be kept.

    Args:
        job: the question, outside of a session that holds a state.
    """
    call, statement = job.call, job.statement
    text = statement.text
    if not statement.streams or call.tables or statement.into_outfile:
        return None
    if READERS_DATABASE.encode() not in text and call.database != READERS_DATABASE:
        return None
    # A statement's own settings could be anything; they are rare where answers are worth keeping.
    if b"SETTINGS" in text.upper() or not all(map(_PLAIN_SETTING.fullmatch, call.settings)):
        return None
    principal = job.principal
    settings = {name: value for name, value in call.settings.items() if name != "log_comment"}
    parts = [
        "platform" if principal.is_platform else "",
        sorted(principal.roles),
        str(principal.organizer or ""),
        sorted(call.roles),
        call.database,
        job.output_format,
        call.protocol_revision,
        sorted(settings.items()),
        sorted(call.parameters.items()),
    ]
    return hashlib.sha256(json.dumps(parts).encode() + b"\0" + text).hexdigest()


def analysed(engine: Engine, job: Job, folder: Path) -> str:
    """The query as the engine understands it, with the rights and settings of who asks.

    Raises:
        EngineError: with the engine's code.
    """
    text = job.statement.text[: job.statement.format_at]
    with entrance.opened(engine, job.principal, job.call, folder) as connection:
        # Subqueries with one value are evaluated for this; for those that take long it isn't worth it.
        connection.apply({**job.call.settings, "max_execution_time": LONGEST_SECONDS})
        sql = f"EXPLAIN QUERY TREE {text.decode('utf-8', 'surrogateescape')}"
        return connection.execute(sql, "TSVRaw", job.call.parameters).data.decode("utf-8", "replace")


def depends_only_on_marts(tree: str, marts: Collection[str], functions: Collection[str]) -> bool:
    """Whether a query reads published marts and nothing else, and always answers the same from them. Pure.

    Args:
        tree: the query, as the engine explains it.
        marts: names of the marts that contracts promise.
        functions: names of functions whose result follows from their arguments. Those that aggregate do
            that, as far as the query says what it wants.
    """
    nodes = _NODE.findall(tree)
    tables, used = _TABLE.findall(tree), _FUNCTION.findall(tree)
    return (
        not _UNKNOWN.intersection(nodes)
        and 0 < len(tables) == nodes.count("TABLE")
        and len(used) == nodes.count("FUNCTION")
        and set(tables) <= set(marts)
        and {name for name, kind in used if kind == "ordinary"} <= {*functions, "_CAST"}
    )
