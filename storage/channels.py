"""Channels: where a team is told instead of a mailbox. Each is the subscriber that it stands for, and an address.

No secret is kept here, only a reference to where it is: `env:NAME`, a variable of the environment, or `file:PATH`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update

from storage.columns import json_of, json_text, plain, time_text
from storage.outbox_tables import channel_issues, channels


class ChannelKind(StrEnum):
    WEBHOOK = "webhook"
    GITHUB = "github"
    GITLAB = "gitlab"
    APPRISE = "apprise"


TRACKERS = frozenset({ChannelKind.GITHUB, ChannelKind.GITLAB})
"""Where each flag has an issue of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A team's channel. address, secret: references, but for the address of a project, which is a plain name.

    address is "" once it was removed. api: the base of a tracker's API. mark: what the hidden marks of our issues are
    made from; it opens nothing. template: how its messages are worded, as a text or `file:PATH`, "" for the built-in
    words. fault: why the template made no message the last time, "" where it did.
    """

    id: int
    name: str
    kind: ChannelKind
    address: str
    secret: str = ""
    api: str = ""
    mark: str = field(default="", repr=False)
    template: str = ""
    fault: str = ""


def is_reference(text: str) -> bool:
    """Whether a text says where a secret is, instead of being one."""
    kind, colon, rest = text.partition(":")
    return bool(colon and rest) and kind in ("env", "file")


def keep_channel(
    connection: Connection,
    *,
    name: str,
    kind: ChannelKind,
    address: str,
    now: datetime,
    secret: str = "",
    api: str = "",
    mark: str = "",
    template: str | None = None,
) -> int:
    """The number of the channel of that name, which is from now on told there; a mark that it has stays.

    template: None leaves the one that it has. ValueError where a secret itself was given instead of a reference to it.
    """
    if not is_reference(secret or "env:-") or not (kind in TRACKERS or is_reference(address)):
        raise ValueError("a channel keeps references to its secrets, env:NAME or file:PATH, never a secret itself")
    known = find_channel(connection, name)
    worded = known.template if known and template is None else template or ""
    settings = json_text(
        {
            "address": address,
            "secret": secret,
            "api": api,
            "mark": (known.mark if known else "") or mark,
            "template": worded,
            "fault": known.fault if known and worded == known.template else "",
        }
    )
    if known is not None:
        changed = update(channels).where(channels.c.id == known.id)
        connection.execute(changed.values(kind=kind.value, settings=settings))
        return known.id
    made = insert(channels).values(name=name, kind=kind.value, settings=settings, created_at=time_text(now))
    return int(connection.execute(made.returning(channels.c.id)).scalar_one())


def forget_channel(connection: Connection, number: int) -> None:
    """Where it was told is gone; its name, its mark and what was delivered stay on record."""
    _set(connection, number, address="", secret="", template="", fault="")


def keep_template(connection: Connection, number: int, template: str) -> None:
    """Messages are worded by that template from now on, "" for the built-in words."""
    _set(connection, number, template=template, fault="")


def note_fault(connection: Connection, number: int, fault: str) -> None:
    """Why the template of a channel made no message, "" where it made one."""
    _set(connection, number, fault=plain(fault))


def _set(connection: Connection, number: int, **changed: str) -> None:
    kept = json_of(connection.execute(select(channels.c.settings).where(channels.c.id == number)).scalar_one())
    if any(kept.get(name, "") != value for name, value in changed.items()):
        settings = json_text({**kept, **changed})
        connection.execute(update(channels).where(channels.c.id == number).values(settings=settings))


def find_channel(connection: Connection, name: str) -> Channel | None:
    """The channel of a name, removed or not, or None."""
    row = connection.execute(select(channels).where(channels.c.name == name)).mappings().first()
    return None if row is None else _channel(row)


def list_channels(connection: Connection) -> tuple[Channel, ...]:
    """The channels that are in use, in order of number."""
    rows = connection.execute(select(channels).order_by(channels.c.id)).mappings()
    return tuple(channel for row in rows if (channel := _channel(row)).address)


def plain_secrets(connection: Connection) -> tuple[tuple[str, str, str], ...]:
    """(name, address, secret) of the channels that were kept with their secrets in plain text, as they once were."""
    found: list[tuple[str, Mapping[str, Any]]] = [
        (row.name, json_of(row.settings)) for row in connection.execute(select(channels.c.name, channels.c.settings))
    ]
    return tuple((name, old["url"], old["secret"]) for name, old in found if old.get("url"))


def remember_issue(connection: Connection, channel: int, flag: int, *, place: str, number: int) -> None:
    """The issue of a project that stands for a flag; where one is known already, that one stays."""
    if issue_of(connection, channel, flag, place=place) is None:
        connection.execute(insert(channel_issues).values(channel_id=channel, flag_id=flag, place=place, number=number))


def issue_of(connection: Connection, channel: int, flag: int, *, place: str) -> int | None:
    """The number of the issue of a project that stands for a flag, or None."""
    query = select(channel_issues.c.number).where(
        channel_issues.c.channel_id == channel, channel_issues.c.flag_id == flag, channel_issues.c.place == place
    )
    return connection.execute(query).scalar_one_or_none()


def _channel(row: Any) -> Channel:
    kept = json_of(row["settings"])
    # A channel of old kept its secrets here. Until they are moved it is there, and cannot be told.
    address = kept.get("address", "env:" if kept.get("url") else "")
    return Channel(
        id=row["id"],
        name=row["name"],
        kind=ChannelKind(row["kind"]),
        address=address,
        secret=kept["secret"] if "address" in kept else "",
        api=kept.get("api", ""),
        mark=kept.get("mark", ""),
        template=kept.get("template", ""),
        fault=kept.get("fault", ""),
    )
