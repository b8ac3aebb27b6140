"""Text that changes by itself: stamps, counters, tokens, copyright years. It says nothing about the rules on the page.

Each pattern must match a whole sentence, so that a date inside a rule is never taken for a stamp.
"""

from __future__ import annotations

import re

from monitor.diff.words import shown, tokens

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|févr|mars|avr|mai|juin|juil|août|déc)[a-zéû]*\.?"
_DATE = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?(?:\d{4}-\d{1,2}-\d{1,2}(?:[T ]\S+)?"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er)?\s+{_MONTH},?\s+\d{{4}}|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
    rf"|{_MONTH}\s+\d{{4}}|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}})"
)
_CLOCK = r"(?:(?:,|\s*-)?\s*(?:at\s+|à\s+)?\d{1,2}[:h]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?\s*(?:\(?[A-Z]{2,5}\)?)?)?"
_DONE = (
    r"(?:updated?|modified|reviewed|changed|revised|published|verified|checked|reviewed/updated|generated|retrieved|fetched|captured"
    r"|crawled|saved|refreshed|accessed|current|up to date|posted|edited|modification|revision|build|rendered|printed)"
)
_STAMPED = (
    r"(?:(?:this |the |source |web ?)?"
    r"(?:page|notice|document|site|content|information|data|file|version|list|feed|article|post|story|guide|entry|topic|policy|terms)?\s*"
    rf"(?:was |has been |is )?(?:last |first |latest |still )?{_DONE}"
    r"(?: date| time)?\s*(?:\(utc\))?\s*(?:at|on|to|as of|as at)?\s*(?:\(utc\))?)"
    r"|date (?:de )?(?:modified|published|updated|of (?:last )?(?:update|publication)|modification|mise à jour"
    r"|publication)"
    r"|(?:(?:cette |la )?page |(?:ce |le )?(?:contenu|document|site) )?(?:est |a été )?"
    r"(?:dernière |date de (?:la )?(?:dernière )?)?(?:mise à jour|vérifiée?|révisée?|modification|mis à jour|modifiée?|publiée?|à jour)"
    r"(?: le| au| en date du)?|(?:dernière|last) (?:mise à jour|modification|update)(?: le| on)?|as of|as at|en date du"
)
_COUNTED = (
    r"(?:page ?)?(?:views?|visits?|visitors?|hits|downloads?|likes|shares|comments|followers|vues?|visites?|consultations"
    r"|téléchargements?)"
)
_AGO = (
    r"(?:(?:about|over|almost|more than|less than|around) )?(?:an?|\d+)\s+(?:second|minute|hour|day|week|month|year)s?\s+ago"
    r"|in the last (?:second|minute|hour|day|week|month|year)|(?:just )?now|today|yesterday|(?:this|last) (?:week|month|year)"
    r"|il y a (?:(?:environ|plus de|moins de) |plus d'|moins d')?(?:une?|\d+)\s+(?:seconde|minute|heure|jour|semaine|mois|an|année)s?"
    r"|aujourd'hui|hier|cette (?:semaine|année)|ce mois-ci"
)
"""How long ago, counted from the visit: it changes although the page does not."""
_OFFICE = r"(?:direction|ministère|ministry|department|service|office|bureau|branch|unit|division)\b[^\d:;,.]{0,50}"
_BYTES = r"[\d.,]+\s*(?:[kmg]i?[bo]|octets|bytes)"

_ANSWERS = frozenset({"yes", "no", "oui", "non"})
"""What follows the question whether a page helped; anywhere else it is an answer that counts."""

