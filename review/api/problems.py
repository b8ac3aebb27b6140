"""Errors of the API as `application/problem+json` (RFC 9457). What was sent is never said back."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

PREFIX = "/api/v1"
MEDIA = "application/problem+json"

PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "Why a request was not answered as asked (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "always `about:blank`: the status says it all"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "words for a person"},
        "errors": {
            "type": "array",
            "description": "with 422: each fault of what was sent",
            "items": {
                "type": "object",
                "required": ["where", "what"],
                "properties": {"where": {"type": "string"}, "what": {"type": "string"}},
                "additionalProperties": False,
            },
        },
        "superseded_by": {
            "type": "integer",
            "description": "with 409: the flag that stands in this one's place",
        },
    },
    "additionalProperties": False,
}


class ApiProblem(Exception):
    """The request is not answered as asked. more: further members of the document."""

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more


def problem(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> JSONResponse:
    """The answer that tells a problem."""
    document = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return JSONResponse(document, status_code=status, headers=dict(headers or {}), media_type=MEDIA)
