"""Numbers are sent as they were read."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from include.fulfilment.adapters.exact_json import encoded


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 20.00, "b": [0.1, -1E-7, 12345678901234567890.123456789], "c": 7, "d": null}',
        '{"note": "12.5", "emoji": "\\ud83d\\ude00", "half": "\\ud83d"}',
        "[]",
    ],
)
def test_what_was_read_is_written_back_digit_for_digit(text: str) -> None:
    assert encoded(json.loads(text, parse_float=Decimal)).decode() == text


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), float("nan")])
def test_what_is_no_number_is_not_sent(value: Any) -> None:
    with pytest.raises(ValueError, match=r"no number in JSON|not JSON compliant"):
        encoded({"a": value})


def test_what_has_no_place_in_json_is_named() -> None:
    with pytest.raises(TypeError, match="set has no place in JSON"):
        encoded({"a": {1}})
