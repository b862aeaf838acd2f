"""The settings as `.env.example` and as a reference page."""

from __future__ import annotations

import textwrap
import typing
from types import NoneType

from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bilten.settings import Settings

WIDTH = 100


def example() -> str:
    """Every setting, commented out, with its meaning and default."""
    lines = ["# Written by `make generate`. Copy to `.env` and change what you need; the defaults are shown."]
    for name, field in Settings.model_fields.items():
        lines.append("")
        lines.extend(textwrap.wrap(meaning(field), WIDTH, initial_indent="# ", subsequent_indent="# "))
        lines.append(f"#{variable(name)}={default(field)}")
    return "\n".join(lines) + "\n"


def reference() -> str:
    """Every setting as a table."""
    lines = [
        "# Settings",
        "",
        "Every setting is an environment variable, or a line of the file `.env` in the working folder; the",
        "environment wins. Passwords that are not set are made at the first start and kept in the folder",
        "`secrets` of the data folder. This page is written by `make generate`.",
        "",
        "| setting | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        shown = f"`{default(field)}`" if default(field) else ""
        lines.append(f"| `{variable(name)}` | {shown} | {meaning(field)} |")
    return "\n".join(lines) + "\n"


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"{Settings.model_config.get('env_prefix', '')}{name}".upper()


def default(field: FieldInfo) -> str:
    """The default as one would write it; empty where there is none."""
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or isinstance(value, SecretStr):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def meaning(field: FieldInfo) -> str:
    """The description with what is allowed."""
    limits = [_limit(constraint) for constraint in field.metadata]
    allowed = [*_choices(field.annotation), *(limit for limit in limits if limit)]
    description = field.description or ""
    return f"{description} ({', '.join(allowed)})" if allowed else description


def _choices(annotation: object) -> list[str]:
    if typing.get_origin(annotation) is not typing.Literal:
        return []
    values = [str(value) for value in typing.get_args(annotation) if value is not NoneType]
    return [f"one of {', '.join(values)}"]


def _limit(constraint: object) -> str:
    if isinstance(constraint, Ge):
        return f"at least {constraint.ge}"
    if isinstance(constraint, Gt):
        return f"more than {constraint.gt}"
    if isinstance(constraint, Le):
        return f"at most {constraint.le}"
    if isinstance(constraint, Lt):
        return f"less than {constraint.lt}"
    return ""
