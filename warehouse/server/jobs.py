"""What is to be run, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Final

from warehouse.server.engine import ID_SETTING
from warehouse.server.parameters import Call
from warehouse.server.principals import Principal
from warehouse.server.statements import Statement, with_query_id

PLATFORM: Final = Principal("")


@dataclass(frozen=True)
class Job:
    """A statement with all that its request said about it.

    Attributes:
        query_id: the client's, or one made for it; of all that run, only this one has it.
        read_only: whether the request may not change anything, as GET may not.
        principal: who asks; the platform itself unless it is said.
    """

    call: Call
    statement: Statement
    query_id: str
    read_only: bool = False
    principal: Principal = PLATFORM

    @property
    def sql(self) -> str:
        """The statement as the engine gets it."""
        text = self.statement.text
        if self.statement.verb == "KILL":
            text = with_query_id(text, ID_SETTING)
        return text.decode("utf-8", "surrogateescape")

    @property
    def output_format(self) -> str:
        """The format of the result."""
        return self.statement.output_format or self.call.default_format or "TabSeparated"


@dataclass
class Answer:
    """A result as far as it is there.

    Attributes:
        output_format: its format; None if the statement has no result.
        data: its first bytes.
        file: what holds all of it, instead of ``data``.
        complete: whether ``data`` is all of it.
    """

    output_format: str | None = None
    data: bytes = b""
    file: IO[bytes] | None = None
    complete: bool = True
    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    result_rows: int = 0
