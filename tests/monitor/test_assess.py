"""What needs a person: one flag for one change, nothing twice and nothing left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from domain.claims import Claim, Expectation, Judgement, Operator, Risk, Standing
from domain.comparison import BlockChange, Operation, Significance, ValueChange
from domain.documents import BlockKind
from domain.facts import ChangeKind, Fact, FactChange, FactState, KnownFact
from domain.flags import FlagReason, Severity
from domain.snapshots import CapturedBy
from domain.sources import Rule, Source
from domain.values import Day, Kind, Money, Text, Value
from monitor.assess import UNREADABLE_AFTER, Seen, change_flags, claim_flags, stale_flags, unreadable_flag
from monitor.impact import claims_by_page, resting_on
from tests.site import START

SOURCE = Source(
    id="office",
    title="Office",
    url="https://a.example.org/fees",
    rules=(Rule(key="fee", kind=Kind.MONEY), Rule(key="about", kind=Kind.TEXT)),
)
OLD, NEW = "You pay $100 for a permit.", "You pay $120 for a permit."
PLAIN = BlockChange(
    op=Operation.CHANGED,
    kind=BlockKind.PARAGRAPH,
    path=("Fees",),
    before=OLD,
    after=NEW,
    significance=Significance.SUBSTANTIVE,
    values=(ValueChange(kind="money", before="$100", after="$120"),),
)


def money(amount: int) -> Money:
    return Money(amount=Decimal(amount), currency="CAD")


RISE = FactChange(
    key="office#fee", change=ChangeKind.ALTERED, before=money(100), after=money(120), quote_before=OLD, quote_after=NEW
)


def claim(name: str, fact: str, risk: Risk, operator: Operator = Operator.EQUALS) -> Claim:
    return Claim(
        id=name,
        section="s",
        text="t",
        risk=risk,
        expectations=(Expectation(fact=fact, operator=operator, operand=("x",)),),
    )


CLAIMS = (claim("a.low", "office#fee", Risk.LOW), claim("a.critical", "office#fee", Risk.CRITICAL))


def seen(**changes: object) -> Seen:
    base = Seen(
        source=SOURCE,
        first=False,
        changes=(RISE,),
        blocks=(PLAIN,),
        confirmed=True,
        snapshot_before="b",
        snapshot_after="a",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def test_a_change_that_a_fact_shows_is_flagged_once_with_every_claim_by_harm() -> None:
    (flag,) = change_flags(seen(), CLAIMS)
    assert (flag.fact, flag.reason, flag.severity) == ("office#fee", FlagReason.ALTERED, Severity.CRITICAL)
    assert flag.claims == ("a.critical", "a.low")
    assert (flag.quote_before, flag.quote_after) == (OLD, NEW)


def test_another_amount_that_moved_in_the_same_passage_is_not_swallowed() -> None:
    both = replace(
        PLAIN,
        before=f"{OLD} Couriers take $15.",
        after=f"{NEW} Couriers take $25.",
        values=(*PLAIN.values, ValueChange(kind="money", before="$15", after="$25")),
    )
    flags = change_flags(seen(blocks=(both,)), CLAIMS)
    assert [flag.fact for flag in flags] == ["office#fee", None]
    assert "$25" in flags[1].quote_after


def test_a_figure_of_a_feed_is_told_once() -> None:
    moved = (ValueChange(kind="duration", before="9 weeks", after="7 weeks"),)
    record = replace(PLAIN, kind=BlockKind.RECORD, path=("work", "US"), before="9 weeks", after="7 weeks", values=moved)
    change = replace(RISE, quote_before="US: 9 weeks", quote_after="US: 7 weeks")
    assert [flag.fact for flag in change_flags(seen(changes=(change,), blocks=(record,)), CLAIMS)] == ["office#fee"]
    other = replace(record, path=("work", "IN"), before="8 weeks", after="6 weeks")
    assert [flag.fact for flag in change_flags(seen(changes=(change,), blocks=(record, other)), CLAIMS)] == [
        "office#fee",
        None,
    ]


def test_prose_without_a_declared_fact_is_one_flag_for_the_visit() -> None:
    prose = [replace(PLAIN, before=f"You may {word}.", after=f"You must {word}.", values=()) for word in ("come", "go")]
    (flag,) = change_flags(
        seen(changes=(), blocks=tuple(prose)), (claim("b", "office#about", Risk.CRITICAL, Operator.SAYS),)
    )
    assert flag.fact is None
    assert flag.claims == ("b",)
    assert flag.severity is Severity.HIGH
    assert "You must come." in flag.quote_after
    assert "You must go." in flag.quote_after


def test_editorial_and_noise_open_nothing_and_neither_does_a_first_visit() -> None:
    quiet = replace(PLAIN, significance=Significance.EDITORIAL)
    assert change_flags(seen(changes=(), blocks=(quiet,)), CLAIMS) == ()
    assert change_flags(seen(first=True), CLAIMS) == ()


def test_the_same_change_on_two_pages_is_one_group_and_two_identities() -> None:
    twin = replace(SOURCE, id="office-fr", url="https://a.example.org/frais")
    (one,) = change_flags(seen(), ())
    (other,) = change_flags(seen(source=twin, changes=(replace(RISE, key="office-fr#fee"),)), ())
    assert one.group == other.group
    assert one.identity != other.identity


def test_the_same_step_under_two_names_is_one_case_where_one_statement_rests_on_both() -> None:
    law = Source(id="law", title="Law", url="https://b.example.org/law", rules=(Rule(key="s7", kind=Kind.MONEY),))
    rests = claim("fee", "office#fee", Risk.CRITICAL)
    rests = replace(rests, expectations=(*rests.expectations, *claim("x", "law#s7", Risk.LOW).expectations))
    (one,) = change_flags(seen(), (rests,))
    (other,) = change_flags(seen(source=law, changes=(replace(RISE, key="law#s7"),)), (rests,))
    (apart,) = change_flags(seen(source=law, changes=(replace(RISE, key="law#s7"),)), ())
    assert one.group == other.group != apart.group


def test_a_change_that_leaves_what_the_guide_says_standing_is_of_low_harm() -> None:
    bound = replace(
        claim("a", "office#fee", Risk.CRITICAL),
        expectations=(Expectation(fact="office#fee", operator=Operator.AT_MOST, operand=("CAD 110",)),),
    )
    fall = replace(RISE, before=money(100), after=money(90))
    day = START.date()
    severity = [
        change_flags(seen(changes=(change,), blocks=(), today=today), (bound,))[0].severity
        for change, today in ((RISE, day), (fall, day), (fall, None), (replace(RISE, before=money(130)), day))
    ]
    assert severity == [Severity.CRITICAL, Severity.LOW, Severity.CRITICAL, Severity.CRITICAL]


def test_a_fact_that_tests_nothing_reminds_at_medium_severity_and_a_warning_at_low() -> None:
    reminded = replace(claim("a", "office#about", Risk.CRITICAL), context=("office#fee",))
    warned = replace(claim("b", "office#about", Risk.CRITICAL), warned_by=("office#fee",))
    for claims, severity in (
        ((reminded,), Severity.MEDIUM),
        ((warned,), Severity.LOW),
        ((reminded, *CLAIMS), Severity.CRITICAL),
    ):
        (flag,) = change_flags(seen(), claims)
        assert flag.severity is severity
        assert set(flag.claims) == {item.id for item in claims}


def test_a_passage_touches_the_claims_that_rest_on_its_own_place() -> None:
    law = replace(
        SOURCE,
        rules=(
            Rule(key="s7", kind=Kind.TEXT, section="7", part="text"),
            Rule(key="s9", kind=Kind.TEXT, section="9", part="text"),
            Rule(key="rules", kind=Kind.TEXT, under="Who may come"),
            Rule(key="page", kind=Kind.TEXT, match="(?P<value>come)"),
            Rule(key="row", kind=Kind.STATUS, under="Where streams stand", row="Blue stream", column="Status"),
        ),
    )
    keys = ("s7", "s9", "rules", "page", "row")
    claims = tuple(claim(key, f"office#{key}", Risk.HIGH, Operator.SAYS) for key in keys)
    prose = replace(PLAIN, before="You may come.", after="You must come.", values=())

    def touched(**where: object) -> set[str]:
        (flag,) = change_flags(seen(source=law, changes=(), blocks=(replace(prose, **where),)), claims)  # type: ignore[arg-type]
        return set(flag.claims)

    assert touched(path=("PART 1", "Fees"), locator="section 7") == {"s7", "page"}
    assert touched(path=("PART 1", "Fees"), locator="section 77") == {"page"}
    assert touched(path=("Who may come to work",), locator="Who may come to work > p 1") == {"rules", "page"}
    assert touched(path=("Who may come to work",), kind=BlockKind.ROW) == {"rules"}
    assert touched(path=(), kind=BlockKind.HEADING, after="Who may come to work") == {"rules", "page"}
    assert touched(path=("Updates",), after="The blue stream takes nobody any more.") == {"row", "page"}


def test_an_announcement_under_the_heading_of_a_figure_names_the_claims_on_it() -> None:
    fees = replace(SOURCE, rules=(Rule(key="fee", kind=Kind.MONEY, under="Fees", match="costs (?P<value>.+)"),))
    news = replace(PLAIN, op=Operation.ADDED, before=None, after="Starting April 1, 2099, it will be $130.", values=())

    def named(block: BlockChange) -> tuple[str, ...]:
        return change_flags(seen(source=fees, changes=(), blocks=(block,)), CLAIMS)[0].claims

    assert set(named(news)) == {"a.low", "a.critical"}
    assert named(replace(news, path=("Photographs",))) == ()
    assert named(replace(news, after="Starting April 1, 2099, nobody may pay by post.")) == ()


def test_a_row_of_a_log_is_told_by_the_fact_of_a_claim_that_was_read_from_it() -> None:
    row = ("431", "2026-08-04", "507", "768")
    words = "drawNumber: 431; drawDate: 2026-08-04; drawSize: 507; drawCRS: 768"
    log = FactChange(key="office#log", change=ChangeKind.ALTERED, before=None, after=None, added=(row,))
    score = replace(RISE, quote_before="drawNumber: 427", quote_after=words)
    kind = replace(score, key="office#kinds")
    claims = (*CLAIMS, claim("k", "office#kinds", Risk.LOW))
    assert [item.fact for item in change_flags(seen(changes=(log, score), blocks=()), CLAIMS)] == ["office#fee"]
    assert [item.fact for item in change_flags(seen(changes=(log,), blocks=()), CLAIMS)] == ["office#log"]
    assert (
        len(
            change_flags(
                seen(changes=(replace(log, added=(row, ("430", "2026-07-30", "9"))), score), blocks=()), CLAIMS
            )
        )
        == 2
    )
    both = change_flags(seen(changes=(log, score, kind), blocks=()), claims)
    assert [item.fact for item in both] == ["office#fee", "office#kinds"]
    assert len({item.group for item in both}) == 1


def test_a_change_in_the_other_language_touches_the_claims_of_its_twin() -> None:
    twin = replace(SOURCE, id="bureau", counterpart="office", language="fr")
    (flag,) = change_flags(seen(source=twin, changes=(replace(RISE, key="bureau#fee"),)), CLAIMS)
    assert flag.claims == ("a.critical", "a.low")
    assert flag.group == change_flags(seen(), CLAIMS)[0].group


def test_a_field_of_a_record_is_told_by_the_row_it_is_a_cell_of() -> None:
    field = replace(
        PLAIN, kind=BlockKind.RECORD, path=("rounds", "254", "name"), before="Version 1", after="Version 2", values=()
    )
    old, new = ("254", "2023-07-05", "Version 1", "500", "486"), ("254", "2023-07-05", "Version 2", "500", "486")
    log = FactChange(key="office#log", change=ChangeKind.ALTERED, before=None, after=None, altered=((old, new),))
    assert [item.fact for item in change_flags(seen(changes=(log,), blocks=(field,)), ())] == ["office#log"]
    elsewhere = replace(field, path=("rounds", "255", "name"))
    assert [item.fact for item in change_flags(seen(changes=(log,), blocks=(elsewhere,)), ())] == ["office#log", None]


def test_a_statement_that_is_edited_away_is_told_once_with_the_words_in_its_place() -> None:
    gone = replace(RISE, change=ChangeKind.REMOVED, after=None, quote_after="")
    edit = replace(PLAIN, after="Permits are free.", values=(ValueChange(kind="text", before="$100", after="free"),))
    (flag,) = change_flags(seen(changes=(gone,), blocks=(edit,)), CLAIMS)
    assert (flag.reason, flag.quote_after) == (FlagReason.REMOVED, "Permits are free.")
    came = replace(RISE, change=ChangeKind.APPEARED, before=None, quote_before="")
    (flag,) = change_flags(seen(changes=(came,), blocks=(PLAIN,)), CLAIMS)
    assert (flag.reason, flag.quote_before) == (FlagReason.APPEARED, OLD)


def test_words_in_which_a_fact_was_lost_name_the_claims_that_rest_on_it() -> None:
    was = Fact(key="office#fee", state=FactState.LOCATED, value=money(100), quote=OLD, locator="p")
    vague = replace(PLAIN, after="You pay what is posted for a permit.")
    (flag,) = change_flags(seen(changes=(), blocks=(vague,), earlier=(was,), lost=(was,)), CLAIMS)
    assert flag.claims == ("a.low", "a.critical")
    assert "no longer told: office#fee" in flag.detail
    elsewhere = replace(was, quote="Another sentence.")
    assert (
        change_flags(seen(changes=(), blocks=(vague,), earlier=(elsewhere,), lost=(elsewhere,)), CLAIMS)[0].claims == ()
    )
    hedged = replace(PLAIN, after="You pay up to $100 for a permit.", values=())
    (flag,) = change_flags(seen(changes=(), blocks=(hedged,), earlier=(was,)), CLAIMS)
    assert (flag.claims, "no longer told" in flag.detail) == (("a.low", "a.critical"), False)


def test_a_contradiction_is_of_the_value_and_not_of_the_words_for_it() -> None:
    def identities(value: Value, found: str) -> tuple[str, str]:
        fact = Fact(key="office#fee", state=FactState.LOCATED, value=value, quote="q", locator="l")
        known = KnownFact(
            fact=fact, snapshot="s", captured_at=START, captured_by=CapturedBy.DATE, last_seen_at=START,
            first_seen_at=START, latest_state=fact.state,
        )  # fmt: skip
        item = Judgement(
            claim="a",
            standing=Standing.CONTRADICTED,
            reason="r",
            expected="e",
            found=found,
            fact=fact.key,
            source="office",
        )
        (flag,) = claim_flags(
            (item,), {"a": claim("a", "office#fee", Risk.HIGH)}, {fact.key: known}, covered=frozenset()
        )
        return flag.identity, flag.group

    held = Day(date=START.date())
    assert identities(held, "2024-04-11, 957 days ago") == identities(held, "2024-04-11, 958 days ago")
    assert identities(Text(text="Exclusion — Refugees"), "x") == identities(Text(text="Exclusion - refugees"), "y")
    assert identities(money(1), "CAD 1") != identities(money(2), "CAD 2")


def test_there_and_back_again_are_two_changes() -> None:
    back = replace(RISE, before=RISE.after, after=RISE.before, quote_before=NEW, quote_after=OLD)
    (one,), (other,) = change_flags(seen(), ()), change_flags(seen(changes=(back,), blocks=()), ())
    assert one.identity != other.identity


def test_a_page_that_moved_is_told_beside_what_changed() -> None:
    flags = change_flags(seen(moved_to="https://a.example.org/new"), ())
    assert [flag.reason for flag in flags] == [FlagReason.ALTERED, FlagReason.PAGE_MOVED]


def test_one_bad_visit_is_weather_and_three_are_a_flag() -> None:
    told = [
        unreadable_flag(SOURCE, CLAIMS, failures=count, cause="block-page", detail="")
        for count in range(UNREADABLE_AFTER + 2)
    ]
    assert [flag is not None for flag in told] == [False, False, False, True, True]
    assert told[-1] is not None
    assert told[-1].claims == ("a.low", "a.critical")


def test_a_fact_that_was_not_located_for_its_freshness_is_stale_if_a_claim_rests_on_it() -> None:
    known = {
        "office#fee": KnownFact(
            fact=Fact(key="office#fee", state=FactState.LOCATED, value=money(100), quote=OLD, locator="p 1"),
            snapshot="b",
            captured_at=START,
            captured_by=CapturedBy.DATE,
            last_seen_at=START,
            first_seen_at=START,
            latest_state=FactState.CANNOT_TELL,
            latest_reason="no heading contains 'Fees'",
        )
    }
    late = START + SOURCE.freshness + timedelta(seconds=1)
    (flag,) = stale_flags(SOURCE, known, CLAIMS, now=late)
    assert flag.reason is FlagReason.STALE
    assert "no heading" in flag.detail
    assert stale_flags(SOURCE, known, CLAIMS, now=START + SOURCE.freshness) == ()
    assert stale_flags(SOURCE, known, (), now=late) == ()
    still = {key: replace(item, latest_state=FactState.LOCATED) for key, item in known.items()}
    assert stale_flags(SOURCE, still, CLAIMS, now=late) == ()


def test_a_check_is_shown_the_claims_that_it_can_touch_in_their_order():
    french = replace(SOURCE, id="bureau", counterpart="office")
    other = replace(SOURCE, id="other")
    held = Claim(
        id="held",
        section="s",
        text="t",
        risk=Risk.LOW,
        expectations=(Expectation(fact="other#fee", operator=Operator.SAME_AS, operand=("office#fee",)),),
    )
    warned = replace(claim("warned", "other#fee", Risk.LOW), warned_by=("bureau#about",))
    claims = (warned, held, *CLAIMS)

    found = claims_by_page(claims, {item.id: item for item in (SOURCE, french, other)})

    assert {page: [item.id for item in touched] for page, touched in found.items()} == {
        "office": ["held", "a.low", "a.critical"],
        "bureau": ["warned", "held", "a.low", "a.critical"],
        "other": ["warned", "held"],
    }
    for source in (SOURCE, french, other):
        for name in ("fee", "about"):
            key = f"{source.id}#{name}"
            assert resting_on(key, claims, counterpart=source.counterpart) == resting_on(
                key, found[source.id], counterpart=source.counterpart
            )
