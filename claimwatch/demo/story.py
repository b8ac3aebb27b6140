"""What happens on the demo's pages: which pages there are and what changes on them between the two visits.

The pages are invented, in the manner of the official ones.
Days are counted from the day of the demo, so a round is always recent and an announced day always lies ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from importlib.resources import files

FEDERAL = "www.example-canada.test"
ENTRY = "entry.example-canada.test"
DATA = "data.example-canada.test"
EMPLOYMENT = "jobs.example-canada.test"
RULES = "rules.example-canada.test"
WESTLAND = "www.welcome-westland.test"
NORTHLAND = "www.northland.test"

FIRST_VISIT = 1
SECOND_VISIT = 2


class Trouble(StrEnum):
    """What stands in the way of a page instead of it, or of a part of it."""

    BLOCK_PAGE = "a block page with status 200"
    HALF_BODY = "half a body with a correct Content-Length"
    CUT_GZIP = "a gzip stream that stops in the middle"
    UNAVAILABLE = "status 503"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the site.

    content: file in `pages/`; frame: the file it is set into, "" where it stands alone.
    redesigned: frame and content from the second visit on, where the page gets a new face.
    steady: the same bytes for every request, so it has an ETag; others carry a new nonce each time.
    trouble: what is served from the second visit on instead of the page.
    """

    source: str
    host: str
    path: str
    title: str
    content: str
    frame: str = "frame-gcweb.html"
    redesigned: tuple[str, str] | None = None
    content_type: str = "text/html; charset=utf-8"
    steady: bool = False
    trouble: Trouble | None = None

    @property
    def address(self) -> str:
        """The address under which the page is watched."""
        return f"https://{self.host}{self.path}"


PAGES = (
    Page(
        source="category-selection",
        host=FEDERAL,
        path="/en/skilled-entry/rounds/category-selection.html",
        title="Rounds by category of work",
        content="category-selection.html",
    ),
    Page(
        source="rounds-feed",
        host=DATA,
        path="/content/dam/json/rounds_en.json",
        title="",
        content="rounds.json",
        frame="",
        content_type="application/json",
        steady=True,
    ),
    Page(
        source="application-fees",
        host=FEDERAL,
        path="/en/fees.html",
        title="What applications cost",
        content="fees.html",
    ),
    Page(
        source="points-grid",
        host=ENTRY,
        path="/en/skilled-entry/points.html",
        title="How the pool counts points",
        content="points-grid.html",
        trouble=Trouble.BLOCK_PAGE,
    ),
    Page(
        source="home-experience",
        host=ENTRY,
        path="/en/skilled-entry/home-experience-class.html",
        title="Home Experience Class",
        content="skilled-class.html",
        trouble=Trouble.HALF_BODY,
    ),
    Page(
        source="permit-times",
        host=DATA,
        path="/content/dam/json/permit_times_en.json",
        title="",
        content="permit-times.json",
        frame="",
        content_type="application/json",
        steady=True,
        trouble=Trouble.CUT_GZIP,
    ),
    Page(
        source="work-permits",
        host=EMPLOYMENT,
        path="/en/permits.html",
        title="Kinds of work permit",
        content="work-permits.html",
        trouble=Trouble.UNAVAILABLE,
    ),
    Page(
        source="talent-stream",
        host=EMPLOYMENT,
        path="/en/foreign-workers/fast-talent/requirements.html",
        title="Fast Talent Stream: what an employer must do",
        content="talent-stream.html",
    ),
    Page(
        source="worker-rules",
        host=RULES,
        path="/eng/foreign-workers/FullText.html",
        title="Rules on foreign workers",
        content="foreign-worker-rules.html",
        frame="frame-rules.html",
        steady=True,
    ),
    Page(
        source="westland-invitations",
        host=WESTLAND,
        path="/immigrate/nominee-programme/invitations",
        title="Welcome to Westland",
        content="westland-invitations.html",
        frame="frame-westland.html",
        redesigned=("frame-westland-new.html", "westland-invitations-redesigned.html"),
    ),
    Page(
        source="northland-updates",
        host=NORTHLAND,
        path="/page/northland-nominee-programme-updates",
        title="Northland nominee programme updates",
        content="northland-updates.html",
        frame="frame-northland.html",
    ),
)

