"""Rendering: templates with escaping always on, and the headers that every answer of the desk carries."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from include.fulfilment.desk import bars, words

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with less, browsers would not say where a form comes from
    "Cache-Control": "no-store",
}
_ERRORS = {
    400: ("This address can't be read", "Start again from Today, or search for an order."),
    401: ("You are not signed in", "Sign in to Airflow, then open this page again."),
    403: ("You may not see this", "Ask whoever runs Airflow here for access to its plugins, or sign in again."),
    409: ("Too late", "Open the page again: it shows how things stand now."),
    413: ("That is too long", "Shorten it and send it again."),
    415: ("That can't be read", "Decide on the desk's own pages."),
    422: ("That can't be stored", "Nothing was changed. Go back, correct it and send it again."),
    404: ("Not here", "Start again from Today, or search for an order."),
    503: ("The desk can't read its records just now", "Nothing is lost; orders keep moving as far as Airflow runs."),
}
_OTHER = ("Something went wrong on the desk", "Reload the page. If it stays, the API server's log says why.")


def is_json(request: Request) -> bool:
    """Whether a program asks, and not a person's browser."""
    return request.headers.get("content-type", "").partition(";")[0].strip() == "application/json"


class Pages:
    """The desk's templates, read once."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {"words": words, "whole": bars.WHOLE}

    def render(self, request: Request, template: str, now: datetime, status: int = 200, **values: Any) -> HTMLResponse:
        """A page as of `now`. `place` in `values` says whose site it is; links keep it."""
        place = values["place"]
        kept = {"site": place.site} if place.sites else {}
        values |= {"now": now, "framed": request.headers.get("sec-fetch-dest") == "iframe"}
        values["page"] = "today" if template == "today.html" else "order"
        values.setdefault("q", "")
        return self._answer(request, template, status, kept, values)

    def error(self, request: Request, status: int, detail: str) -> Response:
        """A page that says what happened and what to do next, without anything of the inside; JSON to who sent JSON.
        Of a refused sign-in the host's own words say nothing to a reader."""
        title, advice = _ERRORS.get(status, _OTHER)
        said = "" if status == 401 or (status == 403 and detail in ("", "Forbidden")) else detail
        if is_json(request):
            return JSONResponse({"title": title, "detail": said, "advice": advice}, status, HEADERS)
        # Whatever the desk is mounted in asks for a sign-in on its own start page.
        host = request.scope.get("root_path", "").rpartition("/")[0] + "/"
        values = {"title": title, "detail": said, "advice": advice, "status": status, "host": host}
        return self._answer(request, "error.html", status, {}, values)

    def _answer(
        self, request: Request, template: str, status: int, kept: dict[str, str], values: dict[str, Any]
    ) -> HTMLResponse:
        base = request.scope.get("root_path", "")

        def link(path: str, **query: str) -> str:
            pairs = urlencode(query | kept)
            return f"{base}{path}" + (f"?{pairs}" if pairs else "")

        text = self._templates.get_template(template).render(link=link, base=base, **values)
        return HTMLResponse(text, status, HEADERS)
