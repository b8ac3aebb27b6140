"""Settings: secrets and addresses from the environment or a `.env` file; behaviour lives in the YAML files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.errors import ConfigError, ConfigProblem

PREFIX = "CLAIMWATCH_"
SECRET = frozenset({"secret_key", "smtp_url", "database_url", "ping_url", "oidc_client_secret"})
"""Settings whose value may hold a password and is never shown."""


class Settings(BaseSettings):
    """Every setting with its meaning. Each is read from CLAIMWATCH_<NAME>, then from `.env` in the working directory."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    home: str = Field(default=".", description="folder of sources.yaml, claims.yaml and the default database")
    database_url: str = Field(default="", description="database address; empty is claimwatch.db in the home folder")
    base_url: str = Field(
        default="http://127.0.0.1:8080", description="address under which people reach the review desk"
    )
    secret_key: str = Field(default="", description="key that signs links in mail; at least 32 characters")
    smtp_url: str = Field(
        default="", description="where mail goes: smtp://, smtps://, smtp+starttls://, or file:/// for .eml files"
    )
    mail_from: str = Field(default="Claimwatch <claimwatch@localhost>", description="sender of digests")
    smtp_connections: int = Field(default=4, ge=1, le=50, description="connections to the mail server at a time")
    mail_rate: int = Field(
        default=0, ge=0, description="mails a minute at most, 0 for no limit; a quarter is kept for urgent ones"
    )
    bounce_address: str = Field(
        default="",
        description="mailbox that takes mail to ADDRESS+anything; what comes back to it is piped to `claimwatch bounces`",
    )
    public_subscribe: bool = Field(
        default=False,
        description="whether anybody may ask for digests on the page /subscribe; each is asked by mail first",
    )
    canary_to: str = Field(default="", description="mailbox that gets a mail a day, to prove that mail arrives")
    user_agent: str = Field(default="Claimwatch/0.1", description="how requests name themselves")
    contact: str = Field(default="", description="address or page that site owners can turn to")
    ping_url: str = Field(
        default="", description="address that is called after each completed cycle, as a dead man's switch"
    )
    allow_addresses: str = Field(
        default="", description="comma-separated address:port pairs that may be reached although not global"
    )
    resolve: str = Field(default="", description="comma-separated host=http://address:port: reach that host there")
    guide: str = Field(default="", description="path of the guide's text, which lies outside this folder")
    web_listen: str = Field(default="127.0.0.1:8080", description="address:port on which the review desk listens")
    web_hosts: str = Field(
        default="", description="comma-separated hosts that the review desk answers to, besides that of base_url"
    )
    trusted_proxies: str = Field(
        default="", description="comma-separated addresses or networks whose forwarding headers are believed"
    )
    user_header: str = Field(
        default="", description="header in which a trusted proxy names who signed in there, such as X-Forwarded-User"
    )
    oidc_issuer: str = Field(
        default="",
        description="address of an OpenID Connect service by which people may sign in; needs the extra `oidc`",
    )
    oidc_client_id: str = Field(default="", description="how that service knows the review desk")
    oidc_client_secret: str = Field(default="", description="what the review desk shows to that service")
    oidc_claim: str = Field(
        default="sub", description="what of an identity is a person's outside name: sub, email or preferred_username"
    )
    oidc_default_role: str = Field(
        default="", description="role of who signs in there for the first time; empty lets in only who was added before"
    )
    public_status: bool = Field(default=False, description="whether anybody may see the status page of the review desk")
    per_host_spacing: float = Field(default=1.0, ge=0, description="seconds between two requests to one host")


def read_settings() -> Settings:
    """The settings of this environment. Raises ConfigError that names each value that cannot be one."""
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigError(tuple(_problem(str(each["loc"][0]), each) for each in error.errors())) from error


def _problem(name: str, fault: Mapping[str, Any]) -> ConfigProblem:
    message = f"{PREFIX}{name.upper()} is {shown(name, fault['input'])!r}: {fault['msg'][0].lower()}{fault['msg'][1:]}"
    return ConfigProblem(
        file=".env" if origin_of(name) == ".env" else "", line=None, entry=None, key=None, message=message, nearest=None
    )


def unknown_settings() -> dict[str, str]:
    """Names in the environment or `.env` that look like a misspelt setting, each with the nearest valid name."""
    valid = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    listed = dotenv_values(".env") if Path(".env").is_file() else {}
    found = {name.upper() for name in (*os.environ, *listed) if name.upper().startswith(PREFIX)} - valid
    near = {name: get_close_matches(name, sorted(valid), n=1, cutoff=0.85) for name in sorted(found)}
    return {name: names[0] for name, names in near.items() if names}


def origin_of(name: str) -> str:
    """Where a setting's value comes from: `environment`, `.env` or `default`."""
    variable = f"{PREFIX}{name.upper()}"
    if any(key.upper() == variable for key in os.environ):
        return "environment"
    listed = dotenv_values(".env") if Path(".env").is_file() else {}
    return ".env" if any(key.upper() == variable for key in listed) else "default"


def shown(name: str, value: object) -> str:
    """A setting's value as it may be printed: secrets are masked."""
    return "********" if name in SECRET and value else str(value)
