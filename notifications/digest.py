"""Composing what is due: every subscriber's digest of a period is stored once, together with the delivery of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from jinja2 import TemplateError

from domain.claims import Claim
from domain.digests import Coverage, Digest, Frequency, Message, Period, Subscriber
from domain.sources import Source
from notifications.chat import chat_message
from notifications.compose import compose, items_apart
from notifications.document import document_message
from notifications.gather import Happenings, coverage_of, event_time, flags_of, happenings, turns_between
from notifications.issues import act_of, issue_message
from notifications.mime import envelope_address
from notifications.periods import period_named, periods_due
from notifications.render import render
from notifications.tokens import preferences_url, sign, unsubscribe_url
from notifications.view import link_or_nothing
from storage.channels import TRACKERS, ChannelKind, list_channels
from storage.deliveries import BY_MAIL, queue_message, settle_failed
from storage.delivery_lists import list_deliveries
from storage.digests import keep_digest, last_digest, last_event_told
from storage.events import last_seq, last_seq_before
from storage.store import Connection, Store
from storage.subscribers import list_subscribers, load_subscriber

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """One subscriber's digest of one period. message None: nothing to send, or `problem` says why it cannot be sent.

    issues: (flag, order) for a tracker, which is sent these and no message.
    """

    subscriber: Subscriber
    digest: Digest
    message: Message | None
    problem: str = ""
    issues: tuple[tuple[int, Message], ...] = ()


def compose_due(
    store: Store,
    *,
    sources: Mapping[str, Source],
    claims: Mapping[str, Claim],
    now: datetime,
    sender: str,
    base_url: str,
    period: str | None = None,
    subscriber: Subscriber | None = None,
    secrets: Sequence[str] = (),
    limit: int = 1000,
) -> tuple[Composed, ...]:
    """Every digest that was due is stored with its pending delivery; what is returned is what this call stored,
    at most `limit`, so that memory stays flat: a call that stored so many has left the others to the next one.

    A period of a subscriber is composed once, whoever calls how often. Nothing to send is a record too.
    period: as in `period_named`, instead of those that are due. subscriber: only this one. secrets: sign unsubscribe
    links, which are left out where there are none. ValueError where `period` names none, or where `sender`, `base_url`
    or a secret could serve no mail at all: nobody's digest fails for that.
    """
    _prove(sender, base_url, secrets)
    desk = _Desk(store, sources=sources, claims=claims, now=now)
    stored: list[Composed] = []
    with store.reading() as connection:
        readers = list_subscribers(connection, active_only=True)
    for reader in readers:
        if len(stored) >= limit:
            break
        if subscriber is None or reader.id == subscriber.id:
            for digest in desk.digests(reader, period):
                composed = desk.issues(reader, digest, sender=sender, base_url=base_url) or _rendered(
                    reader,
                    digest,
                    sender=sender,
                    base_url=base_url,
                    now=now,
                    secrets=secrets,
                    chat=desk.chats(reader),
                )
                if _keep(store, composed, sender=sender, now=now):
                    stored.append(composed)
                    log.info(
                        "digest composed",
                        subscriber=reader.id,
                        period=digest.period.key,
                        items=len(digest.items),
                        sent=composed.message is not None,
                        problem=composed.problem,
                    )
    return tuple(stored)


def preview(
    store: Store,
    *,
    sources: Mapping[str, Source],
    claims: Mapping[str, Claim],
    now: datetime,
    sender: str,
    base_url: str,
    subscriber: Subscriber,
    period: str = "now",
    secrets: Sequence[str] = (),
) -> tuple[Composed, ...]:
    """What `compose_due` would store for a period, without storing anything. A quiet one is rendered all the same."""
    desk = _Desk(store, sources=sources, claims=claims, now=now)
    return tuple(
        desk.issues(subscriber, digest, sender=sender, base_url=base_url)
        or _rendered(
            replace(subscriber, heartbeat=True),
            digest,
            sender=sender,
            base_url=base_url,
            now=now,
            secrets=secrets,
            chat=desk.chats(subscriber),
        )
        for digest in desk.digests(subscriber, period)
    )


def _prove(sender: str, base_url: str, secrets: Sequence[str]) -> None:
    envelope_address(sender)
    if base_url and not link_or_nothing(base_url):
        raise ValueError(f"{base_url!r} is no http(s) address")
    if secrets:
        sign("unsubscribe", "0", secrets=secrets)


class _Desk:
    """What the digests of one run are made from. Equal questions of many subscribers are put to the store once."""

    def __init__(
        self, store: Store, *, sources: Mapping[str, Source], claims: Mapping[str, Claim], now: datetime
    ) -> None:
        self._store = store
        self._sources = sources
        self._claims = claims
        self._now = now
        self._happened: dict[tuple[int, int], Happenings] = {}
        self._covered: dict[Period, tuple[Coverage, tuple[tuple[str, str], ...]]] = {}
        with store.reading() as connection:
            self._last_event = last_seq(connection)
            self._channels = {item.id: item for item in list_channels(connection)}

    def chats(self, reader: Subscriber) -> bool:
        """Whether the reader is a chat, which gets a few lines instead of a document."""
        channel = self._channels.get(reader.channel or 0)
        return channel is not None and channel.kind is ChannelKind.APPRISE

    def issues(self, reader: Subscriber, digest: Digest, *, sender: str, base_url: str) -> Composed | None:
        """What is asked of a tracker about the flags of a period; None where the reader is no tracker."""
        channel = self._channels.get(reader.channel or 0)
        if channel is None or channel.kind not in TRACKERS:
            return None
        with self._store.reading() as connection:
            turns = turns_between(connection, digest.first_event, digest.last_event)
            records = flags_of(connection, turns)
        orders = []
        for record, item in items_apart(records, subscriber=reader, sources=self._sources, claims=self._claims):
            act = act_of(record, turns[record.id])
            if act is not None:
                made = issue_message(
                    digest, item, act, mark=channel.mark, sender=sender, base_url=base_url, made_at=self._now
                )
                orders.append((record.id, made))
        return Composed(subscriber=reader, digest=digest, message=None, issues=tuple(orders))

    def digests(self, reader: Subscriber, name: str | None) -> tuple[Digest, ...]:
        """The digests that are due, or the one of the period named. Events follow on those that were told last."""
        with self._store.reading() as connection:
            told = _told(connection, reader)
            periods = self._periods(connection, reader, name, told)
            return tuple(self._digest(connection, reader, period, told) for period in periods)

    def _periods(self, connection: Connection, reader: Subscriber, name: str | None, told: int) -> tuple[Period, ...]:
        last = last_digest(connection, reader.id)
        since = last.period_end if last is not None else None
        if last is None or told > last.last_event:
            since = max(filter(None, (since, event_time(connection, told))), default=None)
        if name is not None:
            named = period_named(name, subscriber=reader, now=self._now)
            return (_from(named, since),) if since is None or named.end > since else ()
        due = periods_due(
            reader,
            now=self._now,
            last_key=last.period if last is not None else None,
            joined_at=since,
            last_event=self._last_event,
            covered_event=told,
        )
        return tuple(_from(period, since) for period in due)

    def _digest(self, connection: Connection, reader: Subscriber, period: Period, told: int) -> Digest:
        span = (told, max(self._until(connection, period), told))
        if span not in self._happened:
            self._happened[span] = happenings(
                connection, first_event=span[0], last_event=span[1], sources=self._sources
            )
        if period not in self._covered:
            self._covered[period] = coverage_of(
                connection, sources=self._sources, claims=self._claims, period=period, now=self._now
            )
        coverage, unreadable = self._covered[period]
        return compose(
            subscriber=reader,
            period=period,
            first_event=span[0],
            last_event=span[1],
            flags=self._happened[span].opened,
            decided=self._happened[span].settled,
            outages=self._happened[span].outages,
            sources=self._sources,
            claims=self._claims,
            unreadable=unreadable,
            coverage=coverage,
        )

    def _until(self, connection: Connection, period: Period) -> int:
        """The newest event that a period holds. A later digest takes up after it, whatever time its events bear."""
        if period.end >= self._now:
            return self._last_event
        return min(last_seq_before(connection, period.end), self._last_event)


def _told(connection: Connection, reader: Subscriber) -> int:
    """The newest event that the subscriber was told of, or that lies before their time."""
    return max(last_event_told(connection, reader.id) or 0, reader.since_event)


def _from(period: Period, since: datetime | None) -> Period:
    """The period without what an earlier digest answered for, or what lies before the subscriber's time."""
    return replace(period, start=since) if since is not None and period.start < since < period.end else period


