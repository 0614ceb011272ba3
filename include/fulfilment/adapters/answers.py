"""How an HTTP answer is read before anybody believes it: its JSON, and how long it asks us to wait."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

LONGEST_WAIT = 3600.0  # seconds; who asks for more is asked again after an hour
_MOST_MAGNITUDE = 100  # digits before or after the point: as an integer, 1E+999999999 would fill all memory


def parsed(content_type: str, content: bytes) -> tuple[Any, bool]:
    """The JSON in the body and whether it was JSON; an empty body counts as JSON's nothing. A fractional number becomes
    a Decimal; with one beyond all measure the body is no JSON."""
    if not content.strip():
        return None, True
    if "json" not in content_type.lower():
        return None, False
    try:
        return json.loads(content, parse_float=_decimal), True
    except (ValueError, ArithmeticError, RecursionError):
        return None, False


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from a Retry-After header, at most an hour: it holds seconds or an HTTP date (RFC 9110, 10.2.3). Some
    write it with an x- before it."""
    value = (headers.get("retry-after") or headers.get("x-retry-after", "")).strip()
    if value.isascii() and value.replace(".", "", 1).isdigit():
        return min(float(value), LONGEST_WAIT)
    try:
        at = email.utils.parsedate_to_datetime(value).timestamp()
    except (ValueError, ArithmeticError):
        return None
    return min(max(0.0, at - time.time()), LONGEST_WAIT)


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if number and abs(number.adjusted()) > _MOST_MAGNITUDE:
        raise ValueError("no quantity and no money is of this size")
    return number
