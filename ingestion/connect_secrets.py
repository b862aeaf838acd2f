"""Passwords of connectors: kept in a folder that Kafka Connect reads, named in what it stores and shows.

A connector's configuration lies in a topic, and Kafka Connect's REST interface tells it to whoever asks. So
the bundled worker gets a reference there, and reads the password itself when it starts a task.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bilten.settings import Settings

PROVIDER: Final = "secrets"
"""Name by which the bundled worker knows the folder."""
_SECRET: Final = ("database.password", "mongodb.connection.string")
"""Options that hold a password."""


def secrets_folder(settings: Settings) -> Path:
    """The folder; only its files can be referred to."""
    return settings.home / "secrets" / "connect"


def with_references(
    settings: Settings, connector: str, configuration: Mapping[str, str]
) -> tuple[dict[str, str], bool]:
    """Keep a connector's passwords in the folder, and refer to them.

    A worker of one's own (``BILTEN_CONNECT_URL``) does not know the folder: it gets the passwords themselves.

    Args:
        settings: the data folder, and whose worker it is.
        connector: the connector's name.
        configuration: as compiled.

    Returns:
        The configuration to send, and whether a password is another one than before.

    Raises:
        OSError: the folder, which is made with the worker's configuration, cannot be written.
    """
    sent, has_new = dict(configuration), False
    if settings.connect_url is None:
        folder = secrets_folder(settings).resolve()
        for option in configuration.keys() & set(_SECRET):
            path = folder / f"{connector}.{option}"
            has_new |= _keep(path, configuration[option])
            sent[option] = f"${{{PROVIDER}:{folder}:{path.name}}}"
    return sent, has_new


def _keep(path: Path, secret: str) -> bool:
    """Write it, readable by this user only; tell whether it is another one."""
    if path.exists() and path.read_text(encoding="utf-8") == secret:
        return False
    fresh = path.with_name(f"{path.name}.fresh")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret)
    fresh.replace(path)
    return True
