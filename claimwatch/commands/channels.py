"""`channels`: teams that are told by a signed webhook, by issues of a tracker or in a chat, instead of by mail."""

from __future__ import annotations

import os
import secrets
import socket
from calendar import day_name
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlsplit

import structlog

from claimwatch.commands.previews import print_channel
from claimwatch.commands.templates import tried
from claimwatch.credentials import CredentialError, Credentials
from claimwatch.home import Home, wrong_call
from claimwatch.show import clip, counted, line, print_json, table
from domain.digests import Filters, Subscriber
from domain.errors import FetchError
from notifications.apprise import objection
from notifications.channels import deliver_to_channels
from notifications.deliver import DeliveryReport
from notifications.subscriptions import BadChoice, Choices
from outbound.urls import parse_url
from storage.channels import (
    TRACKERS,
    Channel,
    ChannelKind,
    find_channel,
    forget_channel,
    is_reference,
    keep_channel,
    keep_template,
    list_channels,
    plain_secrets,
)
from storage.deliveries import cancel_waiting
from storage.subscribers import add_subscriber, change_choices, deactivate_subscriber, list_subscribers

log = structlog.get_logger()

_APIS = {ChannelKind.GITHUB: "https://api.github.com", ChannelKind.GITLAB: "https://gitlab.com/api/v4"}


def add(
    home: Home,
    *,
    name: str,
    kind: ChannelKind,
    place: str,
    secret: str,
    api: str,
    choices: Choices,
    template: str = "",
) -> None:
    """Tell a team there from now on. A webhook without a secret gets one, which is printed this once.

    place: the address of a webhook or a reference to it, or the project of a tracker. secret: a reference, or "".
    template: how messages are worded, as text or `file:PATH`; it is tried first.
    """
    if not name.isascii() or not name.replace("-", "").isalnum():
        raise wrong_call(f"{name!r} is no name of a channel: letters, digits and hyphens")
    if secret and not is_reference(secret):
        raise wrong_call("say where the secret is, env:NAME or file:PATH; the secret itself is never taken")
    worded = tried(home, template, kind=kind, language=choices.language)
    known, made = credentials(home), ""
    if kind in TRACKERS:
        api = api or _APIS[kind]
        _prove(home, api)
        if not secret or place.count("/") < 1 or "://" in place:
            raise wrong_call("a tracker is given as OWNER/PROJECT, with --secret env:NAME or file:PATH for its token")
        address = place
    elif kind is ChannelKind.APPRISE:
        address = _chat(home, known, name, place, secret=secret)
    else:
        address, made = _webhook(home, known, name, place, made=not secret)
        secret = secret or f"file:secrets/{name}.secret"
    with home.store().writing() as connection:
        number = keep_channel(
            connection,
            name=name,
            kind=kind,
            address=address,
            secret=secret,
            api=api,
            mark=secrets.token_hex(16),
            template=worded,
            now=home.now(),
        )
        add_subscriber(connection, address=name, channel=number, now=home.now(), **_as_given(choices))
    line(f"{name} is told: {choices.frequency.value}." + (" Its secret, which is not shown again:" if made else ""))
    if made:
        line(made)


def _webhook(home: Home, known: Credentials, name: str, place: str, *, made: bool) -> tuple[str, str]:
    """The reference of a webhook's address, and the secret that was made for it, "" where it has one already."""
    if is_reference(place):
        try:
            _prove(home, known.read(place))
        except CredentialError as error:
            raise wrong_call(str(error)) from None
        address = place
    else:
        _prove(home, place)
        home.store()
        address = known.keep(f"{name}.address", place)
    fresh = secrets.token_urlsafe(32) if made else ""
    if fresh:
        home.store()
        known.keep(f"{name}.secret", fresh)
    return address, fresh


def _chat(home: Home, known: Credentials, name: str, place: str, *, secret: str) -> str:
    """The reference of a service's address as Apprise writes it; its secrets are part of it."""
    if secret:
        raise wrong_call("the secrets of a chat are part of its address; --secret is for webhooks and trackers")
    try:
        url = known.read(place) if is_reference(place) else place
    except CredentialError as error:
        raise wrong_call(str(error)) from None
    if why := objection(url, policy=home.policy()):
        raise wrong_call(f"{why}; docs/channels.md lists the services")
    if is_reference(place):
        return place
    home.store()
    return known.keep(f"{name}.address", place)


def _prove(home: Home, url: str) -> None:
    """Raises ConfigError where nothing could be posted there; the address itself is never repeated."""
    try:
        parse_url(url)
        parts = urlsplit(url)
        place = (parts.hostname or "", parts.port or 80)
    except (FetchError, ValueError):
        raise wrong_call("that is no address that can be posted to: https://HOST/PATH") from None
    if parts.scheme != "https" and place not in home.policy().allow_addresses:
        raise wrong_call("channels are told by https; by http only what CLAIMWATCH_ALLOW_ADDRESSES names")


def _as_given(choices: Choices) -> dict[str, Any]:
    return {name: getattr(choices, name) for name in Choices.__dataclass_fields__}


