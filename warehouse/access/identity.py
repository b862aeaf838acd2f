"""Who somebody is by the warehouse's own word, and what of its data they may be shown outside of it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import SecretStr

from bilten.contracts import Column, Contract
from bilten.errors import SignInFailed, WarehouseError
from bilten.settings import Settings
from warehouse.access.policy import is_hidden
from warehouse.access.roles import BY_NAME, LEVELS, Level
from warehouse.client import Warehouse

_AUTHENTICATION_FAILED: Final = 516


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody whose password was right.

    Attributes:
        name: of the user.
        roles: of the user, as the warehouse says.
        is_platform: whether it is the platform's own user, who sees everything.
    """

    name: str
    roles: tuple[str, ...] = ()
    is_platform: bool = False

    def level(self, contract: Contract) -> Level | None:
        """How much of a dataset the reader's roles may see; None for nothing of it.

        A role that sees its own rows only gives nothing here, where nobody sorts rows by their owner.
        """
        if self.is_platform:
            return "sensitive"
        allowed = [
            BY_NAME[role].level
            for role in self.roles
            if role in BY_NAME and role in contract.roles and not BY_NAME[role].own_rows
        ]
        return max(allowed, key=LEVELS.index, default=None)

    def may_see(self, contract: Contract, column: Column) -> bool:
        """Whether the reader may see the values of a column as they are."""
        level = self.level(contract)
        return level is not None and not is_hidden(column, level)

    @property
    def sees_structure(self) -> bool:
        """Whether the reader may see which datasets there are and what they are made of."""
        return self.is_platform or any(role in BY_NAME and not BY_NAME[role].own_rows for role in self.roles)


def sign_in(settings: Settings, name: str, password: str) -> Reader:
    """Ask the warehouse who somebody is.

    The platform's own user is known without asking, so that it can sign in while the warehouse is down.

    Args:
        settings: of the platform.
        name: the user's name in the warehouse.
        password: the user's password there.

    Raises:
        SignInFailed: there is no such user, or the password is another one.
        WarehouseUnavailable: the warehouse does not answer.
    """
    own_name, own_password = settings.warehouse_credentials
    if name == own_name:
        if not hmac.compare_digest(password.encode(), own_password.encode()):
            raise SignInFailed(f"{name} is not signed in.")
        return Reader(name, is_platform=True)
    address = urlsplit(settings.warehouse_http_url)
    place = address.netloc.rpartition("@")[2]
    theirs = address._replace(netloc=f"{quote(name, safe='')}:{quote(password, safe='')}@{place}")
    with Warehouse(settings.model_copy(update={"warehouse_url": SecretStr(urlunsplit(theirs))})) as warehouse:
        try:
            roles = warehouse.scalar("SELECT currentRoles()")
        except WarehouseError as error:
            if error.details.get("engine_code") == _AUTHENTICATION_FAILED:
                raise SignInFailed(f"{name} is not signed in.") from error
            raise
    return Reader(name, tuple(str(role) for role in roles))
