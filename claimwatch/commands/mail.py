"""`subscribers` and `digest`: who is told, and the telling."""

from __future__ import annotations

import os
import socket
from dataclasses import asdict
from typing import Any

from claimwatch.commands import channels
from claimwatch.commands.deliveries import pause_words
from claimwatch.commands.previews import preview_for, print_composed, summary_of
from claimwatch.commands.templates import wording
from claimwatch.home import Home, nearest, wrong_call
from claimwatch.show import counted, line, print_json, table
from domain.claims import Risk
from domain.digests import Filters, Subscriber
from notifications.canary import queue_canary
from notifications.compose import parts_of
from notifications.deliver import DeliveryReport, deliver_due, open_sender
from notifications.digest import Composed, compose_due
from notifications.subscriptions import BadChoice, Choices, FrontDesk, ask
from notifications.tokens import return_path
from storage.deliveries import cancel_waiting
from storage.subscribers import add_subscriber, deactivate_subscriber, find_subscriber, list_subscribers


def add(home: Home, *, address: str, choices: Choices, asking: bool) -> None:
    """Subscribe an address, at once or by asking its reader first. Raises ConfigError where it is no address."""
    if asking:
        try:
            reader = ask(front_desk(home), address=address, choices=choices, now=home.now())
        except BadChoice as error:
            raise wrong_call(str(error)) from None
        state = "gets digests already" if reader.active else "is asked by mail, and gets digests once they say yes"
        line(f"{reader.address} {state}")
        return
    with home.store().writing() as connection:
        subscriber = add_subscriber(
            connection,
            address=address,
            frequency=choices.frequency,
            now=home.now(),
            timezone=choices.timezone,
            hour=choices.hour,
            weekday=choices.weekday,
            language=choices.language,
            filters=choices.filters,
            heartbeat=choices.heartbeat,
        )
    line(f"{subscriber.address} gets digests: {subscriber.frequency.value}")


def chosen(**values: Any) -> Choices:
    """The choices that a command line holds. Raises ConfigError for a zone or a language that there is not."""
    try:
        return Choices(**values)
    except BadChoice as error:
        raise wrong_call(str(error)) from None


def known_filters(home: Home, filters: Filters) -> Filters:
    """The filters, where each names something that is watched. Raises ConfigError: one that names nothing is silent."""
    sources, claims = home.sources.values(), home.config.claims
    sections = [part for claim in claims for name in (claim.section, *claim.also_in) for part in parts_of(name)]
    known = {
        "jurisdictions": [source.jurisdiction for source in sources],
        "authorities": [source.authority for source in sources],
        "sources": list(home.sources),
        "sections": sections,
        "claims": [claim.id for claim in claims],
        "risks": [*(risk.value for risk in Risk)],
    }
    for kind, names in asdict(filters).items():
        valid = {name.casefold() for name in known[kind]}
        for name in names:
            if name.casefold() not in valid:
                raise wrong_call(
                    f"no {_KINDS[kind]} is called {name!r}: nothing would ever pass that filter",
                    nearest=nearest(name, known[kind]),
                )
    return filters


_KINDS = {
    "jurisdictions": "jurisdiction",
    "authorities": "authority",
    "sources": "source",
    "sections": "section",
    "claims": "claim",
    "risks": "risk",
}


def show(home: Home, *, as_json: bool) -> None:
    """Print everyone."""
    with home.store().reading() as connection:
        everyone = list_subscribers(connection, channels=False)
    if as_json:
        print_json({"subscribers": [_shape(item) for item in everyone]})
        return
    rows = [
        (
            item.address,
            item.frequency.value,
            f"{item.hour}:00 {item.timezone}",
            item.language,
            item.state.value,
        )
        for item in everyone
    ]
    table("Subscribers", ("address", "how often", "when", "language", "state"), rows)


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
        "state": item.state.value,
        "note": item.note,
        "filters": {name: list(names) for name, names in asdict(item.filters).items() if names},
    }


def remove(home: Home, address: str) -> None:
    """Unsubscribe an address, and cancel what waits for it."""
    with home.store().writing() as connection:
        subscriber = find_subscriber(connection, address)
        if subscriber is None:
            raise wrong_call(f"{address!r} is not subscribed")
        deactivate_subscriber(connection, subscriber.id)
        cancelled = cancel_waiting(connection, subscriber.id, now=home.now())
    line(f"{subscriber.address} gets nothing any more; {counted(cancelled, 'waiting digest')} cancelled")


