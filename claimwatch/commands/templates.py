"""Templates of channels: where their text lies, and that one is tried before it is taken."""

from __future__ import annotations

from claimwatch.home import Home, wrong_call
from domain.errors import ClaimwatchError
from notifications.channel_templates import LONGEST, TemplateFault, Wording, prove
from storage.channels import TRACKERS, ChannelKind

_FILE = "file:"


def wording(home: Home) -> Wording:
    """The templates of this home's channels."""
    return Wording(lambda setting: template_text(home, setting))


def template_text(home: Home, setting: str) -> str:
    """The text of a template: the setting itself, or the file that `file:PATH` names, counted from the home folder.

    Raises TemplateFault where the file cannot be read.
    """
    if not setting.startswith(_FILE):
        return setting
    try:
        with (home.folder / setting.removeprefix(_FILE)).open(encoding="utf-8") as file:
            return file.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        raise TemplateFault(f"{setting} cannot be read ({type(error).__name__})") from None


def tried(home: Home, setting: str, *, kind: ChannelKind, language: str) -> str:
    """The setting of a template that was tried. Raises ConfigError where a channel of that kind could not be told by it."""
    if not setting:
        return ""
    if kind is ChannelKind.WEBHOOK:
        raise wrong_call("a webhook posts a document for programs; templates word chats and issues")
    if not setting.startswith(_FILE) and "{" not in setting:
        raise wrong_call(f"{setting!r} holds no variable; a file is named as file:PATH")
    try:
        prove(template_text(home, setting), "issue" if kind in TRACKERS else "chat", language=language)
    except ClaimwatchError as error:
        raise wrong_call(f"the template cannot be used: {error}") from None
    return setting
