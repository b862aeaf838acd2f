"""Messages to people, by any channel that apprise knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from apprise import Apprise, NotifyFormat, NotifyType

from bilten.errors import AlertNotDelivered, SettingsError
from bilten.settings import Settings
from orchestration.alerts import Message, News

_KINDS: Mapping[News, NotifyType] = {
    "begins": NotifyType.FAILURE,
    "spreads": NotifyType.FAILURE,
    "goes on": NotifyType.FAILURE,
    "is over": NotifyType.SUCCESS,
}


def tell(settings: Settings, message: Message) -> bool:
    """Send a message to everybody who is to hear it.

    Args:
        settings: the channels, and the environment that the message names.
        message: what to tell.

    Returns:
        Whether anybody is to be told of problems at all.

    Raises:
        AlertNotDelivered: a channel did not take it; others may have.
        SettingsError: apprise does not know an address.
    """
    chosen = [settings.alert_channels]
    if message.escalated:
        chosen.append(settings.alert_escalation_channels)
    addresses = [address for each in chosen if each for address in each.get_secret_value().split()]
    if not addresses:
        return False
    channels = Apprise()
    for number, address in enumerate(addresses, 1):
        if not channels.add(address):
            # An address may hold a password.
            raise SettingsError(
                f"apprise does not know the alert channel number {number}.",
                remedy="Correct BILTEN_ALERT_CHANNELS or BILTEN_ALERT_ESCALATION_CHANNELS.",
            )
    delivered = channels.notify(
        title=title(settings, message),
        body=message.problem.details or message.problem.title,
        notify_type=_KINDS[message.news],
        body_format=NotifyFormat.MARKDOWN,
    )
    if not delivered:
        raise AlertNotDelivered(f"A channel did not take the message {title(settings, message)!r}.")
    return True


def title(settings: Settings, message: Message) -> str:
    """A message in one line: where, what, and how long for."""
    said = message.problem.title
    if message.news == "spreads":
        said += " (more than before)"
    elif message.news == "goes on":
        said += f", for {_words(message.lasted)}"
    elif message.news == "is over":
        said = f"Over after {_words(message.lasted)}: {said}"
    return f"[bilten {settings.env}] {said}"


def _words(lasted: timedelta) -> str:
    minutes = round(lasted.total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{minutes} min"
