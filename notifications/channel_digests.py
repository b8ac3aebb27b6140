"""A digest as a channel is told of it: one message for a chat, an order for each flag for a tracker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.digests import Digest, DigestItem, Message
from notifications.channel_templates import Form, Wording
from notifications.chat import chat_message
from notifications.issues import Act, issue_message
from notifications.variables import Variables, issue_variables, variables_of
from storage.channels import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTeller:
    """What the messages of channels are made with. wording: fills in the templates that channels hold."""

    wording: Wording
    sender: str
    base_url: str
    made_at: datetime

    def chat(self, channel: Channel, digest: Digest) -> tuple[Message, str | None]:
        """The message for a chat, and the fault of its template as in `Composed`."""
        parts, fault = self._parts(channel, "chat", [variables_of(digest, base_url=self.base_url)])
        return chat_message(digest, sender=self.sender, base_url=self.base_url, parts=parts[0]), fault

    def issues(
        self, channel: Channel, digest: Digest, acts: Sequence[tuple[int, DigestItem, Act]]
    ) -> tuple[tuple[tuple[int, Message], ...], str | None]:
        """(flag, order) for each act that is asked of a tracker, and the fault of its template as in `Composed`."""
        values = [issue_variables(digest, item, act, base_url=self.base_url) for _, item, act in acts]
        worded, fault = self._parts(channel, "issue", values)
        orders = tuple(
            (
                number,
                issue_message(
                    digest,
                    item,
                    act,
                    mark=channel.mark,
                    sender=self.sender,
                    base_url=self.base_url,
                    made_at=self.made_at,
                    parts=parts,
                ),
            )
            for (number, item, act), parts in zip(acts, worded, strict=True)
        )
        return orders, fault

    def _parts(
        self, channel: Channel, form: Form, values: Sequence[Variables]
    ) -> tuple[Sequence[Mapping[str, str]], str | None]:
        if not channel.template or not values:
            return [{}] * len(values), None
        return self.wording.parts(channel.template, form, values)
