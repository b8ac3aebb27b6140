"""What readers do about their own subscription: ask for it, say yes, change what they get, leave.

Who may do what is said by a signed link and nothing else. Looking at a page changes nothing: a change is an act of its
own (POST on the web), because mail programs open links before a reader does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.digests import DeliveryKind, Filters, Frequency, Lane, Message, Subscriber, SubscriberState
from domain.errors import ClaimwatchError
from notifications.mime import envelope_address
from notifications.phrases import phrase
from notifications.render import Letter, render_letter
from notifications.tokens import confirm_url, preferences_url, subject_of
from storage.deliveries import cancel_waiting, queue_message
from storage.delivery_lists import letters_since
from storage.store import Connection, Store
from storage.subscribers import (
    BadAddress,
    add_subscriber,
    change_choices,
    confirm_subscriber,
    deactivate_subscriber,
    load_subscriber,
    mailbox,
    record_question,
)

QUESTION_EVERY = timedelta(hours=1)
"""How soon one address is asked again: nobody's mailbox is filled by a form that anybody can send."""

MOST_QUESTIONS = 5
"""How often an address is asked hourly; afterwards it is asked once in QUESTION_LIVES. A stranger who asks in its name
can neither fill its mailbox nor keep it out: there is always a question that can still be answered, or a new one."""

QUESTION_LIVES = timedelta(days=7)
"""How long a question can be answered."""

MOST_LETTERS = 600
"""Questions an hour, to whomever: what a mail server bears, far above what readers ask for. One place is held back long
before (by the desk, which knows places), so that no stranger alone uses this up for everybody."""

LANGUAGES = ("en", "fr")


