"""How SparkLayer refuses: problem details after RFC 7807 (https://docs.sparklayer.io/developers/errors)."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response

_TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}


class ApiRefusal(Exception):
    """The call is refused. `entries` are (code, message, property)."""

    def __init__(self, status: int, detail: str, *entries: tuple[str, str, str]) -> None:
        super().__init__(detail)
        self.status, self.detail, self.entries = status, detail, entries

    def response(self) -> Response:
        """Return the problem as it is answered."""
        return problem(self.status, self.detail, *self.entries)


def problem(status: int, detail: str, *entries: tuple[str, str, str]) -> Response:
    """Return a problem; `errors` is left out where there is nothing to name."""
    body: dict[str, Any] = {"title": _TITLES.get(status, "Error"), "status": status, "detail": detail}
    if entries:
        body["errors"] = [dict(zip(("code", "message", "property"), entry, strict=True)) for entry in entries]
    return JSONResponse(body, status_code=status, media_type="application/problem+json")
