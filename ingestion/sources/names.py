"""Names that can be part of names in Kafka and in the warehouse. Pure."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")


def is_plain(name: str) -> bool:
    """Whether a name is of lower-case words joined by underscores."""
    return bool(_PLAIN.match(name))
