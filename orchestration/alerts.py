"""What is told of problems, and when: a pure decision for each problem.

A problem is told when it begins, when it spreads, when it has gone on for too long, and when it is over; in
between nobody hears the same thing twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from pydantic import TypeAdapter

News = Literal["begins", "spreads", "goes on", "is over"]

LOOKS_UNTIL_OVER = 2
"""Looks in a row that have to find nothing: what comes and goes between two looks is one problem."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong now.

    Attributes:
        key: what it is about, such as ``gate``; two looks that find the same key see one problem.
        title: one line.
        details: what an operator has to know, with the next step; Markdown.
        parts: what it consists of, such as the rules that failed; one that was not there before is news.
    """

    key: str
    title: str
    details: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """A problem that somebody was told of.

    Attributes:
        problem: as it was last seen, with all parts that it ever had.
        since: when it was first seen, in UTC.
        told: how often it was told that it goes on.
        absent: looks in a row that have not found it.
    """

    problem: Problem
    since: datetime
    told: int = 0
    absent: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell.

    Attributes:
        news: what has happened.
        problem: to what.
        lasted: since when, as a duration.
        escalated: whether those hear it as well who are told of what goes on for too long.
    """

    news: News
    problem: Problem
    lasted: timedelta
    escalated: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What all watchers found.

    Attributes:
        found: problems by key; keys begin with the watcher's name.
        untold: watchers that could not tell; of what they found earlier nothing is known.
    """

    found: Mapping[str, Problem]
    untold: frozenset[str]


def follow(
    alert: Alert | None, problem: Problem | None, now: datetime, patience: timedelta
) -> tuple[Alert | None, Message | None]:
    """What becomes of one alert after a look.

    Args:
        alert: what stood before, None when nobody knew of it.
        problem: what the look has found under the same key, if anything.
        now: when it looked.
        patience: how long it may go on before it is told again, and told to more people; it is told once more
            whenever it has gone on for twice as long as the last time.

    Returns:
        What stands now, and what is to be told, if anything.
    """
    if alert is None:
        if problem is None:
            return None, None
        return Alert(problem, now), Message("begins", problem, timedelta(0), escalated=False)
    lasted = now - alert.since
    if problem is not None:
        return _goes_on(alert, problem, lasted, patience)
    if alert.absent + 1 < LOOKS_UNTIL_OVER:
        return replace(alert, absent=alert.absent + 1), None
    return None, Message("is over", alert.problem, lasted, escalated=alert.told > 0)


def _goes_on(
    alert: Alert, problem: Problem, lasted: timedelta, patience: timedelta
) -> tuple[Alert, Message | None]:
    new = [part for part in problem.parts if part not in alert.problem.parts]
    seen = replace(problem, parts=(*alert.problem.parts, *new))
    standing = replace(alert, problem=seen, absent=0)
    if lasted >= patience * 2**alert.told:
        return replace(standing, told=alert.told + 1), Message("goes on", problem, lasted, escalated=True)
    if new:
        return standing, Message("spreads", problem, lasted, escalated=alert.told > 0)
    return standing, None


def watcher_of(key: str) -> str:
    """The watcher that finds problems of a key: what stands before the colon."""
    return key.partition(":")[0]


_STANDING = TypeAdapter(dict[str, Alert])


def written(standing: Mapping[str, Alert]) -> str:
    """Alerts as text, for whoever keeps them between looks."""
    return _STANDING.dump_json(dict(standing)).decode()


def read(text: str | None) -> dict[str, Alert]:
    """Alerts from their text; none from nothing."""
    return _STANDING.validate_json(text) if text else {}