def _rendered(
    reader: Subscriber,
    digest: Digest,
    *,
    sender: str,
    base_url: str,
    now: datetime,
    secrets: Sequence[str],
    chat: bool,
) -> Composed:
    wanted = not digest.empty or (reader.heartbeat and reader.frequency is not Frequency.INSTANT)
    if not wanted:
        return Composed(subscriber=reader, digest=digest, message=None)
    try:
        if chat:
            message = chat_message(digest, sender=sender, base_url=base_url)
            return Composed(subscriber=reader, digest=digest, message=message)
        if reader.channel is not None:
            document = document_message(digest, sender=sender, base_url=base_url, made_at=now)
            return Composed(subscriber=reader, digest=digest, message=document)
        link = unsubscribe_url(base_url, reader.id, secrets=secrets) if secrets and base_url else None
        pages = preferences_url(base_url, reader.id, secrets=secrets) if secrets and base_url else None
        message = render(
            digest,
            sender=sender,
            base_url=base_url,
            message_date=now,
            unsubscribe_url=link,
            preferences_url=pages,
        )
    except (ValueError, LookupError, TemplateError) as error:
        # One subscriber's data must not keep the others from theirs; the failure is stored and shown.
        return Composed(subscriber=reader, digest=digest, message=None, problem=f"render: {error}")
    return Composed(subscriber=reader, digest=digest, message=message)


