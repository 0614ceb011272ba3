"""How long a remote may make us wait."""

from __future__ import annotations

import pytest

from include.fulfilment.adapters.answers import retry_after


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("9" * 400, 3600.0),
        ("86400000", 3600.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 9999 07:28:00 GMT", 3600.0),
        ("٧", None),
        ("-1", None),
        ("inf", None),
        ("", None),
    ],
)
def test_a_remote_is_waited_for_an_hour_at_most_whatever_it_says(said: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": said}) == seconds
    assert retry_after({"x-retry-after": said}) == seconds
