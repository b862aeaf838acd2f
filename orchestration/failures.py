"""The one place that turns the platform's errors into Dagster's retries and failures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dagster import AssetCheckExecutionContext, AssetExecutionContext, Failure, RetryRequested

from bilten.errors import BiltenError

RETRIES = 3
FIRST_PAUSE_SECONDS = 10.0
"""Longer than the warehouse needs to come back after a crash; each further pause is twice as long."""


@contextmanager
def failures_explained(context: AssetExecutionContext | AssetCheckExecutionContext) -> Iterator[None]:
    """Run a step's body; an error of ours ends it as Dagster's users expect.

    Args:
        context: of the step; it knows how often the step was tried.

    Raises:
        RetryRequested: the error says that a retry may help.
        Failure: it says that a retry cannot; the description has cause and next step.
    """
    try:
        yield
    except BiltenError as error:
        if error.retryable and context.retry_number < RETRIES:
            raise RetryRequested(RETRIES, pause_before_retry(context.retry_number)) from error
        raise Failure(
            description=error.what,
            metadata={"why": error.why, "next": error.remedy, "code": error.code},
            allow_retries=False,
        ) from error


def pause_before_retry(retries: int) -> float:
    """Seconds until a step is tried again.

    Args:
        retries: how often it was tried again already.
    """
    return float(FIRST_PAUSE_SECONDS * 2**retries)
