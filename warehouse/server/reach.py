"""What reaches beyond the warehouse, and is closed to all but the platform itself.

The embedded engine asks no right for some of its functions and engines: ``file()`` reads whatever the process
may read, ``values()`` and others evaluate columns that a text describes. It can't switch them off, so
statements that name them are refused. What the words of a statement are, the engine's own lexer says: none of
ours has to know every quote, comment and blank that it knows. Settings that reach as far are kept by the
profiles of the roles (`warehouse.access.embedded`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from warehouse.server.engine import Connection, Engine
from warehouse.server.failures import ACCESS_DENIED, EngineError
from warehouse.server.jobs import Job

FUNCTIONS: Final = frozenset(
    {"file", "getserversetting", "fuzzquery", "aiclassify", "aiembed", "aiextract", "aifilter", "aigenerate"}
    | {"airedact", "aisimilarity", "aitranslate"}
)
"""Functions that are refused wherever they are named: ``APPLY file`` and ``arrayMap(file, …)`` call one, too.
All names are in small letters, since the case of some does not matter."""

OPEN_TABLE_FUNCTIONS: Final = frozenset(
    {
        "numbers",
        "numbers_mt",
        "zeros",
        "zeros_mt",
        "generate_series",
        "generateseries",
        "primes",
        "merge",
        "loop",
    }
    | {"view", "viewifpermitted", "viewexplain", "input", "format"}
    | {"mergetreeindex", "mergetreeprojection", "mergetreetextindex", "mergetreecodecblockcounts"}
    | {"mergetreeanalyzeindexes", "mergetreeanalyzeindexesuuid"}
)
"""Table functions that compute, or read tables with the rights of who asks. All others are refused where a
bracket follows. ``format`` is a function, too; the table function needs a right that only those have who may
create."""

OPEN_ENGINES: Final = frozenset(
    {
        "memory",
        "null",
        "log",
        "tinylog",
        "stripelog",
        "set",
        "join",
        "merge",
        "buffer",
        "alias",
        "distributed",
    }
    | {"view", "materializedview", "atomic", "replicated"}
)
"""Engines besides those of the MergeTree family that keep rows here, or read tables with the rights of who
asks. All others are refused behind the word ENGINE."""

_MERGE_TREE: Final = "mergetree"
_DISK: Final = "disk"
"""A disk of one's own would be a place of one's own: a folder of the machine, or another server."""

_KNOWN: Final = """
SELECT
    (SELECT groupArray(lower(name)) FROM system.table_functions),
    (SELECT groupArray(lower(name)) FROM (
        SELECT name FROM system.table_engines UNION ALL SELECT name FROM system.database_engines
    ))"""
_SIGNIFICANT: Final = """
WITH unhex({text:String}) AS text
SELECT arrayMap(
    token -> (toString(token.type), hex(substring(text, token.begin + 1, token.end - token.begin))),
    arrayFilter(token -> token.type NOT IN ('Whitespace', 'Comment'), tokenizeQuery(text))
)"""
_CREATING: Final = frozenset({"create", "attach", "replace", "alter"})
_LONGEST_REMEMBERED: Final = 4096
_NOTHING_GIVEN: Final = "\\"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a statement, or a mark.

    Attributes:
        text: a name without its quotes; a mark or a literal as it is.
        is_name: whether it may be the name of something.
        escaped: whether it is a quoted name with escapes in it, which nobody needs.
    """

    text: str
    is_name: bool
    escaped: bool = False

    @property
    def name(self) -> str:
        """The name in small letters; empty for what is none."""
        return self.text.lower() if self.is_name else ""


@dataclass(frozen=True, slots=True)
class Closed:
    """Names of this engine that are closed where they are called, and behind the word ENGINE."""

    calls: frozenset[str]
    engines: frozenset[str]


