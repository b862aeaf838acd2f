"""The one place that turns the platform's errors into Dagster's retries and failures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dagster import Failure, RetryRequested

from bilten.errors import BiltenError

RETRIES = 3
SECONDS_BETWEEN_RETRIES = 10.0
"""Longer than the warehouse needs to come back after a crash."""


@contextmanager
def failures_explained() -> Iterator[None]:
    """Run a step's body; an error of ours ends it as Dagster's users expect.

    Raises:
        RetryRequested: the error says that a retry may help.
        Failure: it says that a retry cannot; the description has cause and next step.
    """
    try:
        yield
    except BiltenError as error:
        if error.retryable:
            raise RetryRequested(max_retries=RETRIES, seconds_to_wait=SECONDS_BETWEEN_RETRIES) from error
        raise Failure(
            description=error.what,
            metadata={"why": error.why, "next": error.remedy, "code": error.code},
            allow_retries=False,
        ) from error
