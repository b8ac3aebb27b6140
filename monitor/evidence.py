"""Captures written out for others: WARC, the format that archives keep and `import` reads back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from io import BytesIO
from typing import BinaryIO

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from domain.snapshots import CapturedBy, Snapshot

_OF_THE_WIRE = frozenset({"content-encoding", "transfer-encoding", "content-length", "connection"})
"""Headers that speak of bytes on the wire; what is kept, and written, is the body after decoding."""

CAPTURED_BY, FINAL_URI = "WARC-X-Captured-By", "WARC-X-Final-URI"


def write_warc(snapshots: Iterable[Snapshot], target: BinaryIO) -> int:
    """Write each capture as a compressed WARC response. How many were written.

    A capture whose own date is not proven says so in a header of ours, so that no reader takes it for more; the
    address that answered after redirects stands in another.
    """
    writer = WARCWriter(target, gzip=True)
    count = 0
    for snapshot in snapshots:
        headers = [(name, value) for name, value in snapshot.headers if name not in _OF_THE_WIRE]
        headers.append(("content-length", str(len(snapshot.body))))
        extra = {
            "WARC-Date": snapshot.fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        if snapshot.final_url != snapshot.url:
            extra[FINAL_URI] = snapshot.final_url
        if snapshot.captured_by is not CapturedBy.DATE:
            extra[CAPTURED_BY] = snapshot.captured_by.value
        record = writer.create_warc_record(
            snapshot.url,
            "response",
            payload=BytesIO(snapshot.body),
            http_headers=StatusAndHeaders(f"{snapshot.status} OK", headers, protocol="HTTP/1.1"),
            warc_headers_dict=extra,
        )
        writer.write_record(record)
        record.raw_stream.close()
        count += 1
    return count
