"""Ticket types, promotions, orders, tickets and what happens to them."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    CHAR,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from operational.models.base import Entity, labels


class TicketTypeStatus(StrEnum):
    """Labels of ``tickets.ticket_type_status``."""

    ACTIVE = "active"
    PAUSED = "paused"
    CLOSED = "closed"


class TierKind(StrEnum):
    """Labels of ``tickets.tier_kind``."""

    STANDARD = "standard"
    EARLY_BIRD = "early_bird"
    GROUP = "group"
    LAST_MINUTE = "last_minute"


class DiscountKind(StrEnum):
    """Labels of ``tickets.discount_kind``."""

    PERCENTAGE = "percentage"
    FIXED_AMOUNT = "fixed_amount"


class OrderStatus(StrEnum):
    """Labels of ``tickets.order_status``."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"


class SalesChannel(StrEnum):
    """Labels of ``tickets.sales_channel``."""

    WEB = "web"
    MOBILE_APP = "mobile_app"
    API = "api"
    BOX_OFFICE = "box_office"
    PARTNER = "partner"


class TicketStatus(StrEnum):
    """Labels of ``tickets.ticket_status``."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    SOLD = "sold"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class TransferStatus(StrEnum):
    """Labels of ``tickets.transfer_status``."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class RefundRequestStatus(StrEnum):
    """Labels of ``tickets.refund_request_status``."""

    NONE = "none"
    REQUESTED = "requested"
    APPROVED = "approved"
    DENIED = "denied"
    PROCESSED = "processed"


class CheckInMethod(StrEnum):
    """Labels of ``tickets.check_in_method``."""

    QR_CODE = "qr_code"
    NFC = "nfc"
    MANUAL = "manual"


class TicketType(Entity):
    """What can be bought for an event, at what price, how many."""

    __tablename__ = "ticket_types"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("sold BETWEEN 0 AND capacity", name="sold_within_capacity"),
        CheckConstraint("minimum_per_order BETWEEN 1 AND maximum_per_order", name="per_order"),
        CheckConstraint("sales_end_at > sales_start_at", name="sales_window"),
        {"schema": "tickets"},
    )

    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("events.events.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(String(300))
    status: Mapped[TicketTypeStatus] = mapped_column(
        labels(TicketTypeStatus, "tickets"), server_default=text("'active'")
    )
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    currency: Mapped[str] = mapped_column(CHAR(3))
    capacity: Mapped[int] = mapped_column(Integer)
    sold: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    minimum_per_order: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    maximum_per_order: Mapped[int] = mapped_column(SmallInteger, server_default=text("10"))
    sales_start_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    sales_end_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    position: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))


class PricingTier(Entity):
    """Prices that hold for a while: early bird, groups, last minute."""

    __tablename__ = "pricing_tiers"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("valid_until > valid_from", name="validity"),
        CheckConstraint("quantity_limit > 0", name="quantity_limit"),
        CheckConstraint("minimum_quantity > 0", name="minimum_quantity"),
        {"schema": "tickets"},
    )

    ticket_type_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("tickets.ticket_types.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[TierKind] = mapped_column(labels(TierKind, "tickets"))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    currency: Mapped[str] = mapped_column(CHAR(3))
    valid_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    valid_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    quantity_limit: Mapped[int | None] = mapped_column(Integer)
    minimum_quantity: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))


class TicketConfiguration(Entity):
    """What may be done with tickets of a type: transfer, refund, delivery."""

    __tablename__ = "ticket_configurations"
    __table_args__ = (
        CheckConstraint("refund_deadline_hours >= 0", name="refund_deadline_hours"),
        {"schema": "tickets"},
    )

    ticket_type_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("tickets.ticket_types.id", ondelete="CASCADE"), unique=True
    )
    transferable: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    refundable: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    refund_deadline_hours: Mapped[int] = mapped_column(Integer, server_default=text("48"))
    delivery_methods: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{email,mobile}'"))
    requires_identification: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class DiscountCode(Entity):
    """Promotions: how much they take off, for what, how often."""

    __tablename__ = "discount_codes"
    __table_args__ = (
        CheckConstraint("value > 0 AND (kind = 'fixed_amount' OR value <= 100)", name="value"),
        CheckConstraint("(kind = 'fixed_amount') = (currency IS NOT NULL)", name="fixed_amount_has_currency"),
        CheckConstraint("uses >= 0 AND uses <= coalesce(maximum_uses, uses)", name="uses_within_maximum"),
        CheckConstraint("valid_until > valid_from", name="validity"),
        UniqueConstraint("organizer_id", "code"),
        {"schema": "tickets"},
    )

    organizer_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("users.organizers.id"))
    event_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("events.events.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    kind: Mapped[DiscountKind] = mapped_column(labels(DiscountKind, "tickets"))
    value: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    currency: Mapped[str | None] = mapped_column(CHAR(3))
    maximum_uses: Mapped[int | None] = mapped_column(Integer)
    uses: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    valid_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    valid_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    applicable_ticket_types: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))


