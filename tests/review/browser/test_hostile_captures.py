"""A capture made to hurt, opened in a real Chromium: nothing of it runs, loads, sends or leads away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from domain.people import Role
from tests.review.browser.conftest import Opener
from tests.review.office import Office
from tests.review.test_captures import keep

pytestmark = pytest.mark.browser


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """A server that no page of ours may ever ask for anything, and what was asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def hostile(out: str) -> bytes:
    ran = "top.ran=1;parent.ran=1;window.ran=1;fetch('" + out + "/script')"
    return f"""<!doctype html><html><head>
<base href="{out}/base/" target="_top">
<meta http-equiv="refresh" content="0;url={out}/refresh">
<meta http-equiv="Content-Security-Policy" content="default-src *; script-src * 'unsafe-inline'">
<link rel="stylesheet" href="{out}/link.css"><link rel="preconnect" href="{out}"><link rel="prefetch" href="{out}/prefetch">
<link rel="icon" href="{out}/icon"><link rel="manifest" href="{out}/manifest"><link rel="preload" as="image" href="{out}/preload">
<style>@import url({out}/import.css); body {{ background: url({out}/background) }} @font-face {{ font-family: f; src: url({out}/font) }} p {{ font-family: f }}</style>
<script>{ran}</script><script src="{out}/src.js"></script><script type="module">import '{out}/module.js'</script>
</head><body onload="{ran}">
<p id="kept">A licence as kept.</p>
<svg onload="{ran}"><script>{ran}</script><image href="{out}/svg.png"/><use href="{out}/use.svg#a"/></svg>
<img src="{out}/img.png" onerror="{ran}"><img srcset="{out}/set.png 2x"><video src="{out}/video" poster="{out}/poster" autoplay></video>
<iframe src="{out}/iframe"></iframe><iframe srcdoc="<script>{ran}</script>"></iframe><object data="{out}/object"></object><embed src="{out}/embed">
<form id="form" action="{out}/form" method="post"><input name="password" autofocus onfocus="{ran}"><button id="send">Sign in</button></form>
<a id="script" href="javascript:{ran}">run</a> <a id="away" href="{out}/away" ping="{out}/ping">away</a>
<a id="top" href="{out}/top" target="_top">top</a> <a id="blank" href="{out}/blank" target="_blank">blank</a>
<details ontoggle="{ran}" open><summary>x</summary></details><marquee onstart="{ran}">x</marquee>
<div style="background-image:url({out}/style)">x</div>
</body></html>""".encode()


def test_nothing_of_a_hostile_capture_runs_loads_sends_or_leads_away(
    browse: Opener, office: Office, elsewhere: tuple[str, list[str]]
) -> None:
    out, asked = elsewhere
    digest = keep(office, hostile(out))
    page = browse(f"/captures/{digest}?view=page", name="root", role=Role.ADMIN)
    at = page.url
    frame = page.frame_locator("iframe.kept")
    frame.locator("#kept").wait_for()
    assert frame.locator("#kept").inner_text() == "A licence as kept."
    for link in ("#script", "#away", "#top", "#blank", "#send"):
        inner = next((each for each in page.frames if each.url.endswith("/frame")), None)
        if inner is None:
            # The frame's own navigation was refused and left it empty: what is in it is nothing at all.
            page.goto(at)
            frame.locator("#kept").wait_for()
        frame.locator(link).click(no_wait_after=True)
        page.evaluate("fetch('/healthz').then(answer => answer.text())")
    assert page.url == at
    assert page.context.pages == [page]
    assert page.evaluate("window.ran") is None
    assert all(each.evaluate("window.ran") is None for each in page.frames if each.url.startswith(office.url))
    assert asked == []


def test_the_page_by_itself_is_not_to_be_had(browse: Opener, office: Office, elsewhere: tuple[str, list[str]]) -> None:
    out, asked = elsewhere
    digest = keep(office, hostile(out))
    page = browse(f"/captures/{digest}/frame", name="root", role=Role.ADMIN)
    assert page.url.endswith(f"/captures/{digest}?view=page")
    assert page.evaluate("window.ran") is None
    assert asked == []


def test_as_text_it_is_words(browse: Opener, office: Office, elsewhere: tuple[str, list[str]]) -> None:
    out, asked = elsewhere
    page = browse(f"/captures/{keep(office, hostile(out))}", name="root", role=Role.ADMIN)
    assert "A licence as kept." in page.inner_text("main")
    assert page.evaluate("window.ran") is None
    assert page.locator("main script, main svg, main form, main iframe").count() == 0
    assert asked == []
