"""Finding the records that the engine refuses outright, by halves. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Reason = TypeVar("Reason")


def refused_alone(
    items: Sequence[Item], attempt: Callable[[Sequence[Item]], Reason | None]
) -> list[tuple[Item, Reason]]:
    """Try everything, in order and in the largest parts that are taken; return what is refused even alone.

    Args:
        items: at least one.
        attempt: tries a part; None when it was taken, else the reason why not. A part that was refused may
            have been taken in part, so trying again must be harmless.

    Returns:
        Each refused item with its reason, in order.
    """
    reason = attempt(items)
    if reason is None:
        return []
    if len(items) == 1:
        return [(items[0], reason)]
    half = len(items) // 2
    return refused_alone(items[:half], attempt) + refused_alone(items[half:], attempt)
