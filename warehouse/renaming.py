"""Other tables in the place of those that a statement names. Pure."""

from __future__ import annotations

import re


def renamed(sql: str, old: str, new: str) -> str:
    """A text with another table in the place of one, whether it is quoted or not.

    Args:
        sql: the text.
        old: the table, ``database.table`` without quotes.
        new: what is to stand there, quoted if it must be.
    """
    database, _, table = old.partition(".")
    return re.sub(rf"(?<![\w.`])`?{re.escape(database)}`?\s*\.\s*`?{re.escape(table)}`?(?![\w`])", new, sql)
