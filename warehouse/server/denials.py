"""What a denied right means for the one who was denied it. Pure."""

from __future__ import annotations

import re

from warehouse.access.policy import Policy
from warehouse.server.principals import Principal

_MISSING = re.compile(
    r"the grant (?P<right>[A-Z ]+?)(?:\([^)]*\))? ON `?(?P<database>\w+)`?\.`?(?P<table>\w+)`?"
)
_END = " (ACCESS_DENIED)"


def explained(text: str, principal: Principal, policy: Policy) -> str:
    """The engine's message with the user's own name, and how the right can be had.

    Args:
        text: the engine's message about a right that is missing.
        principal: who asked.
        policy: what roles may do.
    """
    if principal.is_platform:
        return text
    text = text.replace("default: Not enough privileges", f"{principal.name}: Not enough privileges")
    found = _MISSING.search(text)
    if not found or found["right"].strip() not in ("SELECT", "SHOW COLUMNS"):
        return text
    dataset = found["table"].removesuffix("__state")
    contract = next((one for one in policy.contracts if one.name == dataset), None)
    if contract is None:
        return text
    roles = ", ".join(principal.roles)
    views = [view for role in principal.roles for view in policy.views_of(role, dataset)]
    if views:
        hint = f"The roles of this user ({roles}) read it as {' or '.join(dict.fromkeys(views))}"
    else:
        hint = (
            f"The contract of {dataset} names none of the roles of this user ({roles}); "
            f"its owner is {contract.owner}"
        )
    head, mark, tail = text.rpartition(_END)
    return f"{head} {hint}.{mark}{tail}" if mark else f"{text} {hint}."
