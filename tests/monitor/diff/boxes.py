"""Boxes that sites set beside the text of a page, before and after an edit that says nothing, or that does."""

from __future__ import annotations


def _menu(*names: str) -> str:
    here = '<li><a aria-current="page" href="/permits">Permits</a></li>'
    return f"<div><ul>{_links(*names)}{here}</ul></div>"


def _links(*names: str) -> str:
    return "".join(f'<li><a href="/{name}">{name.title()}</a></li>' for name in names)


def _card(name: str) -> str:
    return f'<div class="card"><a href="/shop/{name}"><h3>The {name} sail</h3><span>Light and strong, made for you.</span></a></div>'


BESIDE: dict[str, tuple[str, str]] = {
    "entry of a side menu": (
        _menu("tides", "boats", "piers", "lamps", "ropes"),
        _menu("tides", "boats", "moon", "lamps", "ropes", "oars"),
    ),
    "names of languages": (
        "<p>English</p><p>Deutsch</p><p>Italiano</p>",
        "<p>English</p><p>Français</p><p>Deutsch</p><p>Italiano</p>",
    ),
    "cards": (_card("red") + _card("blue"), _card("green") + _card("white") + _card("blue")),
    "related articles": (
        "<h2>Related articles</h2><div><a href='/n/1'>A keeper's tale</a><p>The crew tells its story.</p></div>",
        "<h2>Related articles</h2><div><a href='/n/2'>Life on the pier</a><p>Two sisters paint their boat.</p></div>",
    ),
    "promotion": (
        '<div class="promo-bar"><p>Meet the new lamp</p><a href="/lamp">Look</a></div>',
        '<div class="promo-bar"><p>Summer is here, sail with us</p><a href="/sail">Look</a></div>',
    ),
    "closing offer": (
        '<section class="cta"><h3>Ready to sail?</h3><p>Join the keepers.</p><a href="/join">Get started</a></section>',
        '<section class="cta"><h3>Start your journey</h3><p>Everything for your boat.</p><a href="/join">Try it</a></section>',
    ),
    "window that opens": (
        '<div class="pop-up"><p>Your tour of the harbour</p><p>Close</p><p>Leave your name with us</p></div>',
        '<div class="pop-up"><p>Meet us at the fair</p><p>Close</p></div>',
    ),
    "banner": (
        '<aside class="msg_banner_top"><p>Meet the new lamp <a href="/lamp">Look</a></p></aside>',
        '<aside class="msg_banner_top"><p>Sail with us this summer <a href="/sail">Look</a></p></aside>',
    ),
    "buttons": ("<p>Sign in</p><p>Show more</p>", "<p>Log out</p>"),
    "author": (
        '<div class="author-box"><p>Jane writes about tides and boats.</p></div>',
        '<div class="author-box"><p>Tom sails round the island.</p></div>',
    ),
    "words of a picture": (
        '<p><img src="/a.png" alt="A keeper with a lamp"></p>',
        '<p><img src="/a.png" alt="Two sisters at the pier"></p>',
    ),
    "how a link opens": (
        '<p>Write to <a href="/board">the board<span> (opens in a new window)</span></a> first.</p>',
        '<p>Write to <a href="/board">the board</a> first.</p>',
    ),
    "rating": ("<p>4.5 out of 5 stars (213 reviews)</p>", "<p>4.6 out of 5 stars (219 reviews)</p>"),
    "author and day": ("<p>Updated 4 May 2031 by Jane Moor</p>", "<p>Updated 9 May 2031 by Tom Keel</p>"),
    "reading time": ("<p>May 4, 2031 · 5 min read</p>", "<p>May 9, 2031 · 6 min read</p>"),
    "age": ("<p>Updated over a week ago</p>", "<p>Updated this week</p>"),
    "results counted": ("<p>Showing 1-10 of 17 results</p>", "<p>Showing 1-10 of 18 results</p>"),
}
"""Boxes of a site's own inside the main part, before and after: no statement of the page."""

IN_BOXES: dict[str, tuple[str, str]] = {
    "fee on a card": (
        '<div class="card"><a href="/b">Berths</a><p>A berth costs $40.</p></div>',
        '<div class="card"><a href="/b">Berths</a><p>A berth costs $50.</p></div>',
    ),
    "negation on a card": (
        '<div class="card"><a href="/b">Berths</a><p>Guests may moor here.</p></div>',
        '<div class="card"><a href="/b">Berths</a><p>Guests may not moor here.</p></div>',
    ),
    "paragraph between cards": (
        f"{_card('red')}<p>Keepers hand their log to the board after each voyage.</p>{_card('blue')}",
        f"{_card('red')}{_card('blue')}",
    ),
    "status in a side bar": (
        '<div class="sidebar"><p>The office is open on Mondays.</p></div>',
        '<div class="sidebar"><p>The office is closed on Mondays.</p></div>',
    ),
    "status in a menu": (
        _menu("tides", "boats", "piers", "lamps", "ropes"),
        '<div><a href="/n">Mooring suspended</a></div>' + _menu("tides", "boats", "piers", "lamps", "ropes"),
    ),
    "entry of a list of links": (
        f"<h2>Boats admitted</h2><ul>{_links('cutter', 'sloop', 'yawl', 'ketch', 'brig', 'dory')}</ul>",
        f"<h2>Boats admitted</h2><ul>{_links('cutter', 'sloop', 'yawl', 'ketch', 'brig')}</ul>",
    ),
    "row beside a menu": (
        _menu("tides", "boats", "piers")
        + "<table><tr><th>Berth</th><th>Fee</th></tr><tr><td>Inner</td><td>$40</td></tr><tr><td>Outer</td><td>none</td></tr></table>",
        _menu("tides", "boats", "piers")
        + "<table><tr><th>Berth</th><th>Fee</th></tr><tr><td>Inner</td><td>$40</td></tr></table>",
    ),
    "status of a banner": (
        '<div class="banner"><p>The north pier is open.</p></div>',
        '<div class="banner"><p>The north pier is closed.</p></div>',
    ),
    "fee in a window": (
        "<dialog><p>A guest pays $15 a night.</p></dialog>",
        "<dialog><p>A guest pays $25 a night.</p></dialog>",
    ),
    "fee in a picture's words": (
        '<p><img src="/a.png" alt="A berth: $40 a night"></p>',
        '<p><img src="/a.png" alt="A berth: $60 a night"></p>',
    ),
}
"""What is stated in or between such boxes is stated."""
