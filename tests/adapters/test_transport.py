"""What a failed call means, what is repeated, and what never reaches a log or an error."""

from __future__ import annotations

import logging
import socket
import traceback
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from include.fulfilment.adapters.transport import RemoteRefusal, Transport, UnknownOutcome
from include.fulfilment.errors import ConfigError, RetryableError

Answer = httpx.Response | Exception


class Wire(httpx.BaseTransport):
    """Answers from a script, the last entry for ever, and counts."""

    def __init__(self, *script: Answer | Callable[[], httpx.Response]) -> None:
        self.script, self.requests = list(script), list[httpx.Request]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer


def ok(body: object = None) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(200, json={} if body is None else body)


def status(code: int, **headers: str) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(
        code, json={"error": "words"}, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def transport(wire: Wire, waits: list[float] | None = None, **more: Any) -> Transport:
    waits = [] if waits is None else waits
    return Transport(
        "https://wms.example/api", system="wms", connection_id="warehouse_x", wire=wire, sleep=waits.append, **more
    )


def call(wire: Wire, safe: bool = False, waits: list[float] | None = None, **more: Any) -> Any:
    with transport(wire, waits, **more) as remote:
        return remote.request("POST", "/orders", operation="create", safe=safe, body={"a": 1}).body


def test_json_is_read_with_decimals_and_nothing_is_none() -> None:
    assert call(Wire(lambda: httpx.Response(200, json={"price": 1.10}))) == {"price": Decimal("1.1")}
    assert call(Wire(lambda: httpx.Response(204))) is None


@pytest.mark.parametrize("code", [500, 502, 503, 504, 408])
def test_an_unclear_answer_to_an_unsafe_call_is_unknown_and_never_repeated(code: int) -> None:
    wire = Wire(status(code))
    with pytest.raises(UnknownOutcome, match=f"wms answered {code}") as caught:
        call(wire)
    assert (len(wire.requests), caught.value.status, caught.value.body) == (1, code, {"error": "words"})
    assert not isinstance(caught.value, RetryableError)


@pytest.mark.parametrize("error", [httpx.ReadTimeout("x"), httpx.ReadError("x"), httpx.RemoteProtocolError("x")])
def test_a_lost_reply_to_an_unsafe_call_is_unknown_and_never_repeated(error: Exception) -> None:
    wire = Wire(error)
    with pytest.raises(UnknownOutcome, match=type(error).__name__):
        call(wire)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("trouble", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), status(429)])
def test_what_was_certainly_not_processed_is_repeated_even_when_unsafe(trouble: Any) -> None:
    wire, waits = Wire(trouble, trouble, ok({"id": 7})), list[float]()
    assert call(wire, waits=waits) == {"id": 7}
    assert len(wire.requests) == 3
    assert all(0 < wait <= 5 for wait in waits)


def test_a_safe_call_is_repeated_four_times_at_most_and_then_left_for_later() -> None:
    wire = Wire(status(503))
    with pytest.raises(RetryableError, match="warehouse_x"):
        call(wire, safe=True)
    assert len(wire.requests) == 4


def test_a_wait_the_remote_asks_for_is_kept_up_to_five_seconds_and_handed_on_beyond() -> None:
    waits: list[float] = []
    assert call(Wire(status(429, Retry_After="4"), ok({})), waits=waits) == {}
    assert waits == [4.0]
    wire = Wire(status(429, Retry_After="7"), ok({}))
    with pytest.raises(RetryableError) as caught:
        call(wire, safe=True)
    assert (caught.value.retry_after, len(wire.requests)) == (7.0, 1)


