"""supervisord: its generated configuration, and a small typed client of its control socket."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from bilten.errors import ServiceNotReady, SettingsError, StackError
from stack.layout import Layout
from stack.program import MARKER, Program

LOG_MEGABYTES = 10
LOG_BACKUPS = 3


def render(programs: tuple[Program, ...], layout: Layout) -> str:
    """The configuration as text.

    Every process comes back by itself: at once when it had been up, with growing pauses while it fails at
    its start (1 s, 2 s, 3 s, …), and is given up after a hundred such attempts, well over an hour.

    Raises:
        SettingsError: a value cannot be written in this format.
    """
    socket = layout.control_socket
    sections = [
        "[unix_http_server]",
        f"file={_literal(socket)}",
        "chmod=0600",
        "",
        "[supervisord]",
        f"pidfile={_literal(layout.supervisor_pid)}",
        f"logfile={_literal(layout.logs / 'supervisord.log')}",
        f"logfile_maxbytes={LOG_MEGABYTES}MB",
        f"logfile_backups={LOG_BACKUPS}",
        f"childlogdir={_literal(layout.logs)}",
        f"directory={_literal(layout.run)}",
        f"identifier=bilten-{layout.fingerprint}",
        "umask=077",
        *(["user=root"] if os.getuid() == 0 else []),
        "",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
        "",
    ]
    sections += [section(program, layout) for program in programs]
    sections += ["[include]", f"files={_literal(layout.connectors)}/*.conf", ""]
    return "\n".join(sections)


def section(program: Program, layout: Layout) -> str:
    """The part of the configuration that describes one process.

    Raises:
        SettingsError: a value cannot be written in this format.
    """
    group = "true" if program.stop_group else "false"
    environment = {
        **program.environment,
        MARKER: str(layout.home),
        "BILTEN_CONFIGURATION": hashlib.sha256(program.configuration.encode()).hexdigest(),
    }
    lines = [
        f"[program:{program.name}]",
        f"command={' '.join(_quoted(argument) for argument in program.command)}",
        f"environment={_environment(environment)}",
        f"directory={_literal(program.directory or layout.home)}",
        *([f"user={program.account}"] if program.account else []),
        f"priority={program.stage}",
        # `up` starts the others itself, stage by stage, each when what it needs answers.
        f"autostart={str(program.starts_itself).lower()}",
        "autorestart=true",
        "startsecs=2",
        "startretries=100",
        f"stopsignal={program.stop_signal}",
        f"stopwaitsecs={program.stop_seconds}",
        f"stopasgroup={group}",
        "killasgroup=true",
        "redirect_stderr=true",
        f"stdout_logfile={_literal(layout.logs / (program.name + '.log'))}",
        f"stdout_logfile_maxbytes={LOG_MEGABYTES}MB",
        f"stdout_logfile_backups={LOG_BACKUPS}",
        "",
    ]
    return "\n".join(lines)


def _literal(value: object) -> str:
    return str(value).replace("%", "%%")


def _quoted(argument: str) -> str:
    if argument and not set(argument) & set(" \t'\"\\;#$"):
        return _literal(argument)
    return "'" + _literal(argument).replace("'", "'\"'\"'") + "'"


def _environment(values: Mapping[str, str]) -> str:
    return ",".join(f"{name}={_environment_value(name, value)}" for name, value in sorted(values.items()))


def _environment_value(name: str, value: str) -> str:
    # supervisord reads this with a lexer that knows quotes but no escapes.
    if "\n" in value or '"' in value or value.startswith("'") or value.endswith("'"):
        raise SettingsError(
            f"The value of {name} holds a line end, a double quote, or a single quote at one of its ends.",
            remedy="In an address write %22 and %27 instead.",
        )
    return f'"{_literal(value)}"'


@dataclass(frozen=True)
class State:
    """What the supervisor says of one process now."""

    name: str
    state: str
    pid: int | None
    since: int
    message: str

    @property
    def is_up(self) -> bool:
        """Whether it runs, or is just being started."""
        return self.state in {"RUNNING", "STARTING"}


class Supervisor:
    """The running supervisor of one stack.

    Calls raise `StackError` when it does not answer.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def _call(self, method: str, *arguments: object) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._layout.control_socket}")
        try:
            with ServerProxy("http://127.0.0.1", transport=transport) as proxy:
                target: Any = proxy
                for part in method.split("."):
                    target = getattr(target, part)
                return target(*arguments)
        except OSError as error:
            raise StackError(
                "The supervisor does not answer.",
                why=f"Nothing listens on its control socket ({error.__class__.__name__}).",
                remedy="Run `make up`: it starts the supervisor and everything below it again.",
            ) from error

    def is_alive(self) -> bool:
        """Whether the supervisor answers, even if only to say that it is ending."""
        try:
            self._call("supervisor.getState")
        except Fault:
            return True
        except StackError:
            return False
        return True

    def launch(self) -> None:
        """Start the supervisor in the background, without any program, and wait until it answers.

        Raises:
            ServiceNotReady: it does not answer within ten seconds.
        """
        # Its environment is inherited by every process: settings come from the configuration only.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BILTEN_")}
        environment[MARKER] = str(self._layout.home)
        result = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "-c", self._layout.supervisor_configuration],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0 or not self._answers():
            raise ServiceNotReady(
                "The supervisor did not start.", why=(result.stderr or result.stdout)[-800:] or None
            )

    @retry(
        retry=retry_if_result(lambda alive: not alive),
        wait=wait_fixed(0.05),
        stop=stop_after_delay(10),
        retry_error_callback=lambda _: False,
    )
    def _answers(self) -> bool:
        return self.is_alive()

    def states(self) -> dict[str, State]:
        """Every configured process by name."""
        return {
            each["name"]: State(
                name=each["name"],
                state=each["statename"],
                pid=each["pid"] or None,
                since=each["start"],
                message=each["spawnerr"] or each["description"],
            )
            for each in self._call("supervisor.getAllProcessInfo")
        }

    def adopt_configuration(self) -> tuple[str, ...]:
        """Read the configuration file again: processes whose section changed or went are stopped.

        Returns:
            The names of those that changed and were stopped.
        """
        [(added, changed, removed)] = self._call("supervisor.reloadConfig")
        for name in (*changed, *removed):
            self._call("supervisor.stopProcessGroup", name)
            self._call("supervisor.removeProcessGroup", name)
        for name in (*added, *changed):
            self._call("supervisor.addProcessGroup", name)
        return tuple(changed)

    def start(self, name: str) -> None:
        """Start a process unless it runs; returns at once."""
        try:
            self._call("supervisor.startProcess", name, False)
        except Fault as fault:
            if "ALREADY_STARTED" not in fault.faultString:
                raise StackError(
                    f"The process {name} could not be started.", why=fault.faultString
                ) from fault

    def stop(self, name: str) -> None:
        """Ask a process to stop unless it has; returns at once."""
        try:
            self._call("supervisor.stopProcess", name, False)
        except Fault as fault:
            if "NOT_RUNNING" not in fault.faultString:
                raise StackError(
                    f"The process {name} could not be stopped.", why=fault.faultString
                ) from fault

    def restart(self, name: str) -> None:
        """Start a process anew, or for the first time.

        Raises:
            StackError: it could not be stopped or started.
        """
        self.stop(name)
        while self.states()[name].pid is not None:
            time.sleep(0.1)
        self.start(name)

    def shut_down(self) -> None:
        """Ask the supervisor to stop everything and end."""
        self._call("supervisor.shutdown")
