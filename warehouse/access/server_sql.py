"""The policy as statements for a ClickHouse server. Pure.

A server knows its users, so ``SET ROLE`` and settings profiles are its own affair. Row policies say once more
what the views of organizers' own rows say, for a server keeps them even if a view is made anew by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from warehouse.access.embedded import limit_settings, profile_name
from warehouse.access.policy import OWN_DATABASE, OWNER, Policy, belongs_to_somebody, view_name
from warehouse.access.roles import LEVELS, ORGANIZER, ROLES
from warehouse.access.views import IDENTITY_SETTING, PREPARATIONS, definitions, statement


def view_statements(policy: Policy, definer: str = "CURRENT_USER") -> tuple[str, ...]:
    """Statements that make the databases and views of the policy; for either engine."""
    databases = tuple(f"CREATE DATABASE IF NOT EXISTS {name}" for name in (*LEVELS, OWN_DATABASE))
    views = (statement(name, text, definer) for name, text in definitions(policy.contracts).items())
    return (*PREPARATIONS, *databases, *views)


def role_statements(policy: Policy) -> tuple[str, ...]:
    """Statements that make the roles, their limits, their grants and the row policies."""
    out: list[str] = []
    for role in ROLES:
        name = profile_name(role.name)
        limits = ", ".join(
            f"{setting} = {value} MIN 1 MAX {value}" for setting, value in limit_settings(role.limits).items()
        )
        out += [
            f"CREATE SETTINGS PROFILE OR REPLACE `{name}` SETTINGS {limits}, "
            f"max_concurrent_queries_for_user = {role.limits.concurrent}",
            f"CREATE ROLE OR REPLACE `{role.name}` SETTINGS PROFILE '{name}'",
            *(f"GRANT {grant} TO `{role.name}`" for grant in policy.grants[role.name]),
        ]
        if role.sees_queries:
            out.append(f"GRANT SELECT ON system.* TO `{role.name}`")
        out.append(
            f"CREATE QUOTA OR REPLACE `{name}` KEYED BY user_name FOR INTERVAL 1 hour "
            f"MAX execution_time = {role.limits.seconds * role.limits.concurrent * 10} TO `{role.name}`"
        )
    mine = f"toUUIDOrZero(extract(getSetting('{IDENTITY_SETTING}'), '[^:]*$'))"
    out += [
        f"CREATE ROW POLICY OR REPLACE own_rows ON {view_name(OWN_DATABASE, contract)} "
        f"FOR SELECT USING `{OWNER}` = {mine} AS RESTRICTIVE TO `{ORGANIZER}`"
        for contract in policy.contracts
        if belongs_to_somebody(contract)
    ]
    return tuple(out)


def user_statements(
    name: str, roles: Sequence[str], organizer: UUID | None, password_hash: str, salt: str
) -> tuple[str, ...]:
    """Statements that make a user, or give one other roles and another password.

    Args:
        name: of the user.
        roles: of the user; the first one's limits hold.
        organizer: whose rows the user sees, for the role of organizers.
        password_hash: SHA-256 of the password followed by the salt, in hexadecimal digits.
        salt: the salt.
    """
    identity = f"{name}:{organizer or ''}"
    return (
        f"CREATE USER OR REPLACE `{name}` IDENTIFIED WITH sha256_hash BY '{password_hash}' SALT '{salt}' "
        f"SETTINGS {IDENTITY_SETTING} = '{identity}' CONST",
        f"GRANT {', '.join(f'`{role}`' for role in roles)} TO `{name}`",
        f"SET DEFAULT ROLE ALL TO `{name}`",
    )
