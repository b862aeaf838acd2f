"""Who somebody is: argon2 once, and a keyed digest for the next five minutes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

REMEMBERED_SECONDS: Final = 300.0
REMEMBERED_NUMBER: Final = 10_000

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""As OWASP recommends: 19 MiB, two passes; about 25 ms here."""


def hash_password(password: str) -> str:
    """Hash a password with a salt of its own."""
    return _HASHER.hash(password)


class Memory:
    """Passwords that were verified lately, as digests with a key that only this process knows.

    A digest covers the stored hash, too: once the password is changed, the old one is not remembered.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._until: dict[bytes, float] = {}
        # For names that nobody has: they take as long as those that somebody has.
        self._nobody = hash_password(secrets.token_hex(16))

    def remembers(self, name: str, stored: str, password: str) -> bool:
        """Whether this password was verified within the last five minutes."""
        digest = self._digest(name, stored, password)
        with self._lock:
            return self._until.get(digest, 0.0) > self._clock()

    def verify(self, name: str, stored: str | None, password: str) -> bool:
        """Verify a password, which takes some 25 ms, and remember it if it is right.

        Args:
            name: of the user.
            stored: the hash; None if there is no such user.
            password: as given.
        """
        try:
            _HASHER.verify(stored or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        if stored is None:
            return False
        now = self._clock()
        with self._lock:
            if len(self._until) >= REMEMBERED_NUMBER:
                self._until = {key: until for key, until in self._until.items() if until > now}
            self._until[self._digest(name, stored, password)] = now + REMEMBERED_SECONDS
        return True

    def _digest(self, *parts: str) -> bytes:
        text = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
        return hmac.new(self._key, text, hashlib.sha256).digest()
