"""The seam between a delivery and the way its message goes out, and what can go wrong on that way.

A sender either returns (the message was accepted), or says which of four things happened; each has its own consequence,
because "try again" is only harmless where nobody can have got the message yet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from domain.digests import Message
from domain.errors import ClaimwatchError, DeliveryError


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds that a channel gets, so that a slow one holds up nothing but itself.

    answer: for one answer of a service. order: for all the answers that one order asks of a tracker; far below the
    lease of a delivery, so that no other sender takes up what this one is still at. run: after these a channel begins
    nothing more until the next run.
    """

    answer: float = 20.0
    order: float = 60.0
    run: float = 30.0


USUAL = Patience()


class Sender(Protocol):
    """One way out. `send` hands one message to one recipient; many may be sent before `close`."""

    def send(self, message: Message, *, before_final_dot: Callable[[], None]) -> None:
        """Return once the message was accepted.

        `before_final_dot` is called once, when all is ready and before anything that cannot be taken back. Where it
        raises, the message was not handed over and its error passes through.
        Raises Ambiguous, Unavailable, OurFault, or DeliveryError for this recipient alone.
        """

    def close(self) -> None:
        """Let go of the way out. Never raises."""


class Ambiguous(ClaimwatchError):
    """The message was handed over and no answer came: it may have been accepted. Not to be repeated unasked.

    No DeliveryError on purpose: whoever tries failed deliveries again must not catch this by accident.
    """


class Refused(DeliveryError):
    """The server refused this message or this recipient.

    status: the enhanced code (`5.1.1`), "" where the server gave none. gone: the mailbox does not exist, so that
    nothing should be sent there again. retry_after: seconds to wait as the server asked, None where it did not.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        status: str = "",
        gone: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, permanent=permanent)
        self.status = status
        self.gone = gone
        self.retry_after = retry_after


class Unavailable(DeliveryError):
    """The server cannot be reached or is not ready. Nothing is wrong with the recipient; others will meet it too.

    retry_after: seconds to wait as the server asked, None where it did not.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message, permanent=False)
        self.retry_after = retry_after


class OurFault(DeliveryError):
    """The server refuses us: our login, our sender, our encryption. The queue pauses; nobody is failed for it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=False)
