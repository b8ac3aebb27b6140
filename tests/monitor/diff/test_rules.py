"""One edit, one rule: what is forgiven and what never is."""

from __future__ import annotations

import pytest

from domain.comparison import Significance
from domain.documents import BlockKind
from monitor.diff.edits import edit_of
from monitor.diff.rules import RULES, Decision, judge
from monitor.diff.words import meaning


def decide(before: str, after: str, *, kind: BlockKind = BlockKind.PARAGRAPH) -> Decision:
    return judge(edit_of(before, after, kind=kind))


SUBSTANTIVE = [
    ("The crossing costs $12.", "The crossing costs $14."),
    ("Apply by 4 May 2031.", "Apply by 9 May 2031."),
    ("The permit lasts up to 3 years.", "The permit lasts up to 2 years."),
    ("A discount of 15% applies.", "A discount of 20% applies."),
    ("You need 67 points.", "You need 70 points."),
    ("You must show a ticket.", "You may show a ticket."),
    ("You must show a ticket.", "You must not show a ticket."),
    ("The pier is open.", "The pier is closed."),
    ("Bring a permit or a licence.", "Bring a permit and a licence."),
    ("Children under 12 travel free.", "Children over 12 travel free."),
    ("Pay before 3 June.", "Pay after 3 June."),
    ("You need a harbour licence.", "You need a river licence."),
    ("Open Monday to Sunday.", "Open Monday to Saturday."),
    ("The owner pays the toll.", "The captain pays the toll."),
    ("Only residents may fish.", "Residents may fish."),
    ("Adults pay $9 and children $4.", "Adults pay $4 and children $9."),
    ("The mooring lasts 1,000 days.", "The mooring lasts 1.000 days."),
    ("Norway (1)", "Norway (5)"),
    ("You need a licence unless you are a guest.", "You need a licence."),
    ("Boats from Norway or Iceland may moor.", "Boats from Norway, Iceland or the Faroe Island Group (FIG) may moor."),
    ("Every boat must carry all of these lamps.", "Every boat must carry one of these lamps."),
    ("You may request a berth within 10 days.", "You may request a berth within 11 days."),
    ("You will be told.", "You will not be told."),
    ("Sail here from Norway.", "Sail here to Norway."),
    ("The toll is paid by the captain.", "The toll is paid to the captain."),
    ("A licence and a lamp", "A licence and/or a lamp"),
    ("The race was held in May.", "The race will be held in May."),
    ("Certain boats may moor.", "All boats may moor."),
    ("Certain boats may moor.", "Boats may moor."),
    ("Tous les bateaux paient.", "Certains bateaux paient."),
]

EDITORIAL = [
    ("If your licence is approved", "If we approve your licence"),
    ("You must show three tickets.", "You must show 3 tickets."),
    ("Bring the Marine Safety Card.", "Bring the Marine Safety Card (MSC)."),
    ("you need to bring a ticket", "you must bring a ticket"),
    ("The crew will be informed.", "The crew shall be informed."),
    ("In order to board, show a ticket.", "To board, show a ticket."),
    ("Boarding — the rules", "BOARDING: the rules"),
    ("they exercised all reasonable care", "they exercised reasonable care"),
    ("Prior to boarding, purchase a ticket.", "Before boarding, buy a ticket."),
    ("1. Buy a ticket", "Buy a ticket"),
    ("the Marine Safety Card is checked", "the MSC is checked"),
    ("Keep your recieved documents.", "Keep your received documents."),
    ("the organisation of the harbour", "the organization of the harbour"),
    ("The fee is $9 as of 3 May 2031.", "The fee is $9."),
]

