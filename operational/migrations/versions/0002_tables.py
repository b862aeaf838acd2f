"""Every table, as the models had it at the beginning.

Revision: 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def enum(schema: str, name: str) -> postgresql.ENUM:
    """An enum type that revision 0001 made."""
    return postgresql.ENUM(name=name, schema=schema, create_type=False)


def upgrade() -> None:  # noqa: PLR0915 - one statement per table
    op.create_table(
        "permissions",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("permissions_pkey")),
        sa.UniqueConstraint("name", name=op.f("permissions_name_key")),
        schema="authentication",
    )
    op.create_table(
        "roles",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("is_system", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("roles_pkey")),
        sa.UniqueConstraint("name", name=op.f("roles_name_key")),
        schema="authentication",
    )
    op.create_table(
        "categories",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("position", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["events.categories.id"], name=op.f("categories_parent_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("categories_pkey")),
        sa.UniqueConstraint("slug", name=op.f("categories_slug_key")),
        schema="events",
    )
    op.create_table(
        "venues",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("address_line", sa.String(length=200), nullable=False),
        sa.Column("postal_code", sa.String(length=16), nullable=True),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("venues_country")),
        sa.CheckConstraint("capacity > 0", name=op.f("venues_capacity")),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("venues_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("venues_longitude")),
        sa.PrimaryKeyConstraint("id", name=op.f("venues_pkey")),
        schema="events",
    )
    op.create_table(
        "exchange_rates",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("base_currency", sa.CHAR(length=3), nullable=False),
        sa.Column("quote_currency", sa.CHAR(length=3), nullable=False),
        sa.Column("rate", sa.Numeric(precision=18, scale=8), nullable=False),
        sa.Column("valid_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=40), server_default=sa.text("'ECB'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("base_currency ~ '^[A-Z]{3}$'", name=op.f("exchange_rates_base_currency")),
        sa.CheckConstraint("quote_currency ~ '^[A-Z]{3}$'", name=op.f("exchange_rates_quote_currency")),
        sa.CheckConstraint("rate > 0", name=op.f("exchange_rates_rate")),
        sa.PrimaryKeyConstraint("id", name=op.f("exchange_rates_pkey")),
        sa.UniqueConstraint(
            "base_currency",
            "quote_currency",
            "valid_on",
            name=op.f("exchange_rates_base_currency_quote_currency_valid_on_key"),
        ),
        schema="financial",
    )
    op.create_table(
        "fee_schedules",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("subscription_tier", enum("users", "subscription_tier"), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("percentage", sa.Numeric(precision=6, scale=4), nullable=False),
        sa.Column("fixed", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("fee_schedules_currency")),
        sa.CheckConstraint("fixed >= 0", name=op.f("fee_schedules_fixed")),
        sa.CheckConstraint("percentage BETWEEN 0 AND 1", name=op.f("fee_schedules_percentage")),
        sa.PrimaryKeyConstraint("id", name=op.f("fee_schedules_pkey")),
        sa.UniqueConstraint(
            "subscription_tier", "currency", name=op.f("fee_schedules_subscription_tier_currency_key")
        ),
        schema="financial",
    )
    op.create_table(
        "tax_rates",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("rate", sa.Numeric(precision=6, scale=4), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("rate BETWEEN 0 AND 1", name=op.f("tax_rates_rate")),
        sa.PrimaryKeyConstraint("id", name=op.f("tax_rates_pkey")),
        sa.UniqueConstraint("country", "valid_from", name=op.f("tax_rates_country_valid_from_key")),
        schema="financial",
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("aggregate_type", sa.String(length=40), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.String(length=60), nullable=False),
        sa.Column("payload", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pkey")),
        schema="system",
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("last_name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=True),
        sa.Column("role", enum("users", "user_role"), server_default=sa.text("'user'"), nullable=False),
        sa.Column(
            "status",
            enum("users", "user_status"),
            server_default=sa.text("'pending_verification'"),
            nullable=False,
        ),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("users_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("users_pkey")),
        sa.UniqueConstraint("email", name=op.f("users_email_key")),
        schema="users",
    )
    op.create_table(
        "credentials",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("algorithm", sa.String(length=30), server_default=sa.text("'argon2id'"), nullable=False),
        sa.Column("failed_attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("failed_attempts >= 0", name=op.f("credentials_failed_attempts")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.users.id"], name=op.f("credentials_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("credentials_pkey")),
        schema="authentication",
    )
    op.create_table(
        "external_accounts",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("provider", enum("authentication", "identity_provider"), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("access_token", sa.Text(), nullable=True),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.users.id"], name=op.f("external_accounts_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("external_accounts_pkey")),
        sa.UniqueConstraint("provider", "subject", name=op.f("external_accounts_provider_subject_key")),
        schema="authentication",
    )
    op.create_index(
        op.f("external_accounts_user_id_idx"),
        "external_accounts",
        ["user_id"],
        unique=False,
        schema="authentication",
    )
    op.create_table(
        "role_permissions",
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("permission_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["permission_id"],
            ["authentication.permissions.id"],
            name=op.f("role_permissions_permission_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["authentication.roles.id"],
            name=op.f("role_permissions_role_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("role_id", "permission_id", name=op.f("role_permissions_pkey")),
        schema="authentication",
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("channel", enum("authentication", "session_channel"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("ip_address", postgresql.INET(), nullable=True),
        sa.Column("user_agent", sa.String(length=300), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_active_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("expires_at > started_at", name=op.f("sessions_lifetime")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.users.id"], name=op.f("sessions_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sessions_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("sessions_token_hash_key")),
        schema="authentication",
    )
    op.create_index(
        op.f("sessions_user_id_idx"), "sessions", ["user_id"], unique=False, schema="authentication"
    )
    op.create_table(
        "user_activities",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("resource_type", sa.String(length=40), nullable=True),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("ip_address", postgresql.INET(), nullable=True),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.users.id"], name=op.f("user_activities_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("user_activities_pkey")),
        schema="authentication",
    )
    op.create_table(
        "user_roles",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["granted_by"], ["users.users.id"], name=op.f("user_roles_granted_by_fkey")),
        sa.ForeignKeyConstraint(
            ["role_id"], ["authentication.roles.id"], name=op.f("user_roles_role_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.users.id"], name=op.f("user_roles_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("user_roles_pkey")),
        schema="authentication",
    )
    op.create_index(
        op.f("user_roles_role_id_idx"), "user_roles", ["role_id"], unique=False, schema="authentication"
    )
    op.create_table(
        "verification_tokens",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", enum("authentication", "verification_purpose"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.users.id"], name=op.f("verification_tokens_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("verification_tokens_pkey")),
        schema="authentication",
    )
    op.create_index(
        op.f("verification_tokens_user_id_idx"),
        "verification_tokens",
        ["user_id"],
        unique=False,
        schema="authentication",
    )
    op.create_table(
        "organizers",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("organization", sa.String(length=160), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("tax_id", sa.String(length=32), nullable=True),
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "subscription_tier",
            enum("users", "subscription_tier"),
            server_default=sa.text("'free'"),
            nullable=False,
        ),
        sa.Column(
            "commission_rate",
            sa.Numeric(precision=5, scale=4),
            server_default=sa.text("0.05"),
            nullable=False,
        ),
        sa.Column("payout_account", sa.String(length=34), nullable=True),
        sa.Column("payout_currency", sa.CHAR(length=3), server_default=sa.text("'EUR'"), nullable=False),
        sa.Column("website", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("payout_currency ~ '^[A-Z]{3}$'", name=op.f("organizers_payout_currency")),
        sa.CheckConstraint("commission_rate BETWEEN 0 AND 1", name=op.f("organizers_commission_rate")),
        sa.CheckConstraint("verified_at IS NOT NULL OR NOT verified", name=op.f("organizers_verified")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.users.id"], name=op.f("organizers_owner_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("organizers_pkey")),
        sa.UniqueConstraint("slug", name=op.f("organizers_slug_key")),
        schema="users",
    )
    op.create_index(op.f("organizers_owner_id_idx"), "organizers", ["owner_id"], unique=False, schema="users")
    op.create_table(
        "user_preferences",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("marketing_consent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("analytics_consent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("channels", sa.ARRAY(sa.Text()), server_default=sa.text("'{email}'"), nullable=False),
        sa.Column(
            "favourite_categories", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("settings", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.users.id"], name=op.f("user_preferences_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("user_preferences_pkey")),
        sa.UniqueConstraint("user_id", name=op.f("user_preferences_user_id_key")),
        schema="users",
    )
    op.create_table(
        "user_profiles",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.CHAR(length=2), nullable=True),
        sa.Column("city", sa.String(length=100), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("locale", sa.String(length=10), server_default=sa.text("'en-GB'"), nullable=False),
        sa.Column("time_zone", sa.String(length=40), server_default=sa.text("'UTC'"), nullable=False),
        sa.Column("biography", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("user_profiles_country")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.users.id"], name=op.f("user_profiles_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("user_profiles_pkey")),
        sa.UniqueConstraint("user_id", name=op.f("user_profiles_user_id_key")),
        schema="users",
    )
    op.create_table(
        "assets",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("organizer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", enum("branding", "asset_kind"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("size_bytes >= 0", name=op.f("assets_size")),
        sa.ForeignKeyConstraint(
            ["organizer_id"],
            ["users.organizers.id"],
            name=op.f("assets_organizer_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("assets_pkey")),
        schema="branding",
    )
    op.create_index(
        op.f("assets_organizer_id_idx"), "assets", ["organizer_id"], unique=False, schema="branding"
    )
    op.create_table(
        "custom_domains",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("organizer_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column(
            "status", enum("branding", "domain_status"), server_default=sa.text("'pending'"), nullable=False
        ),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("certificate_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organizer_id"],
            ["users.organizers.id"],
            name=op.f("custom_domains_organizer_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("custom_domains_pkey")),
        sa.UniqueConstraint("domain", name=op.f("custom_domains_domain_key")),
        schema="branding",
    )
    op.create_index(
        op.f("custom_domains_organizer_id_idx"),
        "custom_domains",
        ["organizer_id"],
        unique=False,
        schema="branding",
    )
    op.create_table(
        "templates",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("organizer_id", sa.Uuid(), nullable=True),
        sa.Column("kind", enum("branding", "template_kind"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("locale", sa.String(length=10), server_default=sa.text("'en-GB'"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("revision > 0", name=op.f("templates_revision")),
        sa.ForeignKeyConstraint(
            ["organizer_id"],
            ["users.organizers.id"],
            name=op.f("templates_organizer_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("templates_pkey")),
        schema="branding",
    )
    op.create_index(
        op.f("templates_organizer_id_idx"), "templates", ["organizer_id"], unique=False, schema="branding"
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("organizer_id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column(
            "status", enum("events", "event_status"), server_default=sa.text("'draft'"), nullable=False
        ),
        sa.Column(
            "visibility",
            enum("events", "event_visibility"),
            server_default=sa.text("'public'"),
            nullable=False,
        ),
        sa.Column("type", enum("events", "event_type"), nullable=False),
        sa.Column(
            "format", enum("events", "event_format"), server_default=sa.text("'in_person'"), nullable=False
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.String(length=40), server_default=sa.text("'UTC'"), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("events_currency")),
        sa.CheckConstraint("format = 'virtual' OR venue_id IS NOT NULL", name=op.f("events_venue")),
        sa.CheckConstraint("capacity > 0", name=op.f("events_capacity")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("events_period")),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["users.organizers.id"], name=op.f("events_organizer_id_fkey")
        ),
        sa.ForeignKeyConstraint(["venue_id"], ["events.venues.id"], name=op.f("events_venue_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("events_pkey")),
        sa.UniqueConstraint("slug", name=op.f("events_slug_key")),
        schema="events",
    )
    op.create_index(
        op.f("events_organizer_id_idx"), "events", ["organizer_id"], unique=False, schema="events"
    )
    op.create_table(
        "payouts",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("organizer_id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column(
            "status", enum("financial", "payout_status"), server_default=sa.text("'pending'"), nullable=False
        ),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("gross", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("refunds", sa.Numeric(precision=12, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "commission", sa.Numeric(precision=12, scale=2), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("payouts_currency")),
        sa.CheckConstraint("gross >= 0 AND refunds >= 0 AND commission >= 0", name=op.f("payouts_parts")),
        sa.CheckConstraint("period_end >= period_start", name=op.f("payouts_period")),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["users.organizers.id"], name=op.f("payouts_organizer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("payouts_pkey")),
        sa.UniqueConstraint(
            "organizer_id",
            "currency",
            "period_start",
            name=op.f("payouts_organizer_id_currency_period_start_key"),
        ),
        sa.UniqueConstraint("reference", name=op.f("payouts_reference_key")),
        schema="financial",
    )
    op.create_index(
        op.f("payouts_organizer_id_idx"), "payouts", ["organizer_id"], unique=False, schema="financial"
    )
    op.create_table(
        "organizer_members",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("organizer_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", enum("users", "member_role"), server_default=sa.text("'staff'"), nullable=False),
        sa.Column(
            "status", enum("users", "member_status"), server_default=sa.text("'invited'"), nullable=False
        ),
        sa.Column("invited_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organizer_id"],
            ["users.organizers.id"],
            name=op.f("organizer_members_organizer_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.users.id"], name=op.f("organizer_members_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("organizer_members_pkey")),
        sa.UniqueConstraint(
            "organizer_id", "user_id", name=op.f("organizer_members_organizer_id_user_id_key")
        ),
        schema="users",
    )
    op.create_index(
        op.f("organizer_members_organizer_id_idx"),
        "organizer_members",
        ["organizer_id"],
        unique=False,
        schema="users",
    )
    op.create_index(
        op.f("organizer_members_user_id_idx"), "organizer_members", ["user_id"], unique=False, schema="users"
    )
    op.create_table(
        "brand_configurations",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("organizer_id", sa.Uuid(), nullable=False),
        sa.Column("logo_id", sa.Uuid(), nullable=True),
        sa.Column("primary_color", sa.String(length=7), server_default=sa.text("'#1a1a2e'"), nullable=False),
        sa.Column(
            "secondary_color", sa.String(length=7), server_default=sa.text("'#e94560'"), nullable=False
        ),
        sa.Column("fonts", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("theme", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "primary_color ~ '^#[0-9a-f]{6}$' AND secondary_color ~ '^#[0-9a-f]{6}$'",
            name=op.f("brand_configurations_colors"),
        ),
        sa.ForeignKeyConstraint(
            ["logo_id"], ["branding.assets.id"], name=op.f("brand_configurations_logo_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["organizer_id"],
            ["users.organizers.id"],
            name=op.f("brand_configurations_organizer_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("brand_configurations_pkey")),
        sa.UniqueConstraint("organizer_id", name=op.f("brand_configurations_organizer_id_key")),
        schema="branding",
    )
    op.create_table(
        "carts",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("visitor_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status", enum("events", "cart_status"), server_default=sa.text("'active'"), nullable=False
        ),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("total", sa.Numeric(precision=10, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("converted_order_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(status = 'converted') = (converted_order_id IS NOT NULL)", name=op.f("carts_conversion")
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("carts_currency")),
        sa.CheckConstraint("total >= 0", name=op.f("carts_total")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.events.id"], name=op.f("carts_event_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.users.id"], name=op.f("carts_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("carts_pkey")),
        schema="events",
    )
    op.create_index(op.f("carts_user_id_idx"), "carts", ["user_id"], unique=False, schema="events")
    op.create_table(
        "event_categories",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["events.categories.id"], name=op.f("event_categories_category_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.events.id"],
            name=op.f("event_categories_event_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", "category_id", name=op.f("event_categories_pkey")),
        schema="events",
    )
    op.create_table(
        "event_details",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("tags", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("age_restriction", sa.SmallInteger(), nullable=True),
        sa.Column("refund_policy", sa.Text(), nullable=True),
        sa.Column("accessibility", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("social_links", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("age_restriction BETWEEN 0 AND 99", name=op.f("event_details_age_restriction")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.events.id"], name=op.f("event_details_event_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("event_details_pkey")),
        sa.UniqueConstraint("event_id", name=op.f("event_details_event_id_key")),
        schema="events",
    )
    op.create_table(
        "media",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", enum("events", "media_kind"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("caption", sa.String(length=200), nullable=True),
        sa.Column("position", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("size_bytes >= 0", name=op.f("media_size")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.events.id"], name=op.f("media_event_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("media_pkey")),
        schema="events",
    )
    op.create_index(op.f("media_event_id_idx"), "media", ["event_id"], unique=False, schema="events")
    op.create_table(
        "page_views",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("visitor_id", sa.Uuid(), nullable=False),
        sa.Column("channel", enum("tickets", "sales_channel"), nullable=False),
        sa.Column("device", enum("events", "device_kind"), nullable=False),
        sa.Column("country", sa.CHAR(length=2), nullable=True),
        sa.Column("referrer", sa.String(length=200), nullable=True),
        sa.Column("campaign", sa.String(length=60), nullable=True),
        sa.Column("viewed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.events.id"], name=op.f("page_views_event_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.users.id"], name=op.f("page_views_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("page_views_pkey")),
        schema="events",
    )
    op.create_table(
        "speakers",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=True),
        sa.Column("organization", sa.String(length=160), nullable=True),
        sa.Column("biography", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.events.id"], name=op.f("speakers_event_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("speakers_pkey")),
        schema="events",
    )
    op.create_index(op.f("speakers_event_id_idx"), "speakers", ["event_id"], unique=False, schema="events")
    op.create_table(
        "payout_lines",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("payout_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", enum("financial", "payout_line_kind"), nullable=False),
        sa.Column("orders", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("payout_lines_currency")),
        sa.ForeignKeyConstraint(["event_id"], ["events.events.id"], name=op.f("payout_lines_event_id_fkey")),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["financial.payouts.id"], name=op.f("payout_lines_payout_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("payout_lines_pkey")),
        schema="financial",
    )
    op.create_index(
        op.f("payout_lines_payout_id_idx"), "payout_lines", ["payout_id"], unique=False, schema="financial"
    )
    op.create_table(
        "discount_codes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("organizer_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kind", enum("tickets", "discount_kind"), nullable=False),
        sa.Column("value", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=True),
        sa.Column("maximum_uses", sa.Integer(), nullable=True),
        sa.Column("uses", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "applicable_ticket_types", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(kind = 'fixed_amount') = (currency IS NOT NULL)",
            name=op.f("discount_codes_fixed_amount_has_currency"),
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("discount_codes_currency")),
        sa.CheckConstraint(
            "value > 0 AND (kind = 'fixed_amount' OR value <= 100)", name=op.f("discount_codes_value")
        ),
        sa.CheckConstraint(
            "uses >= 0 AND uses <= coalesce(maximum_uses, uses)",
            name=op.f("discount_codes_uses_within_maximum"),
        ),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("discount_codes_validity")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.events.id"], name=op.f("discount_codes_event_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["users.organizers.id"], name=op.f("discount_codes_organizer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("discount_codes_pkey")),
        sa.UniqueConstraint("organizer_id", "code", name=op.f("discount_codes_organizer_id_code_key")),
        schema="tickets",
    )
    op.create_index(
        op.f("discount_codes_event_id_idx"), "discount_codes", ["event_id"], unique=False, schema="tickets"
    )
    op.create_table(
        "ticket_types",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=True),
        sa.Column(
            "status",
            enum("tickets", "ticket_type_status"),
            server_default=sa.text("'active'"),
            nullable=False,
        ),
        sa.Column("price", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("sold", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("minimum_per_order", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("maximum_per_order", sa.SmallInteger(), server_default=sa.text("10"), nullable=False),
        sa.Column("sales_start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sales_end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ticket_types_currency")),
        sa.CheckConstraint(
            "minimum_per_order BETWEEN 1 AND maximum_per_order", name=op.f("ticket_types_per_order")
        ),
        sa.CheckConstraint("price >= 0", name=op.f("ticket_types_price")),
        sa.CheckConstraint("sales_end_at > sales_start_at", name=op.f("ticket_types_sales_window")),
        sa.CheckConstraint("sold BETWEEN 0 AND capacity", name=op.f("ticket_types_sold_within_capacity")),
        sa.ForeignKeyConstraint(["event_id"], ["events.events.id"], name=op.f("ticket_types_event_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_types_pkey")),
        schema="tickets",
    )
    op.create_index(
        op.f("ticket_types_event_id_idx"), "ticket_types", ["event_id"], unique=False, schema="tickets"
    )
    op.create_table(
        "cart_items",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_type_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.SmallInteger(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("cart_items_quantity")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("cart_items_unit_price")),
        sa.ForeignKeyConstraint(
            ["cart_id"], ["events.carts.id"], name=op.f("cart_items_cart_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_type_id"],
            ["tickets.ticket_types.id"],
            name=op.f("cart_items_ticket_type_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("cart_items_pkey")),
        schema="events",
    )
    op.create_index(op.f("cart_items_cart_id_idx"), "cart_items", ["cart_id"], unique=False, schema="events")
    op.create_table(
        "schedule_items",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("speaker_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("room", sa.String(length=80), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("schedule_items_period")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.events.id"], name=op.f("schedule_items_event_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["speaker_id"], ["events.speakers.id"], name=op.f("schedule_items_speaker_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("schedule_items_pkey")),
        schema="events",
    )
    op.create_index(
        op.f("schedule_items_event_id_idx"), "schedule_items", ["event_id"], unique=False, schema="events"
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("order_number", sa.String(length=24), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=True),
        sa.Column("buyer_email", sa.String(length=254), nullable=False),
        sa.Column("buyer_name", sa.String(length=160), nullable=False),
        sa.Column("buyer_phone", sa.String(length=32), nullable=True),
        sa.Column(
            "status", enum("tickets", "order_status"), server_default=sa.text("'pending'"), nullable=False
        ),
        sa.Column("channel", enum("tickets", "sales_channel"), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("subtotal", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("discount", sa.Numeric(precision=10, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column("tax", sa.Numeric(precision=10, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column("fee", sa.Numeric(precision=10, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("discount_code_id", sa.Uuid(), nullable=True),
        sa.Column("billing_address", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("orders_currency")),
        sa.CheckConstraint("discount <= subtotal", name=op.f("orders_discount")),
        sa.CheckConstraint(
            "subtotal >= 0 AND discount >= 0 AND tax >= 0 AND fee >= 0 AND total >= 0",
            name=op.f("orders_amounts"),
        ),
        sa.ForeignKeyConstraint(["buyer_id"], ["users.users.id"], name=op.f("orders_buyer_id_fkey")),
        sa.ForeignKeyConstraint(
            ["discount_code_id"], ["tickets.discount_codes.id"], name=op.f("orders_discount_code_id_fkey")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.events.id"], name=op.f("orders_event_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("orders_pkey")),
        sa.UniqueConstraint("order_number", name=op.f("orders_order_number_key")),
        schema="tickets",
    )
    op.create_index(op.f("orders_buyer_id_idx"), "orders", ["buyer_id"], unique=False, schema="tickets")
    op.create_index(op.f("orders_event_id_idx"), "orders", ["event_id"], unique=False, schema="tickets")
    op.create_table(
        "pricing_tiers",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("ticket_type_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", enum("tickets", "tier_kind"), nullable=False),
        sa.Column("price", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quantity_limit", sa.Integer(), nullable=True),
        sa.Column("minimum_quantity", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("pricing_tiers_currency")),
        sa.CheckConstraint("minimum_quantity > 0", name=op.f("pricing_tiers_minimum_quantity")),
        sa.CheckConstraint("price >= 0", name=op.f("pricing_tiers_price")),
        sa.CheckConstraint("quantity_limit > 0", name=op.f("pricing_tiers_quantity_limit")),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("pricing_tiers_validity")),
        sa.ForeignKeyConstraint(
            ["ticket_type_id"],
            ["tickets.ticket_types.id"],
            name=op.f("pricing_tiers_ticket_type_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pricing_tiers_pkey")),
        schema="tickets",
    )
    op.create_index(
        op.f("pricing_tiers_ticket_type_id_idx"),
        "pricing_tiers",
        ["ticket_type_id"],
        unique=False,
        schema="tickets",
    )
    op.create_table(
        "ticket_configurations",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("ticket_type_id", sa.Uuid(), nullable=False),
        sa.Column("transferable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("refundable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("refund_deadline_hours", sa.Integer(), server_default=sa.text("48"), nullable=False),
        sa.Column(
            "delivery_methods",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{email,mobile}'"),
            nullable=False,
        ),
        sa.Column("requires_identification", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "refund_deadline_hours >= 0", name=op.f("ticket_configurations_refund_deadline_hours")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_type_id"],
            ["tickets.ticket_types.id"],
            name=op.f("ticket_configurations_ticket_type_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_configurations_pkey")),
        sa.UniqueConstraint("ticket_type_id", name=op.f("ticket_configurations_ticket_type_id_key")),
        schema="tickets",
    )
    op.create_table(
        "invoices",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_number", sa.String(length=24), nullable=False),
        sa.Column(
            "status", enum("financial", "invoice_status"), server_default=sa.text("'issued'"), nullable=False
        ),
        sa.Column("recipient_name", sa.String(length=160), nullable=False),
        sa.Column("recipient_address", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("tax_id", sa.String(length=32), nullable=True),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("net", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("tax", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("total", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("invoices_currency")),
        sa.CheckConstraint("net >= 0 AND tax >= 0", name=op.f("invoices_amounts")),
        sa.ForeignKeyConstraint(["order_id"], ["tickets.orders.id"], name=op.f("invoices_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("invoices_pkey")),
        sa.UniqueConstraint("invoice_number", name=op.f("invoices_invoice_number_key")),
        sa.UniqueConstraint("order_id", name=op.f("invoices_order_id_key")),
        schema="financial",
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=30), nullable=False),
        sa.Column("provider_intent", sa.String(length=80), nullable=False),
        sa.Column("method", enum("payments", "payment_method"), nullable=False),
        sa.Column(
            "status", enum("payments", "payment_status"), server_default=sa.text("'pending'"), nullable=False
        ),
        sa.Column("amount", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("fee", sa.Numeric(precision=10, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "refunded_amount", sa.Numeric(precision=10, scale=2), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("failure_code", sa.String(length=40), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("payments_currency")),
        sa.CheckConstraint("amount >= 0", name=op.f("payments_amount")),
        sa.CheckConstraint("fee >= 0", name=op.f("payments_fee")),
        sa.CheckConstraint(
            "refunded_amount BETWEEN 0 AND amount", name=op.f("payments_refunded_within_amount")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["tickets.orders.id"], name=op.f("payments_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("payments_pkey")),
        sa.UniqueConstraint("provider_intent", name=op.f("payments_provider_intent_key")),
        schema="payments",
    )
    op.create_index(op.f("payments_order_id_idx"), "payments", ["order_id"], unique=False, schema="payments")
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("channel", enum("system", "notification_channel"), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column(
            "status",
            enum("system", "notification_status"),
            server_default=sa.text("'queued'"),
            nullable=False,
        ),
        sa.Column("payload", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["tickets.orders.id"], name=op.f("notifications_order_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.users.id"], name=op.f("notifications_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("notifications_pkey")),
        schema="system",
    )
    op.create_index(
        op.f("notifications_user_id_idx"), "notifications", ["user_id"], unique=False, schema="system"
    )
    op.create_table(
        "order_items",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_type_id", sa.Uuid(), nullable=False),
        sa.Column("pricing_tier_id", sa.Uuid(), nullable=True),
        sa.Column("quantity", sa.SmallInteger(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("discount", sa.Numeric(precision=10, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("attendee", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("order_items_currency")),
        sa.CheckConstraint("quantity > 0", name=op.f("order_items_quantity")),
        sa.CheckConstraint(
            "unit_price >= 0 AND discount >= 0 AND total >= 0", name=op.f("order_items_amounts")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["tickets.orders.id"], name=op.f("order_items_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["pricing_tier_id"], ["tickets.pricing_tiers.id"], name=op.f("order_items_pricing_tier_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_type_id"], ["tickets.ticket_types.id"], name=op.f("order_items_ticket_type_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("order_items_pkey")),
        schema="tickets",
    )
    op.create_index(
        op.f("order_items_order_id_idx"), "order_items", ["order_id"], unique=False, schema="tickets"
    )
    op.create_table(
        "disputes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status", enum("payments", "dispute_status"), server_default=sa.text("'open'"), nullable=False
        ),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("amount", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("evidence_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("disputes_currency")),
        sa.CheckConstraint("amount > 0", name=op.f("disputes_amount")),
        sa.ForeignKeyConstraint(["order_id"], ["tickets.orders.id"], name=op.f("disputes_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.payments.id"], name=op.f("disputes_payment_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("disputes_pkey")),
        schema="payments",
    )
    op.create_index(
        op.f("disputes_payment_id_idx"), "disputes", ["payment_id"], unique=False, schema="payments"
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("ticket_number", sa.String(length=24), nullable=False),
        sa.Column("qr_code", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_type_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("order_item_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status", enum("tickets", "ticket_status"), server_default=sa.text("'reserved'"), nullable=False
        ),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("holder_name", sa.String(length=160), nullable=True),
        sa.Column("holder_email", sa.String(length=254), nullable=True),
        sa.Column("price", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("tickets_currency")),
        sa.CheckConstraint(
            "status = 'available' OR (order_id IS NOT NULL AND order_item_id IS NOT NULL)",
            name=op.f("tickets_order_known"),
        ),
        sa.CheckConstraint("price >= 0", name=op.f("tickets_price")),
        sa.ForeignKeyConstraint(["event_id"], ["events.events.id"], name=op.f("tickets_event_id_fkey")),
        sa.ForeignKeyConstraint(["holder_id"], ["users.users.id"], name=op.f("tickets_holder_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["tickets.orders.id"], name=op.f("tickets_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["order_item_id"], ["tickets.order_items.id"], name=op.f("tickets_order_item_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_type_id"], ["tickets.ticket_types.id"], name=op.f("tickets_ticket_type_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("tickets_pkey")),
        sa.UniqueConstraint("qr_code", name=op.f("tickets_qr_code_key")),
        sa.UniqueConstraint("ticket_number", name=op.f("tickets_ticket_number_key")),
        schema="tickets",
    )
    op.create_index(op.f("tickets_event_id_idx"), "tickets", ["event_id"], unique=False, schema="tickets")
    op.create_index(op.f("tickets_order_id_idx"), "tickets", ["order_id"], unique=False, schema="tickets")
    op.create_index(
        op.f("tickets_ticket_type_id_idx"), "tickets", ["ticket_type_id"], unique=False, schema="tickets"
    )
    op.create_table(
        "check_ins",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column(
            "method", enum("tickets", "check_in_method"), server_default=sa.text("'qr_code'"), nullable=False
        ),
        sa.Column("gate", sa.String(length=40), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=True),
        sa.Column("scanned_by", sa.Uuid(), nullable=True),
        sa.Column(
            "checked_in_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.events.id"], name=op.f("check_ins_event_id_fkey")),
        sa.ForeignKeyConstraint(["scanned_by"], ["users.users.id"], name=op.f("check_ins_scanned_by_fkey")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.tickets.id"], name=op.f("check_ins_ticket_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("check_ins_pkey")),
        sa.UniqueConstraint("ticket_id", name=op.f("check_ins_ticket_id_key")),
        schema="tickets",
    )
    op.create_index(op.f("check_ins_event_id_idx"), "check_ins", ["event_id"], unique=False, schema="tickets")
    op.create_table(
        "refund_requests",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("requester_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            enum("tickets", "refund_request_status"),
            server_default=sa.text("'requested'"),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column(
            "requested_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("refund_requests_currency")),
        sa.CheckConstraint("amount > 0", name=op.f("refund_requests_amount")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.users.id"], name=op.f("refund_requests_decided_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["tickets.orders.id"], name=op.f("refund_requests_order_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["users.users.id"], name=op.f("refund_requests_requester_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.tickets.id"], name=op.f("refund_requests_ticket_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("refund_requests_pkey")),
        schema="tickets",
    )
    op.create_index(
        op.f("refund_requests_order_id_idx"), "refund_requests", ["order_id"], unique=False, schema="tickets"
    )
    op.create_table(
        "ticket_transfers",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_email", sa.String(length=254), nullable=False),
        sa.Column(
            "status", enum("tickets", "transfer_status"), server_default=sa.text("'pending'"), nullable=False
        ),
        sa.Column("message", sa.String(length=300), nullable=True),
        sa.Column(
            "requested_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["users.users.id"], name=op.f("ticket_transfers_recipient_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["users.users.id"], name=op.f("ticket_transfers_sender_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.tickets.id"], name=op.f("ticket_transfers_ticket_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_transfers_pkey")),
        schema="tickets",
    )
    op.create_index(
        op.f("ticket_transfers_ticket_id_idx"),
        "ticket_transfers",
        ["ticket_id"],
        unique=False,
        schema="tickets",
    )
    op.create_table(
        "refunds",
        sa.Column("id", sa.Uuid(), server_default=sa.text("system.uuid_v7()"), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("refund_request_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status", enum("payments", "refund_status"), server_default=sa.text("'pending'"), nullable=False
        ),
        sa.Column("amount", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("provider_reference", sa.String(length=80), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("refunds_currency")),
        sa.CheckConstraint("amount > 0", name=op.f("refunds_amount")),
        sa.ForeignKeyConstraint(["order_id"], ["tickets.orders.id"], name=op.f("refunds_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.payments.id"], name=op.f("refunds_payment_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["refund_request_id"], ["tickets.refund_requests.id"], name=op.f("refunds_refund_request_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("refunds_pkey")),
        schema="payments",
    )
    op.create_index(op.f("refunds_order_id_idx"), "refunds", ["order_id"], unique=False, schema="payments")
    op.create_index(
        op.f("refunds_payment_id_idx"), "refunds", ["payment_id"], unique=False, schema="payments"
    )


def downgrade() -> None:  # noqa: PLR0915 - one statement per table
    op.drop_index(op.f("refunds_payment_id_idx"), table_name="refunds", schema="payments")
    op.drop_index(op.f("refunds_order_id_idx"), table_name="refunds", schema="payments")
    op.drop_table("refunds", schema="payments")
    op.drop_index(op.f("ticket_transfers_ticket_id_idx"), table_name="ticket_transfers", schema="tickets")
    op.drop_table("ticket_transfers", schema="tickets")
    op.drop_index(op.f("refund_requests_order_id_idx"), table_name="refund_requests", schema="tickets")
    op.drop_table("refund_requests", schema="tickets")
    op.drop_index(op.f("check_ins_event_id_idx"), table_name="check_ins", schema="tickets")
    op.drop_table("check_ins", schema="tickets")
    op.drop_index(op.f("tickets_ticket_type_id_idx"), table_name="tickets", schema="tickets")
    op.drop_index(op.f("tickets_order_id_idx"), table_name="tickets", schema="tickets")
    op.drop_index(op.f("tickets_event_id_idx"), table_name="tickets", schema="tickets")
    op.drop_table("tickets", schema="tickets")
    op.drop_index(op.f("disputes_payment_id_idx"), table_name="disputes", schema="payments")
    op.drop_table("disputes", schema="payments")
    op.drop_index(op.f("order_items_order_id_idx"), table_name="order_items", schema="tickets")
    op.drop_table("order_items", schema="tickets")
    op.drop_index(op.f("notifications_user_id_idx"), table_name="notifications", schema="system")
    op.drop_table("notifications", schema="system")
    op.drop_index(op.f("payments_order_id_idx"), table_name="payments", schema="payments")
    op.drop_table("payments", schema="payments")
    op.drop_table("invoices", schema="financial")
    op.drop_table("ticket_configurations", schema="tickets")
    op.drop_index(op.f("pricing_tiers_ticket_type_id_idx"), table_name="pricing_tiers", schema="tickets")
    op.drop_table("pricing_tiers", schema="tickets")
    op.drop_index(op.f("orders_event_id_idx"), table_name="orders", schema="tickets")
    op.drop_index(op.f("orders_buyer_id_idx"), table_name="orders", schema="tickets")
    op.drop_table("orders", schema="tickets")
    op.drop_index(op.f("schedule_items_event_id_idx"), table_name="schedule_items", schema="events")
    op.drop_table("schedule_items", schema="events")
    op.drop_index(op.f("cart_items_cart_id_idx"), table_name="cart_items", schema="events")
    op.drop_table("cart_items", schema="events")
    op.drop_index(op.f("ticket_types_event_id_idx"), table_name="ticket_types", schema="tickets")
    op.drop_table("ticket_types", schema="tickets")
    op.drop_index(op.f("discount_codes_event_id_idx"), table_name="discount_codes", schema="tickets")
    op.drop_table("discount_codes", schema="tickets")
    op.drop_index(op.f("payout_lines_payout_id_idx"), table_name="payout_lines", schema="financial")
    op.drop_table("payout_lines", schema="financial")
    op.drop_index(op.f("speakers_event_id_idx"), table_name="speakers", schema="events")
    op.drop_table("speakers", schema="events")
    op.drop_table("page_views", schema="events")
    op.drop_index(op.f("media_event_id_idx"), table_name="media", schema="events")
    op.drop_table("media", schema="events")
    op.drop_table("event_details", schema="events")
    op.drop_table("event_categories", schema="events")
    op.drop_index(op.f("carts_user_id_idx"), table_name="carts", schema="events")
    op.drop_table("carts", schema="events")
    op.drop_table("brand_configurations", schema="branding")
    op.drop_index(op.f("organizer_members_user_id_idx"), table_name="organizer_members", schema="users")
    op.drop_index(op.f("organizer_members_organizer_id_idx"), table_name="organizer_members", schema="users")
    op.drop_table("organizer_members", schema="users")
    op.drop_index(op.f("payouts_organizer_id_idx"), table_name="payouts", schema="financial")
    op.drop_table("payouts", schema="financial")
    op.drop_index(op.f("events_organizer_id_idx"), table_name="events", schema="events")
    op.drop_table("events", schema="events")
    op.drop_index(op.f("templates_organizer_id_idx"), table_name="templates", schema="branding")
    op.drop_table("templates", schema="branding")
    op.drop_index(op.f("custom_domains_organizer_id_idx"), table_name="custom_domains", schema="branding")
    op.drop_table("custom_domains", schema="branding")
    op.drop_index(op.f("assets_organizer_id_idx"), table_name="assets", schema="branding")
    op.drop_table("assets", schema="branding")
    op.drop_table("user_profiles", schema="users")
    op.drop_table("user_preferences", schema="users")
    op.drop_index(op.f("organizers_owner_id_idx"), table_name="organizers", schema="users")
    op.drop_table("organizers", schema="users")
    op.drop_index(
        op.f("verification_tokens_user_id_idx"), table_name="verification_tokens", schema="authentication"
    )
    op.drop_table("verification_tokens", schema="authentication")
    op.drop_index(op.f("user_roles_role_id_idx"), table_name="user_roles", schema="authentication")
    op.drop_table("user_roles", schema="authentication")
    op.drop_table("user_activities", schema="authentication")
    op.drop_index(op.f("sessions_user_id_idx"), table_name="sessions", schema="authentication")
    op.drop_table("sessions", schema="authentication")
    op.drop_table("role_permissions", schema="authentication")
    op.drop_index(
        op.f("external_accounts_user_id_idx"), table_name="external_accounts", schema="authentication"
    )
    op.drop_table("external_accounts", schema="authentication")
    op.drop_table("credentials", schema="authentication")
    op.drop_table("users", schema="users")
    op.drop_table("outbox", schema="system")
    op.drop_table("tax_rates", schema="financial")
    op.drop_table("fee_schedules", schema="financial")
    op.drop_table("exchange_rates", schema="financial")
    op.drop_table("venues", schema="events")
    op.drop_table("categories", schema="events")
    op.drop_table("roles", schema="authentication")
    op.drop_table("permissions", schema="authentication")
