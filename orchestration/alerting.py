"""The sensor that tells people what is wrong, once a minute."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from logging import Logger

from dagster import (
    DefaultSensorStatus,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    sensor,
)

from bilten.errors import BiltenError
from bilten.settings import Settings
from orchestration.alerts import Alert, Look, follow, read, watcher_of, written
from orchestration.resources import Platform

SECONDS_BETWEEN_LOOKS = 60


def alert_sensor(platform: Platform) -> SensorDefinition:
    """Looks for problems once a minute and tells of them.

    What stands is the sensor's cursor, so it needs neither the warehouse nor a service to be remembered. A
    message that a channel did not take is sent again at the next look; one that was sent just before a crash
    may come twice, none is lost.
    """

    @sensor(
        name="alerts",
        description="Tells people of refused builds, late data and failed runs, and when they are over.",
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=DefaultSensorStatus.RUNNING,
    )
    def alerts(context: SensorEvaluationContext) -> SensorResult:
        # Kafka's and PostgreSQL's drivers: the code location need not load them.
        from orchestration.watching import look  # noqa: PLC0415

        seen = look(platform, context.instance)
        standing = tell_news(platform.settings, read(context.cursor), seen, datetime.now(UTC), context.log)
        return SensorResult(
            skip_reason=SkipReason(
                "; ".join(alert.problem.title for alert in standing.values()) or "All is well."
            ),
            cursor=written(standing),
        )

    return alerts


def tell_news(
    settings: Settings, standing: Mapping[str, Alert], seen: Look, now: datetime, log: Logger
) -> dict[str, Alert]:
    """Tell what is new.

    Args:
        settings: the channels, and when a problem escalates.
        standing: alerts by key, as they were after the last look.
        seen: what was found now.
        now: when.
        log: hears every message, and why one could not be sent.

    Returns:
        The alerts that stand now; one whose message could not be sent stands as before.
    """
    # apprise knows hundreds of services: a second that nobody pays before there is something to tell.
    from orchestration.telling import tell, title  # noqa: PLC0415

    patience = timedelta(minutes=settings.alert_escalation_minutes)
    after: dict[str, Alert] = {}
    for key in sorted(standing.keys() | seen.found.keys()):
        before, problem = standing.get(key), seen.found.get(key)
        if problem is None and watcher_of(key) in seen.untold:
            # Nobody looked; that is no sign that it is over.
            next_alert, message = before, None
        else:
            next_alert, message = follow(before, problem, now, patience)
        if message is not None:
            log.info(title(settings, message))
            try:
                tell(settings, message)
            except BiltenError as error:
                log.error(str(error))
                next_alert = before
        if next_alert is not None:
            after[key] = next_alert
    return after
