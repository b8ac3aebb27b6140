"""Furniture that no name gives away: it is known by its buttons and links, and what only looks like it stays."""

from __future__ import annotations

import pytest

from domain.documents import Link
from monitor.read import read
from tests.monitor.read.pages import PROSE, html, texts

COOKIES = "<p>We use cookies to see how many keepers visit us, and which pages they read.</p>"


def bare(main: str, *, after: str = "") -> bytes:
    """A page of a site that marks no main part and names its boxes by a build."""
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>Berths</title></head><body><div class="x1"><h1>Berths</h1>'
        f"{PROSE}{main}</div>{after}</body></html>"
    ).encode()


@pytest.mark.parametrize(
    "banner",
    [
        f"<div class='q7'>{COOKIES}<button>Accept all</button><button>Reject all</button></div>",
        f"<div class='q7'><div>{COOKIES}</div><div><button>Only necessary</button></div></div>",
        f"<div role='dialog'><h2>Your choice</h2>{COOKIES * 20}<a role='button' href='#'>Allow all cookies</a></div>",
        "<div><p>Ce site utilise des témoins pour mesurer son audience, avec votre accord seulement.</p>"
        "<button>Tout accepter</button><button>Continuer sans accepter</button></div>",
    ],
)
def test_a_box_that_asks_for_consent_is_no_part_of_the_page(banner: str) -> None:
    assert texts(read(bare("<p>You pay $40.</p>", after=banner))) == ["You pay $40."]
    assert texts(html(f"<p>You pay $40.</p>{banner}")) == ["You pay $40."]


def test_what_a_policy_says_of_cookies_stays() -> None:
    policy = (
        "<h2>Cookies</h2><p>We keep cookies for 13 months.</p><button aria-expanded='false'>Accept or refuse</button>"
    )

    assert "We keep cookies for 13 months." in texts(html(policy))


def test_a_word_of_a_sentence_that_opens_a_note_is_no_button_of_a_banner() -> None:
    said = "Set your browser to refuse a <a role='button' href='#n'>cookie</a>, or to <a role='button'>accept</a> it, as you please."

    assert texts(html(f"<ul><li>{said}</li></ul>")) == [
        "Set your browser to refuse a cookie, or to accept it, as you please.",
    ]


def test_the_page_behind_a_dialog_is_read_whatever_its_scripts_weigh() -> None:
    """A page puts its content aside with `aria-hidden` while a dialog is open; scripts are no text of it."""
    behind = bare("<p>You pay $40.</p>").replace(b'<div class="x1">', b'<div class="x1" aria-hidden="true">')
    asked = f"<div role='dialog'>{COOKIES * 3}<button>Accept</button></div><script>{'var a=1;' * 3000}</script>"

    assert texts(read(behind.replace(b"</body>", f"{asked}</body>".encode()))) == ["You pay $40."]


def test_a_footer_of_links_without_a_name_is_left_out() -> None:
    footer = (
        "<div class='z9'><div><a href='/about'>About us</a></div><div><a href='/work'>Careers</a></div>"
        "<div><a href='/privacy'>Privacy policy</a></div><div>© 2031 Harbour Board</div></div>"
    )

    assert texts(read(bare("<p>You pay $40.</p>", after=footer))) == ["You pay $40."]


def test_a_list_of_links_that_is_the_content_stays() -> None:
    entries = "<ul><li><a href='/help'>Help for captains</a></li><li><a href='/contact'>Contact</a></li></ul>"

    assert texts(html(entries)) == ["Help for captains", "Contact"]


def test_a_long_box_of_links_that_ends_the_main_part_is_a_footer_too() -> None:
    names = ("Sign up", "Boats", "Piers", "Tides", "News", "About", "Careers", "Privacy", "Help")
    footer = "<div class='z9'>" + "".join(f"<a href='/{name}'>{name}</a>" for name in names) + "</div>"

    assert texts(html(f"<p>You pay $40.</p>{footer}")) == ["You pay $40."]


def test_links_above_the_title_are_the_way_and_no_content() -> None:
    way = '<div><a href="/">Home</a> &gt; <a href="/b">Boats</a> &gt; Berths</div>'
    menu = '<ul><li><a href="/a">Tides</a></li><li><a href="/b">Boats</a></li></ul>'
    found = read(bare("").replace(b'<div class="x1">', f'{menu}{way}<div class="x1">'.encode()))

    assert found.blocks[0].text == "Berths"


def test_links_that_share_print_or_translate_the_page_are_left_out() -> None:
    tools = (
        "<p><a href='https://www.facebook.com/sharer.php?u=1'>Post it</a> <a href='https://x.com/intent/post'>Tell</a>"
        "<a href='javascript:window.print()'>Print this page</a><a href='mailto:?subject=Berths'>Send</a>"
        "<a lang='fr' href='/fr'>Français</a></p><p><a href='mailto:harbour@harbour.example'>Write</a></p>"
    )

    assert texts(html(tools)) == ["Write"]


def test_a_card_that_is_one_link_keeps_its_link_to_itself() -> None:
    found = html("<div>Forms<a href='/a'><div>Ask for a berth</div></a><a href='/b'><div>Leave it</div></a></div>")

    assert [(block.text, [link.target.rsplit("/", 1)[-1] for link in block.links]) for block in found.blocks[3:]] == [
        ("Forms", []),
        ("Ask for a berth", ["a"]),
        ("Leave it", ["b"]),
    ]


