"""A mail as a mail client reads it, and as it stands on the wire."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.digests import Digest, DigestItem, IncidentState, Message
from domain.flags import FlagState, Severity
from notifications.compose import compose
from notifications.phrases import ENGLISH, LANGUAGES, phrase
from notifications.render import render
from notifications.view import link_or_nothing
from notifications.words import visible
from tests.notifications.builders import (
    CLAIMS,
    COVERAGE,
    NOW,
    PERIOD,
    SOURCES,
    dollars,
    flag,
    outage,
    review,
    subscriber,
    table,
)

LINK = "https://watch.example/unsubscribe/7.c2lnbmF0dXJlLW9mLW91cnM"


def a_digest(language: str = "en") -> Digest:
    return compose(
        subscriber=subscriber(language=language),
        period=PERIOD,
        first_event=1,
        last_event=9,
        flags=(
            flag(
                1,
                "permit-fee",
                severity=Severity.CRITICAL,
                before=dollars(1000),
                after=dollars(1155),
                claims=("permit.fee",),
                quote_before="The fee is $1,000.",
                quote_after="The fee is $1,155.",
                detail="effective 2027-04-30",
            ),
            flag(2, "trades", before=table(("1", "Boat baker")), after=table(("2", "Sail weaver")), group="g"),
            flag(3, "rounds", fact="", confirmed=False, quote_before="Every week.", quote_after="When announced."),
        ),
        decided=(flag(5, "permit-fee", fact="wait", state=FlagState.DECIDED, review=review(5)),),
        sources=SOURCES,
        claims=CLAIMS,
        unreadable=(("rounds", "blocked"), ("coast-programme", "timeout")),
        outages=(outage("rounds", 8),),
        coverage=COVERAGE,
    )


def quiet_digest(language: str = "en") -> Digest:
    return replace(a_digest(language), items=(), unreadable=(), incidents=())


def mail(digest: Digest, *, base_url: str = "https://watch.example", unsubscribe_url: str | None = LINK) -> Message:
    return render(
        digest,
        sender="Claimwatch <digest@watch.example>",
        base_url=base_url,
        message_date=NOW,
        unsubscribe_url=unsubscribe_url,
    )


def parsed(message: Message) -> EmailMessage:
    found = BytesParser(policy=policy.default).parsebytes(message.content)
    assert isinstance(found, EmailMessage)
    assert found.defects == []
    return found


def part(message: Message, kind: str) -> str:
    body = parsed(message).get_body((kind,))
    assert body is not None
    return str(body.get_content())


class Reader(HTMLParser):
    """What a person sees of an HTML mail: its words and where its links lead."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "background")]
        self._hidden += tag in ("style", "title", "script")
        if tag in ("p", "li", "td", "br", "h1", "h2", "h3", "span"):
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title", "script")
        self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def read_html(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader


def words(text: str) -> list[str]:
    """The words of a text in no order, without the punctuation that lines need."""
    found = (word.strip(",.-") for word in re.findall(r"[\w$,.’'#-]+", text.casefold()))
    return sorted(word for word in found if word)


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("made", [a_digest, quiet_digest])
def test_text_and_html_say_the_same(made, language):
    message = mail(made(language))
    text, html = part(message, "plain"), read_html(part(message, "html"))
    plain = re.sub(r"https?://\S+|^[=-]+$", " ", text, flags=re.M)
    assert words("".join(html.words)) == words(plain)
    assert set(re.findall(r"https?://\S+", text)) == set(html.links)


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_everything_a_reader_needs_is_there(kind):
    text = " ".join(part(mail(a_digest()), kind).split())
    for needed in (
        "CAD 1,000",
        "CAD 1,155",
        "The fee is $1,000.",
        "The fee is $1,155.",
        "In effect from 30 April 2027",
        "First seen 23 November 2026, 01:00 EST",
        "An employer pays 1,000 CAD for each permit.",
        "permit.2-pay",
        "guide wrong, by Ana on 23 November 2026: Corrected in the guide.",
        "1 page of office.example cannot be read any more",
        "1 page of coast.example could not be read",
        "noticed 22 November 2026, 15:00 EST",
        "16 of 18 official pages read",
        "117 of 120 facts located",
        "51 of 64 claims of the guide watched",
        "seen once, not yet confirmed",
        "reader7@example.org is subscribed to daily digests",
    ):
        assert needed in text, needed


def test_the_subject_says_the_most_important_thing():
    assert mail(a_digest()).subject == ("Critical: Fee CAD 1,000 → CAD 1,155, Permit fee and how to pay it (+2 more)")
    assert parsed(mail(a_digest()))["Subject"] == mail(a_digest()).subject
    assert mail(quiet_digest()).subject == "Nothing changed: 16 of 18 official pages read"
    assert mail(quiet_digest("fr")).subject == "Rien n’a changé\u00a0: 16 pages officielles lues sur 18"
    goes_on = tuple(replace(item, state=IncidentState.CONTINUING) for item in a_digest().incidents)
    settled = replace(a_digest(), items=a_digest().items[-1:], incidents=goes_on)
    assert mail(settled).subject.startswith("Settled: High: Wait")
    blind = replace(a_digest(), items=())
    assert mail(blind).subject == "1 page of office.example cannot be read any more"


def test_header_lines_stand_on_the_wire_unfolded_and_unencoded():
    link = "https://watch.example/unsubscribe/" + "a" * 300
    lines = mail(a_digest(), unsubscribe_url=link).content.split(b"\r\n\r\n")[0].split(b"\r\n")
    assert f"List-Unsubscribe: <{link}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert b"List-Id: Claimwatch digests <digests.watch.example>" in lines
    assert b"Auto-Submitted: auto-generated" in lines
    assert b"To: reader7@example.org" in lines
    assert b"Date: Mon, 23 Nov 2026 12:00:00 +0000" in lines
    assert any(re.fullmatch(rb"Message-ID: <digest\.[0-9a-f]{32}@watch\.example>", line) for line in lines)
    names = [line.split(b":")[0].lower() for line in lines if not line.startswith(b" ")]
    assert len(names) == len(set(names))


def test_without_a_link_there_are_no_unsubscribe_headers():
    headers = parsed(mail(a_digest(), unsubscribe_url=None))
    assert headers["List-Unsubscribe"] is None
    assert headers["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://a.example/\r\nBcc: x@y.org", "https://a.example/é"])