_PATTERNS = tuple(
    (name, re.compile(rf"(?:{pattern})[\s.]*\Z", re.IGNORECASE))
    for name, pattern in (
        (
            "stamp",
            rf"[-*#>\s]*(?:{_STAMPED})\s*[:\-]?\s*(?:le |on |the )?{_DATE}{_CLOCK}"
            r"(?:\s*[,\-(]?\s*(?:see all updates|show all updates)\)?| (?:by|par) [^\d:]{1,40})?",
        ),
        ("stamp", rf"(?:{_STAMPED})\s*:?\s*(?:{_AGO})"),
        (
            "stamp",
            rf"(?:{_STAMPED})\s*:?\s*{_DATE}{_CLOCK}\s*[|·•,;/-]\s*(?:{_STAMPED})\s*:?\s*(?:{_DATE}{_CLOCK}|{_AGO})",
        ),
        ("stamp", rf"(?:today(?: is|'s date(?: is)?)?|nous sommes|aujourd'hui)[\s,:]*(?:le )?{_DATE}{_CLOCK}"),
        ("stamp", r"(?:version|build|release|v)\s*\d+(?:\.\d+){2,4}(?:[-+][\w.]+)?|\d+(?:\.\d+){3,4}"),
        ("stamp", rf"(?:published|from|publié)\b.{{0,40}}?(?:last updated|mis à jour)\s*:?\s*(?:le )?{_DATE}.{{0,30}}"),
        (
            "stamp",
            rf"(?:.{{0,40}}\b)?current to {_DATE}(?: and last amended on {_DATE})?"
            rf"|(?:.{{0,40}}\b)?à jour (?:au |le )?{_DATE}[;,]? (?:et )?dernière modification (?:le )?{_DATE}",
        ),
        ("stamp", rf"(?:{_STAMPED})\s*:?\s*(?:le |on )?{_DATE}{_CLOCK}\s*[-|·]\s*{_OFFICE}"),
        ("stamp", rf"(?:posted|published|publiée?) (?:on |le )?{_DATE}{_CLOCK}(?: (?:by|par) [^\d:]{{1,40}})?"),
        (
            "stamp",
            rf"(?:retrieved|fetched|captured|downloaded|accessed|crawled|exported) from .{{1,60}} (?:on|at) {_DATE}{_CLOCK}",
        ),
        ("stamp", rf"{_DATE}\s*[|·•,;-]\s*\d+\s*min(?:utes?)?(?: read| de lecture)"),
        (
            "stamp",
            r"(?:about |over |environ )?(?:an?|\d+) (?:second|minute|hour|day|week|month|year)s? ago|il y a (?:une?|\d+) [a-zû]+",
        ),
        (
            "control",
            r"(?:close|open|show|hide|fermer|ouvrir|afficher|masquer) (?:the |this |le |la )?(?:menu|navigation|dialog|window|pop-?up|search|fenêtre|recherche)"
            r"|close|dismiss|fermer|menu|(?:show|load|see|view|read) (?:more|less)|(?:afficher|voir|charger) (?:plus|moins)|lire la suite|copied!?|copié"
            r"|sign (?:in|up)|log ?(?:in|out)|sign out|se connecter|s'inscrire|connexion|déconnexion|back to top|haut de page|skip to (?:main )?content",
        ),
        ("byline", r"(?:written|posted|authored|rédigé|écrit) (?:by|par) [^\d:.]{1,60}"),
        (
            "counter",
            r"(?:rated |note\s*:?\s*)?[\d.,]+\s*(?:out of|/|sur)\s*(?:5|10)\s*(?:stars|étoiles)(?:\s*\(?[\d,. ]+k?\s*(?:votes|ratings|reviews|avis)?\)?)?"
            r"|rated [\d.,]+\s*\([\d,. ]+k? (?:votes|ratings|reviews)\)|[\d.,]+\s*/\s*5\s*\([\d,. ]+k?(?: \w+)?\)|[★☆⭐]+\s*\(?[\d,.]*\)?",
        ),
        (
            "counter",
            r"(?:showing |affichage de )?\d+\s*(?:-|to|à)\s*\d+ (?:of|sur|de) [\d,. ]+ (?:results?|résultats?|items|entries|articles)",
        ),
        ("counter", r"(?:trusted|loved|used) by (?:over |more than )?[\d,.]+[km]?\+? [^\d.]{1,40}"),
        ("counter", r"(?:comments?|commentaires|reviews|ratings|votes)\s*\(\d[\d,. ]*\)"),
        (
            "counter",
            r"(?:rated|note)\s*:?\s*[\d.,]+ (?:out of|/|sur) \d+\s*(?:\(?[\d,. ]+ (?:votes|ratings|reviews|avis)\)?)?",
        ),
        ("copyright", r".{0,40}\s(?:©|\(c\))\s*(?:19|20)\d\d(?:\s*-\s*(?:19|20)\d\d)?(?:\s.{0,40})?"),
        ("copyright", r"(?:copyright|©|\(c\))\s*(?:©|\(c\))?\s*.{0,60}(?:19|20)\d\d(?:\s*-\s*(?:19|20)\d\d)?.{0,80}"),
        ("counter", rf"(?:{_COUNTED}|pages served)\s*:?\s*[\da-f][\d,. ]*[a-f\d]*k?"),
        ("counter", rf"[\d,. ]+k?\s+{_COUNTED}"),
        ("reading time", r"(?:reading time\s*:?\s*)?\d+\s*(?:min|minutes?)(?:\s+(?:read|to read|de lecture))"),
        (
            "reading time",
            r"(?:(?:estimated )?reading time|temps de lecture)\s*:?\s*(?:about |environ )?\d+\s*(?:min|minutes?)",
        ),
        (
            "token",
            r"(?:session|request|correlation|trace|ray|build|support|incident)\s*(?:id|reference|ref|number|no\.?|token"
            r"|hash|key)?\s*[:#=]\s*(?:(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{6,}|\d{9,})",
        ),
        ("served", r"(?:served|rendered|generated|loaded) in [\d.,]+ ?(?:ms|milliseconds|s|sec|seconds)\b.{0,60}"),
        (
            "file size",
            rf".{{0,40}}?[(\[]?(?:pdf|html|csv|xlsx?|docx?|odt|ods|zip)?,?\s*(?:-\s*)?{_BYTES}(?:,\s*\d+ pages?)?[)\]]?(?:,\s*\d+ pages?)?",
        ),
        (
            "feedback",
            r"(?:was this (?:page|article|information|answer|content)?|is this (?:page|article)|did (?:this|you find)|how (?:helpful|useful) was)\b"
            r".{0,40}\b(?:helpful|useful|(?:answer|solve) your (?:question|problem)|what you (?:were|are) looking for)\W*(?:yes\W+no\W*)?"
            r"|(?:(?:l'information|le contenu|les renseignements) (?:sur|de|dans) )?(?:cette page|cet article|ces informations?|cette réponse)\b.{0,20}\b(?:utiles?|aidée?)\W*(?:oui\W+non\W*)?"
            r"|ça vous a aidé\W*|cela vous a-t-il aidé\W*|(?:copy|copier) (?:the |le )?(?:link|lien)"
            r"|avez-vous trouvé ce que vous cherchiez\W*|[\d,. ]+ (?:out )?of [\d,. ]+ found this (?:helpful|useful)"
            r"|[\d,. ]+ (?:people|users|visitors|personnes) (?:found|ont trouvé) (?:this|cette|cet) .{0,30}(?:helpful|useful|utile)"
            r"|(?:please )?(?:take|complete|répondez à|participez à) (?:our|a|this|the|notre|un|ce) .{0,30}\b(?:survey|sondage)\b.{0,80}"
            r"|(?:report a problem|signaler un problème|give feedback|send feedback|donnez votre avis)(?: (?:on|about|sur|with) .{0,30})?"
            r"|(?:print|share|email|imprimer|partager)(?: (?:this|cette|ce|cet)(?: page| article| contenu)?)?",
        ),
    )
)
_OPAQUE = re.compile(r"(?=.*\d)(?=.*[a-z])[0-9a-z]{8,}\Z|[0-9a-f]{4,}\Z|\d{9,}\Z")
_TOKEN_LABEL = re.compile(
    r"\b(?:session|request|correlation|trace|ray|support|incident|build)\s*(?:id|reference|ref|no\.?|number|token|hash)?"
    r"\s*[:#=]|\b(?:nonce|csrf)\b|\bpages served\b",
    re.IGNORECASE,
)
_DAY_ALONE = re.compile(rf"{_DATE}{_CLOCK}\s*(?:[-,]\s*(?:(?:see|show) all updates)?)?\Z", re.IGNORECASE)
_TIDIED = (
    r"(?:translations?|welsh version|(?:french|english|other) language versions?|typos?|typographical errors?|formatting"
    r"|page layout|broken links?|accessibility|spelling|traductions?|coquilles?|mise en page)"
)
_HOUSEKEEPING = re.compile(
    rf"(?:added|updated?|new|corrected|fixed|minor|removed|ajout|correction)\b.{{0,30}}\b{_TIDIED}\b.{{0,20}}\Z"
    rf"|(?:\w+ (?:and \w+ )?)?{_TIDIED} (?:added|updated|corrected|fixed|changes?)\b.{{0,20}}\Z",
    re.IGNORECASE,
)


