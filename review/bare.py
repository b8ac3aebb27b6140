"""A page for when there is no more to go by than the request's headers: nobody is known, and no store is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from review.templating import asset
from review.words import LANGUAGES, say

_PAGE = Markup("""<!doctype html>
<html lang="{language}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>{words} · Claimwatch</title>
  <link rel="stylesheet" href="{style}">
</head>
<body>
  <main class="narrow">
    <p class="soft crumb">{status}</p>
    <h1>{words}</h1>
    <p><a href="/">{back}</a></p>
  </main>
</body>
</html>
""")


def bare_page(headers: Mapping[str, str], status: int, words: str, **parts: object) -> Response:
    """What cannot be answered, in the language that the browser asks for. words: a phrase of `review.words`."""
    asked = re.findall(r"[a-z]{2}", headers.get("accept-language", "").lower())
    language = next((item for item in asked if item in LANGUAGES), "en")
    shown = _PAGE.format(
        language=language,
        status=status,
        style=asset("desk.css"),
        words=say(language, words, **parts),
        back=say(language, "Back to the first page"),
    )
    return HTMLResponse(shown, status_code=status)
