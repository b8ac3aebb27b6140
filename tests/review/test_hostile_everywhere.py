"""Every address of the desk and of its API, with what means harm in every part of it, from strangers and from people.

It walks the two tables and the names of fields that the endpoints read, so that what is added is attacked, too. Nothing
is random. Whatever comes is answered as a mistake of its sender: no server error, nothing of it said back as markup or as
a header, and our headers on every answer.
"""

from __future__ import annotations

import http.client
import inspect
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_from_bytes, urlsplit

import pytest
from sqlalchemy import select

from domain.people import Role, Scope
from review.api.app import Call
from review.routes import CALLS, PAGES, Page
from review.secrets import form_mark
from storage.sessions import digest_of
from storage.tables import metadata
from tests.databases import copied
from tests.review.office import Office, opened

MARKUP = b'"><script>alert(1)</script><img src=x onerror=alert(1)>'
NASTY = (
    b"\x00",
    b"1\x00",
    b"\xed\xa0\x80",
    b"\xff\xfe",
    "\u202e\ufeff\U000e0001".encode(),
    b"-1",
    b"0",
    b"1.5",
    b"999999999",
    b"9223372036854775808",
    b"9" * 1_500,
    "\u0661\u00b2".encode(),
    MARKUP,
    b"x\r\nset-cookie: evil=1\r\n\r\n<script>alert(1)</script>",
    b"//evil.example/\\",
    b"../../../../etc/passwd",
    b"0001-01-01",
    b"9999-12-31T23:59:59-23:59",
    b"{{7*7}}%s%n",
    b"' OR 1=1 --",
    b"[[[[",
)
NUMBERS = ("9" * 5_000, "-9223372036854775809", "1e999", "null", "[]", "{}", "true", '"\\u0000"', '"\\ud800"')
_READ = re.compile(r"(?:text|choices|number)\(\s*\"(\w+)\"")
_HELD = ("content-security-policy", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy")


ATTACKS = [
    *(pytest.param("sqlite", role, id=f"sqlite-{role.value}") for role in Role),
    *(
        pytest.param("postgresql", role, id=f"postgresql-{role.value}", marks=pytest.mark.postgresql)
        for role in (Role.PUBLIC, Role.ADMIN)
    ),
]
"""Who attacks what: on the second database the two who between them reach every query."""


@pytest.fixture
def desk(request: pytest.FixtureRequest, demo_home: Path, tmp_path: Path) -> Iterator[Office]:
    """The demo's desk on either database, open to strangers as wide as it can be."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    url = f"sqlite:///{home / 'claimwatch.db'}"
    if request.param == "postgresql":
        url = copied(url, request.getfixturevalue("postgresql_url"))
    with opened(home, public=True, database=url, public_status=True) as office:
        yield office


class Attacker:
    """One connection that says what it is told to, byte for byte, and judges what comes back."""

    def __init__(self, desk: Office, role: Role) -> None:
        self.role = role
        self.answers = 0
        self.faults: list[str] = []
        self._desk = desk
        self._session = ""
        self._line = http.client.HTTPConnection(urlsplit(desk.url).hostname or "", urlsplit(desk.url).port, timeout=60)

    def __enter__(self) -> Attacker:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def signed(self, fields: dict[str, bytes] | None = None) -> tuple[dict[str, str], dict[str, bytes]]:
        """Headers of somebody of that role whose session holds, and the fields with the mark of a form of theirs."""
        headers = {"content-type": _FORM}
        if self.role is Role.PUBLIC:
            return headers, dict(fields or {})
        if not _holds(self._desk, self._session):
            self._desk.clock.on(seconds=1)
            self._session = self._desk.session(f"mallory {self._desk.clock().timestamp()}", self.role)
        access = self._desk.desk.access
        mark = form_mark(access.secret, digest_of(self._session)).encode()
        return {**headers, "cookie": f"{access.cookie}={self._session}"}, {**(fields or {}), "mark": mark}

    def ask(self, page: Page, path: str, fields: dict[str, bytes]) -> None:
        """The page with these in its query or, where it is a form, in its form."""
        headers, given = self.signed(fields)
        if page.method == "GET":
            self.send("GET", f"{path}?{_query(fields)}", headers)
        else:
            self.send("POST", path, headers, _query(given).encode())

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> None:
        try:
            self._line.request(method, path, body=body if method == "POST" else None, headers=headers)
            answer = self._line.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.faults.append(f"{type(error).__name__}: {method} {path[:150]} {body[:200]!r}")
            self._line.close()
            return
        self.answers += 1
        given = {name.lower(): value for name, value in answer.getheaders()}
        kind = given.get("content-type", "")
        problems = [
            *(["server error"] if answer.status >= 500 else []),
            *(["markup said back"] if "html" in kind and (b"<script>alert" in said or b"<img src=x" in said) else []),
            *(["a header of theirs"] if "evil=1" in given.get("set-cookie", "") else []),
            *(["sent elsewhere"] if urlsplit(given.get("location", "/")).netloc else []),
            *(f"no {name}" for name in _HELD if name not in given),
        ]
        self.faults += [f"{problem}: {answer.status} {method} {path[:150]} {body[:200]!r}" for problem in problems]


def fields_of(page: Page) -> tuple[str, ...]:
    """Every name that the endpoint's room reads, and those that all pages read."""
    room = page.endpoint.__module__.rpartition(".")[2]
    told = [inspect.getsource(sys.modules[page.endpoint.__module__])]
    told += [
        inspect.getsource(sys.modules[name])
        for name in (f"review.pages.{room}", "review.pages.queue")
        if name in sys.modules
    ]
    told += [inspect.getsource(sys.modules["review.endpoints.standing"])]
    return tuple(sorted({*_READ.findall("".join(told)), "notice", "next", "password", "new", "mark"}))


def paths_of(pattern: str, sound: dict[str, str], harm: tuple[bytes, ...] = ()) -> Iterator[str]:
    """The address with sound parts, then with each of these values in them."""
    names = re.findall(r"\{(\w+)\}", pattern)
    for nasty in (None, *harm) if names else (None,):
        path = pattern
        for name in names:
            part = sound[name] if nasty is None else quote_from_bytes(nasty, safe="")
            path = path.replace(f"{{{name}}}", part)
        yield path


def _sound(office: Office) -> dict[str, str]:
    """Parts of addresses that lead somewhere."""
    with office.store.reading() as connection:
        digest = connection.execute(select(metadata.tables["snapshots"].c.digest).limit(1)).scalar_one()
    source, claim = next(iter(office.desk.sources)), next(iter(office.desk.claims))
    none = {"secret": "none", "token": "none"}
    return {"number": "1", "id": source, "name": source, "claim": claim, "digest": digest, **none}


def _query(fields: dict[str, bytes]) -> str:
    return "&".join(f"{name}={quote_from_bytes(value, safe='')}" for name, value in fields.items())


def _parts(fields: dict[str, bytes]) -> bytes:
    return (
        b"".join(
            b'--edge\r\ncontent-disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (name.encode(), value)
            for name, value in fields.items()
        )
        + b"--edge--\r\n"
    )


_FORM = "application/x-www-form-urlencoded"
_BROKEN = (
    (_FORM, b"%" * 1_000),
    (_FORM, b"&=&=&==%zz%u0000"),
    ("multipart/form-data", b"--edge\r\n"),
    ("multipart/form-data; boundary=edge", b'--edge\r\ncontent-disposition: form-data; name="a'),
    (
        "multipart/form-data; boundary=edge",
        b'--edge\r\ncontent-disposition: form-data; name="f"; filename="f"\r\n\r\nx\r\n--edge--',
    ),
    ("multipart/form-data; boundary=edge; charset=\xff", b"--edge--"),
    ("application/json", b'{"a": ' * 3_000),
    ("text/plain; charset=utf-16", b"\xff\xfea\x00"),
    ("", b"\x00"),
)


@pytest.mark.slow
@pytest.mark.parametrize(("desk", "role"), ATTACKS, indirect=["desk"])
def test_nothing_harmful_does_harm_on_any_page(desk: Office, role: Role) -> None:
    everything = role is Role.ADMIN and desk.store.mode()["database"] == "sqlite"
    sound, harm = _sound(desk), NASTY if everything else NASTY[::3]
    with Attacker(desk, role) as attacker:
        for page in PAGES:
            hashes = "{secret}" in page.path or page.endpoint.__name__ == "sign_in"  # a password costs 64 MiB each time
            fields = ("name", "next", "set") if hashes else fields_of(page)
            for path in paths_of(page.path, sound, harm if role.holds(page.role) else NASTY[:1]):
                attacker.ask(page, path, {})
            path = next(paths_of(page.path, sound))
            for nasty in harm if role.holds(page.role) else NASTY[:1]:
                attacker.ask(page, path, dict.fromkeys(fields, nasty))
            if everything or page.role is role is Role.PUBLIC:
                _one_by_one(attacker, page, path, fields)
        assert attacker.faults == []
        assert attacker.answers > 3 * len(PAGES)


def _one_by_one(attacker: Attacker, page: Page, path: str, fields: tuple[str, ...]) -> None:
    """Each field alone is wrong among sound ones, so that none hides behind another; and bodies that are no form."""
    right = {name: value for name, value in _RIGHT.items() if name in fields}
    for at, name in enumerate(fields):
        attacker.ask(page, path, {**right, name: NASTY[at * 5 % len(NASTY)]})
    if page.method == "POST":
        for kind, body in _BROKEN:
            attacker.send("POST", path, {**attacker.signed()[0], "content-type": kind}, body)
        for nasty in NASTY[1::8]:
            headers, given = attacker.signed(dict.fromkeys(fields, nasty))
            parts = {**headers, "content-type": "multipart/form-data; boundary=edge"}
            attacker.send("POST", path, parts, _parts(given))


_RIGHT = {
    "verdict": b"no impact",
    "seen": b"999.999.999",
    "flag": b"1",
    "to": b"in",
    "role": b"viewer",
    "language": b"en",
    "timezone": b"America/Toronto",
    "theme": b"dark",
    "frequency": b"daily",
    "address": b"reader@office.example",
    "label": b"a token",
    "scope": b"read",
    "day": b"2026-11-20",
    "name": b"root",
    "before": b"2",
}


def _holds(desk: Office, secret: str) -> bool:
    sessions, users = metadata.tables["sessions"], metadata.tables["users"]
    query = (
        select(users.c.active)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(sessions.c.digest == digest_of(secret))
    )
    with desk.store.reading() as connection:
        return bool(connection.execute(query).scalar())


_BODIES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"\xff\xfe",
    b'{"a":' * 5_000,
    b'{"verdict": ["no impact"], "seen": {"before": [], "after": 5}, "note": {}}',
    b'{"kind": "look", "subject": "http://127.0.0.1:1/\\u0000"}',
    b'{"kind": "look", "subject": "javascript:alert(1)"}',
    *(
        f'{{"verdict": "no impact", "seen": {{"before": null, "after": {it}}}, "note": {it}, "kind": {it}}}'.encode()
        for it in NUMBERS
    ),
    *(
        f'{{"verdict": "no impact", "seen": {json.dumps(it)}, "to": {json.dumps(it)}, "until": {json.dumps(it)}}}'.encode()
        for it in ("999999999999999.0.0", "0.0.0\n", "\u0661.0.0", "0001-01-01T00:00:00+23:59", MARKUP.decode(), None)
    ),
    *(
        f'{{"{name}": {json.dumps(it)}, "seen": "999999999.999999999.999999999"}}'.encode()
        for name, it in (
            ("until", "0001-01-01T00:00:00+23:59"),
            ("until", "9999-12-31T23:59:59-23:59"),
            ("until", "2026-02-30T00:00:00Z"),
            ("until", 5),
            ("to", "\x00"),
            ("to", "\ud800"),
            ("to", MARKUP.decode()),
            ("verdict", "no impact"),
        )
    ),
    *(
        f'{{"verdict": "no impact", "seen": {{"before": null, "after": null}}, "note": {json.dumps(it)}}}'.encode()
        for it in ("\x00", "\ud800", MARKUP.decode(), "x" * 4_001)
    ),
)