HOSTS = tuple(dict.fromkeys(page.host for page in PAGES))


def announced_from(today: date) -> date:
    """The day from which the announced fee holds: the first of a month, 60 to 90 days ahead."""
    later = today + timedelta(days=90)
    return later.replace(day=1)


def words_for(page: Page, visit: int, today: date) -> dict[str, str]:
    """Every placeholder of the page's files for that visit, but for those that differ from request to request."""
    words = _same_for_all(visit, today) | _rounds(today)
    second = visit >= SECOND_VISIT
    words |= {
        "title": page.title,
        "address": page.address,
        "announced_from": long_day(announced_from(today)),
        "talent_fee": "$1,150" if second else "$1,000",
        "testers_row": "" if second else _part("testers-row.html"),
        "software_status": "Closed" if second else "Open",
        "draw_new": long_day(today - timedelta(days=9)),
        "draw_old": long_day(today - timedelta(days=37)),
        "update_first": long_day(today - timedelta(days=120)),
        "update_second": long_day(today - timedelta(days=64)),
        "update_closing": long_day(today),
        "times_day": long_day(today - timedelta(days=4)),
    }
    words["closing_update"] = fill(_part("closing-update.html"), words) if second else ""
    words["residence_announcement"] = fill(_part("residence-announcement.html"), words) if second else ""
    words["new_round"] = fill(_part("new-round.json"), words) if second else ""
    return words


def page_text(page: Page, visit: int, today: date, *, per_request: dict[str, str]) -> str:
    """The whole page as it stands at that visit."""
    frame, content = page.frame, page.content
    if visit >= SECOND_VISIT and page.redesigned is not None:
        frame, content = page.redesigned
    words = words_for(page, visit, today) | per_request
    main = fill(page_file(content), words)
    return fill(page_file(frame), words | {"main": main}) if frame else main


def page_file(name: str) -> str:
    """A file of `pages/`, as installed with the package."""
    return (files("claimwatch.demo") / "pages" / name).read_text(encoding="utf-8")


def fill(template: str, words: dict[str, str]) -> str:
    """The template with every `${name}` replaced once. KeyError where a name has no words; `$1,000` is left alone."""
    pieces = template.split("${")
    filled = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}")
        filled.append(words[name] + rest)
    return "".join(filled)


def long_day(day: date) -> str:
    """A day as the pages print it: `March 3, 2027`, whatever the machine's locale."""
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _part(name: str) -> str:
    return page_file(f"parts/{name}").rstrip("\n")


def _same_for_all(visit: int, today: date) -> dict[str, str]:
    """Footer dates, asset names and navigation: what moves without meaning anything."""
    second = visit >= SECOND_VISIT
    modified = today - timedelta(days=1 if second else 41)
    menus = ("Work", "Coming and staying", "Money", "Start", "All services", "Write to us") if second else (
        "Jobs and the workplace", "Immigration", "Money and taxes", "Home", "Services", "Contact us"
    )  # fmt: skip
    steps = ("Am I eligible", "Set up a profile", "Invitations", "Send your application") if second else (
        "Who can enter the pool", "Make a profile", "Rounds", "Apply"
    )  # fmt: skip
    return {
        "modified": modified.isoformat(),
        "updated_words": long_day(modified),
        "build": "20b7" if second else "19f3",
        "skip_words": "Go to the content" if second else "Skip to main content",
        "search_words": "Find a page" if second else "Search this site",
        **dict(zip(("menu_jobs", "menu_immigration", "menu_money"), menus[:3], strict=True)),
        **dict(zip(("crumb_home", "crumb_services", "footer_contact"), menus[3:], strict=True)),
        **dict(zip(("step_who", "step_profile", "step_rounds", "step_apply"), steps, strict=True)),
    }


def _rounds(today: date) -> dict[str, str]:
    held = {"418": 0, "417": 5, "416": 12, "415": 19, "414": 33, "383": 617}
    days = {number: today - timedelta(days=ago) for number, ago in held.items()}
    return {f"round_{number}": day.isoformat() for number, day in days.items()} | {
        f"round_{number}_words": long_day(day) for number, day in days.items()
    }
