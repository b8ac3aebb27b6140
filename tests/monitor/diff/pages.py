"""Small documents written by hand: `#` a heading, `-` an entry, `|` a row of a table, anything else a paragraph."""

from __future__ import annotations

import re

from domain.documents import Block, BlockKind, Document, Link

_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")


def page(text: str, *, title: str = "", language: str = "en") -> Document:
    """The document that a reader would make of such a page."""
    blocks: list[Block] = []
    path: list[str] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        links = tuple(Link(text=words, target=target) for words, target in _LINK.findall(line))
        shown = _LINK.sub(r"\1", line)
        locator = f"block {len(blocks)}"
        if shown.startswith("#"):
            level = len(shown) - len(shown.lstrip("#"))
            words = shown.lstrip("# ")
            path = path[: level - 1]
            blocks.append(
                Block(kind=BlockKind.HEADING, path=tuple(path), text=words, locator=locator, level=level, links=links)
            )
            path.append(words)
        elif shown.startswith("|"):
            cells = tuple(cell.strip() for cell in shown.strip("|").split("|"))
            blocks.append(
                Block(
                    kind=BlockKind.ROW,
                    path=tuple(path),
                    text=" | ".join(cells),
                    locator=locator,
                    cells=cells,
                    links=links,
                )
            )
        else:
            kind = BlockKind.ITEM if shown.startswith("- ") else BlockKind.PARAGRAPH
            blocks.append(
                Block(kind=kind, path=tuple(path), text=shown.removeprefix("- "), locator=locator, links=links)
            )
    return Document(media="html", title=title, blocks=tuple(blocks), language=language)


def law(sections: dict[str, str]) -> Document:
    """A law whose sections carry their labels as keys."""
    blocks = tuple(
        Block(kind=BlockKind.SECTION, path=(), text=text, locator=f"section {label}", key=label)
        for label, text in sections.items()
    )
    return Document(media="xml", title="Ferry Act", blocks=blocks, template="law")
