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
_OPTION: Final = "database.password"


def secrets_folder(settings: Settings) -> Path:
    """The folder; only its files can be referred to."""
    return settings.home / "secrets" / "connect"


def with_references(
    settings: Settings, connector: str, configuration: Mapping[str, str]
) -> tuple[dict[str, str], bool]:
    """Keep a connector's password in the folder, and refer to it.

    A worker of one's own (``BILTEN_CONNECT_URL``) does not know the folder, and gets the password itself.

    Args:
        settings: the data folder, and whose worker it is.
        connector: the connector's name.
        configuration: as compiled.

    Returns:
        The configuration to send, and whether the password is another one than before.

    Raises:
        OSError: the folder, which is made with the worker's configuration, cannot be written.
    """
    if settings.connect_url is not None or _OPTION not in configuration:
        return dict(configuration), False
    folder = secrets_folder(settings)
    path = folder / f"{connector}.password"
    password = configuration[_OPTION]
    is_new = not path.exists() or path.read_text(encoding="utf-8") != password
    if is_new:
        fresh = path.with_suffix(".fresh")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(password)
        fresh.replace(path)
    return {**configuration, _OPTION: f"${{{PROVIDER}:{folder.resolve()}:{path.name}}}"}, is_new
