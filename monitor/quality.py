"""Is this response the page? Good, suspect or failed, each with a named cause.

Headers speak first. Words count only on a short page, or in its title: a long guide that explains captchas, soft 404s
or maintenance windows is a good page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from domain.checks import Outcome, Quality
from domain.documents import BlockKind, Document
from monitor.read.normalise import normalise

GOOD = Quality(outcome=Outcome.GOOD)

SHORT = 1_500
"""Characters of text up to which a page is short enough to be nothing but a notice."""

SHRUNKEN = 0.4
"""Share of the baseline's text below which a page has lost its content rather than changed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Words that give a false page away, and what it is then."""

    cause: str
    pattern: re.Pattern[str]


def _sign(cause: str, pattern: str) -> Sign:
    return Sign(cause=cause, pattern=re.compile(pattern, re.IGNORECASE))


# The order is that of certainty: the first sign found names the cause.
SIGNS = (
    _sign(
        "captcha",
        r"captcha\W|are you (?:a )?(?:human|robot)|not a (?:ro)?bot\b|verify (?:that )?you(?:'re| are) (?:a )?human|human verification|"
        r"(?:confirm|prove) (?:that )?you(?:'re| are) (?:a )?human|what code is in the image|press (?:and|&) hold|"
        r"vérifi\w+ que vous (?:êtes|n'êtes pas) (?:un )?(?:humain|robot)|vous n'êtes pas un robot",
    ),
    _sign(
        "challenge",
        r"checking (?:if the site connection is secure|your browser)|just a moment\W|enable javascript and cookies to continue|ddos protection by|"
        r"attention required! \||enable js and disable any ad blocker|(?:complete|performing|pass) (?:the|a) security (?:check|verification)|"
        r"vérification (?:de sécurité|de votre navigateur)",
    ),
    _sign(
        "blocked",
        r"access (?:to this (?:page|site) (?:has been )?|is )?denied|you(?:'ve| have)? been (?:temporarily )?blocked|you(?:'re| are) temporarily blocked|"
        r"request (?:was |has been )?(?:blocked|rejected)|requested url was rejected|request unsuccessful|web(?:site)? (?:application )?firewall|"
        r"unusual (?:traffic|activity)|automated (?:requests|access|queries)|incident id|reference #\d|support id|going too fast|"
        r"too many requests|rate limit|request could not be satisfied|accès (?:refusé|interdit)|suspicious activity|"
        r"(?:fonction(?:nalité)? (?:est )?|avez été |accès (?:est )?)(?:temporairement )?bloqué|trop de (?:requêtes|demandes)|"
        r"not available in your (?:country|region)|(?:pas|n'est pas) disponible dans votre (?:pays|région)",
    ),
    _sign(
        "soft-404",
        r"(?:page|file|document|content|resource)s? (?:you (?:are|were) (?:looking|searching) for |requested |you requested )?(?:was |is |has |have |could |can ?)?(?:not|n't|no longer)? ?(?:be )?(?:found|exists?|available|been (?:moved|removed|deleted))|"
        r"(?:page|file|document) (?:that )?(?:you(?:'re| are)? (?:requested|looking for) |requested )?(?:doesn't|does not|no longer) exists?|page (?:has )?gone missing|"
        r"\b404\b|we (?:couldn't|could not|can't|cannot) find (?:that|the|this|your) (?:web ?)?page|page (?:introuvable|non trouvée)|"
        r"page (?:\w+ ){0,3}n'existe (?:pas|plus)|n'existe (?:pas|plus)",
    ),
    _sign(
        "maintenance",
        r"(?:under|scheduled|planned|for) maintenance|(?:site|website|page|server|system|portal|we are|it is) (?:is )?(?:temporarily|currently) "
        r"(?:unavailable|out of service|down|offline)|\Atemporarily unavailable|technical difficulties|"
        r"service (?:is )?(?:temporarily )?unavailable|we(?:'ll| will) be (?:right )?back|be back (?:soon|shortly)|making improvements to (?:the|this|our) (?:web)?site|"
        r"en (?:cours de )?maintenance|momentanément (?:indisponible|inaccessible)|(?:site|service|page|système) (?:est )?temporairement "
        r"(?:indisponible|hors service|inaccessible)|interruption (?:de|du) service|(?:pour|travaux d')\W?entretien|"
        r"difficultés techniques|server error|bad gateway|gateway time-?out|connection timed out|web server is (?:down|returning)|origin web server|"
        r"an (?:unexpected |internal )?error (?:has )?occurred|sorry, there is a problem with (?:the|this) service|something went wrong|"
        r"une erreur (?:inattendue |interne )?(?:s'est produite|est survenue)|application error|client-side exception",
    ),
    _sign(
        "placeholder",
        r"welcome to nginx|apache2? .{0,20}default page|domain (?:name )?is (?:for sale|parked)|buy this domain|iis windows server|site (?:en construction|coming soon)",
    ),
    _sign(
        "queue",
        r"you are (?:now )?in (?:line|the queue|a queue)|virtual waiting room|when it is your turn|dans la file d'attente|lorsque ce sera votre tour",
    ),
    _sign(
        "interstitial",
        r"you (?:should|will|are being) be? ?redirected|redirecting (?:you )?to|if you are not redirected|vous (?:allez|serez) (?:être )?redirigé",
    ),
    _sign(
        "login-wall",
        r"(?:sign|log) ?in (?:to (?:continue|your account)|with your)|please (?:sign|log) ?in|session (?:has )?expired|connectez-vous pour|"
        r"forgot(?:ten)? (?:your )?(?:account|password)|mot de passe oublié|informations de compte oubliées",
    ),
    _sign(
        "consent-wall", r"(?:before you continue|accept (?:all )?cookies to (?:continue|proceed)|we value your privacy)"
    ),
    _sign(
        "shell",
        r"(?:please )?(?:enable|turn on|activate) javascript|javascript is (?:disabled|required)|requires javascript|activer javascript|"
        r"\A\W*(?:loading|please wait|chargement(?: en cours)?|veuillez patienter|un instant)\W*\Z|"
        r"(?:unsupported|outdated) browser|browser is (?:not supported|unsupported|out of date|no longer supported)|navigateur n'est (?:pas|plus) (?:pris en charge|supporté)",
    ),
)