class Order(Entity):
    """Purchases: who bought, for which event, through which channel, for how much."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(
            "subtotal >= 0 AND discount >= 0 AND tax >= 0 AND fee >= 0 AND total >= 0", name="amounts"
        ),
        CheckConstraint("discount <= subtotal", name="discount"),
        {"schema": "tickets"},
    )

    order_number: Mapped[str] = mapped_column(String(24), unique=True)
    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("events.events.id"), index=True)
    buyer_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("users.users.id"), index=True)
    buyer_email: Mapped[str] = mapped_column(String(254))
    buyer_name: Mapped[str] = mapped_column(String(160))
    buyer_phone: Mapped[str | None] = mapped_column(String(32))
    status: Mapped[OrderStatus] = mapped_column(
        labels(OrderStatus, "tickets"), server_default=text("'pending'")
    )
    channel: Mapped[SalesChannel] = mapped_column(labels(SalesChannel, "tickets"))
    currency: Mapped[str] = mapped_column(CHAR(3))
    subtotal: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    discount: Mapped[Decimal] = mapped_column(Numeric(10, 2), server_default=text("0"))
    tax: Mapped[Decimal] = mapped_column(Numeric(10, 2), server_default=text("0"))
    fee: Mapped[Decimal] = mapped_column(Numeric(10, 2), server_default=text("0"))
    total: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    discount_code_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("tickets.discount_codes.id"))
    billing_address: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cancelled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class OrderItem(Entity):
    """What was bought: how many of which ticket type, at which price."""

    __tablename__ = "order_items"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price >= 0 AND discount >= 0 AND total >= 0", name="amounts"),
        {"schema": "tickets"},
    )

    order_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("tickets.orders.id"), index=True)
    ticket_type_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("tickets.ticket_types.id"))
    pricing_tier_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("tickets.pricing_tiers.id"))
    quantity: Mapped[int] = mapped_column(SmallInteger)
    unit_price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    discount: Mapped[Decimal] = mapped_column(Numeric(10, 2), server_default=text("0"))
    total: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    currency: Mapped[str] = mapped_column(CHAR(3))
    attendee: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))


class Ticket(Entity):
    """Each admission: whose it is and what became of it."""

    __tablename__ = "tickets"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint(
            "status = 'available' OR (order_id IS NOT NULL AND order_item_id IS NOT NULL)", name="order_known"
        ),
        {"schema": "tickets"},
    )

    ticket_number: Mapped[str] = mapped_column(String(24), unique=True)
    qr_code: Mapped[str] = mapped_column(String(64), unique=True)
    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("events.events.id"), index=True)
    ticket_type_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("tickets.ticket_types.id"), index=True)
    order_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("tickets.orders.id"), index=True)
    order_item_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("tickets.order_items.id"))
    status: Mapped[TicketStatus] = mapped_column(
        labels(TicketStatus, "tickets"), server_default=text("'reserved'")
    )
    holder_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("users.users.id"))
    holder_name: Mapped[str | None] = mapped_column(String(160))
    holder_email: Mapped[str | None] = mapped_column(String(254))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    currency: Mapped[str] = mapped_column(CHAR(3))
    issued_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class TicketTransfer(Entity):
    """How tickets change hands."""

    __tablename__ = "ticket_transfers"
    __table_args__ = ({"schema": "tickets"},)

    ticket_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("tickets.tickets.id"), index=True)
    sender_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("users.users.id"))
    recipient_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("users.users.id"))
    recipient_email: Mapped[str] = mapped_column(String(254))
    status: Mapped[TransferStatus] = mapped_column(
        labels(TransferStatus, "tickets"), server_default=text("'pending'")
    )
    message: Mapped[str | None] = mapped_column(String(300))
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class CheckIn(Entity):
    """Attendance."""

    __tablename__ = "check_ins"
    __table_args__ = ({"schema": "tickets"},)

    ticket_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("tickets.tickets.id"), unique=True)
    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("events.events.id"), index=True)
    method: Mapped[CheckInMethod] = mapped_column(
        labels(CheckInMethod, "tickets"), server_default=text("'qr_code'")
    )
    gate: Mapped[str] = mapped_column(String(40))
    device: Mapped[str | None] = mapped_column(String(60))
    scanned_by: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("users.users.id"))
    checked_in_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))


class RefundRequest(Entity):
    """What buyers ask back, and the answer."""

    __tablename__ = "refund_requests"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"), {"schema": "tickets"})

    order_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("tickets.orders.id"), index=True)
    ticket_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("tickets.tickets.id"))
    requester_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("users.users.id"))
    status: Mapped[RefundRequestStatus] = mapped_column(
        labels(RefundRequestStatus, "tickets"), server_default=text("'requested'")
    )
    reason: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    currency: Mapped[str] = mapped_column(CHAR(3))
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("users.users.id"))
