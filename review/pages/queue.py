"""The queue as people read it: what was asked for, one line a case, and which changes are identical. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from domain.claims import Claim
from domain.facts import fact_title
from domain.flags import Flag, FlagReason, FlagState, Severity
from domain.folding import fold
from domain.queue import Case, Place, Sought, Wanted
from domain.sources import Source
from domain.values import Members, Text, Value, value_words
from monitor.diff.facts import detail
from monitor.places import named_places
from review.pages.word_diff import word_diff

A_PAGE = 50
VIEWS = ("open", "snoozed", "decided", "closed")
REASONS = tuple(reason.value for reason in FlagReason)
SEVERITIES = tuple(severity.value for severity in Severity)
_LONGEST = 120
_LONGEST_TEXT = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What was asked for; "" where it does not matter. view: one of VIEWS. who: `me`, `nobody` or a name. due: `late`."""

    view: str = "open"
    q: str = ""
    severity: str = ""
    jurisdiction: str = ""
    source: str = ""
    reason: str = ""
    who: str = ""
    due: str = ""

    @property
    def any(self) -> bool:
        return self != Filters()

    @property
    def query(self) -> str:
        """As it stands in an address; "" for the queue as it is first shown."""
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        return urlencode({name: value for name, value in given.items() if value and (name, value) != ("view", "open")})

    def where(self, **changes: str) -> str:
        """The address of the queue with some of it asked for differently."""
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        query = filters_of({**given, **changes}.get).query
        return f"/flags?{query}" if query else "/flags"


def filters_of(get: Callable[[str], str | None]) -> Filters:
    """The filters in a form or an address; what is not known is left out."""

    def one_of(name: str, known: Iterable[str]) -> str:
        return value if (value := get(name) or "") in known else ""

    return Filters(
        view=one_of("view", VIEWS) or "open",
        q=(get("q") or "").strip()[:200],
        severity=one_of("severity", SEVERITIES),
        jurisdiction=(get("jurisdiction") or "")[:200],
        source=(get("source") or "")[:200],
        reason=one_of("reason", REASONS),
        who=(get("who") or "")[:200],
        due=one_of("due", ("late",)),
    )


def filters_in(query: str) -> Filters:
    """The filters in the query of an address."""
    return filters_of(dict(parse_qsl(query[:2000])).get)


def wanted_by(
    filters: Filters, sources: Mapping[str, Source], claims: Mapping[str, Claim], *, me: str, now: datetime
) -> Wanted:
    """What the store is asked for."""
    among: tuple[str, ...] | None = None
    if filters.jurisdiction:
        among = tuple(sorted(name for name, item in sources.items() if item.jurisdiction == filters.jurisdiction))
    if filters.source:
        among = (filters.source,) if among is None or filters.source in among else ()
    return Wanted(
        state=FlagState.OPEN if filters.view == "snoozed" else FlagState(filters.view),
        severity=Severity(filters.severity) if filters.severity else None,
        reason=FlagReason(filters.reason) if filters.reason else None,
        sources=among,
        assignee={"": None, "me": me, "nobody": ""}.get(filters.who, filters.who),
        resting={"open": False, "snoozed": True}.get(filters.view),
        due_by=now if filters.due else None,
        words=sought(filters.q, sources, claims),
    )


def sought(words: str, sources: Mapping[str, Source], claims: Mapping[str, Claim]) -> tuple[Sought, ...]:
    """The words of a search, each with what is called so or says so in the files of sources and claims."""
    asked = sorted(set(fold(words).split()))
    if not asked:
        return ()
    pages = {name: fold(f"{name} {item.title} {item.authority}") for name, item in sources.items()}
    said = {name: fold(f"{name} {item.section} {item.text}") for name, item in claims.items()}
    return tuple(
        Sought(
            word=word,
            sources=tuple(name for name, text in pages.items() if word in text),
            claims=tuple(name for name, text in said.items() if word in text),
        )
        for word in asked
    )


def place_from(text: str) -> Place | None:
    """A place in the queue, as an address has it."""
    rank, dot, flag = text.partition(".")
    plain = all(part.isascii() and part.isdecimal() and len(part) < 10 for part in (rank, flag))
    return Place(rank=int(rank), flag=int(flag)) if dot and plain else None


def place_text(place: Place) -> str:
    """A place in the queue, for an address."""
    return f"{place.rank}.{place.flag}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One case. about: what it is about, in words; says: what changed where it is no value. same: equal for identical changes."""

    case: Case
    about: str
    source_title: str
    before: str
    after: str
    says: str
    claim: str
    due: datetime
    late: bool
    holder: str
    same: str


def line_of(case: Case, sources: Mapping[str, Source], claims: Mapping[str, Claim], *, now: datetime) -> Line:
    """A case as the queue shows it."""
    flag = case.first.flag
    source = sources.get(flag.source)
    first = next((claims[name] for name in case.claims if name in claims), None)
    step = step_of(flag)
    return Line(
        case=case,
        about=about(flag),
        source_title=flag.source if source is None else source.title,
        before=step[0],
        after=step[1],
        says=_clip(flag.detail or flag.quote_after or flag.quote_before),
        claim="" if first is None else first.text,
        due=case.due,
        late=case.first.state is FlagState.OPEN and case.due <= now,
        holder=case.handling.holder(now),
        same=sameness(flag),
    )


def about(flag: Flag) -> str:
    """The fact in words; of a flag about the page itself, where its words changed, "" where it does not say."""
    if flag.fact is None:
        places = named_places(flag.detail)
        return _clip(places[0]) + (f" +{len(places) - 1}" if places[1:] else "") if places else ""
    return fact_title(flag.fact)


def step_of(flag: Flag) -> tuple[str, str]:
    """What was and what is, in a few words each: the value, or of a list and of a long text what went and what came."""
    before, after = flag.before, flag.after
    if isinstance(before, Members) and isinstance(after, Members):
        added, removed, _ = detail(before, after)
        return _clip(", ".join(row[0] for row in removed)), _clip(", ".join(row[0] for row in added))
    if isinstance(before, Text) and isinstance(after, Text) and len(before.text) + len(after.text) > _LONGEST:
        pieces = word_diff(before.text[:_LONGEST_TEXT], after.text[:_LONGEST_TEXT])
        gone, came = (
            " … ".join(piece.text.strip() for piece in pieces if piece.kind == kind) for kind in ("gone", "come")
        )
        return _clip(gone), _clip(came)
    return _clip(value_brief(before)), _clip(value_brief(after))


def value_brief(value: Value | None) -> str:
    """A value in short words, "" for none."""
    return "" if value is None else value_words(value)


def sameness(flag: Flag) -> str:
    """Equal for identical changes: the same step of a fact of the same name, whatever page it was read on."""
    step = (flag.reason, (flag.fact or "").partition("#")[2], flag.before, flag.after)
    words = (
        () if flag.before is not None or flag.after is not None else (flag.quote_before, flag.quote_after, flag.detail)
    )
    return hashlib.sha256(repr((step, words)).encode()).hexdigest()[:16]


def all_same(flags: Iterable[Flag]) -> bool:
    """Whether one verdict can be given on all of them at once."""
    return len({sameness(flag) for flag in flags}) <= 1


def _clip(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
