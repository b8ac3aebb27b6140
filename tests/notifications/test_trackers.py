"""Each flag has one issue, opened, settled and opened again once, whatever breaks between the tracker and us."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.digests import DeliveryState, Frequency
from domain.flags import FlagReason, ReviewVerdict
from notifications.channels import deliver_to_channels
from notifications.digest import compose_due
from notifications.harmless import fenced, harmless_title
from storage.channels import ChannelKind, keep_channel
from storage.deliveries import mark_handing_over
from storage.delivery_claims import claim_deliveries
from storage.delivery_lists import DeliveryLine, list_deliveries
from storage.flags import decide_flag, undo_decision
from storage.store import Store
from tests.notifications.builders import CLAIMS, NOW, SOURCES, dollars, flag
from tests.notifications.stores import happen, reader
from tests.notifications.tracker import TOKEN, Tracker, tracking
from tests.outbound.byte_server import policy

HOSTILE = "@everyone see #1 and !2 ``` <img src=x> ```` [a](b) GH-3\n/close\n@team"


@dataclass(slots=True)
class Team:
    """A store, a tracker that one of its channels opens issues at, and a clock."""

    store: Store
    tracker: Tracker
    now: datetime = NOW
    secrets: dict[str, str] = field(default_factory=lambda: {"env:TOKEN": TOKEN})

    def __post_init__(self) -> None:
        with self.store.writing() as connection:
            number = keep_channel(
                connection,
                name="team",
                kind=ChannelKind.GITLAB if self.tracker.gitlab else ChannelKind.GITHUB,
                address="guides/permits",
                secret="env:TOKEN",
                api=self.tracker.api,
                mark="m" * 32,
                now=NOW,
            )
        reader(self.store, "team", channel=number, frequency=Frequency.INSTANT)

    def tell(self, *, after: timedelta = timedelta(minutes=10)) -> DeliveryLine | None:
        """Compose and hand over a while later; the newest delivery."""
        self.now += after
        compose_due(
            self.store,
            sources=SOURCES,
            claims=CLAIMS,
            now=self.now,
            sender="w@watch.example",
            base_url="https://watch.example",
        )
        deliver_to_channels(
            self.store,
            policy=policy(self.tracker.port),
            owner="test",
            now=lambda: self.now,
            read=lambda name: self.secrets[name],
        )
        with self.store.reading() as connection:
            return next(iter(list_deliveries(connection)), None)

    def flagged(self, number: int = 1, **changes: object) -> int:
        given: dict[str, object] = {"before": dollars(1000), "after": dollars(1155), **changes}
        return happen(self.store, flag(number, "permit-fee", **given), at=self.now)  # type: ignore[arg-type]

    def decided(self, number: int, verdict: ReviewVerdict = ReviewVerdict.GUIDE_WRONG) -> None:
        with self.store.writing() as connection:
            decide_flag(connection, number, verdict=verdict, note="@team look", by="Ana", at=self.now)


@pytest.fixture(params=["github", "gitlab"])
def team(request, store):
    with tracking(gitlab=request.param == "gitlab") as tracker:
        yield Team(store=store, tracker=tracker)


def test_an_issue_is_opened_commented_closed_and_opened_again_with_its_flag(team):
    number = team.flagged()
    team.tell()
    team.tell()
    (issue,) = team.tracker.issues
    assert "CAD 1,155" in issue["title"]
    assert "https://watch.example/flags/" in issue[team.tracker.text()]
    team.decided(number)
    team.tell()
    team.tell()
    assert issue["state"] == "closed"
    (comment,) = team.tracker.comments[1]
    assert "guide wrong" in comment["body"]
    with team.store.writing() as connection:
        undo_decision(connection, number, by="Ana", at=team.now)
    team.tell()
    assert (len(team.tracker.issues), issue["state"], len(team.tracker.comments[1])) == (1, "open", 2)


def test_an_issue_whose_answer_was_lost_is_found_again_and_not_doubled(team):
    team.flagged()
    team.tracker.faults = ["break"]
    assert team.tell().state is DeliveryState.DEFERRED
    assert team.tell().state is DeliveryState.SENT
    assert len(team.tracker.issues) == 1


def test_a_comment_whose_answer_was_lost_is_not_said_twice_and_the_issue_is_closed(team):
    number = team.flagged()
    team.tell()
    team.decided(number)
    team.tracker.faults = ["break"]
    assert team.tell().state is DeliveryState.DEFERRED
    assert team.tell().state is DeliveryState.SENT
    assert (len(team.tracker.comments[1]), team.tracker.issues[0]["state"]) == (1, "closed")


def test_what_a_dead_sender_had_begun_is_taken_up_by_the_next_without_a_person(team):
    team.flagged()
    team.tracker.faults = ["break"]
    team.tell()
    with team.store.writing() as connection:
        later = team.now + timedelta(hours=1)
        (held,) = claim_deliveries(connection, owner="dead", now=later, lease=timedelta(minutes=1), most=1, way=1)
        mark_handing_over(connection, held.id, fence=held.fence, lease=(later, timedelta(minutes=1)))
    team.tell(after=timedelta(hours=2))
    assert team.tell().state is DeliveryState.SENT
    assert len(team.tracker.issues) == 1


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "1800"}, 1800),
        (403, {"Retry-After": "900"}, 900),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW.timestamp()) + 4200)}, 3600),
        (429, {"RateLimit-Remaining": "0", "RateLimit-Reset": str(int(NOW.timestamp()) + 4200)}, 3600),
        (503, {"Retry-After": "1800"}, 1800),
    ],
)
def test_a_tracker_that_asks_for_time_gets_it(team, status, headers, wait):
    team.flagged()
    team.tracker.faults = [(status, headers)]
    line = team.tell()
    assert (line.state, line.next_attempt) == (DeliveryState.DEFERRED, team.now + timedelta(seconds=wait))
    team.tell(after=timedelta(seconds=wait))
    assert len(team.tracker.issues) == 1


def test_a_token_that_is_refused_or_not_there_pauses_the_channel_and_loses_nothing(team):
    team.flagged()
    team.secrets["env:TOKEN"] = "another"
    line = team.tell()
    assert line.reason.startswith("paused: ")
    assert "another" not in line.reason
    team.secrets["env:TOKEN"] = TOKEN
    assert team.tell(after=timedelta(days=9)).state is DeliveryState.SENT


def test_a_refusal_for_good_is_a_failure(team):
    team.flagged()
    team.tracker.faults = [(422, {})]
    assert team.tell().state is DeliveryState.FAILED


def test_an_issue_that_somebody_deleted_is_let_be(team):
    number = team.flagged()
    team.tell()
    team.tracker.issues.clear()
    team.decided(number)
    assert team.tell().state is DeliveryState.SENT
    assert team.tracker.issues == []


def test_the_mark_of_an_issue_that_others_copied_moves_nothing(team):
    team.flagged()
    team.tracker.faults = ["break"]
    team.tell()
    made = team.tracker.issues[0]
    team.tracker.issues.append({**made, "number": 2, "iid": 2})
    team.tell()
    with team.store.reading() as connection:
        (line,) = list_deliveries(connection)
    number = 1
    team.decided(number)
    team.tell()
    assert [item["state"] for item in team.tracker.issues] == ["closed", "open"]
    assert line.state is DeliveryState.SENT


def test_captured_words_stand_in_a_fence_and_can_do_nothing(team):
    team.flagged(quote_before="It was free.", quote_after=HOSTILE)
    team.tell()
    (issue,) = team.tracker.issues
    text = issue[team.tracker.text()]
    fence = text.splitlines()[0].removesuffix("text")
    inside = text.split(f"{fence}text\n", 1)[1].split(f"\n{fence}\n", 1)
    assert len(fence) > 4
    assert "@everyone" in inside[0]
    assert "@" not in inside[1]
    assert "\n/close" not in inside[1]


def test_pages_that_cannot_be_read_open_no_issues(team):
    team.flagged(reason=FlagReason.UNREADABLE)
    team.tell()
    assert team.tracker.issues == []


@given(st.text())
def test_no_text_ends_its_fence_or_pings_from_a_title(text):
    lines = fenced(text).split("\n")
    fence = lines[0].removesuffix("text")
    assert all(line.strip() != fence for line in lines[1:-1])
    title = harmless_title(text + " @name #1 !2 ~label %3 &4 /close GH-5 `x` <b>")
    for live in ("@n", "#1", "!2", "~l", "%3", "&4", "/c", "GH-5", "`x", "<b"):
        assert live not in title


def test_nothing_secret_lies_in_the_database(store, tmp_path: Path):
    with tracking() as tracker:
        team = Team(store=store, tracker=tracker)
        team.flagged()
        team.tell()
    store.close()
    for path in tmp_path.iterdir():
        assert TOKEN.encode() not in path.read_bytes()
    with pytest.raises(ValueError, match="references"), store.writing() as connection:
        keep_channel(connection, name="x", kind=ChannelKind.GITHUB, address="a/b", secret=TOKEN, now=NOW)
