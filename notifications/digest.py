"""Composing what is due: every subscriber's digest of a period is stored once, together with the delivery of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from jinja2 import TemplateError

from domain.claims import Claim
from domain.digests import Coverage, Digest, DigestItem, Frequency, Message, Period, Subscriber
from domain.sources import Source
from notifications.channel_digests import ChannelTeller
from notifications.channel_templates import Wording
from notifications.compose import compose, items_apart
from notifications.document import document_message
from notifications.gather import Happenings, coverage_of, event_time, flags_of, happenings, turns_between
from notifications.issues import Act, act_of
from notifications.mime import envelope_address
from notifications.periods import period_named, periods_due
from notifications.render import render
from notifications.tokens import digest_url, preferences_url, sign, unsubscribe_url
from notifications.variables import example_digest
from notifications.view import link_or_nothing
from storage.channels import TRACKERS, ChannelKind, list_channels, note_fault
from storage.deliveries import BY_MAIL, queue_message, settle_failed
from storage.delivery_lists import list_deliveries
from storage.digests import keep_digest, last_digest, last_event_told
from storage.events import last_seq, last_seq_before
from storage.store import Connection, Store
from storage.subscribers import list_subscribers, load_subscriber

log = structlog.get_logger()

LAST, EXAMPLE = "last", "example"
"""Names of periods that are only looked at."""

BUILT_IN = Wording(lambda setting: setting)
"""Templates are what channels hold; one that names a file needs whoever knows the files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """One subscriber's digest of one period. message None: nothing to send, or `problem` says why it cannot be sent.

    issues: (flag, order) for a tracker, which is sent these and no message. fault: why the template of a channel was
    not used and its built-in words stand in, "" where it was used, None where there was no template to use.
    """

    subscriber: Subscriber
    digest: Digest
    message: Message | None
    problem: str = ""
    issues: tuple[tuple[int, Message], ...] = ()
    fault: str | None = None


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
    wording: Wording = BUILT_IN,
) -> tuple[Composed, ...]:
    """Every digest that was due is stored with its pending delivery; what is returned is what this call stored,
    at most `limit`, so that memory stays flat: a call that stored so many has left the others to the next one.

    A period of a subscriber is composed once, whoever calls how often. Nothing to send is a record too.
    period: as in `period_named`, instead of those that are due. subscriber: only this one. secrets: sign unsubscribe
    links, which are left out where there are none. wording: the templates of channels; one that fails is noted at its
    channel, and the built-in words are told instead. ValueError where `period` names none, or where `sender`, `base_url`
    or a secret could serve no mail at all: nobody's digest fails for that.
    """
    _prove(sender, base_url, secrets)
    desk = _Desk(
        store,
        sources=sources,
        claims=claims,
        now=now,
        sender=sender,
        base_url=base_url,
        secrets=secrets,
        wording=wording,
    )
    stored: list[Composed] = []
    with store.reading() as connection:
        readers = list_subscribers(connection, active_only=True)
    for reader in readers:
        if len(stored) >= limit:
            break
        if subscriber is None or reader.id == subscriber.id:
            for digest in desk.digests(reader, period):
                composed = desk.composed(reader, digest)
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
                    if composed.fault:
                        log.error("channel template failed", channel=reader.address, fault=composed.fault)
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
    wording: Wording = BUILT_IN,
) -> tuple[Composed, ...]:
    """What `compose_due` would store for a period, without storing anything. A quiet one is rendered all the same.

    period: also `LAST`, the newest digest of theirs that told anything, none where there is none, or `EXAMPLE`, an
    invented one.
    """
    desk = _Desk(
        store,
        sources=sources,
        claims=claims,
        now=now,
        sender=sender,
        base_url=base_url,
        secrets=secrets,
        wording=wording,
    )
    reader = replace(subscriber, heartbeat=True)
    if period == EXAMPLE:
        return (desk.example(reader),)
    return tuple(desk.composed(reader, digest, quiet_too=True) for digest in desk.digests(subscriber, period))


def _prove(sender: str, base_url: str, secrets: Sequence[str]) -> None:
    envelope_address(sender)
    if base_url and not link_or_nothing(base_url):
        raise ValueError(f"{base_url!r} is no http(s) address")
    if secrets:
        sign("unsubscribe", "0", secrets=secrets)


