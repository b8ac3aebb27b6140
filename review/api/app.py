"""The API as an application of its own, made from its table of calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from domain.errors import StorageError
from domain.people import Scope
from review.api.caller import Caller, Door
from review.api.problems import MEDIA, PREFIX, PROBLEM_SCHEMA, ApiProblem, problem
from review.desk import ReviewDesk

log = structlog.get_logger()

DESCRIPTION_PATH = "/openapi.json"
_ABOUT = """Facts of official pages with their evidence, how the statements of a guide stand on them, and what needs a
person.

Send `Authorization: Bearer <token>`; people make tokens on their account page. A token has a scope (`read`, `decide`,
`admin`) and never does more than its person's role allows. Lists come in pages: `next` of one page is `after` of the
following. A query parameter that is not described here is refused, since a filter that is misspelt and ignored would
answer more than was asked for. Errors are `application/problem+json`.
"""
_ALWAYS_THERE = ("/me", "/status", "/export")
_PROBLEMS = {
    400: "the body is no JSON in UTF-8",
    401: "the token is missing, was revoked or ran out",
    403: "the token's scope, or its person's role, does not allow this",
    404: "there is nothing of that name or number, or the list has no such place",
    409: "it is not what was seen any more, a colleague has it, or the moment is past",
    413: "a request has at most 256 KiB",
    422: "something that was sent is not as described",
    429: "as many requests of yours wait as one person may have waiting",
    503: "the store cannot be reached just now",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One row of the table. shape: the model of the answer, None for bytes. status: of success."""

    method: str
    path: str
    endpoint: Callable[..., Any]
    scope: Scope
    shape: Any
    status: int = 200


def create_api(desk: ReviewDesk, calls: tuple[Call, ...]) -> FastAPI:
    """The API over a desk."""
    made = FastAPI(
        title="Claimwatch",
        version="1",
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        middleware=[Middleware(Door, desk=desk, unguarded=frozenset({DESCRIPTION_PATH}))],
        exception_handlers={
            ApiProblem: _told,
            HTTPException: _refused,
            RequestValidationError: _invalid,
            StorageError: _no_store,
        },
    )
    made.router.redirect_slashes = False  # an address has one spelling
    for call in calls:
        _add(made, call)
    description = describe(made)
    made.add_route(DESCRIPTION_PATH, lambda _request: JSONResponse(description), methods=["GET"])
    return made


def _add(made: FastAPI, call: Call) -> None:
    statuses = [401, 403, 422, 503]
    statuses += [404] if call.path not in _ALWAYS_THERE else []
    statuses += [409] if call.path.startswith("/flags/") and call.method == "POST" else []
    statuses += [400, 413] if call.method == "POST" else []
    statuses += [429] if call.path == "/requests" and call.method == "POST" else []
    responses: dict[int | str, dict[str, Any]] = {
        status: {"description": _PROBLEMS[status], "content": {MEDIA: {"schema": _ref()}}}
        for status in sorted(statuses)
    }
    if call.shape is None:
        octets = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        responses[200] = {"description": "the bytes as kept", "content": octets}
    made.add_api_route(
        call.path,
        call.endpoint,
        methods=[call.method],
        status_code=call.status,
        response_model=call.shape,
        response_class=Response if call.shape is None else JSONResponse,
        response_model_exclude_unset=True,
        responses=responses,
        dependencies=[Depends(_guard(call.scope)), Depends(_TOKEN)],
        operation_id=f"{call.endpoint.__module__.rpartition('.')[2]}_{call.endpoint.__name__}",
        summary=(call.endpoint.__doc__ or "").split(". ")[0].rstrip("."),
    )


_TOKEN = HTTPBearer(auto_error=False, description="a token of the account page")


def _guard(scope: Scope) -> Callable[[Request], None]:
    def guard(request: Request) -> None:
        caller: Caller = request.state.caller
        if not caller.may(scope):
            raise ApiProblem(
                403, f"this takes a token of scope {scope.value} whose person is {scope.role.value} or more"
            )
        route: APIRoute = request.scope["route"]
        described = {field.alias for field in route.dependant.query_params}
        if unknown := sorted(set(request.query_params) - described):
            what = f"there is no such parameter here; there are {', '.join(sorted(described)) or 'none'}"
            raise ApiProblem(
                422, "a query parameter is unknown", errors=[{"where": f"query {_plain(unknown[0])}", "what": what}]
            )

    return guard


def describe(made: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: every problem is of one shape, and FastAPI's own is nowhere."""
    document = get_openapi(
        title=made.title,
        version=made.version,
        description=made.description,
        routes=made.routes,
        servers=[{"url": PREFIX}],
        openapi_version="3.1.0",
    )
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    return document


def _ref() -> dict[str, str]:
    return {"$ref": "#/components/schemas/Problem"}


async def _told(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiProblem)
    return problem(error.status, error.detail, headers=error.headers, **error.more)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return problem(405, "that cannot be done here", headers={"allow": ", ".join(_methods(request))})
    if error.status_code == 404:
        return problem(404, "there is no such address; see /api/v1/openapi.json")
    return problem(error.status_code, "that is no request", headers=error.headers)


def _methods(request: Request) -> list[str]:
    """Every method of the address, whichever of its routes was asked first."""
    found: set[str] = set()
    for route in request.app.router.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= set(getattr(route, "methods", None) or ())
    return sorted(found)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [
        {"where": _plain(" ".join(str(part) for part in item["loc"])), "what": _plain(str(item["msg"]))}
        for item in error.errors()[:20]
    ]
    return problem(422, "what was sent is not as described", errors=faults)


async def _no_store(_request: Request, error: Exception) -> Response:
    log.error("call not answered", error=str(error))
    return problem(503, "the store cannot be reached just now")


def _plain(text: str) -> str:
    """Words that go into JSON as they are, whatever was sent."""
    return text.encode("ascii", "backslashreplace").decode()[:200]
