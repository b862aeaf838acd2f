"""Money received, given back and contested."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CHAR, CheckConstraint, DateTime, ForeignKey, Numeric, String, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from operational.models.base import Entity, labels


class PaymentMethod(StrEnum):
    """Labels of ``payments.payment_method``."""

    CARD = "card"
    BANK_TRANSFER = "bank_transfer"
    WALLET = "wallet"
    PAYPAL = "paypal"
    CASH = "cash"


class PaymentStatus(StrEnum):
    """Labels of ``payments.payment_status``."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    REFUNDED = "refunded"


class RefundStatus(StrEnum):
    """Labels of ``payments.refund_status``."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class DisputeStatus(StrEnum):
    """Labels of ``payments.dispute_status``."""

    OPEN = "open"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


class Payment(Entity):
    """Money received, by provider and method, and attempts that failed."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("fee >= 0", name="fee"),
        CheckConstraint("refunded_amount BETWEEN 0 AND amount", name="refunded_within_amount"),
        {"schema": "payments"},
    )

    order_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("tickets.orders.id"), index=True)
    provider: Mapped[str] = mapped_column(String(30))
    provider_intent: Mapped[str] = mapped_column(String(80), unique=True)
    method: Mapped[PaymentMethod] = mapped_column(labels(PaymentMethod, "payments"))
    status: Mapped[PaymentStatus] = mapped_column(
        labels(PaymentStatus, "payments"), server_default=text("'pending'")
    )
    amount: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    fee: Mapped[Decimal] = mapped_column(Numeric(10, 2), server_default=text("0"))
    refunded_amount: Mapped[Decimal] = mapped_column(Numeric(10, 2), server_default=text("0"))
    currency: Mapped[str] = mapped_column(CHAR(3))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    failure_code: Mapped[str | None] = mapped_column(String(40))
    completed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Refund(Entity):
    """Money given back."""

    __tablename__ = "refunds"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"), {"schema": "payments"})

    payment_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("payments.payments.id"), index=True)
    order_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("tickets.orders.id"), index=True)
    refund_request_id: Mapped[uuid.UUID | None] = mapped_column(
        Uuid, ForeignKey("tickets.refund_requests.id")
    )
    status: Mapped[RefundStatus] = mapped_column(
        labels(RefundStatus, "payments"), server_default=text("'pending'")
    )
    amount: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    currency: Mapped[str] = mapped_column(CHAR(3))
    reason: Mapped[str] = mapped_column(String(60))
    provider_reference: Mapped[str | None] = mapped_column(String(80))
    completed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Dispute(Entity):
    """Payments that a buyer contests with the bank."""

    __tablename__ = "disputes"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"), {"schema": "payments"})

    payment_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("payments.payments.id"), index=True)
    order_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("tickets.orders.id"))
    status: Mapped[DisputeStatus] = mapped_column(
        labels(DisputeStatus, "payments"), server_default=text("'open'")
    )
    reason: Mapped[str] = mapped_column(String(60))
    amount: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    currency: Mapped[str] = mapped_column(CHAR(3))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    evidence_due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
