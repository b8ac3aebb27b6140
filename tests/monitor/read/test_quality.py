"""The gate: what is not the page is named for what it is, and long pages that speak of such things are good."""

from __future__ import annotations

import pytest

from domain.checks import Outcome, Quality
from domain.documents import Document
from monitor.quality import judge_document, judge_page, judge_response
from monitor.read import read

URL = "https://harbour.example/en/berths/fees.html"
HTML = (("content-type", "text/html"),)


def notice(title: str, words: str) -> Document:
    return read(
        f"<!doctype html><html lang='en'><head><title>{title}</title></head><body><h1>{title}</h1><p>{words}</p></body></html>".encode()
    )


def guide(sentence: str, *, times: int = 40, title: str = "Berths") -> Document:
    prose = "<p>Keepers of ferries ask for a berth before the season begins, and wait for the answer.</p>" * times
    return read(
        f"<!doctype html><html lang='en'><body><main><h1>{title}</h1>{prose}<p>{sentence}</p></main></body></html>".encode()
    )


def response(
    body: bytes, *, status: int = 200, headers: tuple[tuple[str, str], ...] = HTML, final: str = URL
) -> Quality:
    return judge_response(status=status, headers=headers, body=body, url=URL, final_url=final)


NOTICES = {
    "captcha": [("One more step", "Please prove that you are not a robot."), ("Verify you are human", "Tick the box.")],
    "challenge": [
        ("Just a moment...", "The harbour is thinking."),
        ("Harbour", "Checking your browser before you go on."),
    ],
    "blocked": [("Access Denied", "You may not see this."), ("Sorry", "Your request was blocked. Support ID 8812.")],
    "soft-404": [
        ("Page not found", "Try the search."),
        ("Harbour", "We couldn't find that page. It may have sailed."),
        ("Erreur", "Cette page n'existe plus."),
    ],
    "maintenance": [("Harbour", "The site is down for maintenance tonight."), ("Bad gateway", "Come back later.")],
    "placeholder": [("Welcome to nginx!", "It works."), ("Harbour", "This domain is for sale.")],
    "queue": [("You are now in line", "Ten minutes to go."), ("Port", "Vous êtes dans la file d'attente.")],
    "interstitial": [("Harbour", "You will be redirected in five seconds.")],
    "login-wall": [("Harbour", "Please sign in. Your session has expired.")],
    "consent-wall": [("Harbour", "Before you continue, choose your cookies.")],
    "shell": [("Harbour", "Please enable JavaScript to see the berths.")],
}


@pytest.mark.parametrize(
    ("cause", "title", "words"), [(cause, *said) for cause, many in NOTICES.items() for said in many]
)
def test_a_notice_with_status_200_is_named_for_what_it_is(cause: str, title: str, words: str) -> None:
    quality = judge_document(notice(title, words))

    assert (quality.outcome, quality.cause) == (Outcome.SUSPECT, cause)


MORE = [
    ("captcha", "Human Verification", "Tick the box to go on."),
    ("captcha", "Harbour", "Press & Hold to go on."),
    ("captcha", "Port", "Vérifiez que vous n'êtes pas un robot."),
    ("challenge", "Harbour", "Please enable JS and disable any ad blocker"),
    ("blocked", "You're Temporarily Blocked", "You were going too fast."),
    ("blocked", "Port", "Cette fonction est temporairement bloquée."),
    ("blocked", "Request Rejected", "The requested URL was rejected. Ask the keeper."),
    ("blocked", "Harbour", "This is not available in your country."),
    ("soft-404", "Sorry!", "The page you requested doesn't exist any more."),
    ("soft-404", "Oops", "It looks like this page has gone missing."),
    ("maintenance", "We'll be right back", "We paint the harbour tonight."),
    ("maintenance", "Port", "Le site est temporairement hors service."),
    ("maintenance", "Interruption de service", "Revenez demain."),
    ("maintenance", "harbour.example | 522: Connection timed out", "Ask again in a minute."),
    ("maintenance", "Harbour", "Application error: a client-side exception has occurred."),
    ("maintenance", "Erreur", "Une erreur inattendue s'est produite."),
    ("shell", "Harbour", "Your browser is not supported."),
    ("login-wall", "Se connecter au port", "Informations de compte oubliées ? Créer un compte."),
    ("login-wall", "Harbour", "Name, word, forgot your password?"),
]


@pytest.mark.parametrize(("cause", "title", "words"), MORE)
def test_the_notices_of_other_guards_and_languages_are_known_too(cause: str, title: str, words: str) -> None:
    assert judge_document(notice(title, words)).cause == cause


@pytest.mark.parametrize("words", ["Loading...", "Chargement en cours…", "Please wait"])
def test_a_page_that_only_says_that_it_loads_is_a_shell(words: str) -> None:
    found = read(f"<html><head><title>Berths</title></head><body><div><p>{words}</p></div></body></html>".encode())

    assert judge_document(found).cause == "shell"


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Night berths", "This stream is temporarily unavailable to new boats until 1 May 2031."),
        ("Upkeep of lamps", "The keeper sees to the maintenance of lamps. You pay $40."),
        ("Ferry closed", "The ferry is closed. We no longer take boats."),
        ("If you are refused a berth", "Ask again after 12 months."),
        ("Section 12", "[Repealed, SOR/2031-1, s. 3]"),
    ],
)
def test_a_short_rule_is_no_notice(title: str, words: str) -> None:
    assert judge_document(notice(title, words)).outcome is Outcome.GOOD


