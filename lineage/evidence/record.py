"""What was exported, by whom and when: one line for each, on the disk before the export goes out."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bilten.errors import LineageError


def note(path: Path, entry: Mapping[str, Any]) -> None:
    """Add one entry.

    Raises:
        LineageError: it cannot be written; then nothing may be handed out.
    """
    line = json.dumps(entry, default=str, sort_keys=True) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise LineageError(f"The record of exports cannot be written: {error}.") from error


def entries(path: Path) -> list[dict[str, Any]]:
    """What was exported so far, oldest first."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
