"""What a strict reader is: SQL that turns a field's text into a value without loss, or says why it cannot."""

from __future__ import annotations

from dataclasses import dataclass

SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Reader:
    """How the text of one field is read.

    Attributes:
        value: SQL of the value, NULL when there is no text or when it is refused.
        refusal: SQL of the reason, a phrase such as ``'1.239' has more than 2 decimals``; meant for refused
            texts only.
        accepted: SQL that says whether a text that is not null was read; None when a value that is not NULL
            says so.
    """

    value: str
    refusal: str
    accepted: str | None = None


def shown(text: str) -> str:
    """SQL of a text in quotes, shortened: reasons are read by people."""
    return f"concat('\\'', leftUTF8(ifNull({text}, ''), {SHOWN_CHARACTERS}), '\\'')"
