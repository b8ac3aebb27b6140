"""The blocks and tables of a page as they are found, each under its headings and with words that lead to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.documents import Block, BlockKind, Link, Table
from monitor.read.html_tables import Grid


@dataclass(slots=True, kw_only=True)
class Outline:
    """What was read of a page so far.

    forms: wait for the next block, with which they are sent. current: places of blocks that a menu marks as the page
    one is on.
    """

    blocks: list[Block] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    forms: list[Link] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    current: set[int] = field(default_factory=set)
    _counts: dict[str, int] = field(default_factory=dict)

    @property
    def path(self) -> tuple[str, ...]:
        """The headings that are open, outermost first."""
        return tuple(words for _, words in self.headings)

    def add_heading(self, text: str, level: int, *, collapsed: bool, aside: bool, links: tuple[Link, ...]) -> None:
        """A heading, which closes those of its level and below and stands above what follows."""
        while self.headings and self.headings[-1][0] >= level:
            self.headings.pop()
        self.add(BlockKind.HEADING, text, level=level, collapsed=collapsed, aside=aside, links=links)
        self.headings.append((level, text))

    def add(
        self, kind: BlockKind, text: str, *, level: int, collapsed: bool, aside: bool, links: tuple[Link, ...]
    ) -> None:
        """A block under the headings that are open, with the forms that waited for it."""
        links, self.forms = (*links, *self.forms), []
        self.blocks.append(
            Block(
                kind=kind,
                path=self.path,
                text=text,
                locator=self._locate(kind.value),
                level=level,
                links=links,
                collapsed=collapsed,
                aside=aside,
            )
        )

    def add_table(self, grid: Grid, *, collapsed: bool) -> None:
        """A table, and a block for its caption, its head and each row that says something."""
        if not grid.rows:
            return
        locator = self._locate("table")
        places = tuple(f"{locator}, row {number}" for number in range(1, len(grid.rows) + 1))
        self.tables.append(
            Table(
                caption=grid.caption,
                path=self.path,
                locator=locator,
                columns=grid.columns,
                rows=grid.rows,
                row_locators=places,
            )
        )
        if grid.caption:
            self.add(BlockKind.PARAGRAPH, grid.caption, level=0, collapsed=collapsed, aside=False, links=())
        if any(grid.columns):
            self._add_row(grid.columns, (), f"{locator}, head", collapsed=collapsed)
        for row, links, place in zip(grid.rows, grid.links, places, strict=True):
            self._add_row(tuple(cell.text for cell in row), links, place, collapsed=collapsed)

    def _add_row(self, cells: tuple[str, ...], links: tuple[Link, ...], place: str, *, collapsed: bool) -> None:
        text = " | ".join(_distinct_neighbours(cells))
        if text.strip(" |"):
            self.blocks.append(
                Block(
                    kind=BlockKind.ROW,
                    path=self.path,
                    text=text,
                    locator=place,
                    links=links,
                    cells=cells,
                    table=len(self.tables) - 1,
                    collapsed=collapsed,
                )
            )

    def _locate(self, what: str) -> str:
        place = " > ".join((*self.path[-2:], what))
        self._counts[place] = self._counts.get(place, 0) + 1
        return f"{place} {self._counts[place]}"


def _distinct_neighbours(cells: tuple[str, ...]) -> list[str]:
    """Cell texts for showing, a cell that spans several columns once."""
    return [text for at, text in enumerate(cells) if text and (at == 0 or text != cells[at - 1])]
