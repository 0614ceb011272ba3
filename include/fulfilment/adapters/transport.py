"""The one door for outbound HTTP: time-outs, status map, bounded retry, call budget and redaction, for every remote.

No other module imports httpx. What an adapter learns of a failed call is what it may do next:

- `ConfigError`: a person must mend the connection (address, token, scope); `AccessRefused` for 401 and 403;
- `RemoteRefusal` (a `TerminalError`): the remote answered 4xx; its status and JSON body are on the error;
- `RetryableError`: nothing was changed by this call, or the call was marked safe; try later;
- `UnknownOutcome`: a call that may change something got no clear answer. Find out before doing anything again.

Log lines carry method, path without query, status, the vendor's request id and milliseconds. Never a body or a token.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Self

import httpx

from include.fulfilment.adapters.access import AccessRefused, plain_headers
from include.fulfilment.adapters.answers import file_host, parsed, retry_after
from include.fulfilment.adapters.exact_json import encoded
from include.fulfilment.errors import ConfigError, FulfilmentError, RetryableError, TerminalError

log = logging.getLogger(__name__)
# httpx logs whole URLs at INFO, query included; ours leave the query out.
logging.getLogger("httpx").setLevel(logging.WARNING)

MAX_WAIT = 5.0  # seconds a task may wait in place; longer waits are deferred by the caller
_NOT_PROCESSED = frozenset({425, 429})
_PASSING = frozenset({408, 425, 429})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

OnCall = Callable[[str, str, str], None]
Acquire = Callable[[int], None]


class RemoteRefusal(TerminalError):
    """The remote answered 4xx. `body` is its JSON, for the adapter to read; it is not in the error's text."""

    def __init__(self, message: str, status: int, body: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = body


class UnknownOutcome(FulfilmentError):
    """A call that may change something was sent and got no clear answer. On purpose no `RetryableError`: a retry
    loop must never repeat it. `status` and `body` hold what came back, if anything did."""

    def __init__(self, message: str, status: int | None = None, body: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = body


class _Failure(Exception):
    """One failed attempt: what to raise if it is final, and whether the remote can have processed anything."""

    def __init__(self, message: str, *, processed: bool, again: bool, status: int | None = None) -> None:
        super().__init__(message)
        self.processed = processed
        self.again = again
        self.status = status
        self.retry_after: float | None = None
        self.body: Any = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A 2xx answer. `body` is parsed JSON with Decimal for every fractional number, None when it was empty."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Transport:
    """One remote under one address. Thread-safe as httpx.Client is.

    `system` and `connection_id` name the remote in errors and counts; `scope_hint` says which permission to check on
    401 and 403. `acquire(cost)` is asked before every attempt and may raise RetryableError (call budget);
    `on_call(system, operation, status)` hears of every attempt: an HTTP status, `not_sent` or `no_answer`.
    """

    def __init__(
        self,
        base_url: str,
        *,
        system: str,
        connection_id: str,
        headers: Mapping[str, str] | None = None,
        scope_hint: str = "its token and permissions",
        connect_timeout: float = 5.0,
        read_timeout: float = 30.0,
        total_timeout: float = 120.0,
        max_body: int = 64 * 1024 * 1024,
        attempts: int = 4,
        acquire: Acquire | None = None,
        on_call: OnCall | None = None,
        sleep: Callable[[float], None] = time.sleep,
        wire: httpx.BaseTransport | None = None,
    ) -> None:
        base = _checked_base(base_url, connection_id)
        self.system = system
        self.connection_id = connection_id
        self._base = base
        self._scope_hint = scope_hint
        self._total = total_timeout
        self._max_body = max_body
        self._attempts = attempts
        self._acquire = acquire or (lambda cost: None)
        self._on_call = on_call or (lambda system, operation, status: None)
        self.sleep = sleep
        self._jitter = random.SystemRandom()
        timeout = httpx.Timeout(read_timeout, connect=connect_timeout)
        own = plain_headers({"Accept": "application/json", **(headers or {})}, connection_id)
        self._client = _client(base, own, timeout, wire)

    def __repr__(self) -> str:
        return f"Transport({self.system}, {self._base.host})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        safe: bool,
        body: Any = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        cost: int = 1,
    ) -> Reply:
        """Sends one call and answers its 2xx reply.

        `safe` says that repeating the call does no harm: only then is it repeated after it may have been processed.
        What was certainly not processed (connection refused, 429) is repeated either way. Waits over 5 s are not
        waited here: RetryableError carries them in `retry_after`. Raises as the module says.
        """
        url = self._url(path)
        plain_headers(headers or {}, self.connection_id)
        for attempt in range(1, self._attempts + 1):
            self._acquire(cost)
            try:
                return self._attempt(method, url, operation, body, params, headers)
            except _Failure as failure:
                wait = self._wait(failure, attempt)
                may_repeat = failure.again and (safe or not failure.processed)
                if not may_repeat or attempt == self._attempts or wait > MAX_WAIT:
                    raise self._final(failure, safe, wait) from None
                self.sleep(wait)
        raise AssertionError("the loop returns or raises")

    def download(self, address: str, *, operation: str, most_bytes: int, most_seconds: float) -> Iterator[bytes]:
        """The parts of a file as they come, from an address that the remote gave us, on whatever host. Nothing of our
        connection goes there, no header and no token, and a redirect is not followed. Raises DataError for an address
        that is not https, RetryableError for all that keeps the file from coming whole within these limits."""
        host = file_host(address, local=self._base.host in _LOOPBACK)
        started, status = time.monotonic(), "no_answer"
        try:  # a request made by hand: to one made by the client it adds our headers
            with closing(self._client.send(httpx.Request("GET", address), stream=True, auth=None)) as response:
                status = str(response.status_code)
                response.raise_for_status()  # for a redirect too
                yield from self._parts(response, most_bytes, most_seconds, started)
        except (_Failure, httpx.HTTPError, httpx.InvalidURL) as error:
            words = str(error) if isinstance(error, _Failure) else f"did not come ({status}, {type(error).__name__})"
            raise RetryableError(f"{self.system}: the file from {host} {words}; it will be tried again") from None
        finally:
            log.info("%s GET a file from %s -> %s", self.system, host, status)
            self._on_call(self.system, operation, status)

    def _url(self, path: str) -> httpx.URL:
        url = self._base.copy_with(raw_path=self._base.raw_path.rstrip(b"/") + path.encode())
        if not path.startswith("/") or path.startswith("//") or url.host != self._base.host:
            raise ConfigError(f"{self.system}: {path!r} is not a path on {self._base.host}")
        return url

    def _attempt(
        self,
        method: str,
        url: httpx.URL,
        operation: str,
        body: Any,
        params: Mapping[str, str | int] | None,
        headers: Mapping[str, str] | None,
    ) -> Reply:
        started = time.monotonic()
        status, request_id = "no_answer", "-"
        content = None if body is None else encoded(body)
        sent = {**(headers or {}), **({"Content-Type": "application/json"} if content is not None else {})}
        try:
            with self._client.stream(method, url, content=content, params=params, headers=sent) as response:
                status = str(response.status_code)
                request_id = response.headers.get("x-request-id", "-")[:100]
                return self._judge(response, self._read(response, started))
        except _NEVER_SENT as error:
            status = "not_sent"
            raise _Failure(f"cannot be reached ({type(error).__name__})", processed=False, again=True) from None
        except httpx.UnsupportedProtocol:
            raise ConfigError(f"{self.system}: the address in connection {self.connection_id!r} is no URL") from None
        except httpx.RequestError as error:
            raise _Failure(f"gave no answer ({type(error).__name__})", processed=True, again=True) from None
        finally:
            took = int((time.monotonic() - started) * 1000)
            log.info("%s %s %s -> %s in %d ms, request %s", self.system, method, url.path, status, took, request_id)
            self._on_call(self.system, operation, status)

    def _read(self, response: httpx.Response, started: float) -> bytes:
        return b"".join(self._parts(response, self._max_body, self._total, started))

    @staticmethod
    def _parts(response: httpx.Response, most: int, seconds: float, started: float) -> Iterator[bytes]:
        size = 0
        for part in response.iter_bytes():
            yield part
            size += len(part)
            if size > most:
                raise _Failure(f"answered more than {most} bytes", processed=True, again=False)
            if time.monotonic() - started > seconds:
                raise _Failure(f"took longer than {seconds:g} s to answer", processed=True, again=False)

    def _judge(self, response: httpx.Response, content: bytes) -> Reply:
        code = response.status_code
        body, is_json = parsed(response.headers.get("content-type", ""), content)
        if 200 <= code < 300:
            if not is_json:
                text = "answered a page that is not JSON (a login or maintenance page, or a wrong address)"
                raise _Failure(text, processed=True, again=False, status=code)
            return Reply(code, dict(response.headers), body)
        where = f"{self.system} answered {code}; connection {self.connection_id!r}"
        if code in (401, 403):
            raise AccessRefused(f"{where}: access refused; check {self._scope_hint}", code)
        if code < 400:
            raise ConfigError(f"{where}: it redirects elsewhere, which is not followed; correct the address")
        if code in _PASSING or code >= 500:
            failure = _Failure(f"answered {code}", processed=code not in _NOT_PROCESSED, again=True, status=code)
            failure.retry_after = retry_after(response.headers)
            failure.body = body
            raise failure
        raise RemoteRefusal(f"{where}: the call was refused", code, body)

    def _wait(self, failure: _Failure, attempt: int) -> float:
        if failure.retry_after is not None:
            return failure.retry_after
        return min(0.25 * 2.0**attempt * self._jitter.uniform(0.5, 1.0), MAX_WAIT)

    def _final(self, failure: _Failure, safe: bool, wait: float) -> FulfilmentError:
        text = f"{self.system} {failure}; connection {self.connection_id!r}"
        if failure.processed and not safe:
            return UnknownOutcome(f"{text}; it may or may not have been carried out", failure.status, failure.body)
        return RetryableError(f"{text}; it will be tried again", retry_after=failure.retry_after or wait)


def _client(
    base: httpx.URL, headers: Mapping[str, str], timeout: httpx.Timeout, wire: httpx.BaseTransport | None
) -> httpx.Client:
    return httpx.Client(
        headers=headers,
        timeout=timeout,
        follow_redirects=False,
        # Shorter than any server's keep-alive, so that a call is rarely lost on a connection just being closed.
        limits=httpx.Limits(keepalive_expiry=2.0),
        # Proxies and netrc of the environment are for remote hosts, never for this machine.
        trust_env=base.host not in _LOOPBACK,
        transport=wire,
    )


def _checked_base(base_url: str, connection_id: str) -> httpx.URL:
    try:
        base = httpx.URL(base_url)
    except httpx.InvalidURL:
        raise ConfigError(f"connection {connection_id!r}: its address is no URL") from None
    if base.userinfo:
        raise ConfigError(f"connection {connection_id!r}: put login and password in their own fields, not in the URL")
    if base.scheme not in ("http", "https") or not base.host:
        raise ConfigError(f"connection {connection_id!r}: its address must start with https:// and name a host")
    if base.scheme == "http" and base.host not in _LOOPBACK:
        raise ConfigError(f"connection {connection_id!r}: http:// would send the token in clear; use https://")
    return base
