"""Where the secrets of channels are: named by the database, held by the environment or by a file of the home folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from domain.errors import ClaimwatchError

_FOLDER = "secrets"
_MOST = 64 * 1024


class CredentialError(ClaimwatchError):
    """A secret is not where it is said to be. The message names the place and never the secret."""


class Credentials:
    """Secrets by reference. folder: the home, from which relative paths count and in which made secrets are kept."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._environment = environment

    def read(self, reference: str) -> str:
        """The secret that `env:NAME` or `file:PATH` names, without the white space around it. Raises CredentialError."""
        kind, _, name = reference.partition(":")
        if kind == "env":
            found = self._variable(name)
        elif kind == "file":
            found = self._file(name)
        else:
            raise CredentialError("a secret is named as env:NAME or file:PATH")
        if not found.strip():
            raise CredentialError(f"{reference} is empty or not set")
        return found.strip()

    def keep(self, name: str, secret: str) -> str:
        """The reference of a secret that now lies in a file which only its owner can read."""
        place = self._folder / _FOLDER
        place.mkdir(mode=0o700, exist_ok=True)
        (place / ".gitignore").write_text("*\n", encoding="utf-8")
        path, fresh = place / name, place / f".{name}.new"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        return f"file:{_FOLDER}/{name}"

    def forget(self, reference: str) -> None:
        """A secret that we kept is gone; one that somebody else keeps is theirs."""
        kind, _, name = reference.partition(":")
        path = Path(name)
        if kind == "file" and path.parent == Path(_FOLDER):
            (self._folder / path).unlink(missing_ok=True)

    def _variable(self, name: str) -> str:
        if self._environment is not None:
            return self._environment.get(name, "")
        return os.environ.get(name) or (dotenv_values(".env").get(name) if Path(".env").is_file() else "") or ""

    def _file(self, name: str) -> str:
        try:
            with (self._folder / name).open(encoding="utf-8") as file:
                found = file.read(_MOST + 1)
        except (OSError, ValueError) as error:
            raise CredentialError(f"file:{name} cannot be read ({type(error).__name__})") from None
        if len(found) > _MOST:
            raise CredentialError(f"file:{name} is too long for a secret")
        return found
