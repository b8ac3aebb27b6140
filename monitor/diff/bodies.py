"""Two bodies in, one verdict out, with no configuration: the whole path from bytes to what changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from domain.checks import Outcome, Quality
from domain.comparison import Comparison, Verdict
from domain.documents import Document
from domain.errors import SourceError
from domain.sources import Ignore
from monitor.diff.compare import compare_documents
from monitor.quality import is_another_page, judge_page, lost_its_content
from monitor.read import read


def compare_bodies(
    before: bytes,
    after: bytes,
    *,
    content_type: str | None = None,
    url: str = "",
    region: str | None = None,
    ignore: Sequence[Ignore] = (),
    today: date | None = None,
) -> Comparison:
    """The comparison of two bodies of one page. Never raises, whatever the bytes are.

    Equal bytes are `same`. Where a side is no page (undecodable, blocked, an error page, half a body) or the two are
    of different media, the verdict is `cannot_tell` and the reason names the side and the cause.
    """
    if before == after:
        return Comparison(verdict=Verdict.SAME, reason="equal bytes")
    sides: list[Document] = []
    for name, body in (("before", before), ("after", after)):
        page = _page(body, content_type=content_type, url=url, region=region, ignore=ignore, today=today)
        if isinstance(page, Quality):
            return Comparison(verdict=Verdict.CANNOT_TELL, reason=f"{name}: {_words(page)}")
        sides.append(page)
    left, right = sides
    if left.media != right.media:
        return Comparison(
            verdict=Verdict.CANNOT_TELL, reason=f"media differ: before is {left.media}, after is {right.media}"
        )
    for name, page, other in (("before", left, right), ("after", right, left)):
        if lost_its_content(page, other):
            return Comparison(
                verdict=Verdict.CANNOT_TELL,
                reason=f"{name}: not-rendered: only what stands around the content of the other side is there",
            )
    if is_another_page(right, left):
        return Comparison(
            verdict=Verdict.CANNOT_TELL, reason="another-page: before and after have nothing of one page in common"
        )
    try:
        return compare_documents(left, right)
    except Exception as error:  # noqa: BLE001 - a batch of pairs must go on; the reason says what to report
        return Comparison(
            verdict=Verdict.CANNOT_TELL, reason=f"comparing failed: {type(error).__name__}: {error}"[:300]
        )


def _page(
    body: bytes, *, content_type: str | None, url: str, region: str | None, ignore: Sequence[Ignore], today: date | None
) -> Document | Quality:
    """The document of a body, or why it is no page."""
    try:
        document = read(body, content_type=content_type, url=url, region=region, ignore=tuple(ignore), today=today)
        quality = judge_page(document, body)
    except SourceError as error:
        return Quality(outcome=Outcome.FAILED, cause=error.cause, detail=error.detail)
    except Exception as error:  # noqa: BLE001 - a batch of pairs must go on; the reason says what to report
        return Quality(outcome=Outcome.FAILED, cause="reader failed", detail=f"{type(error).__name__}: {error}"[:300])
    return document if quality.outcome is Outcome.GOOD else quality


def _words(quality: Quality) -> str:
    return f"{quality.cause}: {quality.detail}" if quality.detail else quality.cause or quality.outcome.value
