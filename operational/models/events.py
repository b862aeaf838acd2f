"""What is put on sale, where, and how it is looked at."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    CHAR,
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from operational.models.base import Base, Entity, Timestamps, labels
from operational.models.tickets import SalesChannel


class EventStatus(StrEnum):
    """Labels of ``events.event_status``."""

    DRAFT = "draft"
    PUBLISHED = "published"
    LIVE = "live"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class EventVisibility(StrEnum):
    """Labels of ``events.event_visibility``."""

    PUBLIC = "public"
    PRIVATE = "private"
    UNLISTED = "unlisted"


class EventType(StrEnum):
    """Labels of ``events.event_type``."""

    CONFERENCE = "conference"
    WORKSHOP = "workshop"
    CONCERT = "concert"
    FESTIVAL = "festival"
    SPORTS = "sports"
    EXHIBITION = "exhibition"
    NETWORKING = "networking"
    WEBINAR = "webinar"


class EventFormat(StrEnum):
    """Labels of ``events.event_format``."""

    IN_PERSON = "in_person"
    VIRTUAL = "virtual"
    HYBRID = "hybrid"


class MediaKind(StrEnum):
    """Labels of ``events.media_kind``."""

    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"


class DeviceKind(StrEnum):
    """Labels of ``events.device_kind``."""

    DESKTOP = "desktop"
    MOBILE = "mobile"
    TABLET = "tablet"


class CartStatus(StrEnum):
    """Labels of ``events.cart_status``."""

    ACTIVE = "active"
    ABANDONED = "abandoned"
    CONVERTED = "converted"
    EXPIRED = "expired"


class Venue(Entity):
    """Where events take place."""

    __tablename__ = "venues"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        {"schema": "events"},
    )

    name: Mapped[str] = mapped_column(String(160))
    address_line: Mapped[str] = mapped_column(String(200))
    postal_code: Mapped[str | None] = mapped_column(String(16))
    city: Mapped[str] = mapped_column(String(100))
    country: Mapped[str] = mapped_column(CHAR(2))
    latitude: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    longitude: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    capacity: Mapped[int] = mapped_column(Integer)
    time_zone: Mapped[str] = mapped_column(String(40))


class Category(Entity):
    """Tree of subjects that events belong to."""

    __tablename__ = "categories"
    __table_args__ = ({"schema": "events"},)

    parent_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("events.categories.id"))
    name: Mapped[str] = mapped_column(String(80))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    position: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))


class Event(Entity):
    """What is put on sale: when, where, by whom."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="period"),
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("format = 'virtual' OR venue_id IS NOT NULL", name="venue"),
        {"schema": "events"},
    )

    organizer_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("users.organizers.id"), index=True)
    venue_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("events.venues.id"))
    title: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    status: Mapped[EventStatus] = mapped_column(labels(EventStatus, "events"), server_default=text("'draft'"))
    visibility: Mapped[EventVisibility] = mapped_column(
        labels(EventVisibility, "events"), server_default=text("'public'")
    )
    type: Mapped[EventType] = mapped_column(labels(EventType, "events"))
    format: Mapped[EventFormat] = mapped_column(
        labels(EventFormat, "events"), server_default=text("'in_person'")
    )
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    capacity: Mapped[int] = mapped_column(Integer)
    time_zone: Mapped[str] = mapped_column(String(40), server_default=text("'UTC'"))
    currency: Mapped[str] = mapped_column(CHAR(3))
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cancelled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class EventCategory(Timestamps, Base):
    """Which categories an event belongs to."""

    __tablename__ = "event_categories"
    __table_args__ = ({"schema": "events"},)

    event_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("events.events.id", ondelete="CASCADE"), primary_key=True
    )
    category_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("events.categories.id"), primary_key=True)
    is_primary: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class EventDetail(Entity):
    """What a visitor reads about an event."""

    __tablename__ = "event_details"
    __table_args__ = (
        CheckConstraint("age_restriction BETWEEN 0 AND 99", name="age_restriction"),
        {"schema": "events"},
    )

    event_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("events.events.id", ondelete="CASCADE"), unique=True
    )
    description: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    age_restriction: Mapped[int | None] = mapped_column(SmallInteger)
    refund_policy: Mapped[str | None] = mapped_column(Text)
    accessibility: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    social_links: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))


class Speaker(Entity):
    """Who appears at an event."""

    __tablename__ = "speakers"
    __table_args__ = ({"schema": "events"},)

    event_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("events.events.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(160))
    email: Mapped[str | None] = mapped_column(String(254))
    title: Mapped[str | None] = mapped_column(String(120))
    organization: Mapped[str | None] = mapped_column(String(160))
    biography: Mapped[str | None] = mapped_column(Text)


class ScheduleItem(Entity):
    """Programme of an event."""

    __tablename__ = "schedule_items"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="period"), {"schema": "events"})

    event_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("events.events.id", ondelete="CASCADE"), index=True
    )
    speaker_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("events.speakers.id"))
    title: Mapped[str] = mapped_column(String(200))
    room: Mapped[str | None] = mapped_column(String(80))
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Media(Entity):
    """What is shown on an event's page."""

    __tablename__ = "media"
    __table_args__ = (CheckConstraint("size_bytes >= 0", name="size"), {"schema": "events"})

    event_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("events.events.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[MediaKind] = mapped_column(labels(MediaKind, "events"))
    url: Mapped[str] = mapped_column(Text)
    caption: Mapped[str | None] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    size_bytes: Mapped[int] = mapped_column(BigInteger)


class PageView(Entity):
    """How events are looked at, from where and with what."""

    __tablename__ = "page_views"
    __table_args__ = ({"schema": "events"},)

    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("events.events.id", ondelete="CASCADE"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("users.users.id", ondelete="CASCADE"))
    visitor_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    channel: Mapped[SalesChannel] = mapped_column(labels(SalesChannel, "tickets"))
    device: Mapped[DeviceKind] = mapped_column(labels(DeviceKind, "events"))
    country: Mapped[str | None] = mapped_column(CHAR(2))
    referrer: Mapped[str | None] = mapped_column(String(200))
    campaign: Mapped[str | None] = mapped_column(String(60))
    viewed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))


class Cart(Entity):
    """What visitors put together before buying, and whether they bought."""

    __tablename__ = "carts"
    __table_args__ = (
        CheckConstraint("total >= 0", name="total"),
        CheckConstraint("(status = 'converted') = (converted_order_id IS NOT NULL)", name="conversion"),
        {"schema": "events"},
    )

    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("events.events.id", ondelete="CASCADE"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        Uuid, ForeignKey("users.users.id", ondelete="CASCADE"), index=True
    )
    visitor_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    status: Mapped[CartStatus] = mapped_column(labels(CartStatus, "events"), server_default=text("'active'"))
    currency: Mapped[str] = mapped_column(CHAR(3))
    total: Mapped[Decimal] = mapped_column(Numeric(10, 2), server_default=text("0"))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    converted_order_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)


class CartItem(Entity):
    """What is in a cart."""

    __tablename__ = "cart_items"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price >= 0", name="unit_price"),
        {"schema": "events"},
    )

    cart_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("events.carts.id", ondelete="CASCADE"), index=True
    )
    ticket_type_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("tickets.ticket_types.id", ondelete="CASCADE")
    )
    quantity: Mapped[int] = mapped_column(SmallInteger)
    unit_price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
