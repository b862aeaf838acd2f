"""What kind of statement a text is, without running it.

A small lexer knows strings, quoted names, comments, here-documents and brackets; nothing here parses SQL
further than clients of the HTTP protocol require: where INSERT data begin, which FORMAT is asked for, whether
there is more than one statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_TOKEN = re.compile(
    rb"""
      (?P<blank>[\s\x00]++ | --[^\n]*+ | //[^\n]*+ | \#[\ !][^\n]*+)
    | (?P<comment>/\*)
    | (?P<text>[xX]'[0-9A-Fa-f]*+' | [bB]'[01]*+' | '(?:[^'\\]++|\\.|'')*+(?:'|\Z)
        | \xe2\x80\x98.*?(?:\xe2\x80\x99|\Z))
    | (?P<quoted>"(?:[^"\\]++|\\.|"")*+(?:"|\Z) | `(?:[^`\\]++|\\.|``)*+(?:`|\Z)
        | \xe2\x80\x9c.*?(?:\xe2\x80\x9d|\Z))
    | (?P<other>[\x80-\xff])
    | (?P<heredoc>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    | (?P<word>(?:[A-Za-z_]|\$(?=\w))[\w$]*+)
    | (?P<number>[0-9]\w*+(?:\.[0-9]\w*+|\.(?![\w`"]))?)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(rb"/\*|\*/")
_RESULT_VERBS: Final = frozenset(
    [
        "SELECT",
        "WITH",
        "FROM",
        "SHOW",
        "DESCRIBE",
        "DESC",
        "EXISTS",
        "EXPLAIN",
        "CHECK",
        "KILL",
        "BACKUP",
        "RESTORE",
        "PARALLEL",
    ]
)
_STREAM_VERBS: Final = frozenset({"SELECT", "WITH", "FROM"})
_NAME_FOLLOWS: Final = frozenset({b"INTO", b"TABLE", b"FUNCTION", b"FROM", b"JOIN", b"AS", b".", b","})


_SOURCE_FOLLOWS: Final = frozenset({b"FROM", b"JOIN"})

_DEPTHS: Final = {b"(": 1, b"[": 1, b"{": 1, b")": -1, b"]": -1, b"}": -1}


@dataclass(frozen=True)
class Token:
    """A piece of a statement: its kind in the lexer, its text (a word in upper case) and its place."""

    kind: str
    value: bytes
    start: int
    end: int


@dataclass(frozen=True)
class Statement:
    """A statement as far as the protocol has to know it.

    Attributes:
        text: the statement without a closing semicolon and without INSERT data and their FORMAT.
        verb: its first word in upper case; empty for an empty text.
        output_format: the FORMAT a result is asked in, or None.
        format_at: where in ``text`` that FORMAT clause begins, or None.
        input_format: the format of INSERT data, or None if it takes none.
        through_query: whether those data pass a query on their way: ``INSERT … SELECT … FROM input('…')``.
        data_at: where in the given bytes the INSERT data begin, or None.
        several: whether more text follows the first semicolon.
        into_outfile: whether it would write a file of the server.
        from_infile: whether it would read a file of the server.
        with_totals: whether the result may have totals.
        ends_server: whether it would stop the server.
    """

    text: bytes
    verb: str
    output_format: str | None = None
    format_at: int | None = None
    input_format: str | None = None
    through_query: bool = False
    data_at: int | None = None
    several: bool = False
    into_outfile: bool = False
    from_infile: bool = False
    with_totals: bool = False
    ends_server: bool = False

    @property
    def has_result(self) -> bool:
        """Whether the answer is a result set."""
        return self.verb in _RESULT_VERBS

    @property
    def streams(self) -> bool:
        """Whether the engine can deliver it block by block."""
        return self.verb in _STREAM_VERBS


def tokens(source: bytes) -> Iterator[Token]:
    """Every token but blanks and comments, words in upper case.

    As the engine's lexer does it: comments may hold others, ``$x$`` begins a text only if it ends it as well,
    and what isn't ASCII stands in quotes or is a blank.
    """
    position, end = 0, len(source)
    while position < end:
        match = _TOKEN.match(source, position)
        if match is None:
            return
        kind = match.lastgroup or "mark"
        position = match.end()
        if kind in ("blank", "other"):
            continue
        if kind == "comment":
            position = _comment_end(source, position)
            continue
        if kind == "tag":
            kind = "heredoc"
        value = match.group(kind)
        yield Token(kind, value.upper() if kind == "word" else value, match.start(), match.end())


def _comment_end(source: bytes, position: int) -> int:
    """Where a comment ends whose inside begins there."""
    depth = 1
    while depth:
        edge = _COMMENT_EDGE.search(source, position)
        if edge is None:
            return len(source)
        position = edge.end()
        depth += 1 if edge.group() == b"/*" else -1
    return position


def parse(source: bytes) -> Statement:
    """Look at a statement, followed by INSERT data if it takes them.

    Args:
        source: the statement, or for an INSERT at least its beginning up to its data.
    """
    return _Scan(source).statement()


def settings_at(source: bytes) -> int:
    """Where the SETTINGS of an INSERT begin; its end if there are none."""
    depth = 0
    previous = b""
    for token in tokens(source):
        if token.kind == "mark":
            depth += _DEPTHS.get(token.value, 0)
        elif depth == 0 and token.value == b"SETTINGS" and previous not in _NAME_FOLLOWS:
            return token.start
        previous = token.value
    return len(source)


def input_call(source: bytes) -> tuple[int, int, bytes] | None:
    """Where ``input('…')`` stands in an INSERT through a query, and what is between its brackets.

    Returns:
        Its first byte, the byte behind it, and the text of its argument; None if it isn't there.
    """
    found: list[Token] = []
    depth = start = inside = 0
    for token in tokens(source):
        if token.kind == "mark" and token.value == b"(":
            if not start and _end_with_input(found):
                start, inside, depth = found[-1].start, token.end, 0
            depth += 1
        elif token.kind == "mark" and token.value == b")":
            depth -= 1
            if start and depth == 0:
                return start, token.end, source[inside : token.start]
        found.append(token)
    return None


def _end_with_input(found: list[Token]) -> bool:
    """Whether ``FROM input`` was read last: a table or a column may have that name, too."""
    return len(found) > 1 and found[-1].value == b"INPUT" and found[-2].value in _SOURCE_FOLLOWS


def split(source: bytes) -> list[bytes]:
    """The statements of a script, without their semicolons.

    INSERT data in a format other than VALUES reach to the end of the script: they may hold anything.
    """
    out: list[bytes] = []
    while source.strip():
        statement = parse(source)
        if statement.input_format not in (None, "Values"):
            return [*out, source.strip()]
        semicolon = next(
            (token.start for token in tokens(source) if token.kind == "mark" and token.value == b";"),
            len(source),
        )
        if parse(source[:semicolon]).verb:
            out.append(source[:semicolon].strip())
        source = source[semicolon + 1 :]
    return out


def is_complete(source: bytes) -> bool:
    """Whether a text typed so far ends with the semicolon that closes it."""
    last = None
    for token in tokens(source):
        last = token
    return last is not None and last.kind == "mark" and last.value == b";"


class _Scan:
    """One walk over a statement."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._stream = tokens(source)
        self._found: list[Token] = []
        self._verb = ""
        self._depth = 0
        self._inserts_query = False
        self._through_query = False
        self._pairs: set[tuple[bytes, bytes]] = set()

    def statement(self) -> Statement:
        end, several = len(self._source), False
        for token in self._stream:
            if not self._verb and token.kind == "word":
                self._verb = token.value.decode("utf-8", "replace")
            if token.kind == "mark":
                self._depth += _DEPTHS.get(token.value, 0)
                self._through_query |= token.value == b"(" and _end_with_input(self._found)
                if token.value == b";" and self._depth <= 0:
                    end, several = token.start, next(self._stream, None) is not None
                    break
            if self._verb == "INSERT" and token.kind == "word":
                insert = self._insert_data(token)
                if insert is not None:
                    return insert
            if self._depth == 0:
                self._pairs.add((self._previous, token.value))
            self._found.append(token)
        output_format, format_at = (None, None) if self._verb == "INSERT" else self._output_format()
        return Statement(
            self._source[:end],
            self._verb,
            output_format=output_format,
            format_at=format_at,
            several=several,
            into_outfile=(b"INTO", b"OUTFILE") in self._pairs,
            from_infile=(b"FROM", b"INFILE") in self._pairs,
            with_totals=(b"WITH", b"TOTALS") in self._pairs,
            ends_server=not self._pairs.isdisjoint({(b"SYSTEM", b"SHUTDOWN"), (b"SYSTEM", b"KILL")}),
        )

    @property
    def _previous(self) -> bytes:
        return self._found[-1].value if self._found else b""

    def _insert_data(self, token: Token) -> Statement | None:
        """The statement, if its data begin after this word."""
        if token.value in (b"SELECT", b"WITH") and (self._depth == 0 or self._previous == b"("):
            self._inserts_query = True
        if self._depth or self._previous in _NAME_FOLLOWS:
            return None
        if self._inserts_query and not self._through_query:
            return None
        text = self._source[: token.start]
        if token.value == b"VALUES" and not self._inserts_query:
            return Statement(text, self._verb, input_format="Values", data_at=token.end)
        name = next(self._stream, None) if token.value == b"FORMAT" else None
        if name is None or name.kind != "word":
            return None
        return Statement(
            text,
            self._verb,
            input_format=self._source[name.start : name.end].decode(),
            through_query=self._inserts_query,
            data_at=data_start(self._source, name.end),
            from_infile=(b"FROM", b"INFILE") in self._pairs,
        )

    def _output_format(self) -> tuple[str | None, int | None]:
        """The last FORMAT clause, if only SETTINGS follow it."""
        depth = 0
        found = self._found
        for index in range(len(found) - 2, -1, -1):
            token = found[index]
            if token.kind == "mark":
                depth -= _DEPTHS.get(token.value, 0)
            if depth != 0 or token.kind != "word" or token.value != b"FORMAT":
                continue
            name = found[index + 1]
            after = found[index + 2].value if index + 2 < len(found) else b"SETTINGS"
            before = found[index - 1].value if index else b""
            if name.kind == "word" and after == b"SETTINGS" and before not in _NAME_FOLLOWS:
                return self._source[name.start : name.end].decode(), token.start
            return None, None
        return None, None


def data_start(source: bytes, position: int) -> int:
    """Where data begin after the name of their format: past blanks and one end of line, as in ClickHouse."""
    end = len(source)
    while position < end and source[position] in b" \t\f":
        position += 1
    if position < end and source[position] == 0x3B:
        position += 1
    if position < end and source[position] == 0x0D:
        position += 1
    if position < end and source[position] == 0x0A:
        position += 1
    return position


def with_query_id(text: bytes, setting: str) -> bytes:
    """KILL QUERY by ``query_id``, for an engine that knows the client's id only as a setting.

    Args:
        text: the statement.
        setting: the setting that carries the id.
    """
    parts: list[bytes] = []
    last = 0
    for token in tokens(text):
        name = token.value.strip(b'`"').upper() if token.kind == "quoted" else token.value
        if token.kind in ("word", "quoted") and name == b"QUERY_ID":
            parts += [text[last : token.start], f"Settings['{setting}']".encode()]
            last = token.end
    return b"".join([*parts, text[last:]])
