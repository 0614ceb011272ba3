"""The desk's writing addresses: JSON for programs, and forms for people, which work without a script.

A write counts only from a page of this desk (or with a token of its own), because a browser sends the sign-in's cookie
along with every request, whoever's page made it.
https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ValidationError

from include.fulfilment.desk.deciding import (
    Deciding,
    Decisions,
    FieldCorrection,
    HoldVerdict,
    ReadingVerdict,
    require_team,
)
from include.fulfilment.desk.pages import HEADERS, is_json
from include.fulfilment.desk.reader import DeskReader
from include.fulfilment.domain.hold_decision import READING, Decision, Signed, correctors, decider
from include.fulfilment.domain.hold_matters import LIFTABLE
from include.fulfilment.errors import DataError, Overtaken

MOST_BYTES = 20_000
Kind = TypeVar("Kind", bound=BaseModel)
Made = TypeVar("Made")
SiteOf = Callable[[DeskReader, str], str]
"""Finds the site that is asked for; refuses (404) one that is not there."""
FORM = "application/x-www-form-urlencoded"


def add_decisions(
    app: FastAPI, reader: DeskReader, current_user: Callable[..., Any], decisions: Decisions, site_of: SiteOf
) -> None:
    """POST /decide/hold, /decide/reading and /decide/correction. Answers 200 with the decision (or 303 to the page for
    a form), 403 to who may not, 404 for what is not there, 409 for who comes too late, 422 for what cannot be."""
    guards = [Depends(decisions.authorise), Depends(only_from_here)]

    def visitor(user: str = Depends(current_user), user_id: str = Depends(decisions.current_id)) -> tuple[str, str]:
        return user, user_id

    _add_orders(app, reader, decisions.keeper, site_of, guards, Depends(visitor))
    _add_readings(app, reader, decisions.keeper, site_of, guards, Depends(visitor))


def _add_orders(
    app: FastAPI, reader: DeskReader, keeper: Deciding, site_of: SiteOf, guards: list[Any], visitor: Any
) -> None:
    @app.post("/decide/hold", dependencies=guards)
    def hold(request: Request, given: Given, who: tuple[str, str] = visitor) -> Response:
        asked = _read(HoldVerdict, given)
        site = site_of(reader, asked.site)
        _order(reader, site, asked.order)
        if asked.code not in LIFTABLE:
            raise HTTPException(422, "This hold cannot be lifted; only its cause can be mended.")
        require_team(keeper, site, who[1], [decider(asked.code)])
        signed = Signed(who[0], asked.reason)
        made = _told(lambda: keeper.hold(site, asked.order, asked.code, asked.verdict, signed, asked.seen))
        return _done(request, made, f"/order?{urlencode({'id': asked.order, 'site': site})}")

    @app.post("/decide/correction", dependencies=guards)
    def correction(request: Request, given: Given, who: tuple[str, str] = visitor) -> Response:
        asked = _read(FieldCorrection, given)
        site = site_of(reader, asked.site)
        require_team(keeper, site, who[1], correctors(asked.field, _order(reader, site, asked.order)))
        signed = Signed(who[0], asked.reason)
        _told(lambda: keeper.correct(site, asked.order, asked.field, asked.value, signed, asked.seen))
        return _done(request, None, f"/order?{urlencode({'id': asked.order, 'site': site})}")


def _add_readings(
    app: FastAPI, reader: DeskReader, keeper: Deciding, site_of: SiteOf, guards: list[Any], visitor: Any
) -> None:
    @app.post("/decide/reading", dependencies=guards)
    def reading(request: Request, given: Given, who: tuple[str, str] = visitor) -> Response:
        asked = _read(ReadingVerdict, given)
        site = site_of(reader, asked.site)
        require_team(keeper, site, who[1], [decider(READING)])
        signed = Signed(who[0], asked.reason)
        made = _told(lambda: keeper.reading(site, asked.warehouse, asked.verdict, signed, asked.seen))
        return _done(request, made, f"/readings?{urlencode({'site': site})}")


async def _given(request: Request) -> dict[str, Any]:
    """What was sent, from JSON or a form."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(413, "That is too much for a decision.")
    try:
        text = body.decode()
        if is_json(request):
            found = json.loads(text)
        elif request.headers.get("content-type", "").partition(";")[0].strip() == FORM:
            found = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=20))
        else:
            raise HTTPException(415, "Send JSON or an ordinary form.")
    except ValueError:
        raise HTTPException(422, "What was sent cannot be read.") from None
    if not isinstance(found, dict):
        raise HTTPException(422, "What was sent is no set of fields.")
    return {key: value.replace("\x00", "") if isinstance(value, str) else value for key, value in found.items()}


Given = Annotated[dict[str, Any], Depends(_given)]


def only_from_here(request: Request) -> None:
    """Refuses (403) a write that another site's page made the browser send. Where the browser does not say where it
    comes from, only a token in the request itself counts, which no browser adds."""
    headers = request.headers
    told, origin = headers.get("sec-fetch-site"), headers.get("origin")
    ours = told == "same-origin" if told else urlsplit(origin).netloc == headers.get("host") if origin else None
    if not (ours if ours is not None else "authorization" in headers):
        raise HTTPException(403, "This decision did not come from a page of the desk, so it was not taken.")


def _read(kind: type[Kind], given: dict[str, Any]) -> Kind:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the fields"
        raise HTTPException(422, f"{where}: {first['msg'][0].lower()}{first['msg'][1:]}.") from None


def _order(reader: DeskReader, site: str, order_id: str) -> str:
    """What holds this order."""
    rows = reader.order(site, order_id)
    if rows is None:
        raise HTTPException(404, f"There is no order “{order_id}” here.")
    return rows.head.reason


def _told(decide: Callable[[], Made]) -> Made:
    """Refusals of the services, as answers."""
    try:
        return decide()
    except Overtaken as error:
        raise HTTPException(409, f"Too late: {error}.") from None
    except DataError as error:
        raise HTTPException(422, f"{error}.") from None


def _done(request: Request, made: Decision | None, page: str) -> Response:
    if made is not None and made.late:
        verb = {"lifted": "lifted the hold", "refused": "refused to lift it"}[made.verdict]
        when = f"{made.at:%Y-%m-%d %H:%M:%S} UTC"
        raise HTTPException(409, f"Too late: {made.person} {verb} on {when}, because: {made.reason}")
    if not is_json(request):
        return RedirectResponse(request.scope.get("root_path", "") + page, 303, HEADERS)
    if made is None:
        return JSONResponse({"stored": True}, headers=HEADERS)
    fields = {"decision_id": made.decision_id, "verdict": made.verdict, "person": made.person, "reason": made.reason}
    return JSONResponse({"stored": True, **fields, "at": made.at.isoformat()}, headers=HEADERS)