NOISE = [
    ("Harbour Board © 2030", "Harbour Board © 2031"),
    ("", "Ça vous a aidé ?"),
    ("", "Copy link"),
    ("Page mise à jour le 1er mai 2031", "Page mise à jour le 9 mai 2031"),
    ("Vérifié le 1er mai 2031 - Direction du port", "Vérifié le 9 mai 2031 - Direction du port"),
    ("Last updated: 1 May 2031 - 9:00 am", "Last updated: 9 May 2031 - 8:00 am"),
    (
        "Act current to 2031-05-01 and last amended on 2030-01-01",
        "Act current to 2031-05-09 and last amended on 2031-05-02",
    ),
    (
        "Loi à jour 2031-05-01; dernière modification 2030-01-01",
        "Loi à jour 2031-05-09; dernière modification 2030-01-01",
    ),
    ("Posted on May 1, 2031 by the keeper", "Posted on May 9, 2031 by the keeper"),
    ("Retrieved from the register on 1 May 2031.", "Retrieved from the register on 9 May 2031."),
    ("Form [PDF - 210 KB]", "Form [PDF - 233 KB]"),
    ("Rated 4.2 out of 5 (120 votes)", "Rated 4.3 out of 5 (126 votes)"),
    ("Comments (12)", "Comments (14)"),
    ("L’information sur cette page vous a-t-elle été utile?", ""),
    ("Updated over 2 weeks ago", "Updated over 3 weeks ago"),
    ("Updated in the last hour", "Updated yesterday"),
    ("Mis à jour il y a 3 jours", "Mis à jour il y a 2 semaines"),
    ("Published 1 May 2029 | Updated 3 May 2031", "Published 1 May 2029 | Updated 9 May 2031"),
    ("Last reviewed/updated: 03/05/2031", "Last reviewed/updated: 09/05/2031"),
    ("Today is Tuesday, May 3, 2031", "Today is Friday, May 6, 2031"),
    ("Version 4.2.1", "Version 4.2.3"),
    ("Reading time: 4 minutes", "Reading time: 5 minutes"),
    ("Tide table (PDF, 210 KB, 12 pages)", "Tide table (PDF, 1.2 MB, 12 pages)"),
    ("12 034 consultations", "12 871 consultations"),
    ("Was this page helpful?", ""),
    ("Did this answer your question?", ""),
    ("Cette page vous a-t-elle été utile ?", ""),
    ("1,203 people found this helpful", "1,219 people found this helpful"),
    ("", "Take our short survey and help us improve this website."),
    ("Last updated: 3 May 2031", "Last updated: 9 June 2031"),
    ("© 2030 Harbour Board", "© 2031 Harbour Board"),
    ("Session reference: 3fa9c2b1", "Session reference: 77ab01cd"),
    ("1,204 views", "1,377 views"),
    ("Don’t  board", "Don't board"),
    ("a fee of 1\u00a0000 $", "a fee of 1 000 $"),
]


@pytest.mark.parametrize(("before", "after"), SUBSTANTIVE)
def test_an_edit_of_what_a_reader_relies_on_is_substantive(before: str, after: str) -> None:
    assert decide(before, after).significance is Significance.SUBSTANTIVE
    assert decide(after, before).significance is Significance.SUBSTANTIVE


@pytest.mark.parametrize(("before", "after"), EDITORIAL)
def test_an_edit_that_leaves_every_statement_standing_is_editorial(before: str, after: str) -> None:
    assert decide(before, after).significance is Significance.EDITORIAL


@pytest.mark.parametrize(("before", "after"), NOISE)
def test_what_changes_by_itself_is_noise(before: str, after: str) -> None:
    assert decide(before, after).significance is Significance.NOISE


def test_a_condition_that_went_is_substantive_though_the_heading_holds_its_words() -> None:
    edit = edit_of(
        "Other rules apply if you hold a captain licence and moor at night.",
        "Other rules apply if you moor at night.",
        kind=BlockKind.PARAGRAPH,
        heads=frozenset(meaning("If you hold a captain licence")),
    )

    assert judge(edit).significance is Significance.SUBSTANTIVE


def test_the_name_of_the_pages_own_subject_may_come_and_go() -> None:
    edit = edit_of(
        "You may hold more than one berth under Harbour Pass.",
        "You may hold more than one berth.",
        kind=BlockKind.PARAGRAPH,
        heads=frozenset(meaning("Harbour Pass")),
    )

    assert judge(edit).significance is Significance.EDITORIAL


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Version 4", "Version 5"),
        ("Effective date: 3 May 2031", "Effective date: 9 May 2031"),
        ("As of 3 May 2031, guests pay nothing.", "As of 9 May 2031, guests pay nothing."),
        ("Updated on 3 May 2031: the toll is $5", "Updated on 9 May 2031: the toll is $6"),
        ("Updated 3 May 2031 - new tolls apply", "Updated 9 May 2031 - old tolls apply"),
        ("As of 3 May 2031 - guests pay nothing", "As of 9 May 2031 - guests pay all"),
        ("Next update: 3 May 2031", "Next update: 9 May 2031"),
        ("This list is valid until 3 May 2031", "This list is valid until 9 May 2031"),
        ("Was this boat helpful to you in 2031?", "Was this boat helpful to you in 2032?"),
        ("Updated rules apply 2 weeks ago or later.", "Updated rules apply 3 weeks ago or later."),
    ],
)
def test_what_only_looks_like_a_stamp_is_a_statement(before: str, after: str) -> None:
    assert decide(before, after).significance is Significance.SUBSTANTIVE


