"""A compiled statement as a value, and the few pieces of text that all of them are made of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from textwrap import indent
from typing import Literal

Kind = Literal["database", "table", "view", "materialized_view", "retired"]


@dataclass(frozen=True)
class Statement:
    """A CREATE statement, or the DROP of what is made no more; the same contract always gives the same text.

    Attributes:
        name: the object, ``database.object``, or a database's name.
        kind: what it creates; ``retired`` drops it.
        sql: the statement, without a closing semicolon.
    """

    name: str
    kind: Kind
    sql: str

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal: whether the object in the warehouse is still this one."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def identifier(name: str) -> str:
    """A name between backquotes; names with quotes of any kind are refused by the contracts' lint."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def literal(text: str) -> str:
    """A text as a SQL string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def literals(texts: Iterable[str]) -> str:
    """Texts as a SQL array literal."""
    return "[" + ", ".join(literal(text) for text in texts) + "]"


def lines(items: Iterable[str], separator: str = ",\n") -> str:
    """Items on lines of their own, indented."""
    return indent(separator.join(items), "    ")


def default_of(warehouse_type: str) -> str:
    """The default value of a type, for columns that a deleted row does not carry."""
    return f"defaultValueOfTypeName({literal(warehouse_type)})"
