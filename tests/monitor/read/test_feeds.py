"""JSON trees, feeds and other XML: records keyed by their own identity, and digits as they were written."""

from __future__ import annotations

import pytest

from domain.errors import ReadError
from monitor.read import read

TREE = b"""{"title": "Crossings", "fee": 40.50, "open": true, "none": null, "days": [1, 2.0],
 "crossings": [{"number": "N-1", "size": 1000000000000000000001, "note": "<b>full</b>"}, {"number": "N-2", "size": 7}],
 "meta": {"stamp": "2031-04-02"}}"""


def test_a_tree_becomes_records_under_their_places() -> None:
    found = read(TREE)

    assert found.title == "Crossings"
    assert isinstance(found.data, dict)
    assert (found.data["fee"], found.data["days"], found.data["open"]) == ("40.50", ["1", "2.0"], True)
    assert [(block.locator, block.text) for block in found.blocks] == [
        ("title", "title: Crossings"),
        ("fee", "fee: 40.50"),
        ("open", "open: true"),
        ("none", "none: null"),
        ("days", "days: 1; 2.0"),
        ("crossings[N-1]", "number: N-1; size: 1000000000000000000001; note: full"),
        ("crossings[N-2]", "number: N-2; size: 7"),
        ("meta.stamp", "stamp: 2031-04-02"),
    ]


def test_records_without_identity_have_no_key() -> None:
    found = read(b'{"crossings": [{"size": "7"}, {"size": "7"}]}')

    assert [(block.locator, block.key) for block in found.blocks] == [("crossings[0]", None), ("crossings[1]", None)]


def test_a_key_that_stands_twice_is_said() -> None:
    assert read(b'{"fee": 1, "fee": 2}').notes == ("key 'fee' stands twice in one object",)


@pytest.mark.parametrize("body", [b'{"fee": NaN}', b'{"fee": 1,}', b'{"fee": 1', b"not json"])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(ReadError, match="no-json"):
        read(body, content_type="application/json")


RSS = b"""<?xml version="1.0"?><?xml-stylesheet href="x"?><rss version="2.0"><channel><title>Harbour news</title>
<item><title>Fee  rises</title><link>https://harbour.example/n/1</link><guid>n1</guid>
<pubDate>Wed, 02 Apr 2031</pubDate><description>&lt;p&gt;You pay &lt;b&gt;$45&lt;/b&gt;.&lt;/p&gt;</description></item>
<item><title>Pier shut</title><link>https://harbour.example/n/2</link></item></channel></rss>"""
ATOM = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour news</title>
<entry><id>n1</id><title>Fee rises</title><link href="https://harbour.example/n/1"/><published>Wed, 02 Apr 2031</published>
<summary>You pay $45 .</summary></entry>
<entry><id>https://harbour.example/n/2</id><title>Pier shut</title><link href="https://harbour.example/n/2"/></entry></feed>"""


@pytest.mark.parametrize("body", [RSS, ATOM], ids=["rss", "atom"])
def test_each_entry_of_a_feed_is_a_record_with_its_identity(body: bytes) -> None:
    found = read(body)

    assert (found.media, found.title) == ("feed", "Harbour news")
    assert [(block.key, block.text, block.links[0].target) for block in found.blocks] == [
        ("n1", "Fee rises · Wed, 02 Apr 2031 · You pay $45 .", "https://harbour.example/n/1"),
        ("https://harbour.example/n/2", "Pier shut", "https://harbour.example/n/2"),
    ]


def test_other_xml_is_its_elements_with_text() -> None:
    found = read(b"<?xml version='1.0'?><fees><fee><amount>$40</amount></fee><!-- no --></fees>")

    assert [(block.path, block.text) for block in found.blocks] == [(("fees", "fee"), "amount: $40")]


@pytest.mark.parametrize(
    "doctype",
    ['<!DOCTYPE a [<!ENTITY b "boom">]>', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>'],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_of_a_files_own_making_are_never_resolved(doctype: str, encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<rss><item><title>x &b; y</title></item></rss>'.encode(
        encoding
    )
    assert read_or_cause(body) in ("entities", "x &b; y")


def read_or_cause(body: bytes) -> str:
    try:
        return read(body, media="feed").blocks[0].text
    except ReadError as error:
        return error.cause


@pytest.mark.parametrize("body", [b"<rss><item>", b"<a></b>", b"\x00", b"<a xmlns:x='' x:y='1'/>"])
def test_what_is_no_xml_is_refused(body: bytes) -> None:
    with pytest.raises(ReadError, match="no-xml"):
        read(body, media="xml")