def is_day(text: str) -> bool:
    """Whether the text is a date and nothing else, as beside `Last updated` or above an entry of a chronicle."""
    return len(text) < 60 and bool(_DAY_ALONE.match(shown(text)))


def is_housekeeping(text: str) -> bool:
    """Whether a note of change says itself that only a translation, the layout or the spelling was touched."""
    return len(text) < 80 and bool(_HOUSEKEEPING.match(shown(text)))


def furniture(text: str, *, label: str = "") -> str:
    """The name of the pattern that the whole text matches, or "" where it is content.

    label: the text before it; a date that stands alone is a stamp where its label says so ("Last updated").
    """
    if len(text) > 240:
        return ""
    if label and len(label) < 40 and is_day(text):
        return furniture(f"{label} {shown(text).split(' - ')[0].split(', see')[0].split(', show')[0].rstrip(' -')}")
    folded = shown(text)
    if folded.casefold() in _ANSWERS and label:
        return "feedback" if label.casefold() in _ANSWERS or furniture(label) == "feedback" else ""
    return next((name for name, pattern in _PATTERNS if pattern.match(folded)), "")


def only_tokens_differ(before: str, after: str) -> bool:
    """True where two texts of equal length in words differ in machine-made tokens alone.

    A short or plain number counts as a token only in a sentence that calls itself a session, request or build.
    """
    left, right = tokens(before), tokens(after)
    if len(left) != len(right) or left == right:
        return False
    labelled = bool(_TOKEN_LABEL.search(before) and _TOKEN_LABEL.search(after))
    return all(
        a == b or (_opaque(a, labelled=labelled) and _opaque(b, labelled=labelled))
        for a, b in zip(left, right, strict=True)
    )


def _opaque(token: str, *, labelled: bool) -> bool:
    if labelled:
        return bool(re.fullmatch(r"[0-9a-f]{2,}|[0-9a-z-]{8,}", token))
    return len(token) >= 12 and bool(_OPAQUE.match(token)) and any(c.isdigit() for c in token)
