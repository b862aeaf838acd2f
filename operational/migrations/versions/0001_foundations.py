"""Schemas, enum types and the maker of keys.

Revision: 0001, the first.
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMAS = ("users", "authentication", "events", "tickets", "payments", "financial", "branding", "system")

ENUMS = {
    "users.user_role": ("user", "organizer", "admin", "super_admin"),
    "users.user_status": ("pending_verification", "active", "inactive", "suspended"),
    "users.subscription_tier": ("free", "standard", "professional", "enterprise"),
    "users.member_role": ("owner", "manager", "staff", "scanner"),
    "users.member_status": ("invited", "active", "removed"),
    "authentication.session_channel": ("web", "mobile", "api", "admin"),
    "authentication.identity_provider": ("google", "facebook", "apple", "microsoft"),
    "authentication.verification_purpose": ("email", "phone", "password_reset", "two_factor"),
    "events.event_status": ("draft", "published", "live", "completed", "cancelled"),
    "events.event_visibility": ("public", "private", "unlisted"),
    "events.event_type": (
        "conference",
        "workshop",
        "concert",
        "festival",
        "sports",
        "exhibition",
        "networking",
        "webinar",
    ),
    "events.event_format": ("in_person", "virtual", "hybrid"),
    "events.media_kind": ("image", "video", "document"),
    "events.device_kind": ("desktop", "mobile", "tablet"),
    "events.cart_status": ("active", "abandoned", "converted", "expired"),
    "tickets.ticket_type_status": ("active", "paused", "closed"),
    "tickets.tier_kind": ("standard", "early_bird", "group", "last_minute"),
    "tickets.discount_kind": ("percentage", "fixed_amount"),
    "tickets.order_status": ("pending", "confirmed", "cancelled", "refunded", "partially_refunded"),
    "tickets.sales_channel": ("web", "mobile_app", "api", "box_office", "partner"),
    "tickets.ticket_status": ("available", "reserved", "sold", "cancelled", "refunded"),
    "tickets.transfer_status": ("pending", "accepted", "declined", "cancelled", "expired"),
    "tickets.refund_request_status": ("none", "requested", "approved", "denied", "processed"),
    "tickets.check_in_method": ("qr_code", "nfc", "manual"),
    "payments.payment_method": ("card", "bank_transfer", "wallet", "paypal", "cash"),
    "payments.payment_status": ("pending", "processing", "completed", "failed", "refunded"),
    "payments.refund_status": ("pending", "processing", "completed", "failed"),
    "payments.dispute_status": ("open", "under_review", "won", "lost"),
    "financial.payout_status": ("pending", "processing", "paid", "failed"),
    "financial.payout_line_kind": ("sale", "refund", "commission", "adjustment"),
    "financial.invoice_status": ("issued", "paid", "void"),
    "branding.asset_kind": ("logo", "banner", "icon", "font"),
    "branding.domain_status": ("pending", "verified", "active", "failed"),
    "branding.template_kind": ("email", "ticket", "page"),
    "system.notification_channel": ("email", "sms", "push", "in_app"),
    "system.notification_status": ("queued", "sent", "delivered", "failed"),
}

NATIVE_UUID_V7 = """
CREATE FUNCTION system.uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS 'SELECT uuidv7()'
"""

# PostgreSQL has uuidv7() from version 18 on; servers that a setting points to may be older.
UUID_V7 = """
CREATE FUNCTION system.uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(
                uuid_send(gen_random_uuid())
                PLACING substring(
                    int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3
                ) FROM 1 FOR 6
            ), 52, 1), 53, 1),
        'hex')::uuid
$$
"""


def upgrade() -> None:
    for schema in SCHEMAS:
        op.execute(f"CREATE SCHEMA {schema}")
    for name, values in ENUMS.items():
        labels = ", ".join(f"'{value}'" for value in values)
        op.execute(f"CREATE TYPE {name} AS ENUM ({labels})")
    version = op.get_bind().dialect.server_version_info or (0,)
    op.execute(NATIVE_UUID_V7 if version >= (18,) else UUID_V7)


def downgrade() -> None:
    for schema in reversed(SCHEMAS):
        op.execute(f"DROP SCHEMA {schema} CASCADE")