def test_an_unsubscribe_link_that_would_break_the_header_is_refused(link):
    with pytest.raises(ValueError, match="unsubscribe"):
        mail(a_digest(), unsubscribe_url=link)


def test_equal_circumstances_give_equal_bytes_and_others_another_id():
    assert mail(a_digest()) == mail(a_digest())
    later = replace(PERIOD, key="daily:2026-11-24:America/Toronto", end=PERIOD.end + timedelta(days=1))
    assert mail(replace(a_digest(), period=later)).message_id != mail(a_digest()).message_id


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% raw %}",
    "\r\nBcc: victim@example.org\r\n\r\n",
    "line\u2028separator\u2029paragraph\x0bvt\x0cff\x00nul\x1b[31m",
    "pay \u202e000,1\u202c\u200b\ufeff soft\u00adhyphen",
    ".\r\n.leading dots\r\n",
    "=?utf-8?q?fake?=",
    "lone \ud800 surrogate",
    "x" * 3000,
    "é😀" * 200,
)


def hostile_item(text: str) -> DigestItem:
    item = a_digest().items[0]
    return replace(
        item,
        title=text,
        source_title=text,
        url=f"javascript:{text}",
        before=text,
        after=text,
        quote_before=text,
        quote_after=text,
        claims=((text, text, text),),
        decided="",
        detail=text,
        also=((text, text),),
        effective=text,
    )


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("language", list(LANGUAGES))
def test_captured_text_stays_text(text, language):
    message = mail(replace(a_digest(language), items=(hostile_item(text),)))
    assert_sound(message)
    html = part(message, "html")
    assert read_html(html).tags <= read_html(part(mail(a_digest()), "html")).tags | {"ul", "li"}
    assert "49" not in part(mail(replace(quiet_digest(), items=(hostile_item("{{ 7*7 }}"),))), "plain").split()


def assert_sound(message: Message) -> None:
    raw = message.content
    assert raw.isascii()
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", raw) is None
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    head = raw.split(b"\r\n\r\n")[0]
    assert all(len(line) <= 78 for line in head.split(b"\r\n") if line.startswith((b"Subject", b" ")))
    mail_read = parsed(message)
    assert set(mail_read.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted", "X-Auto-Response-Suppress"),
        *("List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"),
    }
    assert str(mail_read["Subject"]).split() == message.subject.split()
    for kind in ("plain", "html"):
        seen = part(message, kind)
        assert not set(seen) & set("\u202e\u202c\u200b\ufeff\u2028\u2029\x0b\x0c\x00\x1b\u00ad")
    links = read_html(part(message, "html")).links
    assert all(link.startswith(("http://", "https://")) for link in links)


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(), max_size=300))
def test_any_text_at_all_makes_a_sound_mail(text):
    assert_sound(mail(replace(a_digest(), items=(hostile_item(text),))))


