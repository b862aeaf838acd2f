"""``bilten users``: who may use the warehouse, and as what."""

from __future__ import annotations

import json
import sys
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from bilten.contracts import load_contracts
from bilten.errors import UserRefused
from bilten.settings import Settings, load_settings
from warehouse.access.install import install_roles, install_user, install_views
from warehouse.access.policy import make_policy
from warehouse.access.roles import ROLES
from warehouse.access.users import Users, check_roles
from warehouse.client import Warehouse

app = typer.Typer(
    name="users",
    help="Users of the warehouse and their roles: add, list, remove, password, views.",
    no_args_is_help=True,
)
console = Console(highlight=False)

Name = Annotated[str, typer.Argument(help="The user's name.")]
FromInput = Annotated[
    bool, typer.Option("--password-from-input", help="Read the password from standard input, for scripts.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def add(
    name: Name,
    role: Annotated[
        list[str], typer.Option("--role", help="A role; may be given again. The first one's limits hold.")
    ],
    organizer: Annotated[
        UUID | None, typer.Option(help="With the role organizer: whose rows the user sees.")
    ] = None,
    password_from_input: FromInput = False,
) -> None:
    """Add a user. What the roles may read is made as views, where it isn't there yet."""
    settings = load_settings()
    check_roles(role, organizer)
    password = _password(from_input=password_from_input)
    policy = make_policy(load_contracts().values())
    with Warehouse(settings) as warehouse:
        changed = install_views(warehouse, policy)
        if settings.warehouse_url is not None:
            install_roles(warehouse, policy)
            install_user(warehouse, name, password, role, organizer)
        else:
            Users(settings).add(name, password, role, organizer)
    console.print(f"{name} may use the warehouse as {', '.join(role)}.")
    if changed:
        console.print(f"{len(changed)} views were made.", style="dim")


@app.command("list")
def list_users(as_json: JsonOption = False) -> None:
    """List the users."""
    users = Users(_embedded(load_settings())).all()
    if as_json:
        facts = [
            {
                "name": user.name,
                "roles": list(user.roles),
                "organizer": str(user.organizer) if user.organizer else None,
                "created_at": user.created_at.isoformat(),
            }
            for user in users
        ]
        typer.echo(json.dumps(facts, indent=2))
        return
    shown = Table("user", "roles", "organizer", "since")
    for user in users:
        shown.add_row(
            user.name, ", ".join(user.roles), str(user.organizer or ""), f"{user.created_at:%Y-%m-%d}"
        )
    console.print(shown)


@app.command()
def remove(name: Name) -> None:
    """Remove a user; from the next request on it is refused."""
    settings = load_settings()
    if settings.warehouse_url is not None:
        with Warehouse(settings) as warehouse:
            warehouse.command("DROP USER {name:Identifier}", {"name": name})
    else:
        Users(settings).remove(name)
    console.print(f"{name} was removed.")


@app.command()
def password(name: Name, password_from_input: FromInput = False) -> None:
    """Give a user another password; the old one is refused from the next request on."""
    users = Users(_embedded(load_settings()))
    users.set_password(name, _password(from_input=password_from_input))
    console.print(f"{name} has another password.")


@app.command()
def roles(as_json: JsonOption = False) -> None:
    """Show what each role may read."""
    policy = make_policy(load_contracts().values())
    if as_json:
        typer.echo(json.dumps({role.name: list(policy.grants[role.name]) for role in ROLES}, indent=2))
        return
    shown = Table("role", "who", "at most", "datasets", "MiB", "seconds", "at once")
    for role in ROLES:
        datasets = {one.dataset for one in policy.readings if one.role == role.name}
        limits = role.limits
        shown.add_row(
            role.name,
            role.description,
            role.level,
            str(len(datasets)),
            str(limits.memory_megabytes),
            str(limits.seconds),
            str(limits.concurrent),
        )
    console.print(shown)


@app.command()
def views() -> None:
    """Make the views by which roles read, where they are missing or a contract has changed."""
    settings = load_settings()
    policy = make_policy(load_contracts().values())
    with Warehouse(settings) as warehouse:
        changed = install_views(warehouse, policy)
        if settings.warehouse_url is not None:
            install_roles(warehouse, policy)
    for name in changed:
        console.print(name)
    console.print(f"{len(changed)} views were made or dropped.")


def _embedded(settings: Settings) -> Settings:
    if settings.warehouse_url is not None:
        raise UserRefused(
            "The warehouse is a ClickHouse server, which keeps its users itself.",
            why="`BILTEN_WAREHOUSE_URL` is set.",
            remedy="Use SHOW USERS and ALTER USER on that server.",
        )
    return settings


def _password(*, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\n")
    entered: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return entered
