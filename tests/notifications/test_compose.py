"""What a reader is told: everything that concerns them, the worst first, each change once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.digests import Digest, Filters, IncidentState, Rest
from domain.facts import fact_title
from domain.flags import FlagReason, FlagRecord, FlagState, Outage, Severity
from domain.values import Status, StatusWord
from notifications.compose import compose
from notifications.marks import focused
from tests.notifications.builders import (
    CLAIMS,
    COVERAGE,
    PERIOD,
    SOURCES,
    dollars,
    flag,
    outage,
    review,
    subscriber,
    table,
)

OPEN, PAUSED = Status(status=StatusWord.OPEN), Status(status=StatusWord.PAUSED)


def digest(
    *flags: FlagRecord,
    decided: tuple[FlagRecord, ...] = (),
    unreadable: tuple[tuple[str, str], ...] = (),
    filters: Filters | None = None,
    most: int = 20,
    language: str = "en",
    outages: tuple[Outage, ...] = (),
) -> Digest:
    return compose(
        subscriber=subscriber(filters=filters or Filters(), language=language),
        period=PERIOD,
        first_event=1,
        last_event=9,
        flags=flags,
        decided=decided,
        sources=SOURCES,
        claims=CLAIMS,
        unreadable=unreadable,
        coverage=COVERAGE,
        most=most,
        outages=outages,
    )


def shown(made: Digest) -> list[int]:
    return [item.flag for item in made.items]


def test_the_most_harmful_comes_first_and_the_confirmed_before_the_unconfirmed():
    made = digest(
        flag(1, "rounds", severity=Severity.LOW),
        flag(2, "trades", severity=Severity.HIGH, confirmed=False),
        flag(3, "trades", severity=Severity.HIGH),
        flag(4, "permit-fee", severity=Severity.CRITICAL, confirmed=False),
    )
    assert shown(made) == [4, 3, 2, 1]


def test_what_is_settled_comes_after_what_is_open():
    settled = flag(1, "trades", severity=Severity.CRITICAL, state=FlagState.DECIDED, review=review(1))
    made = digest(flag(2, "rounds", severity=Severity.LOW), decided=(settled,))
    assert shown(made) == [2, 1]
    assert made.items[1].decided == "guide wrong, by Ana on 23 November 2026: Corrected in the guide."


def test_a_flag_opened_and_decided_in_one_period_is_told_once():
    record = flag(1, "trades", state=FlagState.DECIDED, review=review(1))
    assert shown(digest(record, decided=(record,))) == [1]


def test_the_same_change_on_many_pages_is_one_item():
    made = digest(
        flag(1, "coast-programme", fact="state", before=OPEN, after=PAUSED, group="g", claims=("coast.open",)),
        flag(2, "valley-programme", fact="state", before=OPEN, after=PAUSED, group="g"),
    )
    (item,) = made.items
    assert item.also == (("Valley programme", "https://coast.example/valley-programme.html"),)
    assert [claim[0] for claim in item.claims] == ["coast.open"]


def test_changes_that_say_different_things_are_never_one_item():
    made = digest(
        flag(1, "coast-programme", fact="state", before=OPEN, after=PAUSED, group="g"),
        flag(2, "valley-programme", fact="state", before=PAUSED, after=OPEN, group="g"),
    )
    assert len(made.items) == 2


def test_old_and_new_are_in_the_readers_words():
    change = flag(1, "permit-fee", before=dollars(1000), after=dollars(1155))
    assert (digest(change).items[0].before, digest(change).items[0].after) == ("CAD 1,000", "CAD 1,155")
    french = digest(change, language="fr").items[0]
    assert (french.before, french.after) == ("1\u00a0000\u00a0CAD", "1\u00a0155\u00a0CAD")


def test_of_a_table_only_the_rows_that_differ_are_shown():
    made = digest(
        flag(
            1,
            "trades",
            before=table(("1", "Boat baker"), ("2", "Sail weaver")),
            after=table(("1", "Boat baker"), ("3", "Rope poet")),
        )
    )
    assert (made.items[0].before, made.items[0].after) == ("2 · Sail weaver", "3 · Rope poet")


def test_a_value_that_appeared_had_nothing_before():
    made = digest(flag(1, "permit-fee", reason=FlagReason.APPEARED, after=dollars(5)))
    assert made.items[0].before == "nothing stated"


def test_a_contradiction_tells_what_the_page_gives_and_invents_no_past():
    made = digest(
        flag(1, "permit-fee", reason=FlagReason.CONTRADICTED, after=dollars(5), detail="the guide expects: CAD 4")
    )
    assert (made.items[0].before, made.items[0].after) == ("", "CAD 5")
    assert made.items[0].detail == "the guide expects: CAD 4"


def test_a_change_announced_for_later_says_from_when():
    made = digest(
        flag(1, "permit-fee", before=dollars(1), after=dollars(2), detail="effective 2027-04-30; added: x"),
        language="fr",
    )
    assert made.items[0].effective == "30 avril 2027"


def test_long_quotes_are_cut_around_the_words_that_differ():
    lead = "same words before it " * 60
    old, new = focused(f"{lead}the fee is 1,000 now {lead}", f"{lead}the fee is 1,155 now {lead}", 300)
    assert "1,000" in old
    assert "1,155" in new
    assert max(len(old), len(new)) <= 300


def test_what_is_left_out_is_counted():
    made = digest(*(flag(n, "rounds", fact=f"f{n}") for n in range(30)), most=20)
    assert (len(made.items), made.more) == (20, 10)


def test_a_site_that_is_down_is_one_line():
    made = digest(unreadable=(("coast-programme", "timeout"), ("valley-programme", "timeout"), ("rounds", "blocked")))
    assert [(item.site, item.state, len(item.sources), item.reason) for item in made.incidents] == [
        ("coast.example", IncidentState.CONTINUING, 2, "timeout"),
        ("office.example", IncidentState.CONTINUING, 1, "blocked"),
    ]


def test_an_outage_is_news_when_it_begins_and_when_it_ends():
    began = digest(outages=(outage("rounds", 5),), unreadable=(("rounds", "blocked"),))
    goes_on = digest(outages=(outage("rounds", 1),), unreadable=(("rounds", "blocked"),))
    over = digest(outages=(outage("rounds", 1, 5),))
    assert [item.state for item in began.incidents] == [IncidentState.OPENED]
    assert [item.state for item in goes_on.incidents] == [IncidentState.CONTINUING]
    assert [item.state for item in over.incidents] == [IncidentState.ENDED]
    assert (began.empty, goes_on.empty, over.empty) == (False, True, False)
    assert began.items == over.items == ()


def turns(made: Digest) -> list[tuple[str, IncidentState, int]]:
    return [(item.site, item.state, len(item.sources)) for item in made.incidents]


def test_an_incident_names_all_its_pages_however_they_came_and_went():
    made = digest(outages=(outage("rounds", -9, -3), outage("trades", -5, 0), outage("permit-fee", -1, 4)))
    assert turns(made) == [("office.example", IncidentState.ENDED, 3)]
    assert (made.incidents[0].began_at, made.incidents[0].ended_at) == (
        outage("rounds", -9).began_at,
        outage("permit-fee", -1, 4).ended_at,
    )


def test_an_incident_begins_with_every_page_that_is_out_flagged_or_not():
    out = (("rounds", "timeout"), ("trades", "timeout"), ("permit-fee", "timeout"))
    assert turns(digest(outages=(outage("rounds", 3),), unreadable=out)) == [
        ("office.example", IncidentState.OPENED, 3)
    ]


def test_an_incident_that_ends_and_begins_again_in_a_period_is_told_as_over_and_as_begun():
    made = digest(outages=(outage("rounds", 0, 3), outage("trades", 5)))
    assert turns(made) == [
        ("office.example", IncidentState.OPENED, 1),
        ("office.example", IncidentState.ENDED, 1),
    ]
    assert [item.sources for item in made.incidents] == [("List of eligible trades",), ("Rounds of invitations",)]


def test_an_incident_that_began_and_ended_in_a_period_is_one_line_that_says_it_is_over():
    made = digest(outages=(outage("rounds", 2, 6), outage("trades", 4, 8)))
    assert turns(made) == [("office.example", IncidentState.ENDED, 2)]


def test_incidents_of_two_sites_are_told_apart():
    made = digest(outages=(outage("coast-programme", 2), outage("rounds", 3), outage("valley-programme", 4)))
    assert turns(made) == [
        ("coast.example", IncidentState.OPENED, 2),
        ("office.example", IncidentState.OPENED, 1),
    ]
    only = digest(
        outages=(outage("coast-programme", 2), outage("rounds", 3)), filters=Filters(jurisdictions=("coast",))
    )
    assert turns(only) == [("coast.example", IncidentState.OPENED, 1)]


def test_each_filter_keeps_what_it_names():
    records = (
        flag(1, "permit-fee", claims=("permit.fee",), severity=Severity.CRITICAL),
        flag(2, "coast-programme", claims=("coast.open",), severity=Severity.LOW),
        flag(3, "rounds", severity=Severity.MEDIUM),
    )
    kept = {
        Filters(): [1, 3, 2],
        Filters(jurisdictions=("coast",)): [2],
        Filters(authorities=("office",)): [1, 3],
        Filters(sources=("rounds", "permit-fee")): [1, 3],
        Filters(sections=("permit",)): [1],
        Filters(sections=("permit.2-pay",)): [1],
        Filters(sections=("perm",)): [],
        Filters(claims=("coast.open",)): [2],
        Filters(risks=("critical", "medium")): [1, 3],
        Filters(risks=("critical",), jurisdictions=("coast",)): [],
        Filters(risks=("CRITICAL",), jurisdictions=("Federal", "coast")): [1],
        Filters(sources=("rounds", "permit-fee"), risks=("medium",)): [3],
        Filters(sources=("rounds", "permit-fee"), sections=("permit", "coast")): [1],
        Filters(claims=("permit.fee", "coast.open"), sources=("coast-programme",)): [2],
        Filters(sections=("permit",), claims=("coast.open",)): [],
        Filters(sources=("nobody",)): [],
    }
    for filters, numbers in kept.items():
        assert shown(digest(*records, filters=filters)) == numbers, filters


def test_filters_hold_for_pages_that_could_not_be_read_too():
    both = (("rounds", "blocked"), ("coast-programme", "timeout"))
    assert digest(unreadable=both, filters=Filters(jurisdictions=("coast",))).unreadable == both[1:]
    assert digest(unreadable=both, filters=Filters(claims=("coast.open",))).unreadable == both[1:]


@given(
    st.lists(
        st.builds(
            flag,
            st.integers(1, 40),
            st.sampled_from([*SOURCES, "gone"]),
            severity=st.sampled_from(list(Severity)),
            reason=st.sampled_from([item for item in FlagReason if item is not FlagReason.UNREADABLE]),
            group=st.sampled_from(["", "a", "b"]),
            before=st.sampled_from([None, OPEN, PAUSED]),
            confirmed=st.booleans(),
        ),
        max_size=30,
        unique_by=lambda record: record.id,
    ),
    st.integers(1, 10),
)
def test_every_flag_is_shown_in_a_group_or_counted(records, most):
    made = digest(*records, most=most)
    everything = digest(*records, most=1000)
    assert everything.more == 0
    assert made.items == everything.items[:most]
    hidden = digest(*records, most=0)
    assert hidden.more == len(everything.items) == len(made.items) + made.more
    assert {name for item in everything.items for name, _, _ in item.claims} == set(hidden.rest.claims)
    assert replace(made, items=(), rest=Rest()) == replace(everything, items=(), rest=Rest())


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("gts#processing_fee", "Processing fee"),
        ("rounds#last_stem_round", "Last STEM round"),
        ("times#work-permit_us", "Work permit US"),
        ("crs#crs_joboffer", "CRS joboffer"),
        ("page", ""),
    ],
)
def test_a_fact_is_named_as_people_write_it(key: str, title: str) -> None:
    assert fact_title(key) == title
