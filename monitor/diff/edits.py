"""One edit with all that a judge may ask of it: its two sides, what stands around it, the values it touched."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.comparison import ValueChange
from domain.documents import BlockKind
from monitor.diff.values import binding_changed, values_changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit with what a judge must know of its surroundings.

    before, after: the words of one group, "" where it was added or removed. kind: of the block it stands in.
    heads: words of the title and of the headings above. introduced_by: the sentence, or the block above its list.
    preceded_by, followed_by: the blocks next to it.
    said_elsewhere: whether the other document says the same in another place. is_heading: whether a text is a heading
    (or the title) of either document. above_title: it stands before the first heading of its document.
    aside: it stands beside the text of its page, on every side that is there. related: it is an entry of a list of other pages, or of what a help centre offers below each of its pages.
    values, binding: what `values` found to differ.
    """

    before: str
    after: str
    kind: BlockKind
    heads: frozenset[str] = frozenset()
    introduced_by: str = ""
    preceded_by: str = ""
    followed_by: str = ""
    said_elsewhere: Callable[[str], bool] = field(default=lambda text: False)
    is_heading: Callable[[str], bool] = field(default=lambda text: False)
    above_title: bool = False
    related: bool = False
    aside: bool = False
    values: tuple[ValueChange, ...] = ()
    binding: tuple[ValueChange, ...] = ()

    @property
    def one_sided(self) -> bool:
        return not self.before or not self.after

    @property
    def figures(self) -> tuple[ValueChange, ...]:
        """The values but for small numbers in words, which any sentence may hold ("all three of them")."""
        return tuple(v for v in self.values if v.kind != "count" or re.search(r"\d", f"{v.before}{v.after}"))

    @property
    def text(self) -> str:
        """The side that is there, for an edit that has one side only."""
        return self.before or self.after


def edit_of(
    before: str,
    after: str,
    *,
    kind: BlockKind,
    heads: frozenset[str] = frozenset(),
    introduced_by: str = "",
    preceded_by: str = "",
    followed_by: str = "",
    said_elsewhere: Callable[[str], bool] = lambda text: False,
    is_heading: Callable[[str], bool] = lambda text: False,
    above_title: bool = False,
    related: bool = False,
    aside: bool = False,
    language: str = "en",
) -> Edit:
    """The edit with its values looked up."""
    return Edit(
        before=before,
        after=after,
        kind=kind,
        heads=heads,
        introduced_by=introduced_by,
        preceded_by=preceded_by,
        followed_by=followed_by,
        said_elsewhere=said_elsewhere,
        is_heading=is_heading,
        above_title=above_title,
        related=related,
        aside=aside,
        values=values_changed(before, after, language=language),
        binding=binding_changed(before, after) if before and after else (),
    )
