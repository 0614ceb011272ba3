"""How long a remote may make us wait, and where it may send us."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from include.fulfilment.adapters.answers import answered_at, file_host, retry_after
from include.fulfilment.errors import DataError, RetryableError


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


def test_a_file_is_fetched_over_tls_and_on_this_machine_without() -> None:
    assert file_host("https://storage.example:444/bulk/1?signature=x", local=False) == "storage.example"
    assert file_host("http://127.0.0.1:8080/bulk/1", local=True) == "127.0.0.1"


@pytest.mark.parametrize(
    "address",
    [
        "http://storage.example/1",
        "http://127.0.0.1:8080/1",
        "ftp://storage.example/1",
        "https://name:secret@storage.example/1",
        "https:///1",
        "https://[::1/1",
        "https://stör.example/1",
        "https://storage.example/1\r\nHost: x",
        "/bulk/1",
        "None",
        "",
    ],
)
def test_any_other_address_of_a_file_is_refused_and_not_told(address: str) -> None:
    with pytest.raises(DataError, match=r"^the remote gave an address for a file that is not https; nothing was"):
        file_host(address, local=False)


def test_an_answer_was_given_when_its_date_says() -> None:
    assert answered_at({"date": "Mon, 23 Nov 2026 10:00:00 GMT"}, "x") == datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.mark.parametrize("headers", [{}, {"date": ""}, {"date": "soon"}, {"date": "Fri, 31 Dec 9999 23:59:59 -2300"}])
def test_an_answer_without_a_date_has_no_age(headers: dict[str, str]) -> None:
    with pytest.raises(RetryableError, match="x: an answer does not say when it was given"):
        answered_at(headers, "x")