_WALL_HEADERS = (
    ("cf-mitigated", "challenge"),
    ("x-amzn-waf-action", "blocked"),
    ("x-datadome", "blocked"),
    ("x-sucuri-block", "blocked"),
)
_TITLE_ONLY = frozenset({"captcha", "challenge", "blocked", "soft-404", "maintenance", "placeholder"})
_SPARSE = 400
"""Characters up to which a page is a notice for sure, and even a mild sign counts."""


def judge_response(
    *,
    status: int,
    headers: tuple[tuple[str, str], ...],
    body: bytes,
    url: str,
    final_url: str,
    also_at: tuple[str, ...] = (),
    length_verified: bool = True,
) -> Quality:
    """What can be said before reading: by status, headers, address and the ends of the body.

    url: the source's address, also_at its earlier ones; an answer from anywhere else on another path that is a home
    page or a parent of it has lost the content.
    """
    for name, cause in _WALL_HEADERS:
        if any(header == name for header, _ in headers):
            return Quality(outcome=Outcome.SUSPECT, cause=cause, detail=f"the header {name} says so")
    if status not in {200, 203}:
        return Quality(outcome=Outcome.FAILED, cause="http-status", detail=f"status {status}")
    if not body.strip():
        return Quality(outcome=Outcome.FAILED, cause="empty", detail="an empty body")
    elsewhere = _led_elsewhere(final_url, (url, *also_at))
    if elsewhere:
        return Quality(outcome=Outcome.SUSPECT, cause="redirected-elsewhere", detail=elsewhere)
    if _is_html(headers, body) and _is_half(body):
        return Quality(outcome=Outcome.SUSPECT, cause="half-body", detail="the page ends in the middle of its markup")
    return GOOD


