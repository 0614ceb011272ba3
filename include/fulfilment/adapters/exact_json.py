"""JSON as it is sent: a Decimal becomes the number it is, digit for digit, so that what was read can be written back
unchanged. The standard library writes numbers from binary floats alone."""

from __future__ import annotations

import json
import re
import secrets
from decimal import Decimal
from typing import Any


def encoded(value: Any) -> bytes:
    """The value as JSON in ASCII (httpx would fail on half an emoji, which a cut note can hold). Raises ValueError for
    what is no number in JSON (NaN, infinity), TypeError for what has no place in JSON."""
    mark = secrets.token_hex(16)  # unguessable, so that no text from outside can stand for a number
    numbers: list[str] = []

    def standing_in(each: Any) -> str:
        if not isinstance(each, Decimal):
            raise TypeError(f"{type(each).__name__} has no place in JSON")
        if not each.is_finite():
            raise ValueError(f"{each} is no number in JSON")
        numbers.append(str(each))
        return f"{mark}-{len(numbers) - 1}"

    text = json.dumps(value, allow_nan=False, default=standing_in)
    return re.sub(rf'"{mark}-([0-9]+)"', lambda found: numbers[int(found[1])], text).encode()
