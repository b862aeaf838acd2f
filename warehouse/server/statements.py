"""What kind of statement a text is, without running it.

A small lexer knows strings, quoted names, comments, here-documents and brackets; nothing here parses SQL further
than clients of the HTTP protocol require: where INSERT data begin, which FORMAT is asked for, whether there is
more than one statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_TOKEN = re.compile(
    rb"""
      (?P<blank>[\s\x00]++ | --[^\n]*+ | \#[\ !][^\n]*+ | /\*.*?(?:\*/|\Z))
    | (?P<text>'(?:[^'\\]++|\\.|'')*+(?:'|\Z))
    | (?P<quoted>"(?:[^"\\]++|\\.|"")*+(?:"|\Z) | `(?:[^`\\]++|\\.|``)*+(?:`|\Z))
    | (?P<heredoc>\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z))
    | (?P<word>[A-Za-z_\x80-\xff][\w\x80-\xff$]*+)
    | (?P<number>[0-9][\w.]*+)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_RESULT_VERBS: Final = frozenset(
    "SELECT WITH FROM SHOW DESCRIBE DESC EXISTS EXPLAIN CHECK KILL BACKUP RESTORE PARALLEL".split()
)
_STREAM_VERBS: Final = frozenset({"SELECT", "WITH", "FROM"})
_NAME_FOLLOWS: Final = frozenset({b"INTO", b"TABLE", b"FUNCTION", b"FROM", b"JOIN", b"AS", b".", b","})


@dataclass(frozen=True)
class Token:
    """A piece of a statement: its kind in the lexer, its text in upper case if it is a word, and its place."""

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
        data_at: where in the given bytes the INSERT data begin, or None.
        several: whether more text follows the first semicolon.
        into_outfile: whether it would write a file of the server.
        from_infile: whether it would read a file of the server.
        with_totals: whether the result may have totals.
    """

    text: bytes
    verb: str
    output_format: str | None = None
    format_at: int | None = None
    input_format: str | None = None
    data_at: int | None = None
    several: bool = False
    into_outfile: bool = False
    from_infile: bool = False
    with_totals: bool = False

    @property
    def has_result(self) -> bool:
        """Whether the answer is a result set."""
        return self.verb in _RESULT_VERBS

    @property
    def streams(self) -> bool:
        """Whether the engine can deliver it block by block."""
        return self.verb in _STREAM_VERBS


def tokens(source: bytes) -> Iterator[Token]:
    """Every token but blanks and comments, words in upper case."""
    for match in _TOKEN.finditer(source):
        kind = match.lastgroup or "mark"
        if kind == "blank":
            continue
        if kind == "tag":
            kind = "heredoc"
        value = match.group(kind)
        yield Token(kind, value.upper() if kind == "word" else value, match.start(), match.end())


def parse(source: bytes) -> Statement:
    """Look at a statement, followed by INSERT data if it takes them.

    Args:
        source: the statement, or for an INSERT at least its beginning up to its data.
    """
    verb = ""
    depth = 0
    found: list[Token] = []
    flags: set[str] = set()
    end = len(source)
    inserts_query = False
    stream = tokens(source)
    for token in stream:
        if not verb and token.kind == "word":
            verb = token.value.decode("utf-8", "replace")
        if token.kind == "mark":
            depth += {b"(": 1, b"[": 1, b"{": 1, b")": -1, b"]": -1, b"}": -1}.get(token.value, 0)
            if token.value == b";" and depth <= 0:
                end = token.start
                if next(stream, None) is not None:
                    flags.add("several")
                break
        previous = found[-1].value if found else b""
        if verb == "INSERT" and token.kind == "word":
            if token.value in (b"SELECT", b"WITH") and (depth == 0 or previous == b"("):
                inserts_query = True
            if depth == 0 and not inserts_query:
                if token.value == b"VALUES" and previous not in _NAME_FOLLOWS:
                    return Statement(source[: token.start], verb, input_format="Values", data_at=token.end)
                if token.value == b"FORMAT" and previous not in _NAME_FOLLOWS:
                    name = next(stream, None)
                    if name is not None and name.kind == "word":
                        input_format = source[name.start : name.end].decode()
                        return Statement(
                            source[: token.start],
                            verb,
                            input_format=input_format,
                            data_at=data_start(source, name.end),
                        )
                    break
        if depth == 0 and token.kind == "word":
            if previous == b"INTO" and token.value == b"OUTFILE":
                flags.add("outfile")
            if previous == b"FROM" and token.value == b"INFILE":
                flags.add("infile")
        if previous == b"WITH" and token.value == b"TOTALS":
            flags.add("totals")
        found.append(token)
    output_format, format_at = _output_format(source, found) if verb != "INSERT" else (None, None)
    return Statement(
        source[:end],
        verb,
        output_format=output_format,
        format_at=format_at,
        several="several" in flags,
        into_outfile="outfile" in flags,
        from_infile="infile" in flags,
        with_totals="totals" in flags,
    )


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


def _output_format(source: bytes, found: list[Token]) -> tuple[str | None, int | None]:
    """The last FORMAT clause that only SETTINGS follow."""
    depth = 0
    for index in range(len(found) - 1, -1, -1):
        token = found[index]
        if token.kind == "mark":
            depth += {b")": 1, b"]": 1, b"}": 1, b"(": -1, b"[": -1, b"{": -1}.get(token.value, 0)
        if depth != 0 or token.value != b"FORMAT" or token.kind != "word" or index + 1 >= len(found):
            continue
        name = found[index + 1]
        after = found[index + 2].value if index + 2 < len(found) else b"SETTINGS"
        before = found[index - 1].value if index else b""
        if name.kind == "word" and after == b"SETTINGS" and before not in _NAME_FOLLOWS:
            return source[name.start : name.end].decode(), token.start
        return None, None
    return None, None


def with_log_comment(text: bytes) -> bytes:
    """KILL QUERY by ``query_id``, written for an engine that knows the client's id only as ``log_comment``."""
    parts: list[bytes] = []
    last = 0
    for token in tokens(text):
        name = token.value.strip(b'`"').upper() if token.kind == "quoted" else token.value
        if token.kind in ("word", "quoted") and name == b"QUERY_ID":
            parts += [text[last : token.start], b"Settings['log_comment']"]
            last = token.end
    return b"".join([*parts, text[last:]])
