"""A home folder opened: its settings, its two YAML files, its store. What every command starts from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from claimwatch.config import Config, load_config
from claimwatch.settings import Settings, read_settings
from domain.claims import Claim
from domain.errors import ConfigError, ConfigProblem
from domain.sources import Source
from outbound.policy import Policy, policy_from
from storage.store import Store, open_store


def clock() -> datetime:
    """Now, in UTC: the one place where commands read the clock."""
    return datetime.now(UTC)  # noqa: TID251


class Home:
    """The folder that CLAIMWATCH_HOME names. Each part is opened when it is first asked for."""

    def __init__(self, settings: Settings | None = None, now: Callable[[], datetime] = clock) -> None:
        self.settings = settings or read_settings()
        self.now = now

    @property
    def folder(self) -> Path:
        return Path(self.settings.home).resolve()

    @cached_property
    def config(self) -> Config:
        """Both YAML files. Raises ConfigError with every problem."""
        return load_config(self.folder)

    @cached_property
    def sources(self) -> dict[str, Source]:
        return {source.id: source for source in self.config.sources}

    @property
    def database_url(self) -> str:
        return self.settings.database_url or f"sqlite:///{self.folder / 'claimwatch.db'}"

    def store(self) -> Store:
        """The store, made where there is none; but no database comes into a folder that is no home by an oversight.

        Raises StorageError, or ConfigError for such a folder.
        """
        return self._store

    def store_if_there(self) -> Store | None:
        """The store, or None where nothing was ever recorded: reading makes no database."""
        url = self.database_url
        if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
            return None
        return self._store

    @cached_property
    def _store(self) -> Store:
        if not self.settings.database_url and not (self.folder / "sources.yaml").exists() and not self._is_there():
            raise wrong_call(f"{self.folder} holds no sources.yaml: go to the right folder, or set CLAIMWATCH_HOME")
        return open_store(self.database_url)

    def _is_there(self) -> bool:
        return (self.folder / "claimwatch.db").exists()

    def policy(self) -> Policy:
        """What may be reached. Raises ConfigError that names the setting."""
        try:
            return policy_from(
                user_agent=self.settings.user_agent,
                contact=self.settings.contact,
                allow_addresses=self.settings.allow_addresses,
                resolve=self.settings.resolve,
                per_host_spacing=self.settings.per_host_spacing,
            )
        except ValueError as error:
            raise wrong_call(str(error)) from error

    def guide(self, path: Path | None = None) -> Path:
        """Where the guide's text is: the path given, else the setting. Raises ConfigError where neither says."""
        if path is None and not self.settings.guide:
            raise wrong_call("say where the guide's text is: name its file, or set CLAIMWATCH_GUIDE")
        return path or Path(self.settings.guide)

    def source(self, name: str) -> Source:
        """A source by its id. Raises ConfigError with the nearest id."""
        found = self.sources.get(name)
        if found is None:
            raise wrong_call(f"there is no source {name!r}", nearest=nearest(name, self.sources))
        return found

    def claim(self, name: str) -> Claim:
        """A claim by its id. Raises ConfigError with the nearest id."""
        found = next((claim for claim in self.config.claims if claim.id == name), None)
        if found is None:
            names = [claim.id for claim in self.config.claims]
            raise wrong_call(f"there is no claim {name!r}", nearest=nearest(name, names))
        return found


def wrong_call(message: str, *, nearest: str | None = None) -> ConfigError:
    """A fault of the call, in the form that faults of the configuration have."""
    return ConfigError((ConfigProblem(file="", line=None, entry=None, key=None, message=message, nearest=nearest),))


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The most similar valid name, or None where none is near."""
    return next(iter(get_close_matches(name, list(names), n=1, cutoff=0.5)), None)
