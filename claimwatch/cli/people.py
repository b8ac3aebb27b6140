"""Commands about who may decide: users."""

from __future__ import annotations

from typing import Annotated

import typer

from claimwatch.cli.options import Exit, Json, home, one_of

app = typer.Typer()
users = typer.Typer(help="Who may use the review desk.", no_args_is_help=True)
app.add_typer(users, name="users")

RoleName = Annotated[str, typer.Option("--role", help="viewer, reviewer or admin.")]


@users.command(name="add")
def users_add(
    name: str,
    role: RoleName = "reviewer",
    outside: Annotated[str, typer.Option("--outside", help="Their name at the sign-in service of the settings.")] = "",
) -> int:
    """Let somebody in: prints a link with which they set their password, once, within two days."""
    from claimwatch.commands.users import add
    from domain.people import Role

    add(home(), name=name, role=one_of(Role, role, "--role", without=("public",)), outside=outside)
    return Exit.DONE


@users.command(name="list")
def users_list(as_json: Json = False) -> int:
    """Everybody, with role, how they sign in, and when they were last seen."""
    from claimwatch.commands.users import show

    show(home(), as_json=as_json)
    return Exit.DONE


@users.command(name="link")
def users_link(name: str) -> int:
    """A new link for somebody who lost their password; it works once, within two days."""
    from claimwatch.commands.users import link

    link(home(), name)
    return Exit.DONE


@users.command(name="role")
def users_role(name: str, role: Annotated[str, typer.Argument(help="viewer, reviewer or admin.")]) -> int:
    """Give somebody another role; their sessions end."""
    from claimwatch.commands.users import give_role
    from domain.people import Role

    give_role(home(), name, role=one_of(Role, role, "ROLE", without=("public",)))
    return Exit.DONE


@users.command(name="remove")
def users_remove(name: str) -> int:
    """Let somebody in no more; what they decided stays signed with their name."""
    from claimwatch.commands.users import let_in

    let_in(home(), name, active=False)
    return Exit.DONE


@users.command(name="restore")
def users_restore(name: str) -> int:
    """Let somebody in again."""
    from claimwatch.commands.users import let_in

    let_in(home(), name, active=True)
    return Exit.DONE


@users.command(name="outside")
def users_outside(name: str, outside: Annotated[str, typer.Argument(metavar="[OUTSIDE]")] = "") -> int:
    """By which name the sign-in service of the settings knows somebody; without one, it lets them in no more."""
    from claimwatch.commands.users import name_outside

    name_outside(home(), name, outside=outside)
    return Exit.DONE


@users.command(name="end")
def users_end(name: str) -> int:
    """End every session of somebody and revoke their tokens, as after a lost laptop; they may sign in again."""
    from claimwatch.commands.users import end

    end(home(), name)
    return Exit.DONE
