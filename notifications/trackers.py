"""Issues of GitHub and GitLab: one for each flag, made once, whatever breaks between us and them.

Before anything is made or said, it is looked for by its hidden mark, so trying again never doubles it, and a lost
answer needs nobody's decision.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

from domain.digests import Message
from domain.errors import DecodeError, FetchError
from notifications.issues import Act
from notifications.sending import USUAL, OurFault, Patience, Refused, Unavailable
from notifications.webhook import raise_unsent
from outbound.client import Client, Response
from outbound.policy import Policy

_PAGE = 100
_MOST_PAGES = 20
_MOST_ANSWER = 8 * 1024 * 1024
_LONGEST_WAIT = 6 * 3600.0

Json = dict[str, Any]


class Memory(Protocol):
    """Which issue stands for which flag, as the store keeps it."""

    def known(self, flag: int) -> int | None:
        """The number of the issue of a flag, or None."""

    def remember(self, flag: int, number: int) -> None:
        """From now on that issue stands for the flag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a tracker is spoken to. Paths count from the base of its API; {project} and {number} are filled in."""

    name: str
    header: str
    value: str
    project: str
    issues: str
    issue: str
    comments: str
    find: str
    newest_first: str
    number: str
    text: str
    change: str
    states: Mapping[str, Json]


GITHUB = Dialect(
    name="GitHub",
    header="authorization",
    value="Bearer {token}",
    project="/repos/{project}",
    issues="/repos/{project}/issues",
    issue="/repos/{project}/issues/{number}",
    comments="/repos/{project}/issues/{number}/comments",
    find="?state=all&sort=created&direction=asc&since={since}",
    newest_first="?since={since}",
    number="number",
    text="body",
    change="PATCH",
    states={"closed": {"state": "closed"}, "open": {"state": "open"}},
)
GITLAB = Dialect(
    name="GitLab",
    header="private-token",
    value="{token}",
    project="/projects/{project}",
    issues="/projects/{project}/issues",
    issue="/projects/{project}/issues/{number}",
    comments="/projects/{project}/issues/{number}/notes",
    find="?scope=all&order_by=created_at&sort=asc&created_after={since}",
    newest_first="?order_by=created_at&sort=desc",
    number="iid",
    text="description",
    change="PUT",
    states={"closed": {"state_event": "close"}, "open": {"state_event": "reopen"}},
)


class IssueSender:
    """Carries orders out on the issues of one project. api: the base of the tracker's API, without a slash at its end."""

    def __init__(
        self,
        dialect: Dialect,
        *,
        api: str,
        project: str,
        token: str,
        policy: Policy,
        memory: Memory,
        now: Callable[[], datetime],
        patience: Patience = USUAL,
    ) -> None:
        self._dialect = dialect
        self._api = api.rstrip("/")
        self._project = quote(project, safe="" if dialect is GITLAB else "/")
        self._token = token
        self._policy = policy
        self._memory = memory
        self._now = now
        self._patience = patience

    def send(self, message: Message, *, before_final_dot: Callable[[], None]) -> None:
        """The issue stands as the order wants it. Doing it again changes nothing.

        Raises Unavailable, OurFault or Refused; never Ambiguous, because what was made is found again.
        """
        try:
            asyncio.run(self._within_time(json.loads(message.content), before_final_dot))
        except FetchError as error:
            raise_unsent(error, self._dialect.name)
            raise Refused(f"the answer of {self._dialect.name} was lost ({error.cause})", permanent=False) from None
        except DecodeError as error:
            raise Refused(
                f"the answer of {self._dialect.name} could not be read ({error.cause})", permanent=False
            ) from None

    def close(self) -> None:
        """Nothing is held open."""

    async def _within_time(self, order: Json, begin: Callable[[], None]) -> None:
        try:
            async with asyncio.timeout(self._patience.order):
                await self._carry_out(order, begin)
        except TimeoutError:
            raise Refused(f"{self._dialect.name} is too slow for one order", permanent=False) from None

    async def _carry_out(self, order: Json, begin: Callable[[], None]) -> None:
        act, flag = Act(order["act"]), int(order["flag"])
        async with Client(self._policy, now=self._now) as client:
            number = self._memory.known(flag)
            if number is None:
                number = await self._find(client, order)
                if number is None:
                    if act is not Act.CLOSE:
                        begin()
                        self._memory.remember(flag, await self._create(client, order))
                    return
                self._memory.remember(flag, number)
            if act is Act.OPEN:
                return
            state = await self._state(client, number)
            if state is None:
                return
            said = await self._said(client, number, order)
            begin()
            if not said:
                await self._call(client, "POST", self._path("comments", number), {"body": order["comment"]})
            wanted = "closed" if act is Act.CLOSE else "open"
            if state != wanted:
                path = self._path("issue", number)
                await self._call(client, self._dialect.change, path, self._dialect.states[wanted])

    async def _create(self, client: Client, order: Json) -> int:
        given = {"title": order["title"], self._dialect.text: order["body"]}
        made = await self._call(client, "POST", self._path("issues"), given)
        number = made.get(self._dialect.number) if isinstance(made, dict) else None
        if type(number) is not int:
            raise Refused(f"{self._dialect.name} made an issue and did not say its number", permanent=False)
        return number

    async def _find(self, client: Client, order: Json) -> int | None:
        """The oldest issue that bears the mark: a copy of one that others made comes later."""
        query = self._dialect.find.format(since=quote(order["since"], safe=""))
        for entry in await self._all(client, self._path("issues") + query):
            number, text = entry.get(self._dialect.number), entry.get(self._dialect.text)
            if type(number) is int and order["mark"] in str(text) and "pull_request" not in entry:
                return number
        return None

    async def _said(self, client: Client, number: int, order: Json) -> bool:
        query = self._dialect.newest_first.format(since=quote(order["since"], safe=""))
        entries = await self._all(client, self._path("comments", number) + query)
        return any(order["said"] in str(entry.get("body")) for entry in entries)

    async def _state(self, client: Client, number: int) -> str | None:
        """`open` or `closed`; None where the issue was deleted or moved away while the project is there."""
        answer = await self._ask(client, "GET", self._path("issue", number), None)
        if answer.status in (301, 404, 410):
            await self._call(client, "GET", self._path("project"), None)
            return None
        found = self._judged(answer)
        state = found.get("state") if isinstance(found, dict) else None
        return "closed" if state == "closed" else "open"

    async def _all(self, client: Client, path: str) -> list[Json]:
        found: list[Json] = []
        for page in range(1, _MOST_PAGES + 1):
            entries = await self._call(client, "GET", f"{path}&per_page={_PAGE}&page={page}", None)
            if not isinstance(entries, list):
                raise Refused(f"{self._dialect.name} gave no list", permanent=False)
            found += [entry for entry in entries if isinstance(entry, dict)]
            if len(entries) < _PAGE:
                return found
        raise Refused(f"more than {_MOST_PAGES * _PAGE} entries to look through", permanent=False)

    def _path(self, name: str, number: int = 0) -> str:
        path: str = getattr(self._dialect, name)
        return path.format(project=self._project, number=number)

    async def _call(self, client: Client, method: str, path: str, content: Json | None) -> Any:
        return self._judged(await self._ask(client, method, path, content))

    async def _ask(self, client: Client, method: str, path: str, content: Json | None) -> Response:
        headers = {self._dialect.header: self._dialect.value.format(token=self._token), "accept": "application/json"}
        body = None
        if content is not None:
            headers["content-type"] = "application/json"
            body = json.dumps(content).encode()
        return await client.ask(
            method,
            self._api + path,
            content=body,
            headers=headers,
            max_bytes=_MOST_ANSWER,
            deadline=self._patience.answer,
        )

    def _judged(self, answer: Response) -> Any:
        """What the tracker answered, or the trouble that its answer means."""
        name, status = self._dialect.name, answer.status
        if 200 <= status < 300:
            try:
                return json.loads(answer.body) if answer.body else None
            except (ValueError, RecursionError):
                raise Refused(f"{name} answered {status} with no JSON", permanent=False) from None
        wait = self._wait(answer)
        if status == 429 or (status == 403 and wait is not None):
            raise Unavailable(f"{name} asks for time ({status})", retry_after=wait)
        if status in (401, 403, 404, 410) or 300 <= status < 400:
            raise OurFault(f"{name} lets nothing be done there ({status}): is the project right, and may the token?")
        later = status == 408 or status >= 500
        raise Refused(f"{name} answered {status}", permanent=not later, retry_after=wait if later else None)

    def _wait(self, answer: Response) -> float | None:
        """Seconds that the tracker asks for by any of its headers, at most six hours; None where by none."""
        asked: float | None = answer.retry_after
        given = answer.header("retry-after") or ""
        if given.isascii() and given.isdigit():
            asked = float(given[:9])
        reset = answer.header("x-ratelimit-reset") or answer.header("ratelimit-reset") or ""
        left = answer.header("x-ratelimit-remaining") or answer.header("ratelimit-remaining")
        if left == "0" and reset.isascii() and reset.isdigit() and not given:
            asked = float(reset[:12]) - self._now().timestamp()
        return None if asked is None else min(max(asked, 1.0), _LONGEST_WAIT)
