"""The demo's home folder, and the ordinary commands run in it, each in a process of its own."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from importlib.resources import files
from pathlib import Path
from typing import Any

from claimwatch.demo.site import Site
from domain.errors import ClaimwatchError

READER = "reader@example.test"
_FILES = ("sources.yaml", "claims.yaml", "guide.md")
_PATIENCE = 120.0


class DemoError(ClaimwatchError):
    """A command did not do what it is there for; the words are for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A folder with the demo's configuration, in which commands are run."""

    path: Path

    @property
    def outbox(self) -> Path:
        """Where digests are written as .eml files."""
        return self.path / "outbox"

    def run(self, *arguments: str, also: frozenset[int] = frozenset()) -> str:
        """Run one command in the folder and give its standard output.

        also: exit codes beside 0 that are in order. Raises DemoError with what the command said otherwise.
        """
        try:
            done = subprocess.run(  # noqa: S603  (our own interpreter and our own arguments)
                [sys.executable, "-P", "-m", "claimwatch", *arguments],
                cwd=self.path,
                env=_environment(self.path),
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise DemoError(f"`{_shown(arguments)}` had no end after {_PATIENCE:.0f} seconds") from error
        if done.returncode != 0 and done.returncode not in also:
            said = (done.stderr.strip() or done.stdout.strip())[-2000:]
            raise DemoError(f"`{_shown(arguments)}` ended with {done.returncode}:\n{said}")
        return done.stdout

    def ask(self, *arguments: str, also: frozenset[int] = frozenset()) -> dict[str, Any]:
        """Run one command with `--json` and give the document that it printed. Raises DemoError."""
        printed = self.run(*arguments, "--json", also=also)
        try:
            document = json.loads(printed)
        except ValueError as error:
            raise DemoError(f"`{_shown(arguments)} --json` printed no JSON document: {printed[:300]!r}") from error
        if not isinstance(document, dict):
            raise DemoError(f"`{_shown(arguments)} --json` printed no JSON object")
        return document

    def mails(self) -> list[tuple[Path, EmailMessage]]:
        """The digests in the outbox, oldest name first."""
        found = []
        for path in sorted(self.outbox.rglob("*.eml")):
            message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
            assert isinstance(message, EmailMessage)
            found.append((path, message))
        return found


def furnish(keep: Path | None, site: Site) -> Home:
    """A home folder that holds the demo's configuration and knows the way to the site.

    keep: an empty or new folder for it; None makes one among the temporary files.
    Raises DemoError where `keep` is in use.
    """
    path = Path(tempfile.mkdtemp(prefix="claimwatch-demo-")) if keep is None else keep.resolve()
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise DemoError(f"{path} is not empty; nothing is overwritten, so please name a new folder")
    home = Home(path=path)
    home.outbox.mkdir(parents=True)
    for name in _FILES:
        (path / name).write_bytes((files("claimwatch.demo") / "home" / name).read_bytes())
    (path / ".env").write_text(_settings(home, site), encoding="utf-8")
    return home


def _settings(home: Home, site: Site) -> str:
    return (
        "# The invented hosts lead to the demo's own site on loopback, which needs no pause between requests.\n"
        f"CLAIMWATCH_RESOLVE={site.resolve}\n"
        f"CLAIMWATCH_ALLOW_ADDRESSES={site.allowed}\n"
        "CLAIMWATCH_PER_HOST_SPACING=0\n"
        "# Mail goes into a folder.\n"
        f"CLAIMWATCH_SMTP_URL={home.outbox.as_uri()}\n"
        "CLAIMWATCH_MAIL_FROM=claimwatch@example.test\n"
        "CLAIMWATCH_CONTACT=mailto:keeper@example.test\n"
        "CLAIMWATCH_GUIDE=guide.md\n"
    )


def _environment(path: Path) -> dict[str, str]:
    """Ours, without the settings of a Claimwatch that may run here in earnest."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLAIMWATCH_")}
    return kept | {"CLAIMWATCH_HOME": str(path), "PYTHONUTF8": "1", "COLUMNS": "120"}


def _shown(arguments: tuple[str, ...]) -> str:
    return shlex.join(("claimwatch", *arguments))


def command_name() -> str:
    """How this installation's command is called from any folder."""
    script = Path(sys.executable).with_name("claimwatch")
    return shlex.quote(str(script)) if script.exists() else f"{shlex.quote(sys.executable)} -m claimwatch"
