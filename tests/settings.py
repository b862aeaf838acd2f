"""Settings for tests: never the developer's."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bilten.settings import Settings

PASSWORD = "a pass:word/with %signs"
"""Of every server in tests; what must be quoted somewhere is in it."""


def free_port() -> int:
    """A port that nobody listens on; the system gives it to no connection meanwhile, its own begin higher."""
    while True:
        # Not the generator that hypothesis seeds alike in every process.
        port = random.SystemRandom().randint(10_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def make_settings(home: Path, **values: Any) -> Settings:
    """Settings of a data folder of one's own, blind to ``.env``; passwords are set.

    Args:
        home: the data folder.
        values: settings that differ from the defaults.
    """
    defaults: dict[str, Any] = {
        "warehouse_password": SecretStr(PASSWORD),
        "postgres_password": SecretStr("postgres password"),
    }
    return Settings(_env_file=None, home=home, **{**defaults, **values})


def environment(settings: Settings) -> dict[str, str]:
    """The variables that make another process load the same settings."""
    variables: dict[str, str] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is None:
            continue
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        variables[f"BILTEN_{name.upper()}"] = text
    return variables
