"""Errors as ClickHouse tells them: a code, a name, an HTTP status, and a frame for the middle of a body."""

from __future__ import annotations

import re
import secrets
from typing import Final

UNKNOWN_IDENTIFIER: Final = 47
UNSUPPORTED: Final = 48
SYNTAX_ERROR: Final = 62
BAD_REQUEST_PARAMETER: Final = 36
QUERY_WITH_INFILE: Final = 73
UNKNOWN_SETTING: Final = 115
READONLY: Final = 164
QUERY_WITH_SAME_ID: Final = 216
ABORTED: Final = 236
INTO_OUTFILE_NOT_ALLOWED: Final = 358
SESSION_NOT_FOUND: Final = 372
SESSION_IS_LOCKED: Final = 373
INVALID_SESSION_TIMEOUT: Final = 374
CANNOT_DECOMPRESS: Final = 271
AUTHENTICATION_FAILED: Final = 516
TOO_MANY_QUERIES: Final = 202
MEMORY_LIMIT: Final = 241
NOT_ENOUGH_SPACE: Final = 243
ACCESS_DENIED: Final = 497
UNKNOWN_FORMAT: Final = 73
UNKNOWN_EXCEPTION: Final = 1002

_STATUSES: Final = {
    46: 404,  # UNKNOWN_FUNCTION
    47: 404,  # UNKNOWN_IDENTIFIER
    60: 404,  # UNKNOWN_TABLE
    81: 404,  # UNKNOWN_DATABASE
    115: 404,  # UNKNOWN_SETTING
    62: 400,  # SYNTAX_ERROR
    516: 403,  # AUTHENTICATION_FAILED
    202: 503,  # TOO_MANY_SIMULTANEOUS_QUERIES: with Retry-After, as proxies and clients understand it
}
_CODE = re.compile(r"Code: (\d+)\.")
_NAME = re.compile(r"\(([A-Z][A-Z0-9_]+)\)")


class EngineError(Exception):
    """A failure with ClickHouse's code; its text is what a client is shown.

    Args:
        text: the engine's message; what stands before ``Code: N.`` is dropped.
        code: the code, when the text carries none.
        name: its symbolic name, used only together with ``code``.
    """

    def __init__(self, text: str, *, code: int | None = None, name: str = "") -> None:
        found = _CODE.search(text)
        if code is None and found:
            self.code = int(found.group(1))
            self.text = text[found.start() :].strip()
        else:
            self.code = code if code is not None else UNKNOWN_EXCEPTION
            suffix = f" ({name})" if name else ""
            self.text = f"Code: {self.code}. DB::Exception: {text.strip()}{suffix}"
        super().__init__(self.text)

    @property
    def name(self) -> str:
        """Symbolic name such as ``UNKNOWN_TABLE``, or an empty string."""
        names = _NAME.findall(self.text)
        return names[-1] if names else ""

    @property
    def status(self) -> int:
        """HTTP status that ClickHouse's server answers with."""
        return _STATUSES.get(self.code, 500)

    def body(self, version: str) -> str:
        """The message with the server's version, as the server ends it."""
        if "(version " in self.text[-80:]:
            return self.text + "\n"
        return f"{self.text} (version {version})\n"


def new_tag() -> str:
    """A tag of sixteen letters for `frame`: unguessable, so that no data can imitate an error."""
    return secrets.token_hex(8)


def frame(message: str, tag: str) -> bytes:
    """The end of a body whose head was already sent: the error between two marks that carry the tag."""
    text = message.encode()
    head = b"\r\n__exception__\r\n" + tag.encode() + b"\r\n"
    return head + text + b"\n" + f"{len(text)} {tag}".encode() + b"\r\n__exception__\r\n"
