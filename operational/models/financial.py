"""Rates, taxes, fees, payouts and invoices."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CHAR,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    Numeric,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from operational.models.base import Entity, labels
from operational.models.users import SubscriptionTier


class PayoutStatus(StrEnum):
    """Labels of ``financial.payout_status``."""

    PENDING = "pending"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"


class PayoutLineKind(StrEnum):
    """Labels of ``financial.payout_line_kind``."""

    SALE = "sale"
    REFUND = "refund"
    COMMISSION = "commission"
    ADJUSTMENT = "adjustment"


class InvoiceStatus(StrEnum):
    """Labels of ``financial.invoice_status``."""

    ISSUED = "issued"
    PAID = "paid"
    VOID = "void"


class ExchangeRate(Entity):
    """Rates for adding up amounts in different currencies."""

    __tablename__ = "exchange_rates"
    __table_args__ = (
        CheckConstraint("rate > 0", name="rate"),
        UniqueConstraint("base_currency", "quote_currency", "valid_on"),
        {"schema": "financial"},
    )

    base_currency: Mapped[str] = mapped_column(CHAR(3))
    quote_currency: Mapped[str] = mapped_column(CHAR(3))
    rate: Mapped[Decimal] = mapped_column(Numeric(18, 8))
    valid_on: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(40), server_default=text("'ECB'"))


class TaxRate(Entity):
    """Tax on admissions."""

    __tablename__ = "tax_rates"
    __table_args__ = (
        CheckConstraint("rate BETWEEN 0 AND 1", name="rate"),
        UniqueConstraint("country", "valid_from"),
        {"schema": "financial"},
    )

    country: Mapped[str] = mapped_column(CHAR(2))
    name: Mapped[str] = mapped_column(String(40))
    rate: Mapped[Decimal] = mapped_column(Numeric(6, 4))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)


class FeeSchedule(Entity):
    """Service fees that buyers pay, by the organizer's plan."""

    __tablename__ = "fee_schedules"
    __table_args__ = (
        CheckConstraint("percentage BETWEEN 0 AND 1", name="percentage"),
        CheckConstraint("fixed >= 0", name="fixed"),
        UniqueConstraint("subscription_tier", "currency"),
        {"schema": "financial"},
    )

    subscription_tier: Mapped[SubscriptionTier] = mapped_column(labels(SubscriptionTier, "users"))
    currency: Mapped[str] = mapped_column(CHAR(3))
    percentage: Mapped[Decimal] = mapped_column(Numeric(6, 4))
    fixed: Mapped[Decimal] = mapped_column(Numeric(10, 2))


class Payout(Entity):
    """What organizers receive."""

    __tablename__ = "payouts"
    __table_args__ = (
        CheckConstraint("period_end >= period_start", name="period"),
        CheckConstraint("gross >= 0 AND refunds >= 0 AND commission >= 0", name="parts"),
        UniqueConstraint("organizer_id", "currency", "period_start"),
        {"schema": "financial"},
    )

    organizer_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("users.organizers.id"), index=True)
    period_start: Mapped[date] = mapped_column(Date)
    period_end: Mapped[date] = mapped_column(Date)
    status: Mapped[PayoutStatus] = mapped_column(
        labels(PayoutStatus, "financial"), server_default=text("'pending'")
    )
    currency: Mapped[str] = mapped_column(CHAR(3))
    gross: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    refunds: Mapped[Decimal] = mapped_column(Numeric(12, 2), server_default=text("0"))
    commission: Mapped[Decimal] = mapped_column(Numeric(12, 2), server_default=text("0"))
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    paid_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PayoutLine(Entity):
    """What a payout is made of."""

    __tablename__ = "payout_lines"
    __table_args__ = ({"schema": "financial"},)

    payout_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("financial.payouts.id"), index=True)
    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("events.events.id"))
    kind: Mapped[PayoutLineKind] = mapped_column(labels(PayoutLineKind, "financial"))
    orders: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    currency: Mapped[str] = mapped_column(CHAR(3))


class Invoice(Entity):
    """Invoices to buyers who asked for one."""

    __tablename__ = "invoices"
    __table_args__ = (CheckConstraint("net >= 0 AND tax >= 0", name="amounts"), {"schema": "financial"})

    order_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("tickets.orders.id"), unique=True)
    invoice_number: Mapped[str] = mapped_column(String(24), unique=True)
    status: Mapped[InvoiceStatus] = mapped_column(
        labels(InvoiceStatus, "financial"), server_default=text("'issued'")
    )
    recipient_name: Mapped[str] = mapped_column(String(160))
    recipient_address: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    tax_id: Mapped[str | None] = mapped_column(String(32))
    currency: Mapped[str] = mapped_column(CHAR(3))
    net: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    tax: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    total: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    issued_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    due_on: Mapped[date] = mapped_column(Date)