class _Desk:
    """What the digests of one run are made from. Equal questions of many subscribers are put to the store once."""

    def __init__(
        self,
        store: Store,
        *,
        sources: Mapping[str, Source],
        claims: Mapping[str, Claim],
        now: datetime,
        sender: str,
        base_url: str,
        secrets: Sequence[str],
        wording: Wording,
    ) -> None:
        self._store = store
        self._sources = sources
        self._claims = claims
        self._now = now
        self._sender = sender
        self._base_url = base_url
        self._secrets = secrets
        self._teller = ChannelTeller(wording=wording, sender=sender, base_url=base_url, made_at=now)
        self._happened: dict[tuple[int, int], Happenings] = {}
        self._covered: dict[Period, tuple[Coverage, tuple[tuple[str, str], ...]]] = {}
        with store.reading() as connection:
            self._last_event = last_seq(connection)
            self._channels = {item.id: item for item in list_channels(connection)}

    def composed(self, reader: Subscriber, digest: Digest, *, quiet_too: bool = False) -> Composed:
        """The digest as its reader is told of it: issues for a tracker, else one message, where it holds any news.

        quiet_too: also where there is none.
        """
        channel = self._channels.get(reader.channel or 0)
        if channel is not None and channel.kind in TRACKERS:
            orders, fault = self._teller.issues(channel, digest, self._acts(reader, digest))
            return Composed(subscriber=reader, digest=digest, message=None, issues=orders, fault=fault)
        wanted = not digest.empty or (reader.heartbeat and (quiet_too or reader.frequency is not Frequency.INSTANT))
        if not wanted:
            return Composed(subscriber=reader, digest=digest, message=None)
        try:
            if channel is None or channel.kind is not ChannelKind.APPRISE:
                return Composed(subscriber=reader, digest=digest, message=self._message(reader, digest))
            message, fault = self._teller.chat(channel, digest)
        except (ValueError, LookupError, TemplateError) as error:
            # One subscriber's data must not keep the others from theirs; the failure is stored and shown.
            return Composed(subscriber=reader, digest=digest, message=None, problem=f"render: {error}")
        return Composed(subscriber=reader, digest=digest, message=message, fault=fault)

    def example(self, reader: Subscriber) -> Composed:
        """An invented digest, as the reader would be told of it."""
        digest = example_digest(subscriber=reader.id, address=reader.address, language=reader.language)
        channel = self._channels.get(reader.channel or 0)
        if channel is not None and channel.kind in TRACKERS:
            acts = [(item.flag, item, Act.CLOSE if item.decided else Act.OPEN) for item in digest.items]
            orders, fault = self._teller.issues(channel, digest, acts)
            return Composed(subscriber=reader, digest=digest, message=None, issues=orders, fault=fault)
        return self.composed(reader, digest)

    def _message(self, reader: Subscriber, digest: Digest) -> Message:
        sender, base_url, secrets = self._sender, self._base_url, self._secrets
        if reader.channel is not None:
            return document_message(digest, sender=sender, base_url=base_url, made_at=self._now)
        signed = bool(secrets and base_url)
        return render(
            digest,
            sender=sender,
            base_url=base_url,
            message_date=self._now,
            unsubscribe_url=unsubscribe_url(base_url, reader.id, secrets=secrets) if signed else None,
            preferences_url=preferences_url(base_url, reader.id, secrets=secrets) if signed else None,
            whole_url=digest_url(base_url, reader.id, digest.last_event, secrets=secrets) if signed else None,
        )

    def _acts(self, reader: Subscriber, digest: Digest) -> list[tuple[int, DigestItem, Act]]:
        """What is asked of a tracker about the flags of a period."""
        with self._store.reading() as connection:
            turns = turns_between(connection, digest.first_event, digest.last_event)
            records = flags_of(connection, turns)
        apart = items_apart(records, subscriber=reader, sources=self._sources, claims=self._claims)
        acts = [(record.id, item, act_of(record, turns[record.id])) for record, item in apart]
        return [(number, item, act) for number, item, act in acts if act is not None]

    def digests(self, reader: Subscriber, name: str | None) -> tuple[Digest, ...]:
        """The digests that are due, or the one of the period named. Events follow on those that were told last."""
        with self._store.reading() as connection:
            if name == LAST:
                last = last_digest(connection, reader.id, with_news=True)
                if last is None:
                    return ()
                period = Period(key=last.period, start=last.period_start, end=last.period_end)
                return (self._over(connection, reader, period, (last.first_event, last.last_event)),)
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
        return self._over(connection, reader, period, (told, max(self._until(connection, period), told)))

    def _over(self, connection: Connection, reader: Subscriber, period: Period, span: tuple[int, int]) -> Digest:
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
        if number is not None and composed.fault is not None and reader.channel is not None:
            note_fault(connection, reader.channel, composed.fault)
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
