"""One request as a page sees it: who asks, in which language and zone, what the form says, and the ways to answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.people import Actor, Deed, Role, Session, User
from review.desk import ReviewDesk
from review.secrets import form_mark, mark_fits
from review.words import LANGUAGES, say
from storage.audit import log_by
from storage.store import Connection

ROOMS: tuple[tuple[str, str, Role], ...] = (
    ("/", "Home", Role.VIEWER),
    ("/flags", "Queue", Role.VIEWER),
    ("/claims", "Ledger", Role.VIEWER),
    ("/guide", "Guide", Role.VIEWER),
    ("/sources", "Sources", Role.VIEWER),
    ("/people", "People", Role.ADMIN),
)
"""What the top of each page leads to: address, words, who sees it."""

_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\\]*\Z")


class Refusal(Exception):
    """The page cannot be given. status: of HTTP. words: a phrase of `review.words`, shown to the person."""

    def __init__(self, status: int, words: str, *, headers: Mapping[str, str] | None = None, **parts: object) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
        self.parts = parts
        self.headers = dict(headers or {})


@dataclass(slots=True, kw_only=True)
class Viewer:
    """Who asks: a person with the session that speaks for them (None where a proxy does), or nobody."""

    user: User | None = None
    session: Session | None = None

    @property
    def role(self) -> Role:
        return Role.PUBLIC if self.user is None else self.user.role

    @property
    def name(self) -> str:
        return "" if self.user is None else self.user.name

    @property
    def key(self) -> str:
        """What forms are bound to: the session, or the person whom a proxy vouches for."""
        if self.session is not None:
            return self.session.digest
        return "" if self.user is None else f"user {self.user.id}"


@dataclass(kw_only=True)
class Visit:
    """One request. `text` and `choices` read the form of a POST and the query of a GET alike."""

    desk: ReviewDesk
    request: Request
    viewer: Viewer
    address: str
    now: datetime
    form: FormData = field(default_factory=FormData)
    rooms: tuple[tuple[str, str, Role], ...] = ROOMS

    @property
    def asked(self) -> FormData | QueryParams:
        return self.form if self.request.method == "POST" else self.request.query_params

    def text(self, name: str, default: str = "") -> str:
        """One field, trimmed; `default` where it is missing."""
        value = self.asked.get(name, default)
        return value.strip() if isinstance(value, str) else default

    def lines(self, name: str) -> str:
        """A field of several lines, each ended as we end lines, whatever the browser sent."""
        return self.text(name).replace("\r\n", "\n")

    def choices(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may be given several times."""
        return tuple(value for value in self.asked.getlist(name) if isinstance(value, str) and value)

    def number(self, name: str, default: int = 0) -> int:
        """A field that is a whole number of at most nine digits; `default` where it is none."""
        return _whole(self.text(name), default)

    def numbered(self, name: str) -> int:
        """A part of the path that is such a number; 0, which nothing bears, where it is none."""
        return _whole(self.part(name), 0)

    def part(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    @cached_property
    def language(self) -> str:
        """`en` or `fr`: what the person chose, else what the browser prefers."""
        chosen = self.viewer.user.language if self.viewer.user is not None else ""
        wanted = chosen or self.request.cookies.get("language", "") or self.request.headers.get("accept-language", "")
        return next((item[:2] for item in re.findall(r"[a-z]{2}", wanted.lower()) if item in LANGUAGES), "en")

    def prefer(self, language: str) -> None:
        """Speak to somebody whom we know in their language, unless they chose another in this browser."""
        if self.viewer.user is None and self.request.cookies.get("language", "") not in LANGUAGES:
            self.language = language if language in LANGUAGES else self.language

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone in which times are shown."""
        chosen = self.viewer.user.timezone if self.viewer.user is not None else ""
        try:
            return ZoneInfo(chosen or self.desk.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    def say(self, words: str, **parts: object) -> str:
        """A phrase in the reader's language."""
        return say(self.language, words, **parts)

    def may(self, role: Role) -> bool:
        return self.viewer.role.holds(role)

    @property
    def actor(self) -> Actor:
        """The viewer as who does something."""
        return Actor(name=self.viewer.name, overrules=self.may(Role.ADMIN), address=self.address)

    @cached_property
    def mark(self) -> str:
        """What every form of this viewer must bring back."""
        return form_mark(self.desk.access.secret, self._bound(0))

    def brought_mark(self) -> bool:
        """Whether the form brought the viewer's mark: without a session, that of today or of yesterday (UTC)."""
        given, secret = self.text("mark"), self.desk.access.secret
        return any(mark_fits(secret, self._bound(days), given) for days in (0, 1))

    def _bound(self, days_ago: int) -> str:
        """What a mark is bound to. A session ends by itself; where a proxy speaks, the day is what ends a mark."""
        if self.viewer.session is not None or self.viewer.user is None:
            return self.viewer.key
        return f"{self.viewer.key} {(self.now.astimezone(UTC).date() - timedelta(days=days_ago)).isoformat()}"

    def log(self, connection: Connection, act: Deed, subject: str = "", **detail: str) -> None:
        """Write an act of this viewer into the audit log, in the transaction that does it."""
        log_by(connection, self.actor, act, subject, at=self.now, **detail)

    @property
    def came_from(self) -> str:
        """The page of ours that led here; "" where none did, or where this very page is it."""
        page, referer = self.request.url, self.request.headers.get("referer", "")
        origin = f"{page.scheme}://{page.netloc}"
        ours = next((base for base in (self.desk.access.base_url, origin) if referer.startswith(f"{base}/")), None)
        path = "" if ours is None else local_path(referer.removeprefix(ours), "")
        itself = self.request.method == "GET" and path.partition("?")[0] == page.path
        return "" if itself else path

    def go(self, path: str, *, notice: str = "", **query: str) -> Response:
        """On to another page of ours, which will show the notice (a phrase of `review.words`)."""
        given = {**query, **({"notice": notice} if notice else {})}
        joint = "&" if "?" in path else "?"
        return RedirectResponse(path + (f"{joint}{urlencode(given)}" if given else ""), status_code=303)

    def back(self, default: str, *, notice: str = "") -> Response:
        """On to the page of ours that the form names as `next`, never to another site."""
        return self.go(local_path(self.text("next"), default), notice=notice)

    def sign_in_first(self) -> Response:
        """To the sign-in page, and from there back here."""
        path = self.request.url.path + (f"?{self.request.url.query}" if self.request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(path)}", status_code=303)


def _whole(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else default


def local_path(path: str, default: str) -> str:
    """The path where it is one of ours, else the default: nobody is sent to another site by a link to us."""
    return path if _LOCAL.match(path) else default