def preview(home: Home, *, period: str | None, address: str | None) -> None:
    """Print what would be sent, to one subscriber or to each."""
    chosen = _subscriber(home, address)
    with home.store().reading() as connection:
        readers = (chosen,) if chosen is not None else list_subscribers(connection, active_only=True)
    for reader in readers:
        for item in preview_for(home, reader, period=period or "now", secrets=secrets(home)):
            line(f"To {reader.address}: {summary_of(item)}")
            print_composed(home, item)
    if not readers:
        line("There is nobody to write to: `claimwatch subscribers add ADDRESS`")


def compose(home: Home, *, period: str | None, address: str | None) -> tuple[Composed, ...]:
    """Store what is due and say so."""
    composed = _compose(home, period=period, address=address)
    for item in composed:
        line(f"{item.digest.period.key} for {item.subscriber.address}: {summary_of(item)}")
        if item.fault:
            line(f"the template of {item.subscriber.address} fails, and the built-in words stand in: {item.fault}")
    if not composed:
        line("No digest is due.")
    return composed


def send(home: Home, *, period: str | None, address: str | None) -> DeliveryReport:
    """Store what is due and hand over everything that waits."""
    if not home.settings.smtp_url:
        raise wrong_call("CLAIMWATCH_SMTP_URL is not set: smtp://HOST, or file:///FOLDER for .eml files")
    try:
        open_sender(home.settings.smtp_url).close()
    except ValueError as error:
        raise wrong_call(str(error)) from error
    compose(home, period=period, address=address)
    report = deliver(home, insist=True)
    line(f"{report.sent} sent, {report.deferred} deferred, {report.failed} failed, {report.ambiguous} ambiguous")
    if report.stopped:
        line(f"mail {pause_words(report.stopped) if report.paused else report.stopped}")
    for posted in channels.deliver(home, insist=True):
        held = f", {posted.ambiguous} ambiguous" if posted.ambiguous else ""
        line(f"to channels: {posted.sent} sent, {posted.deferred} deferred, {posted.failed} failed{held}")
        if posted.stopped:
            line(f"to channels: {posted.stopped}")
    return report


def deliver(home: Home, *, insist: bool = False) -> DeliveryReport:
    """Hand over what is due."""
    bounces, keys = home.settings.bounce_address, secrets(home)
    try:
        return deliver_due(
            home.store(),
            sender_url=home.settings.smtp_url,
            owner=f"{socket.gethostname()}:{os.getpid()}",
            now=home.now,
            insist=insist,
            connections=home.settings.smtp_connections,
            rate=home.settings.mail_rate,
            return_path=(lambda number: return_path(bounces, number, secrets=keys)) if bounces and keys else None,
        )
    except ValueError as error:
        raise wrong_call(str(error)) from error


def compose_quietly(home: Home) -> tuple[Composed, ...]:
    """Store what is due, and the canary; for the service, which logs instead of printing."""
    if home.settings.canary_to and home.settings.secret_key:
        queue_canary(
            home.store(),
            to=home.settings.canary_to,
            sender=home.settings.mail_from,
            secrets=secrets(home),
            now=home.now(),
        )
    return _compose(home, period=None, address=None)


def secrets(home: Home) -> tuple[str, ...]:
    """The keys of this installation that sign links."""
    return signing_keys(home.settings.secret_key)


def signing_keys(setting: str) -> tuple[str, ...]:
    """The keys that `CLAIMWATCH_SECRET_KEY` holds: the first signs, older ones behind commas are still understood."""
    return tuple(filter(None, (key.strip() for key in setting.split(","))))


def front_desk(home: Home) -> FrontDesk:
    """What readers' own acts need. Raises ConfigError where links could not be signed."""
    try:
        return FrontDesk(
            store=home.store(),
            sender=home.settings.mail_from,
            base_url=home.settings.base_url,
            secrets=secrets(home),
        )
    except ValueError as error:
        raise wrong_call(str(error)) from error


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
            secrets=secrets(home),
            wording=wording(home),
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