def test_words_that_are_struck_out_are_no_longer_said() -> None:
    found = html("<p>You pay <del>$40</del> <ins>$60</ins>.</p><p><s>Guests moor for nothing.</s></p>")

    assert texts(found) == ["You pay $60."]


def test_an_icon_says_nothing() -> None:
    assert texts(html("<p><span role='img'><i></i><span>fa-envelope fa-lg</span></span>Write to us.</p>")) == [
        "Write to us."
    ]


@pytest.mark.parametrize(
    "address",
    [
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fharbour.example%2Ffees&amp;h=AT0xYzAbCdEf",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fharbour.example%2Ffees&amp;data=05",
        "https://www.google.com/url?q=https://harbour.example/fees&amp;sa=D",
    ],
)
def test_a_link_through_a_counter_of_clicks_leads_where_it_leads(address: str) -> None:
    found = html(f"<p>See <a href='{address}'>the fees</a>.</p>")

    assert found.blocks[3].links == (Link(text="the fees", target="https://harbour.example/fees"),)


def test_the_title_in_the_head_is_kept_beside_the_pages_own() -> None:
    found = html("")

    assert (found.title, found.head_title) == ("Berths", "Berths - Harbour")


SENTENCES = "".join(f"<p>Keeper {n} hands the log to the board after each voyage, in writing.</p>" for n in range(9))


def beside(main: str) -> list[str]:
    """The texts of a page that stand beside its text, with enough text around them to be a page."""
    return [block.text for block in html(f"{SENTENCES}{main}").blocks if block.aside]


def links(*names: str) -> str:
    return "".join(f"<div><a href='/{name.lower()}'>{name}</a></div>" for name in names)


def test_a_list_of_links_that_names_the_page_itself_is_a_menu() -> None:
    assert beside(f"<div>{links('Tides', 'Boats', 'Berths', 'Lamps', 'Ropes')}</div>") == [
        "Tides",
        "Boats",
        "Berths",
        "Lamps",
        "Ropes",
    ]
    assert beside(f"<div>{links('Tides', 'Boats', 'Oars', 'Lamps', 'Ropes')}</div>") == []


def test_a_list_of_links_that_marks_an_entry_as_current_is_a_menu() -> None:
    menu = links("Tides", "Boats", "Oars", "Lamps", "Ropes")

    assert len(beside(menu.replace("<a href='/oars'", "<a aria-current='page' href='/oars'"))) == 5


def test_a_list_of_links_that_stands_twice_on_a_page_is_a_menu() -> None:
    menu = f"<div>{links('Tides', 'Boats', 'Oars', 'Lamps', 'Ropes')}</div>"

    assert len(beside(f"{menu}<p>Write to the board about anything else.</p>{menu}")) == 10


def test_names_of_languages_in_a_row_are_a_choice_and_one_alone_is_a_word() -> None:
    assert beside("<p>EN</p><p>FR (French)</p><p>Deutsch</p><p>Italiano</p>") == [
        "EN",
        "FR (French)",
        "Deutsch",
        "Italiano",
    ]
    assert beside("<ul><li>French</li><li>a lamp</li><li>a rope</li></ul>") == []


def test_a_row_and_an_alert_never_stand_beside_the_text() -> None:
    rows = "<div class='sidebar'><table><tr><th>Berth</th><th>Fee</th></tr><tr><td>Inner</td><td>$40</td></tr></table></div>"

    assert beside(rows) == []
    assert beside("<div class='promo'><div class='alert alert-warning'><p>The pier is shut.</p></div></div>") == []


def test_a_window_of_a_consent_manager_is_left_out_however_large_and_its_table_in_a_policy_stays() -> None:
    cookies = "<p>This cookie keeps what you chose.</p>" * 400

    assert texts(html(f"<p>You pay $40.</p><div id='onetrust-consent-sdk'>{cookies}</div>")) == ["You pay $40."]
    assert len(texts(html(f"<div id='ot-sdk-cookie-policy'>{cookies}</div>"))) == 400


def hidden(address: str, key: int) -> str:
    """An address as a content network writes it, with the key in front."""
    return bytes([key, *(ord(mark) ^ key for mark in address)]).hex()


@pytest.mark.parametrize("key", [1, 79, 255])
def test_an_address_hidden_from_robots_is_read_as_visitors_see_it(key: int) -> None:
    sent = f"<a class='__cf_email__' data-cfemail='{hidden('board@harbour.example', key)}'>[email&#160;protected]</a>"

    assert texts(html(f"<p>Write to {sent} first.</p>")) == ["Write to board@harbour.example first."]
    assert texts(html("<p>Write to <a data-cfemail='zz'>the board</a>.</p>")) == ["Write to the board."]


def test_parts_of_names_that_were_written_together_are_told_apart() -> None:
    assert beside("<div class='headerNavItem--Vbd8y'>Keepers</div>") == ["Keepers"]
    assert beside("<div class='leadingText--Vbd8y'>Keepers</div>") == []


def test_names_between_the_title_of_a_collection_and_of_its_page_are_other_pages() -> None:
    found = read(
        f"<html><body><main><h1>Rules of the harbour</h1><p>Fees</p><p>Berths and lamps</p><p>You pay here.</p>"
        f"<h1>Terms of mooring</h1>{SENTENCES * 2}</main></body></html>".encode()
    )

    assert [block.text for block in found.blocks if block.aside] == ["Fees", "Berths and lamps"]
