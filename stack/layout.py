"""Where everything of one stack lies on disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bilten.settings import Settings

# sun_path holds 108 bytes with its end mark, and supervisord first binds "<path>.<pid>".
LONGEST_SOCKET_PATH = 96


@dataclass(frozen=True)
class Layout:
    """The folders of one stack and of the cache that several stacks share."""

    home: Path
    cache: Path

    @classmethod
    def of(cls, settings: Settings) -> Layout:
        """The layout that the settings ask for; nothing is created."""
        return cls(home=settings.home, cache=settings.cache.expanduser().resolve())

    @property
    def run(self) -> Path:
        """Generated configuration, process ids, sockets: may be deleted while nothing runs."""
        return self.home / "run"

    @property
    def logs(self) -> Path:
        """One rotating log per process."""
        return self.home / "logs"

    @property
    def secrets(self) -> Path:
        """One file per secret, named as the setting."""
        return self.home / "secrets"

    @property
    def kafka_data(self) -> Path:
        """Kafka's log segments and KRaft metadata."""
        return self.home / "kafka"

    @property
    def postgresql(self) -> Path:
        """PostgreSQL's cluster, or a link to it where its account cannot reach the data folder."""
        return self.home / "postgresql"

    @property
    def supervisor_configuration(self) -> Path:
        """The generated supervisord configuration."""
        return self.run / "supervisord.conf"

    @property
    def connectors(self) -> Path:
        """The supervisor's sections for connectors that are programs of their own."""
        return self.run / "connectors"

    @property
    def supervisor_pid(self) -> Path:
        """The process id of the supervisor."""
        return self.run / "supervisord.pid"

    @property
    def fingerprint(self) -> str:
        """A short name for this data folder, for things that must lie outside it."""
        return hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]

    @property
    def control_socket(self) -> Path:
        """The supervisor's control socket."""
        return self.socket("supervisor")

    def socket(self, name: str) -> Path:
        """A socket of this stack; in a short private folder where the data folder's path is too long."""
        path = self.run / f"{name}.sock"
        if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
            return path
        return Path(tempfile.gettempdir()) / f"bilten-{os.getuid()}-{self.fingerprint}" / f"{name}.sock"

    def create(self) -> None:
        """Make every folder, private to this user except where PostgreSQL's own account must pass through.

        Raises:
            OSError: a folder cannot be made.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        self.home.chmod(0o711)
        for folder in (self.run, self.logs, self.secrets, self.kafka_data, self.control_socket.parent):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        self.cache.mkdir(parents=True, exist_ok=True)
