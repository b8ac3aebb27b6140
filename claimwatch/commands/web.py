"""`web`: the review desk, made from the home folder and the settings."""

from __future__ import annotations

import logging
import socket
from importlib.util import find_spec
from pathlib import Path

import structlog

from claimwatch.commands.export import export_document
from claimwatch.commands.mail import signing_keys
from claimwatch.commands.status import status_document
from claimwatch.config.entries import entries_as_written, read_entry
from claimwatch.config.load import SOURCES
from claimwatch.home import Home, wrong_call
from claimwatch.log import set_up
from notifications.subscriptions import FrontDesk
from review.access import Access, access_from, sign_in_service_from
from review.desk import ReviewDesk
from review.oidc import OutsideSignIn
from review.serve import listening, serve
from storage.users import count_admins

log = structlog.get_logger()


def web(home: Home) -> None:
    """Answer at the desk until SIGTERM or SIGINT."""
    set_up(logging.INFO)
    desk, at = open_desk(home)
    log.info("the review desk is open", url=desk.access.base_url)
    serve(desk, at)


def open_desk(home: Home) -> tuple[ReviewDesk, socket.socket]:
    """The desk and the socket it listens on. ConfigError, with what to do, where it must not be opened."""
    access = access_of(home)
    desk = desk_of(home, access)
    with desk.store.reading() as connection:
        if count_admins(connection) == 0:
            raise wrong_call("the review desk has no administrator yet: `claimwatch users add NAME --role admin`")
    host, _, port = home.settings.web_listen.rpartition(":")
    if not host or not port.isdecimal():
        raise wrong_call(f"CLAIMWATCH_WEB_LISTEN is {home.settings.web_listen!r}, not address:port")
    try:
        return desk, listening(host.strip("[]"), int(port))
    except (OSError, OverflowError) as error:
        raise wrong_call(f"the review desk cannot listen on {home.settings.web_listen}: {error}") from error


def access_of(home: Home) -> Access:
    """Who may come in, by the settings. ConfigError that names the setting."""
    settings = home.settings
    try:
        return access_from(
            base_url=settings.base_url,
            secret=settings.secret_key,
            hosts=",".join((settings.web_hosts, settings.web_listen)),
            proxies=settings.trusted_proxies,
            user_header=settings.user_header,
            public_status=settings.public_status,
        )
    except ValueError as error:
        raise wrong_call(str(error)) from error


def desk_of(home: Home, access: Access) -> ReviewDesk:
    """The desk over the home's store and files."""
    return ReviewDesk(
        store=home.store(),
        sources=home.sources,
        claims={claim.id: claim for claim in home.config.claims},
        access=access,
        now=home.now,
        guide=lambda: _guide(home),
        front_desk=FrontDesk(
            store=home.store(),
            sender=home.settings.mail_from,
            base_url=access.base_url,
            secrets=signing_keys(access.secret),
        ),
        open_subscriptions=home.settings.public_subscribe,
        written=entries_as_written(home.folder / SOURCES),
        read_entry=read_entry,
        sign_in_service=sign_in_service_of(home, access),
        status=lambda: status_document(home),
        export=lambda: export_document(home),
    )


def sign_in_service_of(home: Home, access: Access) -> OutsideSignIn | None:
    """The sign-in service of the settings, None where none is named. ConfigError that names the setting."""
    settings = home.settings
    try:
        service = sign_in_service_from(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            claim=settings.oidc_claim,
            default_role=settings.oidc_default_role,
        )
    except ValueError as error:
        raise wrong_call(str(error)) from error
    if service is None:
        return None
    if find_spec("authlib") is None:
        raise wrong_call("CLAIMWATCH_OIDC_ISSUER needs the extra `oidc`: pip install 'claimwatch[oidc]'")
    return OutsideSignIn(service, policy=home.policy(), secret=access.secret, base_url=access.base_url, now=home.now)


def _guide(home: Home) -> str:
    path = Path(home.settings.guide) if home.settings.guide else None
    if path is None or not path.is_file():
        return ""
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        log.warning("the guide cannot be read", path=str(path), error=str(error))
        return ""
