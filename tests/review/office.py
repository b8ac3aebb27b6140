"""A desk that is open on loopback, a clock that is set by hand, and people who are signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from claimwatch.commands.web import desk_of
from claimwatch.home import Home
from claimwatch.settings import Settings
from domain.people import Role, Scope, User
from review.access import Access, access_from
from review.desk import ReviewDesk
from review.secrets import new_secret
from review.serve import listening, serving
from storage.sessions import add_token, begin_session
from storage.store import Store
from storage.users import add_user, find_user

SECRET = "a secret for tests that has more than enough characters"


@dataclass
class Clock:
    """A clock that is set by hand."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment

    def on(self, **span: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**span)


@dataclass
class Office:
    """An open desk. `client` gives a browser of its own for each person; `get` and `post` of it follow no redirect."""

    url: str
    desk: ReviewDesk
    clock: Clock
    home: Path
    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.desk.store

    def person(self, name: str = "ana", role: Role = Role.REVIEWER) -> User:
        """The user of that name, who is there afterwards."""
        with self.store.writing() as connection:
            return find_user(connection, name) or add_user(connection, name=name, role=role, now=self.clock())

    def session(self, name: str = "ana", role: Role = Role.REVIEWER) -> str:
        """The cookie of somebody who is signed in."""
        person, secret = self.person(name, role), new_secret()
        with self.store.writing() as connection:
            begin_session(connection, secret=secret, user=person.id, now=self.clock(), lifetime=timedelta(days=14))
        return secret

    def token(self, name: str = "ana", role: Role = Role.REVIEWER, scope: Scope = Scope.DECIDE) -> str:
        """A token of that person."""
        person, secret = self.person(name, role), new_secret()
        with self.store.writing() as connection:
            add_token(connection, secret=secret, user=person.id, name="test", scope=scope, now=self.clock())
        return secret

    def api(self, name: str = "ana", role: Role = Role.REVIEWER, scope: Scope = Scope.DECIDE) -> httpx.Client:
        """A program that calls the API with a token of that person."""
        headers = {"authorization": f"Bearer {self.token(name, role, scope)}"}
        made = httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=30)
        self.clients.append(made)
        return made

    def client(self, name: str | None = "ana", role: Role = Role.REVIEWER, **headers: str) -> Browser:
        """A browser: of somebody who is signed in, or (None) of a stranger."""
        made = httpx.Client(base_url=self.url, headers=headers, timeout=30)
        if name is not None:
            made.cookies.set(self.desk.access.cookie, self.session(name, role), domain="127.0.0.1")
        self.clients.append(made)
        return Browser(made)


class Browser:
    """A client that posts forms as a browser would: with the mark of the page that the form stands on."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.client.get(path, params=query or None)

    def post(self, path: str, *, on: str | None = None, **fields: Any) -> httpx.Response:
        """Post a form that stands on the page `on`; None posts without its mark. Names end in _ where Python needs it."""
        form = {name.rstrip("_"): value for name, value in fields.items()}
        if on is not None:
            form["mark"] = mark_of(self.get(on).text)
        return self.client.post(path, data=form)


def mark_of(html: str) -> str:
    """The mark in the forms of a page."""
    found = re.search(r'name="mark" value="([0-9a-f]+)"', html)
    assert found is not None, html
    return found[1]


@contextmanager
def opened(home: Path, *, public: bool = False, database: str = "", **access: Any) -> Iterator[Office]:
    """The desk over a home folder, open until the block ends. public: whether strangers may ask for digests.

    database: the address of another database than the home's own. access: settings of `Access` other than the usual.
    """
    at = listening("127.0.0.1", 0)
    url = f"http://127.0.0.1:{at.getsockname()[1]}"
    clock = Clock(datetime.now(UTC).replace(microsecond=0))
    settings = Settings(_env_file=None, home=str(home), guide=str(home / "guide.md"), database_url=database)  # type: ignore[call-arg]
    given: Access = replace(access_from(base_url=url, secret=SECRET), **access)
    desk = replace(desk_of(Home(settings, now=clock), given), open_subscriptions=public)
    office = Office(url=url, desk=desk, clock=clock, home=home)
    with serving(desk, at):
        yield office
    for client in office.clients:
        client.close()
    desk.store.close()
