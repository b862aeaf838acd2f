"""Starting and stopping the processes of one stack."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

from bilten.settings import Settings
from stack import preflight, processes, programs, readiness
from stack.layout import Layout
from stack.program import Program
from stack.supervision import Supervisor, render

Report = Callable[[str], None]
"""Told of each process when it answers."""


def supervise(settings: Settings, jars: Path, names: Collection[str]) -> tuple[Program, ...]:
    """Write every configuration and have a supervisor run with it, mending what a former one left.

    Args:
        settings: the stack's settings.
        jars: the folder that `stack.jars.ensure` returned.
        names: the processes that will be started: what they need is checked first.

    Returns:
        Every process the supervisor now knows; those whose configuration changed are stopped.

    Raises:
        PortInUse: another program holds a port.
        NotEnoughResources: memory or disk do not suffice.
        StackError: a component cannot be set up or the supervisor does not start.
    """
    layout = Layout.of(settings)
    supervisor = Supervisor(layout)
    alive = supervisor.is_alive()
    if not alive:
        processes.end_orphans(layout)
    states = supervisor.states() if alive else {}
    _preflight(settings, layout, [name for name in names if name not in states or not states[name].is_up])
    known = programs.all_of(settings, layout, jars)
    layout.supervisor_configuration.write_text(render(known, layout), encoding="utf-8")
    layout.supervisor_configuration.chmod(0o600)
    if alive:
        supervisor.adopt_configuration()
    else:
        supervisor.launch()
    return known


def _preflight(settings: Settings, layout: Layout, names: Collection[str]) -> None:
    wanted = [name for name in names if name not in programs.elsewhere(settings)]
    preflight.check_ports(settings.host, preflight.ports(settings, wanted))
    preflight.check_resources(settings, wanted, (layout.home, layout.cache))


def start(settings: Settings, chosen: Collection[Program], report: Report) -> None:
    """Start processes stage by stage; a stage begins when all of the one before it answer.

    Raises:
        StackError: a process cannot be started.
        ServiceNotReady: one does not answer in time.
    """
    supervisor = Supervisor(Layout.of(settings))
    ordered = sorted(chosen, key=lambda program: program.stage)
    for _, stage in groupby(ordered, key=lambda program: program.stage):
        together = list(stage)
        for program in together:
            supervisor.start(program.name)

        def ready(program: Program) -> None:
            readiness.wait(program.name, settings, lambda: supervisor.states()[program.name].is_up)
            report(program.name)

        with ThreadPoolExecutor(len(together)) as pool:
            list(pool.map(ready, together))


def stop(settings: Settings, report: Report) -> int:
    """Stop everything of this data folder, dependants first, and make sure nothing is left.

    Returns:
        How many processes had to be ended without the supervisor's help.
    """
    layout = Layout.of(settings)
    supervisor = Supervisor(layout)
    if supervisor.is_alive():
        states = supervisor.states()
        for names in programs.STOPPING_ORDER:
            running = [name for name in names if name in states and states[name].pid]
            for name in running:
                supervisor.stop(name)
            _until_stopped(supervisor, running)
            for name in running:
                report(name)
        ending = processes.named_in(layout.supervisor_pid)
        supervisor.shut_down()
        processes.wait_for_end_of(ending)
    return processes.end_orphans(layout)


def pause(settings: Settings, name: str) -> None:
    """Stop one process and wait for its end; harmless when it does not run.

    Raises:
        StackError: it could not be stopped.
    """
    supervisor = Supervisor(Layout.of(settings))
    if name in supervisor.states():
        supervisor.stop(name)
        _until_stopped(supervisor, [name])


def _until_stopped(supervisor: Supervisor, names: Collection[str]) -> None:
    while any(each.pid for name, each in supervisor.states().items() if name in names):
        time.sleep(0.1)