@pytest.mark.parametrize(("title", "words"), [said for many in NOTICES.values() for said in many])
def test_a_long_page_that_says_the_same_is_good(title: str, words: str) -> None:
    assert judge_document(guide(f"{title}. {words}", title=title)).outcome is Outcome.GOOD


def test_a_short_page_whose_title_alone_says_so_is_a_notice() -> None:
    prose = "<p>The harbour is a fine place with many boats, and its keepers are glad of every visit.</p>" * 8
    found = read(f"<html><head><title>Access denied</title></head><body>{prose}<p>Go home.</p></body></html>".encode())

    assert judge_document(found).cause == "blocked"


def test_a_short_page_of_content_is_good() -> None:
    assert judge_document(notice("Berth fees", "Every keeper pays $40 for a berth.")).outcome is Outcome.GOOD


@pytest.mark.parametrize(
    ("cause", "outcome", "judged"),
    [
        ("http-status", Outcome.FAILED, response(b"<html>", status=503)),
        ("http-status", Outcome.FAILED, response(b"", status=204)),
        ("empty", Outcome.FAILED, response(b" \r\n")),
        ("challenge", Outcome.SUSPECT, response(b"<html>", status=403, headers=(("cf-mitigated", "challenge"),))),
        ("redirected-elsewhere", Outcome.SUSPECT, response(b"x", final="https://harbour.example/")),
        ("redirected-elsewhere", Outcome.SUSPECT, response(b"x", final="https://harbour.example/en/berths.html")),
        ("half-body", Outcome.SUSPECT, response(b"<!doctype html><html><body><main><p>Every keeper pa")),
        ("half-body", Outcome.SUSPECT, response(b"<!doctype html><html><body><p>Every keeper pa")),
        ("half-body", Outcome.SUSPECT, response(b"<html><body><div><p>Every keeper pays $40.</p>")),
        ("", Outcome.GOOD, response(b"<html><body><div><p>Every keeper pays $40.</p></div></body></html>")),
        ("", Outcome.GOOD, response(b"<html><body><div><p>Every keeper pays $40.</p></body></html>")),
        ("", Outcome.GOOD, response(b"<html><body><p>Every keeper pays $40.</p>")),
        ("", Outcome.GOOD, response(b"x", final="https://www.harbour.example/en/berths/fees.html")),
        ("", Outcome.GOOD, response(b"x", final="https://harbour.example/en/moorings/fees.html")),
    ],
)
def test_a_response_is_judged_by_its_frame(cause: str, outcome: Outcome, judged: Quality) -> None:
    assert (judged.cause, judged.outcome) == (cause, outcome)


def test_an_earlier_address_of_the_page_is_no_other_place() -> None:
    def led_to(final: str, *also_at: str) -> str:
        asked = {"status": 200, "headers": HTML, "body": b"x", "url": URL}
        return judge_response(**asked, final_url=final, also_at=also_at).cause  # type: ignore[arg-type]

    assert led_to("https://www.harbour.example/en") == "redirected-elsewhere"
    assert led_to("https://www.harbour.example/en", "https://harbour.example/en/") == ""


@pytest.mark.parametrize(
    ("cause", "after"),
    [
        ("sentinel-missing", guide("Nothing of it is left.")),
        ("shrunken", guide("Every keeper pays $40.", times=5)),
        (
            "wrong-language",
            read(b"<html lang='fr'><body><main><h1>Berths</h1><p>Every keeper pays $40 in the French tongue.</p>"),
        ),
        ("type-changed", read(b"Every keeper pays $40.", content_type="text/plain")),
        ("", guide("Every keeper pays $45.")),
        ("", guide("Every keeper pays $45.", times=25)),
    ],
)
def test_a_page_is_held_against_the_one_before_it(cause: str, after: Document) -> None:
    before = guide("Every keeper pays $40.")
    quality = judge_document(after, must_contain=("every KEEPER\u00a0pays",), baseline=before)

    assert quality.cause == cause


def test_a_redesign_that_loses_its_landmarks_is_not_believed() -> None:
    redesign = read(
        b"<html lang='en'><body><div id='app'><p>Welcome to the new harbour site, built around you.</p></div></body></html>"
    )

    assert judge_document(redesign, must_contain=("berth",)).cause == "sentinel-missing"
    assert judge_document(guide("x"), title_expected="Moorings").cause == "sentinel-missing"


def test_a_page_built_by_scripts_alone_is_a_shell() -> None:
    empty = b"<!doctype html><html><body><div id='app'></div><script>start()</script></body></html>"

    assert judge_page(read(empty), empty).cause == "shell"
    assert judge_document(read(empty)).cause == "shell"


def test_a_loose_half_page_is_no_page() -> None:
    half = b"<!doctype html><html><body><main><div><p>Every keeper pays $40"

    assert judge_page(read(half), half).cause == "half-body"
