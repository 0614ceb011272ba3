"""The desk: a small web application of server-rendered pages, mountable wherever someone can say who is asking."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

from include.fulfilment.clock import Clock
from include.fulfilment.desk import words
from include.fulfilment.desk.actions import view_actions
from include.fulfilment.desk.deciding import Decisions
from include.fulfilment.desk.decision_doors import add_decisions
from include.fulfilment.desk.order import view_order
from include.fulfilment.desk.pages import HEADERS, Pages
from include.fulfilment.desk.reader import DeskReader
from include.fulfilment.desk.today import marks, view_today
from include.fulfilment.domain.hold_decision import READING, decider
from include.fulfilment.errors import FulfilmentError

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
ASSETS = {"desk.css": "text/css", "icon.svg": "image/svg+xml", "icon-dark.svg": "image/svg+xml"}
LISTED_AT_MOST = 200
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Place:
    """Which site a page is about; `sites` has more than one name only where a person can choose."""

    site: str
    sites: tuple[str, ...]


def create_desk(
    reader: DeskReader,
    current_user: Callable[..., Any],
    authorise: Callable[..., Any],
    decisions: Decisions,
    clock: Clock,
) -> FastAPI:
    """The desk as an application.

    `authorise` and `current_user` are dependencies in FastAPI's sense: the first refuses by raising an HTTPException
    and is asked before every answer, the second returns the visitor's name. No page is served without both, and
    nothing is decided without what `decisions` asks beyond that.
    """
    app = FastAPI(
        title="Fulfilment desk",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        dependencies=[Depends(authorise)],
    )
    pages = Pages()
    _add_error_pages(app, pages)
    _add_today(app, pages, reader, current_user, clock)
    _add_orders(app, pages, reader, current_user, decisions, clock)
    _add_lists(app, pages, reader, current_user, decisions, clock)
    add_decisions(app, reader, current_user, decisions, lambda reader, site: _place(reader, site).site)
    _add_rest(app)
    return app


def _place(reader: DeskReader, wanted: str) -> Place:
    sites: Sequence[str] = reader.sites()
    if wanted and wanted not in sites:
        raise HTTPException(404, f"There is no site called “{wanted}” here. Choose another at the top of the page.")
    return Place(wanted or (sites[0] if sites else ""), tuple(sites) if len(sites) > 1 else ())


def _add_today(app: FastAPI, pages: Pages, reader: DeskReader, current_user: Callable[..., Any], clock: Clock) -> None:
    visitor = Depends(current_user)

    @app.get("/")
    def today(request: Request, site: Text = "", user: str = visitor) -> HTMLResponse:
        now, place = clock(), _place(reader, site)
        view = view_today(reader.today(place.site, marks(now)), now)
        return pages.render(request, "today.html", now, user=user, place=place, view=view)


def _add_orders(
    app: FastAPI,
    pages: Pages,
    reader: DeskReader,
    current_user: Callable[..., Any],
    decisions: Decisions,
    clock: Clock,
) -> None:
    visitor, visitor_id = Depends(current_user), Depends(decisions.current_id)

    @app.get("/order")
    def order(
        request: Request,
        q: Text = "",
        id: Text = "",
        site: Text = "",
        user: str = visitor,
        user_id: str = visitor_id,
    ) -> HTMLResponse:
        now, place = clock(), _place(reader, site)
        text = q.strip().replace("\x00", "")
        found = reader.find(place.site, text) if text and not id else []
        order_id = id.replace("\x00", "") or (found[0].order_id if len(found) == 1 else "")
        rows = reader.order(place.site, order_id) if order_id else None
        common: dict[str, Any] = {"user": user, "place": place, "q": text}
        if rows:
            actions = view_actions(rows, decisions.keeper.teams(place.site, user_id))
            return pages.render(request, "order.html", now, view=view_order(rows), actions=actions, **common)
        if len(found) > 1:
            title = f"{len(found)} orders match “{text}”"
            return pages.render(request, "orders.html", now, orders=found, title=title, cut=False, **common)
        missing = text or id
        return pages.render(request, "find.html", now, 404 if missing else 200, missing=missing, **common)


def _add_lists(
    app: FastAPI,
    pages: Pages,
    reader: DeskReader,
    current_user: Callable[..., Any],
    decisions: Decisions,
    clock: Clock,
) -> None:
    visitor, visitor_id = Depends(current_user), Depends(decisions.current_id)

    @app.get("/orders")
    def orders(request: Request, which: Text, site: Text = "", user: str = visitor) -> HTMLResponse:
        now, place = clock(), _place(reader, site)
        found = reader.listed(place.site, which.replace("\x00", ""), marks(now), LISTED_AT_MOST + 1)
        return pages.render(
            request,
            "orders.html",
            now,
            user=user,
            place=place,
            orders=found[:LISTED_AT_MOST],
            cut=len(found) > LISTED_AT_MOST,
            title=words.listing(which),
        )

    @app.get("/readings")
    def readings(request: Request, site: Text = "", user: str = visitor, user_id: str = visitor_id) -> HTMLResponse:
        now, place = clock(), _place(reader, site)
        may = decider(READING) in decisions.keeper.teams(place.site, user_id)
        found = reader.readings(place.site)
        who = decider(READING)
        return pages.render(request, "readings.html", now, user=user, place=place, readings=found, may=may, who=who)


def _add_rest(app: FastAPI) -> None:
    @app.get("/static/{name}")
    def asset(name: str) -> FileResponse:
        if name not in ASSETS:
            raise HTTPException(404, "There is no such file.")
        headers = HEADERS | {"Cache-Control": "private, max-age=300"}
        return FileResponse(STATIC / name, media_type=ASSETS[name], headers=headers)

    # Last, so that even an address that does not exist is answered only to those who may look.
    @app.api_route("/{path:path}", methods=_METHODS)
    def nowhere(path: str) -> Response:
        raise HTTPException(404, "There is no such page on the desk. Start again from Today, or search for an order.")


def _add_error_pages(app: FastAPI, pages: Pages) -> None:
    def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = error.detail if isinstance(error, HTTPException) else ""
        return pages.error(request, status, detail)

    def unreadable(request: Request, error: Exception) -> Response:
        log.warning("the desk can't read the store: %s", error)
        return pages.error(request, 503, str(error))

    def malformed(request: Request, error: Exception) -> Response:
        return pages.error(request, 400, "The address of this page is incomplete or too long.")

    def unexpected(request: Request, error: Exception) -> Response:
        return pages.error(request, 500, "")  # the server logs the error itself

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(FulfilmentError, unreadable)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(Exception, unexpected)
