"""Accounts, what people say about themselves, and the organizers they act for."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    CHAR,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from operational.models.base import Entity, labels


class UserRole(StrEnum):
    """Labels of ``users.user_role``."""

    USER = "user"
    ORGANIZER = "organizer"
    ADMIN = "admin"
    SUPER_ADMIN = "super_admin"


class UserStatus(StrEnum):
    """Labels of ``users.user_status``."""

    PENDING_VERIFICATION = "pending_verification"
    ACTIVE = "active"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"


class SubscriptionTier(StrEnum):
    """Labels of ``users.subscription_tier``."""

    FREE = "free"
    STANDARD = "standard"
    PROFESSIONAL = "professional"
    ENTERPRISE = "enterprise"


class MemberRole(StrEnum):
    """Labels of ``users.member_role``."""

    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"
    SCANNER = "scanner"


class MemberStatus(StrEnum):
    """Labels of ``users.member_status``."""

    INVITED = "invited"
    ACTIVE = "active"
    REMOVED = "removed"


class User(Entity):
    """Everybody who has an account: buyers, attendees, organizers' members, the platform's own staff."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"), {"schema": "users"})

    email: Mapped[str] = mapped_column(String(254), unique=True)
    first_name: Mapped[str] = mapped_column(String(80))
    last_name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str | None] = mapped_column(String(32))
    role: Mapped[UserRole] = mapped_column(labels(UserRole, "users"), server_default=text("'user'"))
    status: Mapped[UserStatus] = mapped_column(
        labels(UserStatus, "users"), server_default=text("'pending_verification'")
    )
    email_verified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class UserProfile(Entity):
    """What a person tells about themselves besides the account: place, birth date, language."""

    __tablename__ = "user_profiles"
    __table_args__ = (CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"), {"schema": "users"})

    user_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("users.users.id", ondelete="CASCADE"), unique=True
    )
    country: Mapped[str | None] = mapped_column(CHAR(2))
    city: Mapped[str | None] = mapped_column(String(100))
    birth_date: Mapped[date | None] = mapped_column(Date)
    locale: Mapped[str] = mapped_column(String(10), server_default=text("'en-GB'"))
    time_zone: Mapped[str] = mapped_column(String(40), server_default=text("'UTC'"))
    biography: Mapped[str | None] = mapped_column(Text)


class UserPreference(Entity):
    """Consents and how a person wants to be reached."""

    __tablename__ = "user_preferences"
    __table_args__ = ({"schema": "users"},)

    user_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("users.users.id", ondelete="CASCADE"), unique=True
    )
    marketing_consent: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    analytics_consent: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    channels: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{email}'"))
    favourite_categories: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    consented_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Organizer(Entity):
    """Those who put events on sale and receive payouts."""

    __tablename__ = "organizers"
    __table_args__ = (
        CheckConstraint("commission_rate BETWEEN 0 AND 1", name="commission_rate"),
        CheckConstraint("verified_at IS NOT NULL OR NOT verified", name="verified"),
        {"schema": "users"},
    )

    owner_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("users.users.id"), index=True)
    organization: Mapped[str] = mapped_column(String(160))
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    contact_email: Mapped[str] = mapped_column(String(254))
    tax_id: Mapped[str | None] = mapped_column(String(32))
    country: Mapped[str] = mapped_column(CHAR(2))
    verified: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    verified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    subscription_tier: Mapped[SubscriptionTier] = mapped_column(
        labels(SubscriptionTier, "users"), server_default=text("'free'")
    )
    commission_rate: Mapped[Decimal] = mapped_column(Numeric(5, 4), server_default=text("0.05"))
    payout_account: Mapped[str | None] = mapped_column(String(34))
    payout_currency: Mapped[str] = mapped_column(CHAR(3), server_default=text("'EUR'"))
    website: Mapped[str | None] = mapped_column(String(200))


class OrganizerMember(Entity):
    """Who may act for an organizer, and as what."""

    __tablename__ = "organizer_members"
    __table_args__ = (UniqueConstraint("organizer_id", "user_id"), {"schema": "users"})

    organizer_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("users.organizers.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("users.users.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[MemberRole] = mapped_column(labels(MemberRole, "users"), server_default=text("'staff'"))
    status: Mapped[MemberStatus] = mapped_column(
        labels(MemberStatus, "users"), server_default=text("'invited'")
    )
    invited_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    joined_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
