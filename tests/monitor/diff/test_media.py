"""Files and feeds of our own making, two versions each: what changed, its values, and the place that leads there."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest

from domain.comparison import BlockChange, Significance
from monitor.diff import compare_bodies
from tests.monitor.read.pages import pdf, xlsx

CLAUSES = [
    ("1", "Lamps", "A ferry must carry a lamp and a rope at night."),
    ("2", "Fees", "The keeper pays a fee of $40 before the season begins."),
    ("3", "Guests", "A guest may sail with the keeper in summer."),
]
NEWS = [
    ("a", "New fees for berths", "The fee of a berth is $40 from 1 May 2031."),
    ("b", "The lamp is mended", "Ferries may sail at night again."),
    ("c", "The bar is shut", "Nobody may cross the bar at low water."),
]
ROWS = [["Season", "Fee"], ["Winter", "$40"], ["Summer", "$75"], ["Autumn", "$60"]]
LINES = ["Harbour fees", "You pay $40 for a berth in winter.", "Every ferry must carry a lamp."]


def law(clauses: list[tuple[str, str, str]], *, space: str = "", stamp: str = "2031-04-02") -> bytes:
    body = "".join(
        f"{space}<Section><MarginalNote>{note}</MarginalNote><Label>{label}</Label><Text>{text}</Text></Section>"
        for label, note, text in clauses
    )
    name = "<Identification><ShortTitle>Ferry Act</ShortTitle></Identification>"
    return (
        f'<?xml version="1.0" encoding="utf-8"?><Statute xmlns:lims="urn:lims" lims:current-date="{stamp}">'
        f"{name}<Body>{body}</Body></Statute>"
    ).encode()


def atom(entries: list[tuple[str, str, str]], *, space: str = "", stamp: str = "2031-04-02") -> bytes:
    body = "".join(
        f"{space}<entry><id>urn:harbour:{key}</id><title>{title}</title><updated>2031-04-01T08:00:00Z</updated>"
        f"<summary>{text}</summary></entry>"
        for key, title, text in entries
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour news</title>'
        f"<id>urn:harbour</id><updated>{stamp}T08:00:00Z</updated>{body}</feed>"
    ).encode()


def swapped(found: list[tuple[str, str, str]], old: str, new: str) -> list[tuple[str, str, str]]:
    return [(key, title, text.replace(old, new)) for key, title, text in found]


def heavy(before: bytes, after: bytes) -> list[BlockChange]:
    return [b for b in compare_bodies(before, after).blocks if b.significance is Significance.SUBSTANTIVE]


AMOUNT = {
    "pdf": (pdf(*LINES), pdf(*(line.replace("$40", "$45") for line in LINES)), "page 2"),
    "sheet": (xlsx(ROWS), xlsx([[cell.replace("$40", "$45") for cell in row] for row in ROWS]), "row"),
    "atom": (atom(NEWS), atom(swapped(NEWS, "$40", "$45")), "entry 1"),
    "law": (law(CLAUSES), law(swapped(CLAUSES, "$40", "$45")), "section 2"),
}


@pytest.mark.parametrize("kind", AMOUNT)
def test_a_changed_amount_is_one_change_with_its_value_and_place(kind: str) -> None:
    before, after, place = AMOUNT[kind]
    (change,) = heavy(before, after)

    assert [(value.kind, value.before, value.after) for value in change.values] == [("money", "$40", "$45")]
    assert place in change.locator


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (pdf(*LINES), pdf(LINES[0], LINES[2], LINES[1])),
        (xlsx(ROWS), xlsx([ROWS[0], ROWS[3], ROWS[1], ROWS[2]])),
        (atom(NEWS), atom(NEWS[::-1])),
        (law(CLAUSES), law([CLAUSES[1], CLAUSES[0], CLAUSES[2]])),
    ],
    ids=AMOUNT,
)
def test_what_only_moved_is_never_substantive(before: bytes, after: bytes) -> None:
    assert compare_bodies(before, after).verdict.value in ("noise", "editorial")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (pdf(*LINES), pdf(*LINES) + b"\n% saved again\n"),
        (xlsx(ROWS), xlsx(ROWS, name="Fees again")),
        (atom(NEWS), atom(NEWS, space="\n  ", stamp="2031-05-09")),
        (law(CLAUSES), law(CLAUSES, space="\n    ", stamp="2031-05-09")),
    ],
    ids=AMOUNT,
)
def test_what_was_only_saved_again_is_never_substantive(before: bytes, after: bytes) -> None:
    assert compare_bodies(before, after).verdict.value in ("noise", "editorial")


def packed_again(body: bytes) -> bytes:
    """A sheet with its parts in another order, without compression and with other days in its archive."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = [(name, archive.read(name)) for name in reversed(archive.namelist())]
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts:
            archive.writestr(zipfile.ZipInfo(name, (2031, 5, 9, 8, 0, 0)), part)
    return kept.getvalue()


def written_again(body: bytes) -> bytes:
    """A PDF as another program writes it: other objects, another version, another table of them."""
    document = pypdfium2.PdfDocument(body)
    kept = io.BytesIO()
    document.save(kept, version=17)
    document.close()
    return kept.getvalue()


@pytest.mark.parametrize(
    ("again", "made", "rows", "changed"),
    [
        (packed_again, xlsx, ROWS, [[cell.replace("$75", "$85") for cell in row] for row in ROWS]),
        (written_again, lambda lines: pdf(*lines), LINES, [line.replace("$40", "$45") for line in LINES]),
    ],
    ids=["sheet", "pdf"],
)
def test_a_file_that_another_program_saved_says_the_same_until_a_value_changes(
    again: Callable[[bytes], bytes], made: Callable[[list[Any]], bytes], rows: list[Any], changed: list[Any]
) -> None:
    first = made(rows)
    saved = again(first)

    assert saved != first
    assert compare_bodies(first, saved).verdict.value == "noise"
    assert len(heavy(first, again(made(changed)))) == 1


def test_a_provision_that_came_or_went_is_named_by_its_label() -> None:
    longer = [*CLAUSES, ("3.1", "Crews", "A crew sails with two lamps.")]
    (came,), (went,) = heavy(law(CLAUSES), law(longer)), heavy(law(longer), law(CLAUSES))

    assert ("members", None, "section 3.1") in [(value.kind, value.before, value.after) for value in came.values]
    assert ("members", "section 3.1", None) in [(value.kind, value.before, value.after) for value in went.values]
