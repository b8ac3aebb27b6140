"""`subscribers` and `digest`: who is told, and the telling."""

from __future__ import annotations

import os
import socket
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from claimwatch.home import Home, wrong_call
from claimwatch.show import line, print_json, table
from domain.digests import Filters, Frequency, Subscriber
from notifications.deliver import DeliveryReport, deliver_due
from notifications.digest import Composed, compose_due
from notifications.digest import preview as preview_digests
from notifications.mime import envelope_address
from notifications.render import text_of
from notifications.view import view_of
from storage.deliveries import cancel_waiting
from storage.subscribers import add_subscriber, deactivate_subscriber, find_subscriber, list_subscribers


def add(
    home: Home,
    *,
    address: str,
    frequency: Frequency,
    timezone: str,
    hour: int,
    weekday: int,
    language: str,
    filters: Filters,
    heartbeat: bool,
) -> None:
    """Subscribe an address. Raises ConfigError for a zone or a language that there is not."""
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise wrong_call(f"there is no zone {timezone!r}") from None
    if language not in ("en", "fr"):
        raise wrong_call(f"digests are written in en and fr, not in {language!r}")
    with home.store().writing() as connection:
        subscriber = add_subscriber(
            connection,
            address=address,
            frequency=frequency,
            now=home.now(),
            timezone=timezone,
            hour=hour,
            weekday=weekday,
            language=language,
            filters=filters,
            heartbeat=heartbeat,
        )
    line(f"{subscriber.address} gets digests: {subscriber.frequency.value}")


def show(home: Home, *, as_json: bool) -> None:
    """Print everyone."""
    with home.store().reading() as connection:
        everyone = list_subscribers(connection)
    if as_json:
        print_json({"subscribers": [_shape(item) for item in everyone]})
        return
    rows = [
        (
            item.address,
            item.frequency.value,
            f"{item.hour}:00 {item.timezone}",
            item.language,
            "yes" if item.active else "no",
        )
        for item in everyone
    ]
    table("Subscribers", ("address", "how often", "when", "language", "active"), rows)


def _shape(item: Subscriber) -> dict[str, object]:
    return {
        "address": item.address,
        "frequency": item.frequency.value,
        "timezone": item.timezone,
        "hour": item.hour,
        "weekday": item.weekday,
        "language": item.language,
        "heartbeat": item.heartbeat,
        "active": item.active,
    }


def remove(home: Home, address: str) -> None:
    """Unsubscribe an address, and cancel what waits for it."""
    with home.store().writing() as connection:
        subscriber = find_subscriber(connection, address)
        if subscriber is None:
            raise wrong_call(f"{address!r} is not subscribed")
        deactivate_subscriber(connection, subscriber.id)
        cancelled = cancel_waiting(connection, envelope_address(subscriber.address), now=home.now())
    line(f"{subscriber.address} gets nothing any more; {cancelled} waiting digest(s) cancelled")


def preview(home: Home, *, period: str | None, address: str | None) -> None:
    """Print what would be sent, to one subscriber or to each."""
    chosen = _subscriber(home, address)
    with home.store().reading() as connection:
        readers = (chosen,) if chosen is not None else list_subscribers(connection, active_only=True)
    for reader in readers:
        for item in preview_digests(
            home.store(),
            sources=home.sources,
            claims={claim.id: claim for claim in home.config.claims},
            now=home.now(),
            sender=home.settings.mail_from,
            base_url=home.settings.base_url,
            subscriber=reader,
            period=period or "now",
        ):
            line(f"To {reader.address}: {item.message.subject if item.message else 'nothing to send'}")
            view = view_of(item.digest, base_url=home.settings.base_url, unsubscribe_url=None)
            line(text_of(view) if item.message else item.problem)
    if not readers:
        line("There is nobody to write to: `claimwatch subscribers add ADDRESS`")


def compose(home: Home, *, period: str | None, address: str | None) -> tuple[Composed, ...]:
    """Store what is due and say so."""
    composed = _compose(home, period=period, address=address)
    for item in composed:
        what = item.message.subject if item.message else item.problem or "nothing to send"
        line(f"{item.digest.period.key} for {item.subscriber.address}: {what}")
    if not composed:
        line("No digest is due.")
    return composed


def send(home: Home, *, period: str | None, address: str | None) -> DeliveryReport:
    """Store what is due and hand over everything that waits."""
    if not home.settings.smtp_url:
        raise wrong_call("CLAIMWATCH_SMTP_URL is not set: smtp://HOST, or file:///FOLDER for .eml files")
    compose(home, period=period, address=address)
    report = deliver(home, insist=True)
    line(f"{report.sent} sent, {report.deferred} deferred, {report.failed} failed, {report.ambiguous} ambiguous")
    return report


def deliver(home: Home, *, insist: bool = False) -> DeliveryReport:
    """Hand over what is due."""
    return deliver_due(
        home.store(),
        sender_url=home.settings.smtp_url,
        owner=f"{socket.gethostname()}:{os.getpid()}",
        now=home.now,
        insist=insist,
    )


def compose_quietly(home: Home) -> tuple[Composed, ...]:
    """Store what is due; for the service, which logs instead of printing."""
    return _compose(home, period=None, address=None)


def _compose(home: Home, *, period: str | None, address: str | None) -> tuple[Composed, ...]:
    try:
        return compose_due(
            home.store(),
            sources=home.sources,
            claims={claim.id: claim for claim in home.config.claims},
            now=home.now(),
            sender=home.settings.mail_from,
            base_url=home.settings.base_url,
            period=period,
            subscriber=_subscriber(home, address),
        )
    except ValueError as error:
        raise wrong_call(str(error)) from error


def _subscriber(home: Home, address: str | None) -> Subscriber | None:
    if address is None:
        return None
    with home.store().reading() as connection:
        found = find_subscriber(connection, address)
    if found is None:
        raise wrong_call(f"{address!r} is not subscribed")
    return found
