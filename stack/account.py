"""The account that PostgreSQL runs under.

``postgres`` and ``initdb`` refuse to run as root. Under root they get an unprivileged account, and
everything they read must lie where that account can reach it: a checkout or a temporary folder often has
mode 0700 somewhere above it.
"""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bilten.errors import StackError

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user that processes may be started as."""

    name: str
    uid: int
    gid: int

    @property
    def is_self(self) -> bool:
        """Whether it is the user of this process, so that nothing has to be dropped."""
        return self.uid == os.getuid()

    def reaches(self, path: Path) -> bool:
        """Whether the account may enter every folder above ``path`` and list it (an existing folder)."""
        if self.is_self:
            return True
        return all(self._allowed(folder, 1) for folder in path.resolve().parents) and self._allowed(path, 5)

    def _allowed(self, folder: Path, bits: int) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            shift = 6
        elif status.st_gid == self.gid:
            shift = 3
        else:
            shift = 0
        return (stat.S_IMODE(status.st_mode) >> shift) & bits == bits

    def owns(self, path: Path) -> None:
        """Hand a file or folder (not its contents) over to the account."""
        if not self.is_self:
            os.chown(path, self.uid, self.gid)


def of_process() -> Account:
    """The user of this process."""
    entry = pwd.getpwuid(os.getuid())
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def unprivileged(lookup: Callable[[str], pwd.struct_passwd] = pwd.getpwnam) -> Account:
    """The account for programs that refuse to run as root: this user, or one of `CANDIDATES` under root.

    Raises:
        StackError: this is root and the machine has none of the candidates.
    """
    if os.getuid() != 0:
        return of_process()
    for name in CANDIDATES:
        try:
            entry = lookup(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise StackError(
        f"None of the accounts {', '.join(CANDIDATES)} exists on this machine.",
        why="PostgreSQL refuses to run as root and needs an unprivileged account.",
        remedy="Run as an ordinary user, or create the account `postgres`.",
    )