def closed_in(connection: Connection) -> Closed:
    """All that the engine has but what is known to be harmless, so that what a newer one brings is closed."""
    functions, engines = json.loads(connection.execute(_KNOWN, "JSONCompactEachRow").data)
    return Closed(
        frozenset(functions) - OPEN_TABLE_FUNCTIONS | {_DISK},
        frozenset(name for name in engines if not name.endswith(_MERGE_TREE)) - OPEN_ENGINES,
    )


class Reach:
    """Tells whether somebody's request stays within the warehouse.

    Args:
        engine: whose lexer is asked.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._remembered = lru_cache(maxsize=1024)(self._ask)
        with engine.connect() as connection:
            self._closed = closed_in(connection)

    def check(self, job: Job) -> None:
        """Refuse a request that names what is closed, in its statement or in a table that it brings.

        Raises:
            EngineError: 497; the platform's own user may name everything.
        """
        principal = job.principal
        if principal.is_platform:
            return
        structures = (table.structure.encode("utf-8", "surrogateescape") for table in job.call.tables)
        for text in (job.statement.text, *structures):
            words = self._remembered(text) if len(text) <= _LONGEST_REMEMBERED else self._ask(text)
            parameters, may_create = job.call.parameters, principal.may_create
            for name in closed_names(words, parameters, self._closed, may_create=may_create):
                raise EngineError(
                    f"{principal.name}: Not enough privileges. "
                    f"{name} is closed to all but the platform itself.",
                    code=ACCESS_DENIED,
                    name="ACCESS_DENIED",
                )

    def _ask(self, text: bytes) -> tuple[Word, ...]:
        # On a connection of its own: what a session has set could shorten the answer.
        with self._engine.connect() as connection:
            return words_of(connection, text)


def words_of(connection: Connection, text: bytes) -> tuple[Word, ...]:
    """The words and marks of a text, as the engine's lexer sees them.

    Args:
        connection: one on which nobody has set anything.
        text: a statement or a part of one.
    """
    answer = connection.execute(_SIGNIFICANT, "JSONCompactEachRow", {"text": text.hex()})
    return tuple(_word(kind, bytes.fromhex(value)) for kind, value in json.loads(answer.data)[0])


def _word(kind: str, value: bytes) -> Word:
    text = value.decode("utf-8", "replace")
    if kind == "QuotedIdentifier":
        return Word(text[1:-1], is_name=True, escaped="\\" in text)
    return Word(text, is_name=kind == "BareWord")


def closed_names(
    words: Sequence[Word], parameters: Mapping[str, str], closed: Closed, *, may_create: bool
) -> Iterator[str]:
    """What a statement names that is closed. Pure.

    Args:
        words: of the statement.
        parameters: what the request gives for ``{name:Identifier}``.
        closed: what this engine has that is closed.
        may_create: whether who asks may make tables.
    """
    nothing = Word("", is_name=False)
    # A view would keep the parameter, and be given another name later.
    given = {} if words and words[0].name in _CREATING else parameters
    for word, after, behind, fourth in zip(
        words,
        [*words[1:], nothing],
        [*words[2:], nothing, nothing],
        [*words[3:], nothing, nothing, nothing],
        strict=False,
    ):
        if (word.text, behind.text, fourth.name) == ("{", ":", "identifier"):
            value = given.get(after.text, _NOTHING_GIVEN)
            if "\\" in value or not FUNCTIONS.isdisjoint(_parts(value)):
                yield f"{{{after.text}:Identifier}}"
        elif word.escaped or word.name in FUNCTIONS:
            yield word.text
        elif after.text == "(" and (
            word.name in closed.calls
            # It takes columns with defaults as a text, which may be put together from others.
            or (word.name == "format" and may_create)
        ):
            yield f"{word.text}()"
        elif word.name == "engine":
            engine = behind if after.text == "=" else after
            if engine.name in closed.engines:
                yield f"ENGINE = {engine.text}"


def _parts(name: str) -> list[str]:
    return [part.strip(' `"“”').lower() for part in name.split(".")]
