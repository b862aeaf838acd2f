"""What the supervisor needs to know of one process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

MARKER = "BILTEN_SUPERVISED"
"""Set to the data folder in everything that the supervisor starts, and inherited by what that starts:
by it the processes of one stack are found even when their supervisor is gone."""


@dataclass(frozen=True)
class Program:
    """One supervised process.

    ``stage`` orders starting (ascending) and stopping (descending); processes of one stage start together.
    """

    name: str
    command: tuple[str, ...]
    stage: int
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None
    account: str | None = None
    stop_signal: Literal["TERM", "INT"] = "TERM"
    stop_seconds: int = 20
    # PostgreSQL's postmaster ends its own children in order; everything else is ended as a group.
    stop_group: bool = True
    # The others are started by `up`, stage by stage.
    starts_itself: bool = False
    # The text of its configuration files: the supervisor restarts it when this changes.
    configuration: str = ""
