"""Runs asked for from outside Dagster: launched through its web server, so that they show in its pages."""

from __future__ import annotations

import time
from dataclasses import dataclass

import httpx
from dagster import DagsterRunStatus
from dagster_graphql import DagsterGraphQLClient, DagsterGraphQLClientError

from bilten.errors import DagsterUnavailable, OrchestrationError
from bilten.settings import Settings

CODE_LOCATION = "bilten"
_SECONDS_BETWEEN_LOOKS = 1.0
_FINAL = {DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED}


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended.

    Attributes:
        run_id: Dagster's identifier.
        status: Dagster's word for the end: SUCCESS, FAILURE or CANCELED.
        url: the run's page.
    """

    run_id: str
    status: str
    url: str

    @property
    def succeeded(self) -> bool:
        """Whether every step of the run succeeded."""
        return self.status == DagsterRunStatus.SUCCESS.value


def launch(settings: Settings, job: str) -> str:
    """Start a job.

    Args:
        settings: where Dagster's web server is.
        job: the job's name.

    Returns:
        The identifier of the run.

    Raises:
        DagsterUnavailable: the web server does not answer.
        OrchestrationError: it does not know the job, or refuses it.
    """
    try:
        return _client(settings).submit_job_execution(job, repository_location_name=CODE_LOCATION)
    except DagsterGraphQLClientError as error:
        raise OrchestrationError(f"Dagster did not start the job {job}: {error}") from error
    except httpx.HTTPError as error:
        raise DagsterUnavailable(f"Dagster does not answer at {settings.dagster_http_url}.") from error


def wait(settings: Settings, run_id: str, seconds: float) -> RunResult:
    """Wait until a run has ended.

    Args:
        settings: where Dagster's web server is.
        run_id: as `launch` returned it.
        seconds: longest time to wait.

    Returns:
        How it ended.

    Raises:
        OrchestrationError: it still runs after that time; it goes on by itself.
    """
    client = _client(settings)
    url = f"{settings.dagster_http_url}/runs/{run_id}"
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status = client.get_run_status(run_id)
        if status in _FINAL:
            return RunResult(run_id, status.value, url)
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    raise OrchestrationError(f"The run {run_id} still runs after {seconds:.0f} s.", remedy=f"Look at {url}.")


def _client(settings: Settings) -> DagsterGraphQLClient:
    try:
        return DagsterGraphQLClient(settings.host, port_number=settings.dagster_port)
    except (DagsterGraphQLClientError, OSError) as error:
        raise DagsterUnavailable(f"Dagster does not answer at {settings.dagster_http_url}.") from error
