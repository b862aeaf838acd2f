"""``python -m warehouse.server``: run the embedded warehouse until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import sys

import structlog

from bilten.errors import BiltenError
from bilten.settings import load_settings
from warehouse.server.application import leave, serve
from warehouse.server.failures import EngineError


def main() -> None:
    """Start the server with the settings of the environment; never returns."""
    status = 1
    try:
        settings = load_settings()
        structlog.configure(
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(
                logging.getLevelNamesMapping()[settings.log_level.upper()]
            ),
            logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        )
        status = asyncio.run(serve(settings))
    except (BiltenError, EngineError, OSError) as error:
        structlog.get_logger().error("warehouse server cannot run", error=str(error))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        leave(status)


if __name__ == "__main__":
    main()
