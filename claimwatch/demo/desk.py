"""The review desk over the demo's home: the service at work on the demo's site, and a link that lets one person in."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from claimwatch.commands.service import run_service
from claimwatch.commands.web import desk_of
from claimwatch.demo import report
from claimwatch.demo.site import Site
from claimwatch.home import Home
from claimwatch.settings import Settings
from domain.people import Role
from review.access import access_from
from review.secrets import new_secret
from review.serve import listening, serving
from storage.sessions import add_link
from storage.users import add_user

_LASTS = timedelta(hours=1)


def serve_desk(path: Path, site: Site, out: Console) -> None:
    """Serve until interrupted, on loopback alone; the link that is printed works once."""
    home = Home(
        Settings(
            _env_file=None,  # type: ignore[call-arg]
            home=str(path),
            guide=str(path / "guide.md"),
            resolve=site.resolve,
            allow_addresses=site.allowed,
            per_host_spacing=0,
        )
    )
    at = listening("127.0.0.1", 0)
    base_url = f"http://127.0.0.1:{at.getsockname()[1]}"
    desk = desk_of(home, access_from(base_url=base_url, secret=new_secret()))
    secret = new_secret()
    with desk.store.writing() as connection:
        keeper = add_user(connection, name="keeper", role=Role.ADMIN, now=home.now())
        add_link(connection, secret=secret, user=keeper.id, now=home.now(), lifetime=_LASTS)
    with serving(desk, at):
        report.say(out, f"The review desk is open, to you alone: {base_url}/enter/{secret}", style="bold")
        report.say(out, "The site stays up, and the service visits it when you ask; Ctrl-C ends all of it.")
        asyncio.run(run_service(home))
    report.say(out, "Stopped.")