def test_columns_that_changed_their_names_around_are_substantive() -> None:
    decision = decide("Berth | Fee | Boats", "Berth | Boats | Fee", kind=BlockKind.ROW)

    assert (decision.significance, decision.because) == (Significance.SUBSTANTIVE, "values exchanged")


def test_a_link_in_a_list_of_other_pages_is_editorial() -> None:
    edit = edit_of("", "How to paint a boat", kind=BlockKind.ITEM, related=True)

    assert judge(edit).significance is Significance.EDITORIAL


def test_a_stamp_that_became_a_rule_is_no_noise() -> None:
    decision = decide("Last updated: 3 May 2031", "Tickets are void after 3 May 2031.")

    assert decision.significance is Significance.SUBSTANTIVE


def test_an_entry_that_came_is_substantive_and_a_pointer_is_not() -> None:
    assert decide("", "Newhaven Pier", kind=BlockKind.ITEM).significance is Significance.SUBSTANTIVE
    assert decide("", "Find out how to reach the pier.").significance is Significance.EDITORIAL


def test_a_pointer_that_binds_is_a_statement() -> None:
    assert decide("", "Check that you do not need a licence.").significance is Significance.SUBSTANTIVE


def test_a_renamed_heading_is_editorial_unless_its_status_or_value_changed() -> None:
    assert decide("What to bring", "Your luggage", kind=BlockKind.HEADING).significance is Significance.EDITORIAL
    assert decide("Pier", "Pier closed", kind=BlockKind.HEADING).significance is Significance.SUBSTANTIVE
    assert decide("Fees 2030", "Fees 2031", kind=BlockKind.HEADING).significance is Significance.SUBSTANTIVE


def test_values_are_reported_in_the_words_of_the_page() -> None:
    decision = decide("The crossing costs $1,200.", "The crossing costs $1,350.")

    assert [(value.kind, value.before, value.after) for value in decision.values] == [("money", "$1,200", "$1,350")]


def test_an_obligation_that_changed_is_reported_as_a_value() -> None:
    decision = decide("You must show a ticket.", "You may show a ticket.")

    assert [(value.kind, value.before, value.after) for value in decision.values] == [("obligation", "must", "may")]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("The crossing costs AUD4,640.00.", "The crossing costs AUD4,770.00.", "money"),
        ("The crossing costs NZ$460.", "The crossing costs NZ$780.", "money"),
        ("At least five per cent of the toll", "At least six per cent of the toll", "percentage"),
    ],
)
def test_amounts_of_other_countries_and_shares_in_words_are_values(before: str, after: str, kind: str) -> None:
    assert [value.kind for value in decide(before, after).values] == [kind]


def test_every_rule_says_why_and_the_last_one_always_holds() -> None:
    assert all(len(rule.reason) > 20 for rule in RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert RULES[-1].holds(edit_of("a", "b", kind=BlockKind.PARAGRAPH))


def test_a_statement_without_a_value_is_reported_as_itself() -> None:
    decision = decide("", "Guests may bring a dog aboard.")

    assert [(value.kind, value.before, value.after) for value in decision.values] == [
        ("text", None, "Guests may bring a dog aboard.")
    ]


def test_words_that_took_the_place_of_a_value_in_a_feed_are_its_new_value() -> None:
    decision = decide("31 weeks", "No time available", kind=BlockKind.RECORD)

    first = decision.values[0]
    assert (first.kind, first.before, first.after) == ("duration", "31 weeks", "No time available")


def test_an_answer_is_furniture_after_the_question_whether_a_page_helped_and_nowhere_else() -> None:
    asked = edit_of("", "No", kind=BlockKind.PARAGRAPH, preceded_by="Was this page helpful?")
    stated = edit_of("", "No", kind=BlockKind.PARAGRAPH, preceded_by="May guests moor at night?")

    assert judge(asked).significance is Significance.NOISE
    assert judge(stated).significance is Significance.SUBSTANTIVE


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Fees and deposits", "Fees or deposits"),
        ("Licence or pilot", "Licence and pilot"),
        ("Who may moor", "Who must moor"),
    ],
)
def test_a_heading_whose_connective_or_duty_turned_states_another_rule(before: str, after: str) -> None:
    assert decide(before, after, kind=BlockKind.HEADING).significance is Significance.SUBSTANTIVE
    assert decide(after, before, kind=BlockKind.HEADING).significance is Significance.SUBSTANTIVE


@pytest.mark.parametrize(
    ("before", "after"),
    [("How to moor", "How you can moor"), ("Fees and deposits", "Fees, deposits"), ("Mooring", "About your mooring")],
)
def test_a_heading_put_otherwise_is_a_label(before: str, after: str) -> None:
    assert decide(before, after, kind=BlockKind.HEADING).significance is Significance.EDITORIAL
