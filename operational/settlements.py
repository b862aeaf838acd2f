"""What a payment provider would say it settled on a day, as the file that it would send."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Event

import structlog
from psycopg import sql
from pyarrow import fs

from bilten.errors import BiltenError, FilesUnavailable
from bilten.locations import open_location
from bilten.settings import Settings
from operational.database import connect

FOLDER = "financial/settlements"
DAYS_BACK = 3
SECONDS_BEFORE_FIRST = 120
"""The first load and the first build come first."""
SECONDS_BETWEEN = 900
log = structlog.get_logger(__name__)

_LINES = """
COPY (
    SELECT
        concat('ch_', replace(payment.id::text, '-', '')) AS id,
        {day}::date AS settled_on,
        concat_ws('-', payment.provider, to_char({day}::date, 'YYYYMMDD'), payment.currency) AS reference,
        'payment' AS kind,
        payment.provider,
        payment.provider_intent,
        payment.amount AS gross,
        payment.fee,
        payment.amount - payment.fee AS net,
        payment.currency,
        to_char(payment.completed_at, {form}) AS occurred_at
    FROM payments.payments AS payment
    WHERE payment.status IN ('completed', 'refunded')
        AND payment.completed_at >= {day}::date AND payment.completed_at < {day}::date + 1
    UNION ALL
    SELECT
        concat('rf_', replace(refund.id::text, '-', '')),
        {day}::date,
        concat_ws('-', payment.provider, to_char({day}::date, 'YYYYMMDD'), refund.currency),
        'refund',
        payment.provider,
        payment.provider_intent,
        -refund.amount,
        0.00,
        -refund.amount,
        refund.currency,
        to_char(refund.completed_at, {form})
    FROM payments.refunds AS refund
    INNER JOIN payments.payments AS payment ON payment.id = refund.payment_id
    WHERE refund.status = 'completed'
        AND refund.completed_at >= {day}::date AND refund.completed_at < {day}::date + 1
    ORDER BY 1
) TO STDOUT WITH (FORMAT csv, HEADER true)
"""


def file_name(day: date, version: int = 0) -> str:
    """What the provider calls the file of a day.

    Args:
        day: the day.
        version: of a corrected one, from 2.
    """
    return f"settlements-{day}{f'.v{version}' if version else ''}.csv"


def write_settlements(settings: Settings, day: date, version: int = 0) -> str:
    """Write the file of a day where files arrive: what was paid and given back on it.

    Args:
        settings: the operational database, and where files arrive.
        day: the day, in UTC.
        version: of a corrected file, from 2.

    Returns:
        Its place.

    Raises:
        OperationalUnavailable: the database does not answer.
        FilesUnavailable: the place cannot be written to.
    """
    form = sql.Literal('YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    query = sql.SQL(_LINES).format(day=sql.Literal(day.isoformat()), form=form)
    try:
        files, root = open_location(settings.files_location)
        folder = f"{root.rstrip('/')}/{FOLDER}"
        files.create_dir(folder, recursive=True)
        place = f"{folder}/{file_name(day, version)}"
        with (
            connect(settings) as connection,
            connection.cursor() as cursor,
            files.open_output_stream(f"{folder}/.part-{day}") as stream,
            cursor.copy(query) as rows,
        ):
            for block in rows:
                stream.write(block)
        files.move(f"{folder}/.part-{day}", place)
    except OSError as error:
        raise FilesUnavailable(f"The file of {day} cannot be written: {error}.") from error
    return place


def keep_settling(settings: Settings, stopping: Event) -> None:
    """Write the files of the last days that are missing, and each day's after its end, until told to stop."""
    pause = SECONDS_BEFORE_FIRST
    while not stopping.wait(pause):
        pause = SECONDS_BETWEEN
        try:
            for day in missing_days(settings, datetime.now(UTC).date()):
                write_settlements(settings, day)
        except BiltenError as error:
            log.info("settlements_not_written", reason=error.what)


def missing_days(settings: Settings, today: date) -> list[date]:
    """Of the last days, those without a file.

    Raises:
        FilesUnavailable: the place cannot be read.
    """
    days = [today - timedelta(days=back) for back in range(DAYS_BACK, 0, -1)]
    try:
        files, root = open_location(settings.files_location)
        places = [f"{root.rstrip('/')}/{FOLDER}/{file_name(day)}" for day in days]
        found = files.get_file_info(places)
    except OSError as error:
        raise FilesUnavailable(f"It cannot be seen which files there are: {error}.") from error
    return [day for day, info in zip(days, found, strict=True) if info.type == fs.FileType.NotFound]
