"""Consolidations of federal law in XML: one block for each section and schedule, keyed by its label."""

from __future__ import annotations

import re
from datetime import date

from lxml import etree

from domain.documents import Block, BlockKind, Document
from domain.errors import ReadError
from domain.sources import Ignore
from monitor.read.law import history_block, law_block, schedule_key
from monitor.read.normalise import collapse

_SILENT = frozenset({"HistoricalNote", "MarginalNote", "Label", "ScheduleFormHeading", "Footnote"})
_INLINE = frozenset(
    [
        "XRefExternal",
        "XRefInternal",
        "Emphasis",
        "DefinedTermEn",
        "DefinedTermFr",
        "DefinitionRef",
        "Language",
        "Sup",
        "Sub",
        "Repealed",
        "FootnoteRef",
        "Fraction",
        "LeaderRightJustified",
        "Leader",
        "BilingualGroup",
    ]
)


def read_law_xml(
    body: bytes,
    *,
    content_type: str | None = None,
    url: str = "",
    region: str | None = None,
    ignore: tuple[Ignore, ...] = (),
    today: date | None = None,
) -> Document:
    """The document of an XML consolidation. Entities and external references are never resolved. Raises ReadError."""
    root = parse_xml(body)
    name = etree.QName(root).localname
    title = _first_text(root, "ShortTitle") or _first_text(root, "LongTitle") or name
    return Document(
        media="xml",
        title=title,
        blocks=tuple(_blocks(root)),
        template="law",
        language=(root.get("{http://www.w3.org/XML/1998/namespace}lang") or "")[:2],
        modified=root.get("{http://justice.gc.ca/lims}current-date") or "",
        encoding="utf-8",
        notes=tuple(
            f"last amended {found}" for found in (root.get("{http://justice.gc.ca/lims}lastAmendedDate"),) if found
        ),
    )


def parse_xml(body: bytes) -> etree._Element:
    """The root element. Raises ReadError for what is no XML, or for XML with a document type of its own making."""
    if b"<!ENTITY" in body[:65536] or b"<!entity" in body[:65536]:
        raise ReadError("entities", "the XML declares entities of its own, which are never resolved")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(body.lstrip(b"\xef\xbb\xbf \r\n\t"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ReadError("no-xml", str(error)[:200]) from error


def is_law(root: etree._Element) -> bool:
    """Whether it is a consolidated act or regulation."""
    return etree.QName(root).localname in ("Statute", "Regulation", "Act") and root.find(".//Section") is not None


def _blocks(root: etree._Element) -> list[Block]:
    blocks: list[Block] = []
    path: list[tuple[int, str]] = []
    for element in root.iter("Heading", "Section", "Schedule"):
        tag = element.tag
        if tag != "Schedule" and _within(element, "Schedule", "RecentAmendments", "RelatedProvisions"):
            continue
        if tag == "Heading":
            stated = element.get("level") or ""
            level = int(stated) if re.fullmatch("[1-9]", stated) else 1
            text = _words(element)
            while path and path[-1][0] >= level:
                path.pop()
            if text:
                headings = tuple(words for _, words in path)
                blocks.append(Block(kind=BlockKind.HEADING, path=headings, text=text, locator=text, level=level))
                path.append((level, text))
        elif tag == "Section":
            blocks += _section(element, tuple(words for _, words in path))
        elif not _within(element, "Schedule"):
            blocks += _schedule(element)
    return blocks


def _section(element: etree._Element, headings: tuple[str, ...]) -> list[Block]:
    label = _child_text(element, "Label")
    if not label:
        return []
    marginal = _child_text(element, "MarginalNote")
    path = (*headings, marginal) if marginal else headings
    return _with_history(element, label, path)


def _schedule(element: etree._Element) -> list[Block]:
    heading = element.find("ScheduleFormHeading")
    key = schedule_key(_child_text(heading, "Label") if heading is not None else "")
    title = _child_text(heading, "TitleText") if heading is not None else ""
    return _with_history(element, key, (key, title) if title else (key,))


def _with_history(element: etree._Element, key: str, path: tuple[str, ...]) -> list[Block]:
    blocks = [law_block(key, path, _words(element, own_label=False))]
    notes = [collapse(" ".join(note.itertext())) for note in element.iter("HistoricalNoteSubItem")]
    if notes:
        blocks.append(history_block(key, path, "; ".join(notes)))
    return blocks


def _words(element: etree._Element, *, own_label: bool = True) -> str:
    """The words of an element in order, its parts kept apart; labels of its parts stay, its own on request."""
    pieces: list[str] = []
    skipped: etree._Element | None = None
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if skipped is not None:
            if event == "end" and node is skipped:
                skipped = None
                pieces.append(node.tail or "")
            continue
        tag = node.tag if isinstance(node.tag, str) else ""
        if event == "start":
            own = tag == "Label" and node.getparent() is element
            if node is not element and tag in _SILENT and (tag != "Label" or (own and not own_label)):
                skipped = node
                continue
            if tag not in _INLINE:
                pieces.append(" ")
            pieces.append(node.text or "")
        elif node is not element:
            if tag not in _INLINE:
                pieces.append(" ")
            pieces.append(node.tail or "")
    return collapse("".join(pieces))


def _within(element: etree._Element, *tags: str) -> bool:
    return any(parent.tag in tags for parent in element.iterancestors())


def _child_text(element: etree._Element, tag: str) -> str:
    child = element.find(tag)
    return "" if child is None else collapse("".join(child.itertext()))


def _first_text(root: etree._Element, tag: str) -> str:
    found = root.find(f".//{tag}")
    return "" if found is None else collapse("".join(found.itertext()))
