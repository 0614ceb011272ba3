"""Errors as ShipHero answers them: status 200, null where the answer should be, and a code.

Shape, and 5 for what is not found: https://developer.shiphero.com/troubleshooting/error-glossary/. 3 for an argument
that is invalid was seen in a real answer; 30 for too few credits is told by integrators. 1 for an error of the server's
own is the sandbox's choice; the glossary's other codes are not known here.
"""

from __future__ import annotations

import secrets
from typing import Any

UNEXPECTED, INVALID, NOT_FOUND, NOT_ENOUGH_CREDITS = 1, 3, 5, 30


class Problem(Exception):
    """A resolver refuses; `code` is one of ShipHero's."""

    def __init__(self, message: str, code: int = INVALID) -> None:
        super().__init__(message)
        self.code = code


def request_id() -> str:
    """Return a new id of a request, 24 hexadecimal digits."""
    return secrets.token_hex(12)


def as_error(message: str, operation: str, code: int, field: str = "") -> dict[str, Any]:
    """Return one entry of `errors`."""
    return {
        "message": message,
        "operation": operation,
        "field": field or operation,
        "request_id": request_id(),
        "code": code,
    }