@pytest.mark.slow
@pytest.mark.parametrize(("desk", "role"), ATTACKS, indirect=["desk"])
def test_nothing_harmful_does_harm_to_the_api(desk: Office, role: Role) -> None:
    sound = _sound(desk)
    headers = {"content-type": "application/json"}
    if role is not Role.PUBLIC:
        scope = {Role.VIEWER: Scope.READ, Role.REVIEWER: Scope.DECIDE, Role.ADMIN: Scope.ADMIN}[role]
        headers["authorization"] = f"Bearer {desk.token('mallory', role, scope)}"
    with Attacker(desk, role) as attacker:
        for call in CALLS:
            named = {**sound, "name": sound["claim" if "claims" in call.path else "name"]}
            _called(attacker, call, named, headers, NASTY if role is Role.ADMIN else NASTY[::3])
        assert attacker.faults == []


def _called(
    attacker: Attacker, call: Call, sound: dict[str, str], headers: dict[str, str], harm: tuple[bytes, ...]
) -> None:
    names = [name for name in inspect.signature(call.endpoint).parameters if name not in ("caller", *sound)]
    for path in paths_of(f"/api/v1{call.path}", sound, harm):
        attacker.send(call.method, path, headers, b"{}")
    path = next(paths_of(f"/api/v1{call.path}", sound))
    for nasty in harm:
        for name in (*names, "no_such"):
            attacker.send(call.method, f"{path}?{name}={quote_from_bytes(nasty, safe='')}", headers, b"{}")
    if call.method == "POST":
        for body in _BODIES:
            attacker.send("POST", path, headers, body)
        for kind, body in _BROKEN:
            attacker.send("POST", path, {**headers, "content-type": kind}, body)