def change(
    home: Home, name: str, *, filters: dict[str, tuple[str, ...]], template: str | None = None, **given: Any
) -> None:
    """Change what a channel gets and when; what is not given, None, stays. A filter or a template of "" is taken away."""
    reader, channel = _reader(home, name)
    now = {each: getattr(reader, each) for each in Choices.__dataclass_fields__}
    now |= {each: value for each, value in given.items() if value is not None}
    kept = {each: tuple(filter(None, values)) for each, values in filters.items() if values}
    now["filters"] = replace(reader.filters, **kept)
    try:
        choices = Choices(**now)
    except BadChoice as error:
        raise wrong_call(str(error)) from None
    worded = None if template is None else tried(home, template, kind=channel.kind, language=choices.language)
    with home.store().writing() as connection:
        change_choices(connection, reader.id, **_as_given(choices))
        if worded is not None:
            keep_template(connection, channel.id, worded)
    line(f"{name} is told: {choices.frequency.value}.")


def show(home: Home, *, as_json: bool) -> None:
    """Print every channel, where it is told and what it gets; no address that is a secret, and no secret."""
    move_plain_secrets(home)
    with home.store().reading() as connection:
        found = list_channels(connection)
        readers = {item.channel: item for item in list_subscribers(connection)}
    shapes = [_shape(home, item, readers[item.id]) for item in found]
    if as_json:
        print_json({"channels": shapes})
        return
    columns = ("name", "kind", "host", "how often", "when", "language", "only", "template")
    table("Channels", columns, [_row(shape) for shape in shapes])


def _row(shape: Mapping[str, Any]) -> tuple[str, ...]:
    only = [f"{name}: {', '.join(each)}" for name, each in shape["filters"].items()]
    when = {"instant": "at once", "weekly": f"{day_name[shape['weekday']]} {shape['when']}"}
    worded = clip(shape["template"], 40)
    if shape["template_fault"]:
        worded += f" fails: {shape['template_fault']}"
    return (
        *(shape[name] for name in ("name", "kind", "host", "frequency")),
        when.get(shape["frequency"], shape["when"]),
        shape["language"] + ("" if shape["heartbeat"] else ", only news"),
        "; ".join(only),
        worded,
    )


def _shape(home: Home, channel: Channel, reader: Subscriber) -> dict[str, Any]:
    filters: Filters = reader.filters
    return {
        "name": channel.name,
        "kind": channel.kind.value,
        "host": _host(home, channel),
        "project": channel.address if channel.kind in TRACKERS else "",
        "secret": channel.secret,
        "frequency": reader.frequency.value,
        "when": f"{reader.hour}:00 {reader.timezone}",
        "timezone": reader.timezone,
        "hour": reader.hour,
        "weekday": reader.weekday,
        "language": reader.language,
        "heartbeat": reader.heartbeat,
        "filters": {name: list(names) for name, names in asdict(filters).items() if names},
        "template": channel.template,
        "template_fault": channel.fault,
    }


def _host(home: Home, channel: Channel) -> str:
    try:
        url = channel.api if channel.kind in TRACKERS else credentials(home).read(channel.address)
        if channel.kind is ChannelKind.APPRISE:
            return urlsplit(url).scheme  # what follows may be a token
        return urlsplit(url).hostname or ""
    except (CredentialError, ValueError):
        return "?"


def remove(home: Home, name: str) -> None:
    """Tell a channel nothing more, cancel what waits for it, and forget its address and secret."""
    reader, channel = _reader(home, name)
    with home.store().writing() as connection:
        deactivate_subscriber(connection, reader.id)
        cancelled = cancel_waiting(connection, reader.id, now=home.now())
        forget_channel(connection, channel.id)
    for reference in (channel.address, channel.secret):
        credentials(home).forget(reference)
    line(f"{name} gets nothing any more; {counted(cancelled, 'waiting digest')} cancelled")


def preview(home: Home, name: str, *, period: str) -> None:
    """Print what would be sent, message, document or orders to a tracker; stores and sends nothing."""
    reader, channel = _reader(home, name)
    print_channel(home, reader, period=period, worded=bool(channel.template))


def deliver(home: Home, *, insist: bool = False) -> tuple[DeliveryReport, ...]:
    """Hand over what is due for channels."""
    move_plain_secrets(home)
    owner = f"{socket.gethostname()}:{os.getpid()}"
    return deliver_to_channels(
        home.store(), policy=home.policy(), owner=owner, now=home.now, read=credentials(home).read, insist=insist
    )


def credentials(home: Home) -> Credentials:
    """Where this home's secrets are found."""
    return Credentials(home.folder)


def move_plain_secrets(home: Home) -> None:
    """What an earlier version kept in the database in plain text lies in files from now on."""
    with home.store().reading() as connection:
        found = plain_secrets(connection)
    for name, url, secret in found:
        known = credentials(home)
        address, signing = known.keep(f"{name}.address", url), known.keep(f"{name}.secret", secret)
        with home.store().writing() as connection:
            keep_channel(
                connection,
                name=name,
                kind=ChannelKind.WEBHOOK,
                address=address,
                secret=signing,
                mark=secrets.token_hex(16),
                now=home.now(),
            )
        log.warning(
            "the secret of a channel lay in the database in plain text and was moved to a file",
            channel=name,
            advice="copies and backups of the database still hold it: remove and add the channel to get a new one",
        )


def _reader(home: Home, name: str) -> tuple[Subscriber, Channel]:
    move_plain_secrets(home)
    with home.store().reading() as connection:
        channel = find_channel(connection, name)
        for reader in list_subscribers(connection, active_only=True):
            if channel is not None and reader.channel == channel.id:
                return reader, channel
    raise wrong_call(f"there is no channel {name!r}")
