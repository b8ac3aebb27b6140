"""Logs: one event a unit of work, to standard error, one line each, with nothing in it that a page could forge."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET = re.compile(r"(?i)(?P<scheme>[a-z][a-z0-9+.-]*://[^\s:@/]*:)[^\s@/]+@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def set_up(level: int = logging.WARNING) -> None:
    """Log events of this level and above: for people on a terminal, as JSON lines elsewhere."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    for name in ("httpx", "httpcore", "apscheduler", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _harmless,
            structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _harmless(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Control characters made visible, passwords in addresses masked."""
    for key, value in event.items():
        if isinstance(value, str):
            masked = _SECRET.sub(r"\g<scheme>********@", value)
            event[key] = _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", masked)
    return event
