"""Who may do what, and who signed in. Secrets live here and are never captured."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from operational.models.base import SECRET, Base, Entity, Timestamps, labels


class SessionChannel(StrEnum):
    """Labels of ``authentication.session_channel``."""

    WEB = "web"
    MOBILE = "mobile"
    API = "api"
    ADMIN = "admin"


class IdentityProvider(StrEnum):
    """Labels of ``authentication.identity_provider``."""

    GOOGLE = "google"
    FACEBOOK = "facebook"
    APPLE = "apple"
    MICROSOFT = "microsoft"


class VerificationPurpose(StrEnum):
    """Labels of ``authentication.verification_purpose``."""

    EMAIL = "email"
    PHONE = "phone"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a label, not a password
    TWO_FACTOR = "two_factor"


class Role(Entity):
    """Named sets of permissions."""

    __tablename__ = "roles"
    __table_args__ = ({"schema": "authentication"},)

    name: Mapped[str] = mapped_column(String(60), unique=True)
    description: Mapped[str] = mapped_column(String(300))
    is_system: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class Permission(Entity):
    """Single actions that can be granted."""

    __tablename__ = "permissions"
    __table_args__ = ({"schema": "authentication"},)

    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str] = mapped_column(String(300))


class RolePermission(Timestamps, Base):
    """Which permissions a role has."""

    __tablename__ = "role_permissions"
    __table_args__ = ({"schema": "authentication"},)

    role_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("authentication.roles.id", ondelete="CASCADE"), primary_key=True
    )
    permission_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("authentication.permissions.id", ondelete="CASCADE"), primary_key=True
    )


class UserRole(Timestamps, Base):
    """Which roles an account has."""

    __tablename__ = "user_roles"
    __table_args__ = ({"schema": "authentication"},)

    user_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("users.users.id", ondelete="CASCADE"), primary_key=True
    )
    role_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("authentication.roles.id"), primary_key=True, index=True
    )
    granted_by: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("users.users.id"))


class Credential(Timestamps, Base):
    """State of the password, without the password."""

    __tablename__ = "credentials"
    __table_args__ = (
        CheckConstraint("failed_attempts >= 0", name="failed_attempts"),
        {"schema": "authentication"},
    )

    user_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("users.users.id", ondelete="CASCADE"), primary_key=True
    )
    password_hash: Mapped[str] = mapped_column(String(255), info=SECRET)
    algorithm: Mapped[str] = mapped_column(String(30), server_default=text("'argon2id'"))
    failed_attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    locked_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))


class Session(Entity):
    """Sign-ins: from where, with what, how long."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("expires_at > started_at", name="lifetime"),
        {"schema": "authentication"},
    )

    user_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("users.users.id", ondelete="CASCADE"), index=True
    )
    channel: Mapped[SessionChannel] = mapped_column(labels(SessionChannel, "authentication"))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True, info=SECRET)
    ip_address: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str | None] = mapped_column(String(300))
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_active_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ExternalAccount(Entity):
    """Accounts elsewhere that people sign in with."""

    __tablename__ = "external_accounts"
    __table_args__ = (UniqueConstraint("provider", "subject"), {"schema": "authentication"})

    user_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("users.users.id", ondelete="CASCADE"), index=True
    )
    provider: Mapped[IdentityProvider] = mapped_column(labels(IdentityProvider, "authentication"))
    subject: Mapped[str] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(254))
    access_token: Mapped[str | None] = mapped_column(Text, info=SECRET)
    refresh_token: Mapped[str | None] = mapped_column(Text, info=SECRET)
    linked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))


class VerificationToken(Entity):
    """How verifications go: sent, used, expired."""

    __tablename__ = "verification_tokens"
    __table_args__ = ({"schema": "authentication"},)

    user_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("users.users.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[VerificationPurpose] = mapped_column(labels(VerificationPurpose, "authentication"))
    token_hash: Mapped[str] = mapped_column(String(64), info=SECRET)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class UserActivity(Entity):
    """Audit trail of what people did: sign-ins, changes of profile, exports."""

    __tablename__ = "user_activities"
    __table_args__ = ({"schema": "authentication"},)

    user_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("users.users.id", ondelete="CASCADE"))
    session_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    action: Mapped[str] = mapped_column(String(60))
    resource_type: Mapped[str | None] = mapped_column(String(40))
    resource_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    ip_address: Mapped[str | None] = mapped_column(INET)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
