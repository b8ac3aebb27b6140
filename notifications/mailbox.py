"""Mail as files: `file:///folder` gets one .eml a message, whole or not at all, for a demo or for another mailer."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from domain.digests import Message
from notifications.sending import Ambiguous, Unavailable


class Mailbox:
    """Writes messages into a folder, which is made where it is missing. The same message twice is one file."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "file" or parts.netloc not in ("", "localhost") or not parts.path.strip("/"):
            raise ValueError(f"{url!r} names no folder: write file:///path/to/folder")
        self.folder = Path(unquote(parts.path))

    def send(self, message: Message, *, before_final_dot: Callable[[], None]) -> None:
        """The file is in the folder and on the disk. Unavailable where it could not be written."""
        target = self.folder / file_name(message.message_id)
        draft = target.with_suffix(f".{os.getpid()}.part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(draft, message.content)
        except OSError as error:
            _discard(draft)
            raise Unavailable(f"cannot write into {self.folder}: {error.strerror}") from error
        try:
            before_final_dot()
            _publish(draft, target)
        finally:
            _discard(draft)

    def close(self) -> None:
        """Nothing is held open."""


def file_name(message_id: str) -> str:
    """The name that a message has in every mailbox."""
    return re.sub(r"[^A-Za-z0-9._@-]", "_", message_id.strip("<>"))[:200] + ".eml"


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _discard(draft: Path) -> None:
    with suppress(OSError):
        draft.unlink(missing_ok=True)


def _publish(draft: Path, target: Path) -> None:
    try:
        draft.replace(target)
    except OSError as error:
        raise Unavailable(f"cannot name {target}: {error.strerror}") from error
    try:
        _sync_folder(target.parent)
    except OSError as error:
        raise Ambiguous(f"{target} may not be on the disk: {error.strerror}") from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