def judge_document(
    document: Document,
    *,
    must_contain: tuple[str, ...] = (),
    baseline: Document | None = None,
    title_expected: str | None = None,
) -> Quality:
    """What can be said after reading: a notice instead of the page, sentinels gone, another language, content lost."""
    text = _text(document)
    notice = _notice(document, text)
    if notice is not None:
        return notice
    # In a feed the names of its fields are its landmarks.
    names = " ".join(block.locator for block in document.blocks) if document.data is not None else ""
    folded = normalise(f"{document.title} {text} {names}").casefold()
    for words in must_contain:
        if normalise(words).casefold() not in folded:
            return Quality(outcome=Outcome.SUSPECT, cause="sentinel-missing", detail=f"{words!r} is not on the page")
    if title_expected and normalise(title_expected).casefold() not in normalise(document.title).casefold():
        return Quality(
            outcome=Outcome.SUSPECT, cause="sentinel-missing", detail=f"the title is {document.title[:80]!r}"
        )
    return GOOD if baseline is None else _against(document, text, baseline)


def judge_page(document: Document, body: bytes) -> Quality:
    """Is a loose file a page at all? For comparing without configuration."""
    if document.media == "html" and _is_half(body):
        return Quality(outcome=Outcome.SUSPECT, cause="half-body", detail="the page ends in the middle of its markup")
    if not document.blocks and document.data is None:
        return Quality(outcome=Outcome.SUSPECT, cause="shell", detail="the page shows no text of its own")
    return judge_document(document)


def _text(document: Document) -> str:
    return " ".join(block.text for block in document.blocks)


def _notice(document: Document, text: str) -> Quality | None:
    """A page that is nothing but a notice, by its words; None for anything with content."""
    if document.media in ("json", "xml", "feed", "sheet"):
        return None
    if not document.blocks:
        return Quality(outcome=Outcome.SUSPECT, cause="shell", detail="the page shows no text of its own")
    if len(text) > SHORT or len(document.tables) > 1:
        return None
    headings = " ".join(block.text for block in document.blocks if block.kind is BlockKind.HEADING)
    title = normalise(f"{document.title} {headings}")
    words = normalise(text)
    for sign in SIGNS:
        in_title = sign.pattern.search(title) if sign.cause in _TITLE_ONLY else None
        in_text = sign.pattern.search(words)
        if in_title or (in_text and (len(words) <= _SPARSE or _leads(in_text, words))):
            found = in_title or in_text
            said = found[0] if found else ""
            return Quality(outcome=Outcome.SUSPECT, cause=sign.cause, detail=f"a short page that says {said[:80]!r}")
    return None


def _leads(found: re.Match[str], words: str) -> bool:
    """A notice says what it is at once; a page that mentions such a thing in passing does so later."""
    return found.start() < 200 and len(words) < SHORT


def _against(document: Document, text: str, baseline: Document) -> Quality:
    if document.media != baseline.media:
        return Quality(
            outcome=Outcome.SUSPECT, cause="type-changed", detail=f"{baseline.media} became {document.media}"
        )
    if document.language and baseline.language and document.language != baseline.language:
        detail = f"the page is in {document.language!r}, it was in {baseline.language!r}"
        return Quality(outcome=Outcome.SUSPECT, cause="wrong-language", detail=detail)
    if lost_its_content(document, baseline):
        detail = "its title and all that stood under it are gone, and nothing came"
        return Quality(outcome=Outcome.SUSPECT, cause="not-rendered", detail=detail)
    if is_another_page(document, baseline):
        detail = f"nothing of it was on the page before, which was called {baseline.title[:80]!r}"
        return Quality(outcome=Outcome.SUSPECT, cause="another-page", detail=detail)
    was = len(_text(baseline))
    if was > SHORT and len(text) < was * SHRUNKEN:
        return Quality(
            outcome=Outcome.SUSPECT, cause="shrunken", detail=f"{len(text)} characters of text, it had {was}"
        )
    return GOOD


