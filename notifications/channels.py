"""Handing over what waits for teams' channels: the same outbox and the same states as mail, one run for each channel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from notifications.deliver import DeliveryReport, Run
from notifications.webhook import WebhookSender
from outbound.policy import Policy
from storage.channels import list_channels
from storage.store import Store


def deliver_to_channels(
    store: Store, *, policy: Policy, owner: str, now: Callable[[], datetime], insist: bool = False
) -> tuple[DeliveryReport, ...]:
    """What was due for each channel has been taken up; a channel that is not there holds up no other."""
    with store.reading() as connection:
        found = list_channels(connection)
    reports = []
    for channel in found:
        way = WebhookSender(channel.url, secret=channel.secret, policy=policy, now=now)
        run = Run(store=store, owner=owner, now=now, limit=1000, way=channel.id)
        reports.append(run.all(lambda way=way: way, connections=1, insist=insist))  # type: ignore[misc]
    return tuple(reports)
