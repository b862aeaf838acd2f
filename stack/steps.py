"""A step of something longer, as people are shown it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Tell = Callable[[str], None]
"""Told, while a step goes on, how far it is."""


@dataclass(frozen=True)
class Step:
    """One step: a title for people, and what it does; its answer is a short word on the outcome."""

    title: str
    run: Callable[[Tell], str]
