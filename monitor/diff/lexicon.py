"""What words weigh, English and French: which carry no statement by themselves, which mean the same, which bind.

Each list answers one question of the rules in `rules.py`. A word that stands in no list carries meaning, so an edit
that touches it is a change of substance: the lists say what may be forgiven, never what is watched for.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP = _words(
    """
    a an the this that these those there here it its he she him her his hers they them their theirs you your yours we
    us our ours i me my who whom whose which what where when how why is are was were be been being am do does did done
    doing have has had having of in on at to for from by with as into onto about and or if then so than also too such
    same own s t ll ve re d m will would upon per via under over above below through please
    le la les l un une des du de d au aux ce cet cette ces il elle ils elles on nous vous leur leurs votre vos notre nos
    son sa ses mon ma mes qui que qu quoi dont ou et est sont était été être avoir a ont avez avons en dans sur sous
    par pour avec chez se s y ne n c j m t si comme ainsi aussi cela ça ceci
    """
)
"""Grammar: it comes and goes when a sentence is turned round, and states nothing alone."""

WEAK = _words(
    """
    information detail details following follow follows section page pages guide guidance website site online link
    links click visit here below above find out learn more read check see view go get make made making use used using
    set take case way ways step steps thing things part parts consist consists consisting refer refers referred
    responsible respect regard regarding relation related various several different general generally
    specific specifically particular particularly respective respectively namely known called each every any all
    other another one just simply currently now already still however therefore furthermore moreover additionally
    addition note important include includes including included contain contains example examples order able
    let lets want wish like able own  whole entire overall further clear clearly easily easy help
    helpful question questions answer answers select choose enter kind kinds sort area areas place places
    yes correct correctly proper properly appropriate relevant applicable possible
    renseignements information informations détails suivant suivante suivants suivantes rubrique page pages guide site
    lien liens cliquez consultez voir voyez ici dessous dessus trouver trouvez savoir lire plus utiliser utilisé
    divers diverses différents chaque tout toute tous toutes autre autres
    simplement actuellement maintenant déjà cependant toutefois notamment savoir comprend comprennent exemple
    """
)
"""Words that point, introduce or pad: added or dropped, they leave every statement standing."""

QUALIFIERS = _words(
    """
    before after until within outside inside during since least most more less fewer minimum maximum min max
    exceed exceeds up only either neither except unless without instead alone first last earlier later longer permanent
    temporary mandatory optional voluntary automatic
    avant après jusqu depuis pendant dehors moins plus seulement uniquement sauf sans
    """
)
"""Small words that move the edge of a rule; never forgiven, although some look like grammar."""

EDGES = _words("under over above below by moins plus avant")
"""Words that set an edge where a number or a date follows ("under 18", "by 31 May") and are grammar elsewhere."""

DUTY = _words(
    """
    must shall required require requires requirement mandatory obliged obligation compulsory oblige need needs
    doit doivent devez devons devra devront obligatoire exigé exigée exigés exige exigent requis requise tenu tenue faut
    """
)
PERMISSION = _words(
    """
    may can could might allowed permitted allow allows entitled eligible optional
    peut peuvent pouvez pouvons pourra pourront autorisé autorisée autorisés admissible admissibles
    """
)
NEGATION = _words(
    """
    not no never none neither nor cannot without nothing nobody unless except ineligible exempt prohibited refuse
    refused refuses prohibit forbidden unable
    pas jamais aucun aucune ni sans sauf interdit interdite inadmissible refusé refusée exempté exempté exemption
    """
)
STATUS = _words(
    """
    open opened opens closed closes close closing paused pause suspended suspend suspension repealed repeal replaced
    cancelled canceled ended ends expired expires discontinued unavailable available effective terminated postponed
    resumed resume reopened deferred temporarily abolished revoked withdrawn limited
    ouvert ouverte fermé fermée fermés suspendu suspendue abrogé abrogée remplacé remplacée annulé annulée terminé
    expiré expirée vigueur disponible indisponible
    """
)

_COUNTED = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty
    """

