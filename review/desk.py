"""What every page is made from: the store, both YAML files, the guide, the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.claims import Claim
from domain.errors import ConfigError, ConfigProblem
from domain.shapes import Json
from domain.sources import Source
from monitor.ledger import KeptKnowledge
from notifications.subscriptions import FrontDesk
from review.access import Access
from review.marking import KeptGuide
from review.oidc import OutsideSignIn
from review.reading import Reader
from storage.store import Store


def _no_entry(_text: str) -> Source:
    raise ConfigError((ConfigProblem(file="", line=None, entry=None, key=None, message="no entry is read here"),))


def _no_guide() -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDesk:
    """One installation, as the web side sees it.

    guide: the guide's text as Markdown or plain text, "" where it is not at hand; asked anew for each page.
    timezone: IANA name, for people who chose none.
    knowledge: what claims are judged by, kept while nothing is recorded.
    marking: the guide with its claims marked.
    reader: reads captures apart from the process that answers.
    sign_in_service: an OpenID Connect service that people may use.
    status, export: the documents of `claimwatch status` and `claimwatch export json`, made anew for each request.
    front_desk: what readers' own acts need (None: no mail goes out). open_subscriptions: whether anybody may ask.
    written: each source's entry as it stands in the file. read_entry: such a text as a source; ConfigError with every
    problem of it.
    """

    store: Store
    sources: Mapping[str, Source]
    claims: Mapping[str, Claim]
    access: Access
    now: Callable[[], datetime]
    guide: Callable[[], str] = _no_guide
    guide_title: str = ""
    timezone: str = "America/Toronto"
    reader: Reader = field(default_factory=Reader)
    knowledge: KeptKnowledge = field(default_factory=KeptKnowledge)
    marking: KeptGuide = field(default_factory=KeptGuide)
    sign_in_service: OutsideSignIn | None = None
    front_desk: FrontDesk | None = None
    open_subscriptions: bool = False
    status: Callable[[], Json] = dict
    export: Callable[[], Json] = dict
    written: Mapping[str, str] = field(default_factory=dict)
    read_entry: Callable[[str], Source] = _no_entry