def _keep(store: Store, composed: Composed, *, sender: str, now: datetime) -> bool:
    """Store digest and delivery together. False where somebody else was there first, or the subscriber has left."""
    digest, reader = composed.digest, composed.subscriber
    message = _placeholder(composed, sender) if composed.problem else composed.message
    with store.writing() as connection:
        current = load_subscriber(connection, reader.id)
        if current is None or not current.active or _told(connection, current) != digest.first_event:
            return False
        number = keep_digest(
            connection,
            subscriber=reader.id,
            period=digest.period,
            first_event=digest.first_event,
            last_event=digest.last_event,
            items=len(digest.items) + digest.more,
            message=message,
            now=now,
            way=BY_MAIL if reader.channel is None else reader.channel,
        )
        for flag, order in composed.issues if number is not None else ():
            queue_message(
                connection,
                message=order,
                digest=number,
                subscriber=reader.id,
                way=reader.channel or BY_MAIL,
                thread=f"flag:{flag}",
                now=now,
            )
        if number is not None and composed.problem and message is not None:
            _fail(connection, message, composed.problem, now=now)
    return number is not None


def _placeholder(composed: Composed, sender: str) -> Message:
    """Stands for a message that could not be made, so that its delivery is on record as failed."""
    name = f"<unrendered.{composed.subscriber.id}.{composed.digest.last_event}.{composed.digest.period.key}>"
    return Message(message_id=name, sender=sender, recipient=composed.subscriber.address, subject="", content=b"")


def _fail(connection: Connection, message: Message, problem: str, *, now: datetime) -> None:
    for line in list_deliveries(connection, limit=1):
        if line.message_id == message.message_id:
            settle_failed(connection, line.id, fence=0, reason=problem, now=now)
