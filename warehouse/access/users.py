"""The users of the embedded warehouse, in a file that only its owner can read."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from bilten.errors import UserExists, UserNotFound, UserRefused
from bilten.settings import Settings
from warehouse.access.passwords import hash_password
from warehouse.access.roles import BY_NAME, ORGANIZER

SHORTEST_PASSWORD: Final = 12
_NAME = re.compile(r"[a-z][a-z0-9_.@-]{0,63}")


@dataclass(frozen=True, slots=True)
class User:
    """One user.

    Attributes:
        password_hash: argon2, with its salt and its parameters.
        roles: of the user; the first one's limits hold.
        organizer: whose rows a user with the role of organizers sees.
    """

    name: str
    password_hash: str
    roles: tuple[str, ...]
    organizer: UUID | None
    created_at: datetime


class Users:
    """The users' file; read again when it has changed.

    Args:
        settings: of the platform.
    """

    def __init__(self, settings: Settings) -> None:
        self._path = settings.home / "warehouse" / "access" / "users.json"
        self._reserved = {settings.warehouse_user, "default"}
        self._seen: tuple[int, int, int] | None = None
        self._users: dict[str, User] = {}

    def find(self, name: str) -> User | None:
        """The user of that name, if there is one."""
        self._refresh()
        return self._users.get(name)

    def all(self) -> tuple[User, ...]:
        """All users, by name."""
        self._refresh()
        return tuple(self._users[name] for name in sorted(self._users))

    def add(self, name: str, password: str, roles: Sequence[str], organizer: UUID | None = None) -> User:
        """Add a user.

        Raises:
            UserExists: there is one of that name.
            UserRefused: name, password or roles can't be used.
        """
        if not _NAME.fullmatch(name) or name in self._reserved:
            raise UserRefused(
                f"{name!r} cannot be a user's name.",
                remedy="Use a to z, digits and _ . @ -, a letter first; not the platform's own user.",
            )
        check_roles(roles, organizer)
        user = User(name, _hashed(password), tuple(roles), organizer, datetime.now(UTC))
        with self._changing() as users:
            if name in users:
                raise UserExists(f"There is a user {name} already.")
            users[name] = user
        return user

    def set_password(self, name: str, password: str) -> None:
        """Give a user another password.

        Raises:
            UserNotFound: there is none of that name.
            UserRefused: the password is too short.
        """
        hashed = _hashed(password)
        with self._changing() as users:
            users[name] = replace(_found(users, name), password_hash=hashed)

    def remove(self, name: str) -> None:
        """Remove a user; the next request of that user is refused.

        Raises:
            UserNotFound: there is none of that name.
        """
        with self._changing() as users:
            _found(users, name)
            del users[name]

    def _refresh(self) -> None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._seen, self._users = None, {}
            return
        seen = (status.st_ino, status.st_mtime_ns, status.st_size)
        if seen != self._seen:
            self._users = {
                one["name"]: User(
                    one["name"],
                    one["password_hash"],
                    tuple(one["roles"]),
                    UUID(one["organizer"]) if one["organizer"] else None,
                    datetime.fromisoformat(one["created_at"]),
                )
                for one in json.loads(self._path.read_text(encoding="utf-8"))["users"]
            }
            self._seen = seen

    @contextmanager
    def _changing(self) -> Iterator[dict[str, User]]:
        """Change the users; two that do so at once wait for each other, and readers see all or nothing."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._refresh()
            users = dict(self._users)
            yield users
            text = json.dumps({"users": [_as_data(users[name]) for name in sorted(users)]}, indent=1)
            new = self._path.with_suffix(".new")
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)


def check_roles(roles: Sequence[str], organizer: UUID | None) -> None:
    """Refuse roles that don't exist or don't go together.

    Raises:
        UserRefused: with the roles there are.
    """
    unknown = [role for role in roles if role not in BY_NAME]
    if unknown or not roles:
        raise UserRefused(
            f"There is no role {unknown[0]}." if unknown else "A user needs a role.",
            remedy=f"The roles are {', '.join(BY_NAME)}.",
        )
    if (organizer is not None) != (ORGANIZER in roles):
        raise UserRefused(
            "The role organizer and the organizer whose rows it sees are given together.",
            remedy="Give --role organizer with --organizer and the organizer's identifier, or neither.",
        )
    if ORGANIZER in roles and len(roles) > 1:
        raise UserRefused(
            "The role organizer cannot be joined with others.",
            why="Those see the rows of every organizer.",
            remedy="Make two users.",
        )


def _hashed(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise UserRefused(
            f"The password has {len(password)} characters.",
            remedy=f"Use at least {SHORTEST_PASSWORD}.",
        )
    return hash_password(password)


def _found(users: dict[str, User], name: str) -> User:
    if name not in users:
        raise UserNotFound(f"There is no user {name}.")
    return users[name]


def _as_data(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "password_hash": user.password_hash,
        "roles": list(user.roles),
        "organizer": str(user.organizer) if user.organizer else None,
        "created_at": user.created_at.isoformat(),
    }
