"""One fault: which row of the table it is, what does it, and at which moments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faults.scene import Scene

Inject = Callable[["Scene", str], str]
"""Does it while traffic runs, brings back what was broken, and returns what was seen, in a few words.

Raises:
    AssertionError: the platform did not do what it must while the fault lasted.
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault.

    Attributes:
        row: its number in the table of faults.
        component: what it befalls.
        name: what happens, in a few words.
        inject: what does it.
        moments: when it can be done; each is a case of its own.
        short: those of the moments that the short run tries.
        rate: transactions a second that run meanwhile.
        needs: processes that it needs beside those that capture and land changes.
    """

    row: int
    component: str
    name: str
    inject: Inject
    moments: tuple[str, ...]
    short: tuple[str, ...] = ()
    rate: float = 60
    needs: frozenset[str] = frozenset()

    @property
    def cases(self) -> Iterator[Case]:
        """One case for each moment."""
        return (Case(self, moment) for moment in self.moments)


@dataclass(frozen=True, slots=True)
class Case:
    """A fault at one of its moments."""

    fault: Fault
    moment: str

    def __str__(self) -> str:
        return f"{self.fault.row} {self.fault.component}, {self.fault.name}: {self.moment}"

    @property
    def is_short(self) -> bool:
        """Whether the short run tries it."""
        return self.moment in self.fault.short