def test_the_longest_digest_is_not_cut_off_by_mail_programs():
    words_ = "many words " * 40
    claims = {f"c{n}": replace(CLAIMS["permit.fee"], id=f"c{n}", text=words_) for n in range(12)}
    flags = tuple(
        flag(n, "permit-fee", fact=f"f{n}", claims=tuple(claims), quote_before=words_, quote_after=f"not {words_}")
        for n in range(500)
    )
    made = compose(
        subscriber=subscriber(),
        period=PERIOD,
        first_event=1,
        last_event=9,
        flags=flags,
        decided=(),
        sources=SOURCES,
        claims=claims,
        unreadable=(),
        coverage=COVERAGE,
    )
    html = part(mail(made), "html")
    assert len(html.encode()) < 102_000
    assert made.more == 460
    assert len(part(mail(made), "plain").splitlines()) < 700
    assert "460 further changes are not shown here" in html
    assert "500 changes to look at (500 high)" in html
    assert "and 6 more" in html


def test_what_cannot_be_seen_is_written_out():
    assert visible("a\u202eb\u200bc\u00a0d\ne") == "a[U+202E]b[U+200B]c\u00a0d e"


def test_the_html_asks_for_nothing_from_elsewhere_and_knows_the_dark():
    html = part(mail(a_digest()), "html")
    assert not re.search(r"<(img|link|script|iframe|object|embed|form)\b|url\(|@import|@font-face", html)
    assert "prefers-color-scheme: dark" in html
    assert "max-width: 480px" in html
    assert re.search(r"<td[^>]* style=\"[^\"]*padding", html)
    assert '<html lang="en">' in html


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
        ("http://a.example/é", "http://a.example/%C3%A9"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//a.example", ""),
        ("https://me:secret@a.example/", ""),
        ("https://[broken", ""),
        ('https://a.example/"><b>', "https://a.example/%22%3E%3Cb%3E"),
        ("", ""),
    ],
)
def test_only_plain_web_addresses_become_links(url, link):
    assert link_or_nothing(url) == link


def test_an_address_with_a_name_beyond_ascii_and_an_international_domain_can_be_written():
    message = render(
        replace(a_digest(), address="reader@büro.example"),
        sender="Aviso – Équipe <digest@watch.example>",
        base_url="",
        message_date=NOW,
    )
    assert message.recipient == "reader@xn--bro-hoa.example"
    assert parsed(message)["From"].addresses[0].display_name == "Aviso – Équipe"
    assert "flags/" not in part(message, "plain")


@pytest.mark.parametrize("address", ["nobody", "a@b.org, c@d.org", "a b@c.org", "", "a@"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValueError, match="no mail address"):
        mail(replace(a_digest(), address=address))


def test_every_language_has_every_phrase_with_the_same_blanks():
    for language, phrases in LANGUAGES.items():
        assert phrases.keys() == ENGLISH.keys(), language
        for key, english in ENGLISH.items():
            assert set(re.findall(r"{\w+}", phrases[key])) == set(re.findall(r"{\w+}", english)), (language, key)


def test_plurals_follow_the_language():
    assert [phrase("en", "coverage_checks", n=n) for n in (0, 1, 2)] == ["0 visits", "1 visit", "2 visits"]
    assert [phrase("fr-CA", "coverage_checks", n=n) for n in (0, 1, 2)] == ["0 visite", "1 visite", "2 visites"]
    assert phrase("de", "coverage_checks", n=2) == "2 visits"


def test_coverage_and_what_is_left_out_are_counted_in_words_of_their_number():
    assert phrase("en", "coverage_sources", read=0, n=1) == "0 of 1 official page read"
    assert phrase("en", "coverage_facts", located=1, n=5) == "1 of 5 facts located"
    assert phrase("en", "coverage_claims", watched=1, n=1) == "1 of 1 claim of the guide watched"
    assert phrase("fr", "coverage_sources", read=1, n=5) == "1 page officielle lue sur 5"
    assert phrase("fr", "coverage_facts", located=0, n=5) == "0 fait retrouvé sur 5"
    assert phrase("fr", "coverage_claims", watched=2, n=5) == "2 énoncés du guide surveillés sur 5"
    assert [phrase("fr", "subject_more", n=n) for n in (1, 2)] == ["+1 autre", "+2 autres"]


def test_a_digest_made_on_request_does_not_speak_of_a_subscription():
    now = replace(a_digest(), period=replace(a_digest().period, key="now:1"))
    words = " ".join(part(mail(now), "plain").split())
    assert "was asked for just now" in words
    assert "subscribed" not in words
