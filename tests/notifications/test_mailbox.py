"""A folder of mail: whole files or none, and the same message twice is one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from domain.digests import Message
from notifications.mailbox import Mailbox
from notifications.sending import Unavailable

MESSAGE = Message(
    message_id="<digest.1/../x@watch.example>",
    sender="digest@watch.example",
    recipient="reader@example.org",
    subject="Hello",
    content=b"Subject: Hello\r\n\r\nHello\r\n",
)


def nothing() -> None:
    """A marker that is always committed."""


def test_a_message_is_one_file_with_its_bytes(tmp_path: Path):
    box = Mailbox(f"file://{tmp_path}/new folder/out")
    box.send(MESSAGE, before_final_dot=nothing)
    box.send(MESSAGE, before_final_dot=nothing)
    assert [path.read_bytes() for path in box.folder.iterdir()] == [MESSAGE.content]
    assert [path.name for path in box.folder.iterdir()] == ["digest.1_.._x@watch.example.eml"]


def test_spaces_may_be_written_as_in_an_address(tmp_path: Path):
    assert Mailbox(f"file://{tmp_path}/a%20b").folder == tmp_path / "a b"


def test_a_marker_that_cannot_be_committed_leaves_no_file(tmp_path: Path):
    class Fenced(Exception):
        pass

    def refuse() -> None:
        raise Fenced

    with pytest.raises(Fenced):
        Mailbox(f"file://{tmp_path}").send(MESSAGE, before_final_dot=refuse)
    assert list(tmp_path.iterdir()) == []


def test_before_the_marker_there_is_no_message(tmp_path: Path):
    seen: list[list[str]] = []
    Mailbox(f"file://{tmp_path}").send(
        MESSAGE, before_final_dot=lambda: seen.append([path.suffix for path in tmp_path.iterdir()])
    )
    assert seen == [[".part"]]


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable):
        Mailbox(f"file://{tmp_path}/file/folder").send(MESSAGE, before_final_dot=nothing)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_unavailable_and_leaves_nothing(tmp_path: Path):
    os.symlink("/dev/full", tmp_path / f"digest.1_.._x@watch.example.{os.getpid()}.part")
    with pytest.raises(Unavailable):
        Mailbox(f"file://{tmp_path}").send(MESSAGE, before_final_dot=nothing)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["file://elsewhere/folder", "file:///", "smtp://host", "/folder"])
def test_what_names_no_folder_is_refused(url: str):
    with pytest.raises(ValueError, match="folder"):
        Mailbox(url)
