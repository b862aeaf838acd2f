"""Java's ``.properties`` files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def render(values: Mapping[str, object]) -> str:
    """The text of a properties file; keys keep their order, backslashes and line ends are escaped."""
    return "".join(f"{key}={_escaped(value)}\n" for key, value in values.items())


def _escaped(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def write(path: Path, values: Mapping[str, object]) -> Path:
    """Write the file, readable by this user only, and return its path."""
    path.write_text(render(values), encoding="utf-8")
    path.chmod(0o600)
    return path
