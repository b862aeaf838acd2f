"""The passwords of the local services, made once and kept in the data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

NAMES = ("bilten_postgres_password", "bilten_warehouse_password")
"""File names: the settings read a secret from the file that bears the variable's name."""


def ensure(folder: Path) -> None:
    """Write a random password for every name that has none yet; existing ones are never changed.

    Args:
        folder: the secrets folder; must exist.

    Raises:
        OSError: a file cannot be written.
    """
    for name in NAMES:
        path = folder / name
        if path.exists():
            continue
        # Only letters, digits, "-" and "_": the value goes through URLs, XML and shells unquoted.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(24))