def lost_its_content(document: Document, other: Document) -> bool:
    """Whether a page shows nothing but what stands around the content of the other: its script had not filled it in.

    It has no title of its own where the other has one, and every block of it stands in the other too.
    """
    if document.media != "html" or other.media != "html" or len(document.blocks) >= len(other.blocks):
        return False
    if _has_title(document) or not _has_title(other):
        return False
    there = {normalise(block.text) for block in other.blocks}
    return all(normalise(block.text) in there for block in document.blocks)


FEWEST_SENTENCES = 20
"""Blocks of prose on each side from which two pages can be told to have nothing in common."""

SHARED_BLOCKS = 0.03
"""Share of the shorter page's blocks that may stand on the other and yet be the site's."""

SHARED_WORDS = 0.45
"""Share of the shorter page's words that two pages of one site have in common; a page rewritten keeps more."""


def is_another_page(document: Document, other: Document) -> bool:
    """Whether two pages of different titles have hardly a block and few words in common: the address leads elsewhere.

    A page that was written anew keeps its subject, and with it most of its words.
    """
    if document.media != "html" or other.media != "html" or normalise(document.title) == normalise(other.title):
        return False
    blocks, blocks_there = _prose(document), _prose(other)
    fewer = min(len(blocks), len(blocks_there))
    if fewer < FEWEST_SENTENCES or len(blocks & blocks_there) > fewer * SHARED_BLOCKS:
        return False
    words, words_there = _words(" ".join(blocks)), _words(" ".join(blocks_there))
    return len(words & words_there) < SHARED_WORDS * min(len(words), len(words_there))


def _prose(document: Document) -> frozenset[str]:
    return frozenset(normalise(block.text).casefold() for block in document.blocks if len(block.text) > 20)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]{4,}", normalise(text).casefold()))


def _has_title(document: Document) -> bool:
    return any(block.kind is BlockKind.HEADING and block.level == 1 for block in document.blocks)


def _led_elsewhere(final_url: str, expected: tuple[str, ...]) -> str:
    """Why an answer from another address has lost the content: it is a home page or a hub above the page asked for."""
    final = urlsplit(final_url)
    if any(_same_place(final_url, url) for url in expected):
        return ""
    asked = urlsplit(expected[0])
    path, wanted = final.path.rstrip("/"), asked.path.rstrip("/")
    stem = re.sub(r"\.html?$", "", path)
    if path in ("", "/en", "/fr", "/home", "/en.html", "/fr.html", "/index.html") and wanted not in ("", path):
        return f"led to the home page {final_url}"
    if final.netloc == asked.netloc and wanted.startswith(f"{stem}/") and stem:
        return f"led to a page above it: {final_url}"
    return ""


def _same_place(left: str, right: str) -> bool:
    one, other = urlsplit(left), urlsplit(right)
    hosts = [(parts.hostname or "").removeprefix("www.") for parts in (one, other)]
    return hosts[0] == hosts[1] and one.path.rstrip("/") == other.path.rstrip("/") and one.query == other.query


def _is_html(headers: tuple[tuple[str, str], ...], body: bytes) -> bool:
    stated = next((value for name, value in headers if name == "content-type"), "")
    return "html" in stated.lower() or body[:256].lstrip().lower().startswith((b"<!doctype html", b"<html"))


_HAS_END = re.compile(rb"</(?:html|body)\s*>", re.IGNORECASE)
_HAS_START = re.compile(rb"<(?:!doctype\s+html|html[\s>]|body[\s>])", re.IGNORECASE)


def _is_half(body: bytes) -> bool:
    """A page that begins as a whole one and never ends: cut inside a tag, or without the end of what it opened."""
    if not _HAS_START.search(body[:4096]):
        return False
    if _HAS_END.search(body[-8192:]) or _HAS_END.search(body):
        return False
    opened = len(re.findall(rb"<(?:div|section|main|table|ul|article)[\s>]", body, re.IGNORECASE))
    closed = len(re.findall(rb"</(?:div|section|main|table|ul|article)\s*>", body, re.IGNORECASE))
    return opened > closed or body.rstrip()[-1:] != b">"
