"""How an HTTP answer is read before anybody believes it: its JSON, when it was given, how long to wait, and where it
sends us."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from include.fulfilment.errors import DataError, RetryableError

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


def answered_at(headers: Mapping[str, str], system: str) -> datetime:
    """The remote's own instant when it answered: the Date header, whole seconds rounded down (RFC 9110, 6.6.1). Raises
    RetryableError where there is none, because nobody can tell how old such an answer is."""
    try:
        return email.utils.parsedate_to_datetime(headers.get("date", "")).astimezone(UTC)
    except (ValueError, ArithmeticError):
        words = "an answer does not say when it was given (no Date header); it will be asked again"
        raise RetryableError(f"{system}: {words}") from None


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


def file_host(address: str, *, local: bool) -> str:
    """The host of an address that a remote gave for a file. Raises DataError unless it is plain and starts with
    https://; a remote on this machine (`local`) may name a file on this machine without TLS."""
    try:
        parts = urlsplit(address)
        host, local = parts.hostname or "", local and parts.hostname in ("127.0.0.1", "localhost", "::1")
        safe = parts.scheme == "https" or (local and parts.scheme == "http")
    except ValueError:
        safe, host = False, ""
    if not (safe and host and address.isascii() and address.isprintable()) or "@" in parts.netloc:
        raise DataError("the remote gave an address for a file that is not https; nothing was fetched")
    return host


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if number and abs(number.adjusted()) > _MOST_MAGNITUDE:
        raise ValueError("no quantity and no money is of this size")
    return number
