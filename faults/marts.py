"""Row 10, where marts are built: the warehouse dies while dbt works, and while they are published."""

from __future__ import annotations

from faults.fault import Fault
from faults.scene import Scene
from faults.stage import MARTS
from orchestration.launch import launch, wait
from orchestration.schedules import MARTS_JOB
from tests.end_to_end.dying import dagster_of, has_begun

RUN_SECONDS = 600
STEPS = {"dbt build": "dbt_build", "publish": "publish"}


def _killed(scene: Scene, moment: str) -> str:
    """Readers keep what was published; the next run publishes something newer."""
    before = scene.published()
    assert before, "nothing was published before"
    run_id = launch(scene.settings, MARTS_JOB)
    with dagster_of(scene.stack) as instance:
        scene.wait(f"{moment} begins", lambda: has_begun(instance, run_id, STEPS[moment]), RUN_SECONDS)
        scene.pause(0, 1 if moment == "publish" else 5)
        scene.kill("warehouse")
    first = wait(scene.settings, run_id, RUN_SECONDS)
    scene.assert_not_older(before)
    second = wait(scene.settings, launch(scene.settings, MARTS_JOB), RUN_SECONDS)
    assert second.succeeded, f"{second.url} {scene.stack.run('marts', 'verdicts').stdout}"
    now = scene.published()
    assert all(now[mart] > moment for mart, moment in before.items()), "the next run published nothing newer"
    return f"the run ended as {first.status.lower()}; readers kept whole marts, and the next run published"


FAULTS = (
    # Builds leave out the newest changes; a little traffic is enough, and a build beside much takes long.
    Fault(10, "warehouse", "SIGKILL", _killed, tuple(STEPS), rate=10, needs=MARTS),
)
