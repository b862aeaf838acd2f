"""``python -m warehouse.server``: run the embedded warehouse until it is told to stop."""

from __future__ import annotations

import asyncio
import sys

import structlog

from bilten.errors import BiltenError
from bilten.logs import configure_logs
from bilten.settings import load_settings
from warehouse.server.application import leave, serve
from warehouse.server.failures import EngineError


def main() -> None:
    """Start the server with the settings of the environment; never returns."""
    status = 1
    try:
        settings = load_settings()
        configure_logs(settings)
        status = asyncio.run(serve(settings))
    except (BiltenError, EngineError, OSError) as error:
        structlog.get_logger().error("warehouse server cannot run", error=str(error))
    except Exception:
        structlog.get_logger().exception("warehouse server failed")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        leave(status)


if __name__ == "__main__":
    main()
