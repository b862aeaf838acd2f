"""Waiting for something that is down: again and again, until it answers or the loader stops."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential

from bilten.errors import BiltenError

SHORTEST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0

Answer = TypeVar("Answer")


def patiently(
    call: Callable[[], Answer],
    stopping: threading.Event,
    told: Callable[[BaseException], None],
    *,
    is_hopeless: Callable[[BaseException, int], bool] = lambda _, __: False,
) -> Answer:
    """Make a call until it succeeds.

    Args:
        call: what to do; repeating it must be harmless.
        stopping: when set, the first failure is the last, and no pause is finished.
        told: called with the error before each pause.
        is_hopeless: whether to give up on an error that usually passes, after so many attempts.

    Raises:
        BiltenError: one that is not retryable, or any when the loader stops or the case is hopeless.
    """

    def gives_up(state: RetryCallState) -> bool:
        error = _error(state)
        return stopping.is_set() or (error is not None and is_hopeless(error, state.attempt_number))

    def pause(seconds: float) -> None:
        stopping.wait(seconds)

    def tell(state: RetryCallState) -> None:
        error = _error(state)
        if error is not None:
            told(error)

    attempts = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, BiltenError) and error.retryable),
        stop=gives_up,
        wait=wait_exponential(multiplier=SHORTEST_PAUSE_SECONDS, max=LONGEST_PAUSE_SECONDS),
        sleep=pause,
        before_sleep=tell,
        reraise=True,
    )
    return attempts(call)


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
