"""A home folder over a long history: the two YAML files, a guide that says every claim, and the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
from history import END, claims, fill, sources

from claimwatch.commands.web import desk_of
from claimwatch.home import Home
from claimwatch.settings import Settings
from domain.digests import Filters, Frequency
from domain.people import Role, Scope
from domain.requests import RequestKind
from notifications.tokens import confirm_url, preferences_url, unsubscribe_url
from review.access import access_from
from review.desk import ReviewDesk
from review.secrets import new_secret
from review.serve import listening, serving
from storage.requests import ask
from storage.sessions import add_link, add_token, begin_session
from storage.subscribers import add_subscriber, record_question
from storage.users import add_user

NUMBER = 200
_LASTS = timedelta(days=1)


def write_home(folder: Path, *, visits: int, flags: int, rich: bool = False) -> None:
    """A home of 200 sources with so many visits to each. rich: as of `fill`."""
    folder.mkdir()
    watched = sources(NUMBER)
    said = claims(watched)
    entries = [
        {
            "id": source.id,
            "title": source.title,
            "url": source.url,
            "authority": source.authority,
            "jurisdiction": source.jurisdiction,
            "facts": [{"key": "fee", "kind": "money", "under": "Fee"}],
        }
        for source in watched.values()
    ]
    statements = [
        {
            "id": claim.id,
            "section": claim.section,
            "text": claim.text,
            "risk": claim.risk.value,
            "anchor": claim.text,
            "expect": {"fact": claim.expectations[0].fact, "equals": "CAD 100"},
        }
        for claim in said.values()
    ]
    guide = {"id": "fees", "title": "Fees of every office"}
    # JSON is YAML, too
    (folder / "sources.yaml").write_text(json.dumps({"sources": entries}))
    (folder / "claims.yaml").write_text(json.dumps({"guide": guide, "claims": statements}))
    lines = [f"## Office {at}\n\n{claim.text} It is paid to {at} clerks.\n" for at, claim in enumerate(said.values())]
    (folder / "guide.md").write_text("# Fees\n\n" + "\n".join(lines))
    store = home_at(folder).store()
    fill(store, watched, visits=visits, most_flags=flags, rich=rich)
    store.close()


def home_at(folder: Path) -> Home:
    """The home, at the end of its history."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        home=str(folder),
        guide=str(folder / "guide.md"),
        public_subscribe=True,
    )
    return Home(settings, now=lambda: END)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An open desk. page: of an administrator. call: with a token of theirs. tokens: signed links by what they are for."""

    page: httpx.Client
    call: httpx.Client
    links: dict[str, str]


@contextmanager
def office_at(folder: Path) -> Iterator[Office]:
    """The desk over a home, open until the block ends."""
    at = listening("127.0.0.1", 0)
    url = f"http://127.0.0.1:{at.getsockname()[1]}"
    access = access_from(base_url=url, secret=new_secret())
    desk = desk_of(home_at(folder), access)
    session, token, links = _let_in(desk)
    with (
        serving(desk, at),
        httpx.Client(base_url=url, cookies={access.cookie: session}, timeout=120) as page,
        httpx.Client(base_url=f"{url}/api/v1", headers={"authorization": f"Bearer {token}"}, timeout=120) as call,
    ):
        yield Office(page=page, call=call, links=links)
    desk.store.close()


def _let_in(desk: ReviewDesk) -> tuple[str, str, dict[str, str]]:
    """An administrator with a session and a token, one who was asked in by a link, a reader, a request."""
    session, token, link = new_secret(), new_secret(), new_secret()
    front = desk.front_desk
    assert front is not None
    with desk.store.writing() as connection:
        ana = add_user(connection, name="ana", role=Role.ADMIN, now=END)
        begin_session(connection, secret=session, user=ana.id, now=END, lifetime=_LASTS)
        add_token(connection, secret=token, user=ana.id, name="bench", scope=Scope.ADMIN, now=END)
        bo = add_user(connection, name="bo", role=Role.VIEWER, now=END)
        add_link(connection, secret=link, user=bo.id, now=END, lifetime=_LASTS)
        reader = add_subscriber(
            connection, address="reader@example.org", frequency=Frequency.DAILY, filters=Filters(), now=END
        )
        record_question(connection, reader.id, now=END)
        ask(connection, kind=RequestKind.CHECK, subject="office-0000", by="ana", now=END)
    base, secrets = desk.access.base_url, front.secrets
    links = {
        "secret": link,
        "confirm": confirm_url(base, reader.id, END, secrets=secrets).rpartition("/")[2],
        "preferences": preferences_url(base, reader.id, secrets=secrets).rpartition("/")[2],
        "unsubscribe": unsubscribe_url(base, reader.id, secrets=secrets).rpartition("/")[2],
    }
    return session, token, links