def test_a_wait_given_as_a_date_in_the_past_is_no_wait() -> None:
    waits: list[float] = []
    call(Wire(status(429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"), ok({})), waits=waits)
    assert waits == [0.0]


@pytest.mark.parametrize("code", [401, 403])
def test_refused_access_names_the_connection_and_what_to_check(code: int) -> None:
    with pytest.raises(ConfigError, match="'warehouse_x': access refused; check the scope write_orders"):
        call(Wire(status(code)), scope_hint="the scope write_orders")


@pytest.mark.parametrize("code", [400, 404, 409, 422])
def test_a_refusal_carries_its_status_and_words_but_not_in_its_text(code: int) -> None:
    with pytest.raises(RemoteRefusal) as caught:
        call(Wire(status(code)), safe=True)
    assert (caught.value.status, caught.value.body) == (code, {"error": "words"})
    assert "words" not in str(caught.value)


def test_a_redirect_is_not_followed() -> None:
    wire = Wire(lambda: httpx.Response(302, headers={"Location": "https://evil.example/"}))
    with pytest.raises(ConfigError, match="redirects elsewhere"):
        call(wire)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("safe", [True, False])
def test_a_page_where_json_was_expected_is_named_as_such(safe: bool) -> None:
    page = Wire(lambda: httpx.Response(200, text="<html>maintenance</html>", headers={"Content-Type": "text/html"}))
    with pytest.raises(RetryableError if safe else UnknownOutcome, match="a page that is not JSON"):
        call(page, safe=safe)
    broken = Wire(lambda: httpx.Response(200, text='{"cut', headers={"Content-Type": "application/json"}))
    with pytest.raises(RetryableError if safe else UnknownOutcome, match="not JSON"):
        call(broken, safe=safe)


def test_an_answer_beyond_the_bound_is_not_read_to_its_end() -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 1000

    with pytest.raises(UnknownOutcome, match="more than 10000 bytes"):
        call(Wire(lambda: httpx.Response(200, content=endless())), max_body=10_000)
    assert read == 11


def test_logs_hold_path_status_and_request_id_and_no_query_body_or_token(caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire(lambda: httpx.Response(200, json={"name": "Ada"}, headers={"X-Request-Id": "req-9"}))
    with caplog.at_level(logging.DEBUG), transport(wire, headers={"Authorization": "Bearer s3cret"}) as remote:
        remote.request("GET", "/orders", operation="list", safe=True, params={"email": "ada@example.com"})
        assert "s3cret" not in repr(remote)
    ours = [each.getMessage() for each in caplog.records if each.name.startswith("include.")]
    assert ours[0].startswith("wms GET /api/orders -> 200 in ")
    assert ours[0].endswith("request req-9")
    for secret in ("s3cret", "ada@example.com", "Ada"):
        assert secret not in "".join(
            each.getMessage() for each in caplog.records if not each.name.startswith("httpcore")
        )


def test_every_attempt_is_counted_and_pays_its_cost_first() -> None:
    heard: list[tuple[str, str, str]] = []
    costs: list[int] = []
    wire = Wire(status(503), httpx.ConnectError("x"), httpx.ReadError("x"), ok({}))
    call(wire, safe=True, on_call=lambda *each: heard.append(each), acquire=costs.append)
    assert heard == [("wms", "create", word) for word in ("503", "not_sent", "no_answer", "200")]
    assert costs == [1, 1, 1, 1]


def test_a_spent_budget_sends_nothing() -> None:
    def spent(cost: int) -> None:
        raise RetryableError(f"no {cost} calls left", retry_after=30)

    wire = Wire(ok({}))
    with pytest.raises(RetryableError, match="no 1 calls left"):
        call(wire, acquire=spent)
    assert wire.requests == []


@pytest.mark.parametrize("path", ["//evil.example/x", "https://evil.example/x", "@evil.example/", ""])
def test_a_path_never_leads_to_another_host(path: str) -> None:
    wire = Wire(ok({}))
    with transport(wire) as remote, pytest.raises(ConfigError, match=r"is not a path on wms\.example"):
        remote.request("GET", path, operation="x", safe=True)
    assert wire.requests == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://user:s3cret@wms.example", "put login and password in their own fields"),
        ("http://wms.example", "would send the token in clear"),
        ("ftp://wms.example", "must start with https"),
        ("wms.example", "must start with https"),
        ("https://wms.example:port", "no URL"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_without_showing_it(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        Transport(url, system="wms", connection_id="warehouse_x")
    assert "s3cret" not in str(caught.value)


def test_half_an_emoji_can_be_sent() -> None:
    wire = Wire(ok({}))
    with transport(wire) as remote:
        remote.request("POST", "/x", operation="x", safe=True, body={"note": "\ud83d"})
    assert wire.requests[0].content == b'{"note": "\\ud83d"}'


def test_a_closed_port_is_retryable_and_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    remote = Transport(f"http://127.0.0.1:{port}", system="wms", connection_id="warehouse_x", sleep=lambda wait: None)
    with remote, pytest.raises(RetryableError, match="cannot be reached"):
        remote.request("POST", "/x", operation="x", safe=False)


def _told(error: BaseException) -> str:
    """What a log says of an error, its chain included, without the lines of this file."""
    return "".join(line for line in traceback.format_exception(error) if __file__ not in line)


@pytest.mark.parametrize("end", ["\n", "\r\nX-Forged: 1", "…", "\x00", " ", "\ud800"])
def test_a_token_that_no_header_can_carry_is_a_matter_for_a_person_and_is_not_repeated(end: str) -> None:
    token = {"X-Token": f"hunter2{end}"}
    with pytest.raises(ConfigError, match="'warehouse_x': what is sent as X-Token holds a line break") as caught:
        transport(Wire(ok()), headers=token)
    assert "hunter2" not in _told(caught.value)
    wire = Wire(ok())
    with transport(wire) as remote, pytest.raises(ConfigError, match="X-Token") as caught:
        remote.request("GET", "/", operation="read", safe=True, headers=token)
    assert "hunter2" not in _told(caught.value)
    assert wire.requests == []


def test_a_number_beyond_all_measure_is_no_answer() -> None:
    for number in ("1E+999999999", "1E-999999999", "-1E+5000"):
        page = httpx.Response(200, content=f'{{"quantity": {number}}}', headers={"content-type": "application/json"})
        with pytest.raises(RetryableError, match="not JSON"):
            call(Wire(page), safe=True)
    assert call(Wire(lambda: httpx.Response(200, json={"price": 0.00}))) == {"price": Decimal("0.0")}


def fetch(wire: Wire, address: str = "https://files.example/f?sig=s3cret", most: int = 100, **more: Any) -> bytes:
    with transport(wire, headers={"Authorization": "Bearer t0ken"}, **more) as remote:
        return b"".join(remote.download(address, operation="file", most_bytes=most, most_seconds=9.0))


def test_a_file_comes_from_its_own_host_with_nothing_of_our_connection(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[tuple[str, str, str]] = []
    asked: list[int] = []
    wire = Wire(lambda: httpx.Response(200, content=b"12345"))
    with caplog.at_level(logging.INFO):
        assert fetch(wire, on_call=lambda *call: heard.append(call), acquire=asked.append) == b"12345"
    (request,) = wire.requests
    assert (request.url.host, dict(request.headers)) == ("files.example", {"host": "files.example"})
    assert request.extensions["timeout"] == {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": 30.0}
    assert (heard, asked) == ([("wms", "file", "200")], []), "another host's calls are not on the remote's budget"
    assert "wms GET a file from files.example -> 200" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (status(302, Location="https://elsewhere.example"), "did not come (302, HTTPStatusError)"),
        (status(403), "did not come (403, HTTPStatusError)"),
        (status(503), "did not come (503, HTTPStatusError)"),
        (httpx.ReadTimeout("slow"), "did not come (no_answer, ReadTimeout)"),
        (lambda: httpx.Response(200, content=b"x" * 101), "answered more than 100 bytes"),
    ],
)
def test_a_file_that_does_not_come_whole_is_asked_once_and_may_be_tried_again(answer: Any, words: str) -> None:
    wire = Wire(answer)
    with pytest.raises(RetryableError) as caught:
        fetch(wire)
    assert str(caught.value) == f"wms: the file from files.example {words}; it will be tried again"
    assert len(wire.requests) == 1


def test_a_file_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(0, 100, 5))
    monkeypatch.setattr("include.fulfilment.adapters.transport.time.monotonic", lambda: float(next(ticks)))
    with pytest.raises(RetryableError, match="took longer than 9 s"):
        fetch(Wire(lambda: httpx.Response(200, content=iter([b"1", b"2", b"3"]))))


def test_the_clients_own_calls_still_carry_its_token_after_a_file() -> None:
    wire = Wire(ok())
    with transport(wire, headers={"Authorization": "Bearer t0ken"}) as remote:
        list(remote.download("https://files.example/f", operation="file", most_bytes=9, most_seconds=9.0))
        remote.request("GET", "/orders", operation="list", safe=True)
    assert [each.headers.get("authorization") for each in wire.requests] == [None, "Bearer t0ken"]
