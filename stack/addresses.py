"""Where the components of a stack are, for their clients."""

from __future__ import annotations

from bilten.settings import Settings


def addresses(settings: Settings) -> dict[str, str]:
    """Every address that a client of the stack needs, passwords included; the last four are for plain dbt."""
    host, port = settings.warehouse_host_port
    user, password = settings.warehouse_credentials
    return {
        "BILTEN_HOME": str(settings.home),
        "DATABASE_URL": settings.operational_url,
        "WAREHOUSE_URL": settings.warehouse_http_url,
        "KAFKA_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "CONNECT_URL": settings.connect_http_url,
        "DAGSTER_URL": settings.dagster_http_url,
        "LINEAGE_URL": settings.lineage_http_url,
        "BILTEN_WAREHOUSE_HOST": host,
        "BILTEN_WAREHOUSE_PORT": str(port),
        "BILTEN_WAREHOUSE_USER": user,
        "BILTEN_WAREHOUSE_PASSWORD": password,
    }
