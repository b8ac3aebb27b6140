"""The web application: the table of pages behind the gate, and one place where a request becomes a Visit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog
from python_multipart.multipart import parse_options_header
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from domain.errors import StorageError
from review.api.app import create_api
from review.api.problems import PREFIX
from review.bare import bare_page
from review.desk import ReviewDesk
from review.gate import Gate
from review.routes import CALLS, PAGES, Page
from review.templating import page as show
from review.viewers import feed_reader, peer_address, viewer_of
from review.visit import Refusal, Visit

log = structlog.get_logger()

_MOST_FIELDS = 2_000


def create_app(desk: ReviewDesk) -> Starlette:
    """The desk as an ASGI application."""
    routes = [Route(page.path, _answer(page, desk), methods=[page.method]) for page in PAGES]
    return Starlette(
        routes=[
            *routes,
            Mount(PREFIX, create_api(desk, CALLS)),
            Mount("/static", _Static(directory=Path(__file__).parent / "static")),
        ],
        middleware=[Middleware(Gate, access=desk.access)],
        exception_handlers={HTTPException: _not_served(desk), Exception: _broken},
    )


class _Static(StaticFiles):
    """Files of ours; their addresses change with them, so browsers may keep them."""

    def file_response(self, *args: object, **options: object) -> Response:
        response = super().file_response(*args, **options)  # type: ignore[arg-type]
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def _answer(page: Page, desk: ReviewDesk) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        form = FormData()
        if page.method == "POST":
            _prove_utf_8(request)
            try:
                form = await request.form(max_files=0, max_fields=_MOST_FIELDS)
            except ClientDisconnect:  # nobody is there to read this
                return Response(status_code=400)
        return await run_in_threadpool(_visited, page, desk, request, form)

    return answer


def _prove_utf_8(request: Request) -> None:
    """Pages of ours send UTF-8. Another charset is a way to say what no page could, such as half a character."""
    _, options = parse_options_header(request.headers.get("content-type"))
    if options.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
        raise HTTPException(415)


def _visited(page: Page, desk: ReviewDesk, request: Request, form: FormData) -> Response:
    visit = _visit(desk, request, form)
    try:
        if page.feed and (token := visit.request.query_params.get("token")):
            visit.viewer = feed_reader(desk, token, now=visit.now)
        if not visit.may(page.role) and not (page.feed and desk.access.public_status):
            return _kept_out(visit, page)
        if page.method == "POST":
            _prove_ours(visit, page)
        return page.endpoint(visit)
    except Refusal as refusal:
        answer = _refused(visit, refusal.status, visit.say(refusal.words, **refusal.parts))
        answer.headers.update(refusal.headers)
        return answer
    except StorageError as error:
        log.error("page not answered", page=page.path, error=str(error))
        return _refused(visit, 503, visit.say("The store cannot be reached just now."))


def _refused(visit: Visit, status: int, words: str) -> Response:
    return show(visit, "refused.html", status=status, words=words, code=status, came_from=visit.came_from)


def _visit(desk: ReviewDesk, request: Request, form: FormData) -> Visit:
    now = desk.now()
    address = peer_address(desk.access, request)
    return Visit(
        desk=desk, request=request, viewer=viewer_of(desk, request, now=now), address=address, now=now, form=form
    )


def _kept_out(visit: Visit, page: Page) -> Response:
    if page.feed:
        raise Refusal(401, "Sign in first, or use the address of a feed token of yours.")
    if visit.viewer.user is None:
        if visit.request.method == "GET":
            return visit.sign_in_first()
        raise Refusal(401, "Sign in first.")
    raise Refusal(403, "Your role does not allow this.")


def _prove_ours(visit: Visit, page: Page) -> None:
    """A POST comes from a page of ours: by its origin where the browser names one, and by the session's mark."""
    origin = visit.request.headers.get("origin")
    site = visit.request.headers.get("sec-fetch-site", "same-origin")
    ours = origin is None or origin == visit.desk.access.base_url or origin == _origin_of_host(visit)
    if not ours or site not in ("same-origin", "none"):
        raise Refusal(403, "This form did not come from the desk.")
    if not page.unsigned and not visit.brought_mark():
        raise Refusal(403, "This form has run out. Go back, load the page again, and send it once more.")


def _origin_of_host(visit: Visit) -> str:
    """Where several hosts are served, a form may come from the very one that it is sent to; the gate knows them all."""
    scheme = "https" if visit.desk.access.secure else "http"
    return f"{scheme}://{visit.request.headers.get('host', '').lower()}"


def _not_served(desk: ReviewDesk) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        words = {404: "There is no such page.", 405: "That cannot be done here."}.get(status, "That is no request.")

        def refused() -> Response:
            visit = _visit(desk, request, FormData())
            return _refused(visit, status, visit.say(words))

        return await run_in_threadpool(refused)

    return answer


async def _broken(request: Request, error: Exception) -> Response:
    """A bug: said so, without a word of what was inside. The server logs the rest."""
    return bare_page(request.headers, 500, "Something went wrong here, and it is on record.")