NUMBER_WORDS = {word: str(number) for number, word in enumerate(_COUNTED.split())} | {
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "seventy": "70",
    "eighty": "80",
    "ninety": "90",
    "deux": "2",
    "trois": "3",
    "quatre": "4",
    "cinq": "5",
    "sept": "7",
    "huit": "8",
    "neuf": "9",
    "dix": "10",
    "onze": "11",
    "douze": "12",
    "quinze": "15",
    "vingt": "20",
    "trente": "30",
    "soixante": "60",
    "first": "1st",
    "second": "2nd",
    "third": "3rd",
}
"""Numbers in words; as digits they count the same."""

PHRASES = (
    ("no longer", "not longer"),
    ("offer of employment", "job offer"),
    ("offers of employment", "job offers"),
    ("in order to", "to"),
    ("so as to", "to"),
    ("prior to", "before"),
    ("in advance of", "before"),
    ("subsequent to", "after"),
    ("in addition to", "besides"),
    ("with respect to", "about"),
    ("in respect of", "about"),
    ("in relation to", "about"),
    ("with regard to", "about"),
    ("in the event that", "if"),
    ("in the case that", "if"),
    ("provided that", "if"),
    ("in case", "if"),
    ("due to the fact that", "because"),
    ("at this time", "now"),
    ("at the present time", "now"),
    ("make sure", "ensure"),
    ("be sure", "ensure"),
    ("carry out", "do"),
    ("find out", "learn"),
    ("fill out", "complete"),
    ("fill in", "complete"),
    ("filling out", "complete"),
    ("have to", "must"),
    ("has to", "must"),
    ("had to", "must"),
    ("need to", "must"),
    ("needs to", "must"),
    ("is required to", "must"),
    ("are required to", "must"),
    ("is obliged to", "must"),
    ("are obliged to", "must"),
    ("be required to", "must"),
    ("are able to", "can"),
    ("is able to", "can"),
    ("be able to", "can"),
    ("are allowed to", "can"),
    ("is allowed to", "can"),
    ("are permitted to", "can"),
    ("is permitted to", "can"),
    ("a number of", "several"),
    ("as well as", "and"),
    ("as soon as possible", "soon"),
    ("is not required to", "must not_need"),
    ("afin de", "pour"),
    ("en vue de", "pour"),
    ("au sujet de", "sur"),
    ("avant de", "avant"),
)
"""Phrases of one meaning; the left is read as the right (plain-language guides give such pairs)."""

SYNONYMS = tuple(
    tuple(group.split())
    for group in """
    satisfy convince
    obtain get acquire
    purchase buy
    commence start begin
    terminate end finish
    provide give supply furnish
    submit send file
    assist help aid
    utilize use
    approximately about roughly around
    ensure
    request ask
    inform tell notify advise
    demonstrate show prove
    reside live
    individual person people
    require need must shall
    will shall
    allow permit let
    attempt try
    determine decide
    describe explain outline
    modify change amend alter
    retain keep
    additional more extra further
    regarding concerning about
    numerous many
    sufficient enough
    select choose pick
    locate find
    learn find discover
    assess evaluate
    currently now presently
    fournir donner remettre
    débuter commencer
    terminer finir
    utiliser
    aider assister
    demander solliciter
    informer aviser prévenir
    montrer démontrer prouver
    """.strip().splitlines()
)
"""Words that plain-language editors put for one another; each is read as the first of its line."""

ILLUSTRATION = ("for example", "for instance", "e.g.", "par exemple")
POINTERS = (
    "find out",
    "learn",
    "read",
    "see",
    "check",
    "visit",
    "view",
    "go to",
    "get more",
    "more information",
    "for more information",
    "for further information",
    "for details",
    "refer to",
    "consult",
    "sign in",
    "log in",
    "log into",
    "click",
    "return to",
    "back to",
    "skip to",
    "on this page",
    "download",
    "watch",
    "en savoir plus",
    "consultez",
    "voir",
    "lire",
    "pour en savoir",
    "pour plus",
    "retour",
)
"""How a sentence begins that sends the reader elsewhere and states nothing itself."""
