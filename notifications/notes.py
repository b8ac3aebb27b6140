"""What a judge noted beside a flag, in a reader's language: the frame is ours and translated, what it holds is evidence.

Pure. A note that fits no frame stays as it is.
"""

from __future__ import annotations

import re

from notifications.phrases import phrase, spoken

_FRAMES = (
    (
        "note_expects",
        re.compile(r"the guide expects: (?P<expected>.*?); the page gives: (?P<found>.*) \((?P<why>.*)\)"),
    ),
    ("note_passages", re.compile(r"(?P<n>\d+) passages? changed(?:: (?P<rest>.*))?")),
    ("note_not_located", re.compile(r"not located since (?P<day>\S+): (?P<why>.*)")),
    ("note_moved", re.compile(r"(?P<old>\S+) now leads to (?P<new>\S+)")),
)


def note_words(note: str, language: str) -> str:
    """The note in the language of the reader; in English it is what it was."""
    if spoken(language) == "en":
        return note
    for key, frame in _FRAMES:
        found = frame.fullmatch(note)
        if found is not None:
            held = found.groupdict()
            words = phrase(language, key, **held)
            return phrase(language, "pair", label=words, words=held["rest"]) if held.get("rest") else words
    return note
