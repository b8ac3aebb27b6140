"""Link targets: whether a link leads elsewhere, or a form is sent elsewhere, although the words stayed the same."""

from __future__ import annotations

import re
from collections import Counter
from itertools import zip_longest

from domain.comparison import Significance, ValueChange
from domain.documents import Block, Link
from monitor.read.targets import form_essence, link_essence, same_target

_ACTS = re.compile(
    r"(?:apply|pay|regist(?:er|ration)|submit|send|book|renew|enroll?|file|order|start|begin|request|application|"
    r"(?:download|open|use|fill in|complete) .{0,40}\b(?:form|application)|.{0,40}\bform|faire une demande|demande|payer|"
    r"s'inscrire|inscri(?:ption|vez-vous)|envoyer|soumettre|présenter|réserver|renouveler|commencer|formulaire|"
    r"télécharger .{0,40}\bformulaire)\b",
    re.IGNORECASE,
)
"""How the words of a link begin by which people act: they hand over money, papers or their name where it leads."""
_LONGEST_ACT = 80
_SHORT_SUFFIX = 3


def link_changes(before: Block, after: Block) -> tuple[tuple[ValueChange, Significance], ...]:
    """Links and forms of two blocks that lead elsewhere, as values of kind `link`, each with its weight.

    Noise where only tracking, versions of assets, scheme, host name given or not, or the place within the page differ.
    Substantive where a form is posted elsewhere, and where what people act by (a form, a link that says `Apply` or
    `Pay`) leads to another site: whom one hands money and papers to is a fact. Any other target is editorial.
    """
    if before.links == after.links:
        return ()
    changes: list[tuple[ValueChange, Significance]] = []
    for forms in (False, True):
        left = [link for link in before.links if bool(link.sends) is forms]
        right = [link for link in after.links if bool(link.sends) is forms]
        same = Counter(left) & Counter(right)
        for old, new in zip_longest(_without(left, same), _without(right, same)):
            before_it, after_it = (link.target if link is not None else None for link in (old, new))
            changes.append((ValueChange(kind="link", before=before_it, after=after_it), _weight(old, new)))
    return tuple(changes)


def _weight(old: Link | None, new: Link | None) -> Significance:
    if old is None or new is None:
        link = old or new
        return Significance.EDITORIAL if link is not None and link.target else Significance.NOISE
    if old.sends or new.sends:
        if form_essence(old.target) == form_essence(new.target):
            return Significance.NOISE
        heavy = "post" in (old.sends, new.sends) or _leaves_site(old.target, new.target)
        return Significance.SUBSTANTIVE if heavy else Significance.EDITORIAL
    if same_target(old.target, new.target):
        return Significance.NOISE
    acts = old.text == new.text and len(old.text) <= _LONGEST_ACT and _ACTS.match(old.text) is not None
    return Significance.SUBSTANTIVE if acts and _leaves_site(old.target, new.target) else Significance.EDITORIAL


def _leaves_site(old: str, new: str) -> bool:
    """Whether two targets, both with their host, belong to different sites."""
    left, right = link_essence(old)[0], link_essence(new)[0]
    return bool(left and right) and _site(left) != _site(right)


def _site(host: str) -> str:
    """The name that one owner registered: two labels, three under a country's `co.uk` or `gc.ca`."""
    labels = host.partition(":")[0].split(".")
    shared = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= _SHORT_SUFFIX
    return ".".join(labels[-3 if shared else -2 :])


def _without(links: list[Link], same: Counter[Link]) -> list[Link]:
    spare = Counter(same)
    kept: list[Link] = []
    for link in links:
        if spare[link] > 0:
            spare[link] -= 1
        else:
            kept.append(link)
    return kept
