"""Who asks, and what has to be said to the engine before the first statement of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from warehouse.access.embedded import PLAIN_VALUES, limit_settings, profile_name
from warehouse.access.roles import BY_NAME, Limits
from warehouse.access.views import IDENTITY_SETTING


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody whose password was right.

    Attributes:
        name: of the user.
        roles: the engine's roles; empty for the platform's own user, who has all.
        organizer: whose rows the user sees, for the role of organizers.
    """

    name: str
    roles: tuple[str, ...] = ()
    organizer: UUID | None = None

    @property
    def is_platform(self) -> bool:
        """Whether it is the platform itself."""
        return not self.roles

    @property
    def may_create(self) -> bool:
        """Whether one of the roles may make tables."""
        return any("CREATE TABLE" in grant for role in self.roles for grant in BY_NAME[role].grants)

    @property
    def identity(self) -> str:
        """How the engine's row policies and views know the user."""
        return f"{self.name}:{self.organizer or ''}"

    @property
    def limits(self) -> Limits | None:
        """Those of the first role; None for the platform."""
        return BY_NAME[self.roles[0]].limits if self.roles else None

    @property
    def settings(self) -> dict[str, str]:
        """What is set before the profile, which then forbids to change it beyond its limits."""
        limits = self.limits
        return (
            {}
            if limits is None
            else {
                IDENTITY_SETTING: self.identity,
                **PLAIN_VALUES,
                **limit_settings(limits),
            }
        )

    @property
    def profile(self) -> str:
        """The settings profile of the first role."""
        return profile_name(self.roles[0])

    @property
    def session_owner(self) -> str:
        """Whose sessions are taken up again: with other roles it is not the same user any more."""
        return "\0".join((self.name, *self.roles, str(self.organizer or "")))
