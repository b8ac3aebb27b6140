"""Every word of ours that a reader sees in a mail, in each language, in plain view.

A language is a dictionary with the same keys as English; a test holds them equal. Plural forms are `one|many`, chosen
by the number. Captured words are never translated: they are evidence. French marks get their no-break spaces here,
so that no line begins with one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

DEFAULT_LANGUAGE = "en"

ENGLISH: Mapping[str, str] = {
    "list_name": "Claimwatch digests",
    "heading": "What changed on the official pages",
    "heading_quiet": "Nothing changed on the official pages",
    "heading_again": "News of the pages that we read",
    "heading_back": "Official pages can be read again",
    "heading_blind": "Some official pages could not be read",
    "period": "from {start} to {end}",
    "changes": "{n} change to look at|{n} changes to look at",
    "changes_by": "{changes} ({parts})",
    "count_critical": "{n} critical|{n} critical",
    "count_high": "{n} high|{n} high",
    "count_medium": "{n} medium|{n} medium",
    "count_low": "{n} low|{n} low",
    "settled": "{n} settled|{n} settled",
    "claims_touched": "{n} claim touched|{n} claims touched",
    "and_more": "and {n} more",
    "section_changes": "To be looked at",
    "section_brief": "In short",
    "touched": "Claims",
    "more_incidents": "and {n} further site|and {n} further sites",
    "section_decided": "Settled since the last digest",
    "section_unreadable": "What we could not read",
    "section_coverage": "How much was checked",
    "more": "{n} further change is not shown here.|{n} further changes are not shown here.",
    "more_link": "See all of them",
    "before": "Before",
    "after": "Now",
    "after_pending": "Then",
    "words_before": "It said",
    "words_after": "It says",
    "claims": "What the guide says about it",
    "section": "section {name}",
    "seen": "First seen {when}",
    "effective": "In effect from {when}",
    "source": "Official page",
    "also": "The same change on",
    "decided": "Decided",
    "unconfirmed": "seen once, not yet confirmed",
    "nothing": "nothing stated",
    "open_flag": "Decide",
    "see_flag": "Look again",
    "note": "Note",
    "pair": "{label}: {words}",
    "quoted": "“{words}”",
    "severity_critical": "Critical",
    "severity_high": "High",
    "severity_medium": "Medium",
    "severity_low": "Low",
    "reason_altered": "changed",
    "reason_appeared": "new",
    "reason_removed": "gone from the page",
    "reason_contradicted": "the guide says otherwise",
    "reason_unreadable": "cannot be read",
    "reason_stale": "not seen for too long",
    "reason_disagreement": "official pages disagree",
    "reason_page_moved": "page moved",
    "reason_page_frozen": "page no longer moves",
    "reason_template_change": "the site's layout changed",
    "title_page": "Wording",
    "incident_opened": "{pages} cannot be read any more",
    "incident_continuing": "{pages} could not be read",
    "incident_ended": "{pages} can be read again",
    "pages": "{n} page of {site}|{n} pages of {site}",
    "cause": "reason: {cause}",
    "incident_since": "noticed {when}",
    "coverage_sources": "{read} of {n} official page read|{read} of {n} official pages read",
    "coverage_facts": "{located} of {n} fact located|{located} of {n} facts located",
    "coverage_claims": "{watched} of {n} claim of the guide watched|{watched} of {n} claims of the guide watched",
    "coverage_checks": "{n} visit|{n} visits",
    "quiet": "Everything that could be read says what it said before.",
    "why": "You get this because {address} is subscribed to {cadence} digests of Claimwatch.",
    "cadence_instant": "instant",
    "cadence_daily": "daily",
    "cadence_weekly": "weekly",
    "why_now": "You get this because a digest of Claimwatch for {address} was asked for just now.",
    "unsubscribe": "Unsubscribe",
    "subject_quiet": "Nothing changed: {coverage}",
    "subject_more": "+{n} more",
    "subject_decided": "Settled",
    "verdict_guide wrong": "guide wrong",
    "verdict_guide incomplete": "guide incomplete",
    "verdict_guide still right": "guide still right",
    "verdict_source wrong or ambiguous": "source wrong or ambiguous",
    "verdict_reading wrong": "reading wrong",
    "verdict_cosmetic": "cosmetic",
    "verdict_no impact": "no impact",
    "decided_by": "{verdict}, by {by} on {when}",
    "closed": "closed: {because}",
    "superseded": "overtaken by a later change",
    "preferences": "Change what you get",
    "confirm_subject": "Confirm your subscription to Claimwatch digests",
    "confirm_heading": "One step is left",
    "confirm_text": "Somebody, probably you, asked for {cadence} digests of Claimwatch to be sent to {address}.",
    "confirm_ask": "If it was you, open the page below and confirm. If it was not, do nothing: no digest is sent, and this question is not repeated by itself. The link works for {days} days.",
    "confirm_act": "Confirm the subscription",
    "already_subject": "You get Claimwatch digests already",
    "already_heading": "You are subscribed already",
    "already_text": "Somebody, probably you, asked for digests of Claimwatch to be sent to {address}, which gets them already ({cadence}).",
    "already_ask": "Nothing was changed. The page below is where you change what you get.",
    "canary_subject": "Claimwatch proves the path of its mail",
    "canary_heading": "This mail proves the path",
    "canary_text": "Claimwatch sends it to {address} once in a while and notes when it comes back to it.",
    "canary_ask": "Nobody needs to do anything.",
    "note_expects": "the guide expects: {expected}; the page gives: {found} ({why})",
    "note_passages": "{n} passage changed|{n} passages changed",
    "note_not_located": "not located since {day}: {why}",
    "note_moved": "{old} now leads to {new}",
    "yes": "yes",
    "no": "no",
    "rows": "{n} row|{n} rows",
    "rows_others": "and {n} other row|and {n} other rows",
}

FRENCH: Mapping[str, str] = {
    "list_name": "Bulletins Claimwatch",
    "heading": "Ce qui a changé sur les pages officielles",
    "heading_quiet": "Rien n’a changé sur les pages officielles",
    "heading_again": "Nouvelles des pages que nous lisons",
    "heading_back": "Des pages officielles sont de nouveau lisibles",
    "heading_blind": "Des pages officielles n’ont pas pu être lues",
    "period": "du {start} au {end}",
    "changes": "{n} changement à examiner|{n} changements à examiner",
    "changes_by": "{changes} ({parts})",
    "count_critical": "{n} critique|{n} critiques",
    "count_high": "{n} élevé|{n} élevés",
    "count_medium": "{n} moyen|{n} moyens",
    "count_low": "{n} faible|{n} faibles",
    "settled": "{n} réglé|{n} réglés",
    "claims_touched": "{n} énoncé touché|{n} énoncés touchés",
    "and_more": "et {n} de plus",
    "section_changes": "À examiner",
    "section_brief": "En bref",
    "touched": "Énoncés",
    "more_incidents": "et {n} autre site|et {n} autres sites",
    "section_decided": "Réglé depuis le dernier bulletin",
    "section_unreadable": "Ce que nous n’avons pas pu lire",
    "section_coverage": "Ce qui a été vérifié",
    "more": "{n} autre changement n’est pas montré ici.|{n} autres changements ne sont pas montrés ici.",
    "more_link": "Les voir tous",
    "before": "Avant",
    "after": "Maintenant",
    "after_pending": "Ensuite",
    "words_before": "On y lisait",
    "words_after": "On y lit",
    "claims": "Ce que le guide en dit",
    "section": "section {name}",
    "seen": "Vu d’abord le {when}",
    "effective": "En vigueur à partir du {when}",
    "source": "Page officielle",
    "also": "Le même changement sur",
    "decided": "Décision",
    "unconfirmed": "vu une fois, pas encore confirmé",
    "nothing": "rien d’indiqué",
    "open_flag": "Décider",
    "see_flag": "Revoir",
    "note": "Note",
    "pair": "{label} : {words}",
    "quoted": "« {words} »",
    "severity_critical": "Critique",
    "severity_high": "Élevé",
    "severity_medium": "Moyen",
    "severity_low": "Faible",
    "reason_altered": "modifié",
    "reason_appeared": "nouveau",
    "reason_removed": "disparu de la page",
    "reason_contradicted": "le guide dit autre chose",
    "reason_unreadable": "illisible",
    "reason_stale": "non revu depuis trop longtemps",
    "reason_disagreement": "les pages officielles se contredisent",
    "reason_page_moved": "page déplacée",
    "reason_page_frozen": "la page ne bouge plus",
    "reason_template_change": "la mise en page du site a changé",
    "title_page": "Texte",
    "incident_opened": "{pages} : lecture devenue impossible",
    "incident_continuing": "{pages} : lecture impossible",
    "incident_ended": "{pages} : lecture de nouveau possible",
    "pages": "{n} page du site {site}|{n} pages du site {site}",
    "cause": "cause : {cause}",
    "incident_since": "constaté le {when}",
    "coverage_sources": "{read} page officielle lue sur {n}|{read} pages officielles lues sur {n}",
    "coverage_facts": "{located} fait retrouvé sur {n}|{located} faits retrouvés sur {n}",
    "coverage_claims": "{watched} énoncé du guide surveillé sur {n}|{watched} énoncés du guide surveillés sur {n}",
    "coverage_checks": "{n} visite|{n} visites",
    "quiet": "Tout ce qui a pu être lu dit la même chose qu’avant.",
    "why": "Vous recevez ceci parce que l’adresse {address} est inscrite aux bulletins Claimwatch ({cadence}).",
    "cadence_instant": "immédiats",
    "cadence_daily": "quotidiens",
    "cadence_weekly": "hebdomadaires",
    "why_now": "Vous recevez ceci parce qu’un bulletin Claimwatch pour {address} vient d’être demandé.",
    "unsubscribe": "Se désabonner",
    "subject_quiet": "Rien n’a changé : {coverage}",
    "subject_more": "+{n} autre|+{n} autres",
    "subject_decided": "Réglé",
    "verdict_guide wrong": "le guide est faux",
    "verdict_guide incomplete": "le guide est incomplet",
    "verdict_guide still right": "le guide reste juste",
    "verdict_source wrong or ambiguous": "source fausse ou ambiguë",
    "verdict_reading wrong": "lecture fausse",
    "verdict_cosmetic": "cosmétique",
    "verdict_no impact": "sans effet",
    "decided_by": "{verdict}, par {by} le {when}",
    "closed": "fermé : {because}",
    "superseded": "dépassé par un changement plus récent",
    "preferences": "Changer ce que vous recevez",
    "confirm_subject": "Confirmez votre abonnement aux bulletins Claimwatch",
    "confirm_heading": "Il reste une étape",
    "confirm_text": "Quelqu’un, probablement vous, a demandé que des bulletins Claimwatch ({cadence}) soient envoyés à {address}.",
    "confirm_ask": "Si c’était vous, ouvrez la page ci-dessous et confirmez. Sinon, ne faites rien : aucun bulletin n’est envoyé, et cette question n’est pas répétée d’elle-même. Le lien est valable {days} jours.",
    "confirm_act": "Confirmer l’abonnement",
    "already_subject": "Vous recevez déjà les bulletins Claimwatch",
    "already_heading": "Votre abonnement existe déjà",
    "already_text": "Quelqu’un, probablement vous, a demandé que des bulletins Claimwatch soient envoyés à {address}, qui les reçoit déjà ({cadence}).",
    "already_ask": "Rien n’a été changé. La page ci-dessous sert à changer ce que vous recevez.",
    "canary_subject": "Claimwatch vérifie le chemin de son courrier",
    "canary_heading": "Ce message vérifie le chemin",
    "canary_text": "Claimwatch l’envoie à {address} de temps en temps et note quand il lui revient.",
    "canary_ask": "Personne n’a rien à faire.",
    "note_expects": "le guide attend : {expected} ; la page donne : {found} ({why})",
    "note_passages": "{n} passage modifié|{n} passages modifiés",
    "note_not_located": "introuvable depuis le {day} : {why}",
    "note_moved": "{old} mène maintenant à {new}",
    "yes": "oui",
    "no": "non",
    "rows": "{n} ligne|{n} lignes",
    "rows_others": "et {n} autre ligne|et {n} autres lignes",
}

_NARROW = re.compile(r" (?=[:;!?»%])|(?<=«) ")


def _tied(words: str) -> str:
    """French words with a no-break space before high punctuation and inside quotation marks."""
    return _NARROW.sub("\u00a0", words)


LANGUAGES: Mapping[str, Mapping[str, str]] = {
    "en": ENGLISH,
    "fr": {key: _tied(words) for key, words in FRENCH.items()},
}

_COUNTED: Mapping[tuple[str, str], str] = {
    ("fr", "coverage_sources"): "read",
    ("fr", "coverage_facts"): "located",
    ("fr", "coverage_claims"): "watched",
}
"""Where the noun does not agree with `n`: French says "1 page lue sur 5", English "1 of 5 pages read"."""


def spoken(language: str) -> str:
    """The language that we speak to someone who asked for `language`: `fr` for `fr-CA`, English for an unknown one."""
    return language[:2].lower() if language[:2].lower() in LANGUAGES else DEFAULT_LANGUAGE


def is_one(count: int, language: str) -> bool:
    """Whether a count takes the singular: 1 everywhere, 0 in French too."""
    return count == 1 or (count == 0 and spoken(language) == "fr")


def phrase(language: str, key: str, **parts: object) -> str:
    """The words for `key`, with `parts` put in; a number among them chooses between `one|many`.

    KeyError for a phrase that nobody wrote.
    """
    words = LANGUAGES[spoken(language)][key]
    one, bar, many = words.partition("|")
    if bar:
        count = int(str(parts[_COUNTED.get((spoken(language), key), "n")]))
        words = one if is_one(count, language) else many
    return words.format(**parts)
