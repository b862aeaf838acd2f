"""The policy as the ``users.xml`` of the embedded engine. Pure.

In this engine everybody is ``default``, which may do nothing but take on roles. A connection of somebody else
than the platform leaves all roles but its own behind before the first statement of theirs, and is given the
profile of its role, whose constraints that statement can't lift (a profile set later only adds to them).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

from warehouse.access.policy import Policy
from warehouse.access.roles import BY_NAME, EXTERNAL, MEBIBYTE, PLATFORM, ROLES, Limits
from warehouse.access.system_tables import CLOSED_TABLES
from warehouse.access.views import IDENTITY_SETTING

KEPT_SETTINGS: Final = (
    # Expressions, which the engine runs without asking for the rights that a query needs.
    *("additional_result_filter", "additional_table_filters", "parallel_replicas_custom_key"),
    *("select", "filter", "order", "sort", "column_names_for_schema_inference", "schema_inference_hints"),
    # Other languages: what a statement of theirs names, nobody here could tell.
    *("dialect", "polyglot_dialect", "enable_json_ast_dialect", "allow_experimental_eval_table_function"),
    # Files that are read or written, and addresses that are asked.
    *("format_schema", "format_schema_source", "output_format_schema", "format_schema_message_name"),
    *("format_template_resultset", "format_template_row", "input_format_record_errors_file_path"),
    *("rename_files_after_processing", "format_avro_schema_registry_url", "url_base", "s3_base"),
    *("ai_function_text_default_credentials", "ai_function_embedding_default_credentials"),
)
"""Settings by which a query would reach beyond the warehouse; the roles' profiles keep them as they are."""

INPUT_GRANTS: Final = {"loader": ("CREATE TEMPORARY TABLE ON *.*", "READ ON FILE")}
"""Roles that may insert through ``input('…')``, which is a pipe of the server here, and a file to the engine.
To name ``file`` itself in a statement is closed to them as to all others."""

PLAIN_VALUES: Final = {
    "input_format_values_interpret_expressions": "0",
    "input_format_values_deduce_templates_of_expressions": "0",
}
"""Rows after VALUES are data: as expressions they could call anything, and no statement shows them."""


def profile_name(role: str) -> str:
    """The settings profile of a role."""
    return f"role_{role}"


def limit_settings(limits: Limits) -> dict[str, str]:
    """The settings that keep a query within its limits."""
    return {
        "max_memory_usage": str(limits.memory_megabytes * MEBIBYTE),
        "max_execution_time": str(limits.seconds),
    }


def profiles(base: str) -> str:
    """The ``<profiles>``: the default one, and one for each role, whose limits can only be lowered.

    Args:
        base: content of the default profile.
    """
    parts = [f"<default>{base}</default>"]
    for role in ROLES:
        constraints = "".join(
            f"<{name}><min>1</min><max>{value}</max></{name}>"
            for name, value in limit_settings(role.limits).items()
        )
        constraints += "".join(
            f"<{name}><const/></{name}>" for name in (IDENTITY_SETTING, *KEPT_SETTINGS, *PLAIN_VALUES)
        )
        parts.append(
            f"<{profile_name(role.name)}><constraints>{constraints}</constraints></{profile_name(role.name)}>"
        )
    return "<profiles>\n    " + "\n    ".join(parts) + "\n  </profiles>"


def roles(policy: Policy) -> str:
    """The ``<roles>`` with their grants."""
    parts = [
        _role(PLATFORM, ["ALL ON *.* WITH GRANT OPTION"]),
        _role(EXTERNAL, ["CREATE TEMPORARY TABLE ON *.*"]),
        *(_role(role.name, [*policy.grants[role.name], *INPUT_GRANTS.get(role.name, ())]) for role in ROLES),
    ]
    return "<roles>\n    " + "\n    ".join(parts) + "\n  </roles>"


def everybody() -> str:
    """What ``default`` may do: be any of the roles; and what of ``system`` it sees in which."""
    names = ", ".join([PLATFORM, EXTERNAL, *BY_NAME])
    knowing = [PLATFORM, *(role.name for role in ROLES if role.sees_queries)]
    knows = f"hasAny(currentRoles(), {knowing})"
    mine = f"Settings['{IDENTITY_SETTING}'] = getSetting('{IDENTITY_SETTING}')"
    filters = dict.fromkeys(sorted(CLOSED_TABLES), knows) | {"processes": f"{knows} OR {mine}"}
    tables = "".join(f"<{name}><filter>{escape(rule)}</filter></{name}>" for name, rule in filters.items())
    return (
        f"<grants><query>GRANT {names}</query></grants>"
        f"\n      <databases><system>{tables}</system></databases>"
    )


def _role(name: str, grants: Iterable[str]) -> str:
    queries = "".join(f"\n      <query>{escape(f'GRANT {grant}')}</query>" for grant in grants)
    return f"<{name}><grants>{queries}\n    </grants></{name}>"
