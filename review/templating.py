"""Templates with what all of them use: phrases, times in the reader's zone, marks for forms. Everything is escaped."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from domain.people import Role
from domain.values import value_words
from review.causes import cause_phrase
from review.reasons import finding_words, reason_words
from review.visit import Visit
from review.words import NOTICES, day_words, moment_words, since_words, spoken


def page(visit: Visit, template: str, *, status: int = 200, **context: Any) -> Response:
    """A page of ours for one reader. `context` is what its template shows."""
    return HTMLResponse(html_of(visit, template, context), status_code=status)


def html_of(visit: Visit, template: str, context: dict[str, Any]) -> str:
    """A template filled for one reader. `notice` in the address shows a phrase of ours and nothing else."""
    notice = visit.request.query_params.get("notice", "")
    shared = {
        "visit": visit,
        "viewer": visit.viewer,
        "user": visit.viewer.user,
        "say": visit.say,
        "may": lambda role: visit.may(Role(role)),
        "path": visit.request.url.path,
        "notice": notice if notice in NOTICES else "",
        "when": lambda moment: _when(visit, moment),
        "since": lambda moment: _since(visit, moment),
        "day": lambda value: _day(visit, value),
        "moment_text": lambda moment: moment_words(visit.language, moment.astimezone(visit.zone)),
        "words": lambda value: "" if value is None else value_words(value),
        "act": lambda words: spoken(visit.language, words),
        "found": lambda text: finding_words(visit.language, text),
        "told": lambda text: reason_words(visit.language, text),
        "cause": lambda word: spoken(visit.language, cause_phrase(word)),
    }
    return _environment().get_template(template).render(shared | context)


@cache
def asset(name: str) -> str:
    """The address of a file of ours, which changes when the file does."""
    digest = hashlib.sha256((files("review") / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("review"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["asset"] = asset
    return made


def _when(visit: Visit, moment: datetime | None) -> Markup:
    """A moment in the reader's zone, with the exact one in UTC to be had."""
    if moment is None:
        return escape(visit.say("never"))
    shown = moment_words(visit.language, moment.astimezone(visit.zone))
    exact = moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{0}" title="{0}">{1}</time>').format(exact, shown)


def _since(visit: Visit, moment: datetime | None) -> Markup:
    """How long ago, in rough words, with the exact moment to be had."""
    if moment is None:
        return escape(visit.say("never"))
    words = since_words(visit.language, max(visit.now - moment, timedelta(0)))
    exact = moment_words(visit.language, moment.astimezone(visit.zone))
    return Markup('<time datetime="{}" title="{}">{}</time>').format(moment.astimezone(UTC).isoformat(), exact, words)


def _day(visit: Visit, value: date | datetime | None) -> str:
    """A day; of a moment, the day that it is in the reader's zone."""
    if value is None:
        return visit.say("never")
    return day_words(visit.language, value.astimezone(visit.zone).date() if isinstance(value, datetime) else value)
