"""Delivery: from the outbox to the warehouse, and to another OpenLineage receiver when one is set.

Each receiver has a position of its own, so one that is down holds no other up. The order is: deliver, then
note the position. A crash between the two delivers again, which receivers recognise by the event's
identifier (the warehouse) or by its run and state (OpenLineage receivers).
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import requests
import structlog
from openlineage.client.transport.http import HttpConfig, HttpTransport

from bilten.errors import BiltenError, DeliveryFailed, EventRefused
from lineage.outbox import Entry, Outbox

log = structlog.get_logger(__name__)

BATCH_EVENTS = 500
BATCH_BYTES = 16 * 1024 * 1024
"""Bounds of one delivery; an event with column lineage of a wide table takes about 100 KiB."""

_NEVER = frozenset({400, 409, 413, 415, 422})
"""Answers that say this event will never be taken; anything else may be better later."""


class Receiver(Protocol):
    """Something that takes events."""

    @property
    def name(self) -> str:
        """Its name in the outbox; without credentials."""

    @property
    def one_by_one(self) -> bool:
        """Whether it takes single events only."""

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Take the events, for good.

        Raises:
            DeliveryFailed: not now.
            EventRefused: never (only from receivers that take events one by one).
        """


@dataclass(frozen=True)
class Delivery:
    """What one round brought to a receiver; ``error`` says why it stopped before the end."""

    receiver: str
    delivered: int
    refused: int
    error: str | None = None
    busy: bool = False


class OpenLineageReceiver:
    """Another OpenLineage receiver, over HTTP.

    Args:
        url: its address; ``/api/v1/lineage`` is added to it.
        timeout: seconds to wait for an answer.
    """

    one_by_one = True

    def __init__(self, url: str, *, timeout: float = 10.0) -> None:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        self.name = f"{parts.scheme}://{parts.hostname}{port}{parts.path}".rstrip("/")
        # The outbox tries again; a transport that retries by itself would only hide outages from it.
        config = HttpConfig(url=url, timeout=timeout, retry={"total": 0})
        self._transport = HttpTransport(config)

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Send the events in their order."""
        for entry in entries:
            try:
                self._transport.emit(json.loads(entry.body))
            except requests.HTTPError as error:
                response = error.response
                status = response.status_code if response is not None else 0
                message = f"{self.name} answered {status} to event {entry.event_id}."
                if status in _NEVER:
                    raise EventRefused(message, why=_reason(response)) from error
                raise DeliveryFailed(message) from error
            except requests.RequestException as error:
                raise DeliveryFailed(f"{self.name} could not be reached: {type(error).__name__}.") from error

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()


class Deliverer:
    """Brings waiting events to receivers.

    Several processes may deliver at once (the service, a person at the shell): a lock per receiver lets one
    of them work and the others find nothing to do.

    Args:
        outbox: where the events wait.
        receivers: who takes them.
    """

    def __init__(self, outbox: Outbox, receivers: Sequence[Receiver]) -> None:
        self.outbox = outbox
        self.receivers = tuple(receivers)

    def deliver(self) -> list[Delivery]:
        """Deliver to every receiver until nothing waits or it fails; the result tells errors."""
        return [self.deliver_to(receiver) for receiver in self.receivers]

    def deliver_to(self, receiver: Receiver) -> Delivery:
        """Deliver to one receiver until nothing waits or it fails.

        Raises:
            LineageError: the outbox itself cannot be used.
        """
        with _exclusive(self.outbox.path.parent / "locks", receiver.name) as mine:
            if not mine:
                return Delivery(receiver.name, 0, 0, busy=True)
            return self._deliver(receiver)

    def retry_refused(self, receiver: Receiver) -> Delivery:
        """Send the events again that the receiver refused before."""
        delivered = refused = 0
        with _exclusive(self.outbox.path.parent / "locks", receiver.name) as mine:
            if not mine:
                return Delivery(receiver.name, 0, 0, busy=True)
            for entry, _ in self.outbox.refusals(receiver.name):
                try:
                    receiver.deliver([entry])
                except EventRefused as error:
                    self.outbox.refuse(receiver.name, entry.sequence, str(error.what))
                    refused += 1
                except BiltenError as error:
                    return Delivery(receiver.name, delivered, refused, error.what)
                else:
                    self.outbox.accept(receiver.name, [entry.sequence])
                    delivered += 1
        return Delivery(receiver.name, delivered, refused)

    def _deliver(self, receiver: Receiver) -> Delivery:
        delivered = refused = 0
        while waiting := self.outbox.waiting(receiver.name, BATCH_EVENTS):
            for batch in _batches(waiting, 1 if receiver.one_by_one else BATCH_EVENTS):
                try:
                    receiver.deliver(batch)
                except EventRefused as error:
                    self.outbox.refuse(receiver.name, batch[0].sequence, f"{error.what} {error.why}")
                    refused += 1
                    log.warning("lineage event refused", receiver=receiver.name, event_id=batch[0].event_id)
                except BiltenError as error:
                    # Whatever the reason is: an event that is not taken stays in the line.
                    self.outbox.fail(receiver.name, error.what)
                    return Delivery(receiver.name, delivered, refused, error.what)
                else:
                    self.outbox.advance(receiver.name, batch[-1].sequence, len(batch))
                    delivered += len(batch)
        return Delivery(receiver.name, delivered, refused)


def _reason(response: requests.Response | None) -> str | None:
    # The body may say what is wrong, but it may echo the event as well; the status line cannot.
    return f"It says {response.reason}." if response is not None and response.reason else None


def _batches(entries: Sequence[Entry], most: int) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) >= most or size + len(entry.body) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += len(entry.body)
    if batch:
        yield batch


@contextmanager
def _exclusive(folder: Path, name: str) -> Iterator[bool]:
    """Hold the receiver's lock; yields False when another process has it. Any death frees it."""
    folder.mkdir(parents=True, exist_ok=True)
    safe = "".join(character if character.isalnum() else "_" for character in name)
    with (folder / f"{safe}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
