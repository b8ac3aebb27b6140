"""Handing over what waits for teams' channels: the same outbox and the same states as mail, side by side."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from domain.digests import Message
from domain.errors import ClaimwatchError
from notifications.apprise import AppriseSender
from notifications.deliver import DeliveryReport, Run
from notifications.sending import USUAL, OurFault, Patience, Sender
from notifications.trackers import GITHUB, GITLAB, IssueSender
from notifications.webhook import WebhookSender
from outbound.policy import Policy
from storage.channels import TRACKERS, Channel, ChannelKind, issue_of, list_channels, remember_issue
from storage.deliveries import release_abandoned
from storage.store import Store

_TOGETHER = 16
"""Channels that are told at a time."""

_MOST = 50
"""Deliveries that one channel gets in one run; the others wait for the next."""

Read = Callable[[str], str]
"""The secret that a reference names. Raises ClaimwatchError, without the secret."""


def deliver_to_channels(
    store: Store,
    *,
    policy: Policy,
    owner: str,
    now: Callable[[], datetime],
    read: Read,
    insist: bool = False,
    patience: Patience = USUAL,
) -> tuple[DeliveryReport, ...]:
    """What was due for each channel has been taken up; one that is slow or not there holds up no other.

    A channel that is slow gets what `patience` leaves it, and the rest with the next call.
    """
    with store.reading() as connection:
        found = list_channels(connection)

    def told(channel: Channel) -> DeliveryReport:
        if channel.kind in TRACKERS:
            # A tracker is asked before anything is made, so what broke off there can be taken up again by itself.
            store.write(lambda connection: release_abandoned(connection, channel.id, now=now()))
        way = _sender(channel, store, policy=policy, now=now, read=read, patience=patience)
        run = Run(store=store, owner=owner, now=now, limit=_MOST, way=channel.id, seconds=patience.run)
        return run.all(lambda: way, connections=1, insist=insist)

    with ThreadPoolExecutor(max_workers=_TOGETHER) as pool:
        return tuple(pool.map(told, found))


def _sender(
    channel: Channel, store: Store, *, policy: Policy, now: Callable[[], datetime], read: Read, patience: Patience
) -> Sender:
    try:
        if channel.kind is ChannelKind.APPRISE:
            return AppriseSender(read(channel.address), policy=policy)
        secret = read(channel.secret)
        if channel.kind in TRACKERS:
            return IssueSender(
                GITHUB if channel.kind is ChannelKind.GITHUB else GITLAB,
                api=channel.api,
                project=channel.address,
                token=secret,
                policy=policy,
                memory=_Memory(store, channel),
                now=now,
                patience=patience,
            )
        return WebhookSender(read(channel.address), secret=secret, policy=policy, now=now, patience=patience)
    except (ClaimwatchError, ValueError) as error:
        return _Closed(str(error))


@dataclass(frozen=True, slots=True)
class _Memory:
    """The issues of one channel, as the store keeps them."""

    store: Store
    channel: Channel

    @property
    def _place(self) -> str:
        return f"{self.channel.api} {self.channel.address}"

    def known(self, flag: int) -> int | None:
        with self.store.reading() as connection:
            return issue_of(connection, self.channel.id, flag, place=self._place)

    def remember(self, flag: int, number: int) -> None:
        self.store.write(
            lambda connection: remember_issue(connection, self.channel.id, flag, place=self._place, number=number)
        )


@dataclass(frozen=True, slots=True)
class _Closed:
    """A channel that cannot be told as things stand: it pauses, and what waits for it goes on waiting."""

    reason: str

    def send(self, message: Message, *, before_final_dot: Callable[[], None]) -> None:
        raise OurFault(self.reason)

    def close(self) -> None:
        """Nothing is held open."""
