"""`channels`: teams that are told by a signed webhook instead of by mail."""

from __future__ import annotations

import os
import secrets
import socket
from urllib.parse import urlsplit

from claimwatch.home import Home, wrong_call
from claimwatch.show import line, print_json, table
from domain.digests import Subscriber
from domain.errors import FetchError
from notifications.channels import deliver_to_channels
from notifications.deliver import DeliveryReport
from notifications.digest import preview as preview_digests
from notifications.subscriptions import Choices
from outbound.urls import parse_url
from storage.channels import WEBHOOK, find_channel, forget_channel, keep_channel, list_channels
from storage.deliveries import cancel_waiting
from storage.subscribers import add_subscriber, deactivate_subscriber, list_subscribers


def add(home: Home, *, name: str, url: str, choices: Choices) -> None:
    """Tell a team there from now on; the secret is made anew and printed this once."""
    if not name.isascii() or not name.replace("-", "").isalnum():
        raise wrong_call(f"{name!r} is no name of a channel: letters, digits and hyphens")
    _prove(home, url)
    secret = secrets.token_urlsafe(32)
    with home.store().writing() as connection:
        number = keep_channel(connection, name=name, kind=WEBHOOK, url=url, secret=secret, now=home.now())
        add_subscriber(
            connection,
            address=name,
            channel=number,
            frequency=choices.frequency,
            now=home.now(),
            timezone=choices.timezone,
            hour=choices.hour,
            language=choices.language,
            heartbeat=choices.heartbeat,
        )
    line(f"{name} is told: {choices.frequency.value}. Its secret, which is not shown again:")
    line(secret)


def _prove(home: Home, url: str) -> None:
    """Raises ConfigError where nothing could be posted there; the address itself is never repeated."""
    try:
        parse_url(url)
        parts = urlsplit(url)
        place = (parts.hostname or "", parts.port or 80)
    except (FetchError, ValueError):
        raise wrong_call("that is no address that can be posted to: https://HOST/PATH") from None
    if parts.scheme != "https" and place not in home.policy().allow_addresses:
        raise wrong_call("a webhook is posted by https; http only to what CLAIMWATCH_ALLOW_ADDRESSES names")


def show(home: Home, *, as_json: bool) -> None:
    """Print every channel with its host; neither address nor secret."""
    with home.store().reading() as connection:
        found = list_channels(connection)
        readers = {item.channel: item for item in list_subscribers(connection)}
    rows = [
        (item.name, item.kind, urlsplit(item.url).hostname or "", readers[item.id].frequency.value) for item in found
    ]
    if as_json:
        print_json({"channels": [dict(zip(("name", "kind", "host", "frequency"), row, strict=True)) for row in rows]})
        return
    table("Channels", ("name", "kind", "host", "how often"), rows)


def remove(home: Home, name: str) -> None:
    """Tell a channel nothing more, cancel what waits for it, and forget its address and secret."""
    reader, number = _reader(home, name)
    with home.store().writing() as connection:
        deactivate_subscriber(connection, reader.id)
        cancelled = cancel_waiting(connection, reader.id, now=home.now())
        forget_channel(connection, number)
    line(f"{name} gets nothing any more; {cancelled} waiting digest(s) cancelled")


def preview(home: Home, name: str, *, period: str) -> None:
    """Print the document that would be posted; stores and sends nothing."""
    reader, _ = _reader(home, name)
    for item in preview_digests(
        home.store(),
        sources=home.sources,
        claims={claim.id: claim for claim in home.config.claims},
        now=home.now(),
        sender=home.settings.mail_from,
        base_url=home.settings.base_url,
        subscriber=reader,
        period=period,
    ):
        line(item.message.content.decode() if item.message else item.problem or "nothing to send")


def deliver(home: Home, *, insist: bool = False) -> tuple[DeliveryReport, ...]:
    """Hand over what is due for channels."""
    owner = f"{socket.gethostname()}:{os.getpid()}"
    return deliver_to_channels(home.store(), policy=home.policy(), owner=owner, now=home.now, insist=insist)


def _reader(home: Home, name: str) -> tuple[Subscriber, int]:
    with home.store().reading() as connection:
        channel = find_channel(connection, name)
        for reader in list_subscribers(connection, active_only=True):
            if channel is not None and reader.channel == channel.id:
                return reader, channel.id
    raise wrong_call(f"there is no channel {name!r}")
