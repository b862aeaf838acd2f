"""Organizers' own look."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    SmallInteger,
    String,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from operational.models.base import Entity, labels


class AssetKind(StrEnum):
    """Labels of ``branding.asset_kind``."""

    LOGO = "logo"
    BANNER = "banner"
    ICON = "icon"
    FONT = "font"


class DomainStatus(StrEnum):
    """Labels of ``branding.domain_status``."""

    PENDING = "pending"
    VERIFIED = "verified"
    ACTIVE = "active"
    FAILED = "failed"


class TemplateKind(StrEnum):
    """Labels of ``branding.template_kind``."""

    EMAIL = "email"
    TICKET = "ticket"
    PAGE = "page"


class Asset(Entity):
    """Logos, banners and fonts of organizers."""

    __tablename__ = "assets"
    __table_args__ = (CheckConstraint("size_bytes >= 0", name="size"), {"schema": "branding"})

    organizer_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("users.organizers.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[AssetKind] = mapped_column(labels(AssetKind, "branding"))
    url: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    checksum: Mapped[str] = mapped_column(String(64))


class BrandConfiguration(Entity):
    """Colours and pictures of an organizer's pages."""

    __tablename__ = "brand_configurations"
    __table_args__ = (
        CheckConstraint(
            "primary_color ~ '^#[0-9a-f]{6}$' AND secondary_color ~ '^#[0-9a-f]{6}$'", name="colors"
        ),
        {"schema": "branding"},
    )

    organizer_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("users.organizers.id", ondelete="CASCADE"), unique=True
    )
    logo_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("branding.assets.id"))
    primary_color: Mapped[str] = mapped_column(String(7), server_default=text("'#1a1a2e'"))
    secondary_color: Mapped[str] = mapped_column(String(7), server_default=text("'#e94560'"))
    fonts: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    theme: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))


class CustomDomain(Entity):
    """Organizers' own web addresses."""

    __tablename__ = "custom_domains"
    __table_args__ = ({"schema": "branding"},)

    organizer_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("users.organizers.id", ondelete="CASCADE"), index=True
    )
    domain: Mapped[str] = mapped_column(String(253), unique=True)
    status: Mapped[DomainStatus] = mapped_column(
        labels(DomainStatus, "branding"), server_default=text("'pending'")
    )
    verified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    certificate_expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Template(Entity):
    """Layouts of messages, tickets and pages."""

    __tablename__ = "templates"
    __table_args__ = (CheckConstraint("revision > 0", name="revision"), {"schema": "branding"})

    organizer_id: Mapped[uuid.UUID | None] = mapped_column(
        Uuid, ForeignKey("users.organizers.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[TemplateKind] = mapped_column(labels(TemplateKind, "branding"))
    name: Mapped[str] = mapped_column(String(100))
    locale: Mapped[str] = mapped_column(String(10), server_default=text("'en-GB'"))
    body: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