class BadChoice(ClaimwatchError):
    """That cannot be chosen. `field` names what: address, timezone, hour, weekday, language."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class TooMany(ClaimwatchError):
    """More people were asked within the hour than is likely: somebody plays with the form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a reader wants to get, and when. Raises BadChoice where there is no such thing."""

    frequency: Frequency = Frequency.DAILY
    timezone: str = "America/Toronto"
    hour: int = 7
    weekday: int = 0
    language: str = "en"
    filters: Filters = field(default_factory=Filters)
    heartbeat: bool = True

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise BadChoice("timezone", f"there is no zone {self.timezone!r}") from None
        if self.language not in LANGUAGES:
            raise BadChoice("language", f"digests are written in {' and '.join(LANGUAGES)}, not in {self.language!r}")
        for name, most in (("hour", 23), ("weekday", 6)):
            if not 0 <= getattr(self, name) <= most:
                raise BadChoice(name, f"the {name} is between 0 and {most}")


class Answer(StrEnum):
    """What a link came to."""

    DONE = "done"
    AGAIN = "again"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontDesk:
    """What every act needs. sender: `Name <address>`. base_url: under which the pages are reached. secrets: sign links."""

    store: Store
    sender: str
    base_url: str
    secrets: Sequence[str]

    def __post_init__(self) -> None:
        """Raises ValueError where links could not be signed."""
        if not self.secrets or not self.base_url:
            raise ValueError("signed links need CLAIMWATCH_SECRET_KEY and CLAIMWATCH_BASE_URL")


def ask(desk: FrontDesk, *, address: str, choices: Choices, now: datetime) -> Subscriber:
    """The reader is pending and gets one question by mail; nothing else is sent before they say yes.

    Who is subscribed already keeps what they have, and is told so by mail; whoever asks cannot tell the two apart.
    Asked again soon, or too often, no further mail is sent. Raises BadChoice, TooMany.
    """
    try:
        mailbox(address)
        envelope_address(address)
    except (BadAddress, ValueError) as error:
        raise BadChoice("address", str(error)) from None
    with desk.store.writing() as connection:
        reader = add_subscriber(
            connection,
            address=address,
            frequency=choices.frequency,
            now=now,
            timezone=choices.timezone,
            hour=choices.hour,
            weekday=choices.weekday,
            language=choices.language,
            filters=choices.filters,
            heartbeat=choices.heartbeat,
            state=SubscriberState.PENDING,
        )
        if _may_be_asked(reader, now):
            if letters_since(connection, now - QUESTION_EVERY) >= MOST_LETTERS:
                raise TooMany("too many were asked within the hour")
            record_question(connection, reader.id, now=now)
            queue_message(
                connection,
                message=_question(desk, reader, now),
                subscriber=reader.id,
                kind=DeliveryKind.LETTER,
                lane=Lane.URGENT,
                now=now,
            )
        return reader


def confirm(desk: FrontDesk, token: str, *, now: datetime) -> tuple[Answer, Subscriber | None]:
    """A pending reader said yes. Saying it again changes nothing; an answer to an old question does nothing."""
    with desk.store.writing() as connection:
        answer, reader = _question_of(desk, connection, token, now)
        if answer is Answer.DONE and reader is not None:
            confirm_subscriber(connection, reader.id, now=now)
            reader = load_subscriber(connection, reader.id)
        return answer, reader


def question(desk: FrontDesk, token: str, *, now: datetime) -> tuple[Answer, Subscriber | None]:
    """What `confirm` would come to, without doing it: for the page that asks."""
    with desk.store.reading() as connection:
        return _question_of(desk, connection, token, now)


def change_preferences(desk: FrontDesk, token: str, choices: Choices) -> Subscriber | None:
    """The reader gets what they chose from now on. None where the link is not ours, or they are not subscribed."""
    with desk.store.writing() as connection:
        reader = _reader(desk, connection, "preferences", token)
        if reader is None or not reader.active:
            return None
        change_choices(
            connection,
            reader.id,
            frequency=choices.frequency,
            timezone=choices.timezone,
            hour=choices.hour,
            weekday=choices.weekday,
            language=choices.language,
            filters=choices.filters,
            heartbeat=choices.heartbeat,
        )
        return load_subscriber(connection, reader.id)


def unsubscribe(desk: FrontDesk, token: str, *, now: datetime) -> Subscriber | None:
    """The reader gets nothing any more, and what waits for them is cancelled. None where the link is not ours.

    token: of either kind of link that a digest carries. Leaving twice changes nothing.
    """
    with desk.store.writing() as connection:
        reader = _leaving(desk, connection, token)
        if reader is None:
            return None
        deactivate_subscriber(connection, reader.id)
        cancel_waiting(connection, reader.id, now=now)
        return load_subscriber(connection, reader.id)


def reader_of(desk: FrontDesk, token: str) -> Subscriber | None:
    """Whose link this is, of either kind that a digest carries; None where it is not ours."""
    with desk.store.reading() as connection:
        return _leaving(desk, connection, token)


def reader_to_change(desk: FrontDesk, token: str) -> Subscriber | None:
    """Whose preferences this link changes; None where it is not ours."""
    with desk.store.reading() as connection:
        return _reader(desk, connection, "preferences", token)


def _leaving(desk: FrontDesk, connection: Connection, token: str) -> Subscriber | None:
    return _reader(desk, connection, "unsubscribe", token) or _reader(desk, connection, "preferences", token)


def _reader(desk: FrontDesk, connection: Connection, purpose: str, token: str) -> Subscriber | None:
    subject = subject_of(purpose, token, secrets=desk.secrets)
    return load_subscriber(connection, int(subject)) if subject is not None and subject.isdigit() else None


def _question_of(
    desk: FrontDesk, connection: Connection, token: str, now: datetime
) -> tuple[Answer, Subscriber | None]:
    subject = subject_of("confirm", token, secrets=desk.secrets)
    number, _, asked = (subject or "").partition("-")
    reader = load_subscriber(connection, int(number)) if number.isdigit() and asked.isdigit() else None
    if reader is None or reader.asked_at is None:
        return Answer.UNKNOWN, None
    if int(reader.asked_at.timestamp()) != int(asked):
        return Answer.EXPIRED, reader
    if reader.state is SubscriberState.ACTIVE:
        return Answer.AGAIN, reader
    if reader.state is not SubscriberState.PENDING or now - reader.asked_at > QUESTION_LIVES:
        return Answer.EXPIRED, reader
    return Answer.DONE, reader


def _may_be_asked(reader: Subscriber, now: datetime) -> bool:
    if reader.asked_times == 0:
        return True  # Their last question was answered from their own mailbox, or there was none.
    rest = QUESTION_EVERY if reader.asked_times < MOST_QUESTIONS else QUESTION_LIVES
    return reader.asked_at is None or now - reader.asked_at >= rest


def _question(desk: FrontDesk, reader: Subscriber, now: datetime) -> Message:
    kind = "already" if reader.active else "confirm"
    if reader.active:
        link = preferences_url(desk.base_url, reader.id, secrets=desk.secrets)
    else:
        link = confirm_url(desk.base_url, reader.id, now, secrets=desk.secrets)
    language = reader.language
    words = {"address": reader.address, "cadence": phrase(language, f"cadence_{reader.frequency.value}")}
    letter = Letter(
        language=language,
        subject=phrase(language, f"{kind}_subject"),
        heading=phrase(language, f"{kind}_heading"),
        paragraphs=(
            phrase(language, f"{kind}_text", **words),
            phrase(language, f"{kind}_ask", days=QUESTION_LIVES.days),
        ),
        link=link,
        link_words=phrase(language, "preferences" if reader.active else "confirm_act"),
    )
    name = f"{kind}\x1f{reader.id}\x1f{now.isoformat()}"
    return render_letter(letter, to=reader.address, sender=desk.sender, name=name, message_date=now)
