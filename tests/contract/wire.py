"""The kit's ear and hand on an adapter's wire: it hears every call, spoils those it is told to, and alters answers.

It lies under `Transport` itself, so it works alike for every dialect and needs no word of its remote. It also is the
call budget, and keeps what each adapter was connected with, so that a check can connect it otherwise.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from unittest.mock import patch

import httpx

from include.fulfilment.adapters import connecting
from include.fulfilment.adapters.connecting import Connecting
from include.fulfilment.adapters.transport import Transport
from include.fulfilment.errors import RetryableError

PAGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
BEFORE = ("429", "401", "5xx_before", "reset_before", "html_before", "refused")
AFTER = (
    "5xx_after",
    "reset_after",
    "timeout_after",
    "html_after",
    "cut_after",
    "odd_after",
    "null_after",
    "text_after",
)
"""What can befall one call: before it reached the remote, or after the remote carried it out."""
_LIMITS = httpx.Limits(keepalive_expiry=2.0)  # as our own client has them
_SECRET_HEADERS = ("authorization", "token", "key", "secret", "hmac")
_ODD_BODIES = {"odd_after": b"{}", "null_after": b"null", "text_after": b'"ok"'}


@dataclass
class Heard:
    """One call that the adapter made, and what came back (None where nothing did)."""

    method: str
    url: str
    sent: str
    status: int | None = None
    answer: Any = None
    date: datetime | None = None


@dataclass
class Spoil:
    """Let `after_calls` calls pass, then spoil `times` of them."""

    kind: str
    after_calls: int = 0
    times: int = 1


@dataclass(repr=False)
class Wire:
    """Everything that the adapters of one bench send and hear."""

    clock: Any = None
    heard: list[Heard] = field(default_factory=list)
    plan: list[Spoil] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    given: Connecting | None = None
    asked: list[int] = field(default_factory=list)
    refusal: RetryableError | None = None
    alter: Callable[[Heard, Any], Any] | None = None
    repeat: bool = False
    remote_clock: Callable[[], datetime] | None = None
    per_call: float = 0.0
    waits: list[float] = field(default_factory=list)
    _pages: dict[str, bytes] = field(default_factory=dict)
    _lock: Any = field(default_factory=threading.RLock)

    def __repr__(self) -> str:
        return f"<wire, {len(self.heard)} calls heard>"

    def calm(self) -> None:
        """Spoil, alter and delay nothing from here on."""
        self.plan, self.alter, self.remote_clock, self.refusal = [], None, None, None
        self.repeat, self.per_call = False, 0.0
        self._pages.clear()

    def spoil(self, kind: str, after_calls: int = 0, times: int = 1) -> None:
        """Spoil calls from now on, in place of any earlier plan."""
        assert kind in BEFORE + AFTER, kind
        self.plan = [Spoil(kind, after_calls, times)]

    def clear(self) -> None:
        """Forget what was heard so far."""
        for kept in (self.heard, self.asked, self.waits):
            kept.clear()  # type: ignore[attr-defined]

    def acquire(self, cost: int) -> None:
        """The call budget: counts, or refuses."""
        self.asked.append(cost)
        if self.refusal:
            raise self.refusal

    def wait(self, seconds: float) -> None:
        """A wait of the transport passes at once, on the bench's clock."""
        self.waits.append(seconds)
        self.clock.pass_time(seconds)

    def carry(self, inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        """One call, spoilt and altered as told."""
        heard = Heard(request.method, str(request.url), request.read().decode("utf-8", "replace"))
        with self._lock:
            self.heard.append(heard)
            self._note_secrets(request)
            kind = self._due()
        if kind in BEFORE:
            return self._instead(kind, request, heard)
        answer = inner.handle_request(request)
        content = answer.read()
        answer.close()
        if self.per_call:
            self.clock.pass_time(self.per_call)
        if kind:
            return self._instead(kind, request, heard, content, answer.headers.get("date", ""))
        content = self._altered(heard, content)
        heard.status, heard.answer = answer.status_code, content.decode("utf-8", "replace")
        return httpx.Response(answer.status_code, headers=self._headers(answer, heard), content=content)

    def _due(self) -> str:
        for each in self.plan:
            if each.after_calls:
                each.after_calls -= 1
            elif each.times:
                each.times -= 1
                return each.kind
        return ""

    def _instead(self, kind: str, request: httpx.Request, heard: Heard, *came: Any) -> httpx.Response:
        content, date = came or (b"", "")
        if kind.startswith("reset"):
            raise httpx.ReadError("the connection was reset", request=request)
        if kind == "refused":
            raise httpx.ConnectError("nobody listens", request=request)
        if kind == "timeout_after":
            raise httpx.ReadTimeout("no answer in time", request=request)
        if kind.startswith("html"):
            return httpx.Response(200, headers={"Content-Type": "text/html"}, content=PAGE)
        if kind == "cut_after" or kind in _ODD_BODIES:
            body = _ODD_BODIES.get(kind, content[: max(1, len(content) // 2)])
            return httpx.Response(200, headers={"Content-Type": "application/json", "Date": date}, content=body)
        status = int(kind) if kind.isdigit() else 502
        heard.status = status
        headers = {"Content-Type": "application/json", "Retry-After": "1"} if status == 429 else {}
        return httpx.Response(status, headers=headers, content=b"" if status == 401 else b"{}")

    def _altered(self, heard: Heard, content: bytes) -> bytes:
        if self.repeat:
            # The call without what turns the page: its path, and of a query the document alone.
            key = f"{heard.method} {heard.url.partition('?')[0]} {_document(heard.sent)}"
            return self._pages.setdefault(key, content)
        if self.alter is None:
            return content
        try:
            parsed = json.loads(content)
        except ValueError:
            return content
        return json.dumps(self.alter(heard, parsed)).encode()

    def _headers(self, answer: httpx.Response, heard: Heard) -> dict[str, str]:
        dropped = ("content-length", "content-encoding", "transfer-encoding", "date" if self.remote_clock else "")
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in dropped}
        return {**kept, **self._date(heard)}

    def _date(self, heard: Heard) -> dict[str, str]:
        if self.remote_clock is None:
            return {}
        heard.date = self.remote_clock()
        return {"Date": format_datetime(heard.date.astimezone(UTC), usegmt=True)}

    def _note_secrets(self, request: httpx.Request) -> None:
        for name, value in request.headers.items():
            if any(word in name.lower() for word in _SECRET_HEADERS):
                self.secrets.add(value.rpartition(" ")[2])


class _Tap(httpx.BaseTransport):
    def __init__(self, wire: Wire, inner: httpx.BaseTransport | None) -> None:
        self._wire, self._inner = (
            wire,
            inner or httpx.HTTPTransport(verify=False, limits=_LIMITS),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._wire.carry(self._inner, request)

    def close(self) -> None:
        self._inner.close()


@contextmanager
def listening() -> Iterator[Wire]:
    """Every transport made meanwhile is on the wire, and every adapter connected meanwhile asks it for its calls."""
    wire = Wire()
    plain_transport, plain_connecting = Transport.__init__, Connecting.__init__

    def transport(self: Transport, *args: Any, **kwargs: Any) -> None:
        tapped = {"wire": _Tap(wire, kwargs.get("wire")), "sleep": wire.wait}
        plain_transport(self, *args, **{**kwargs, **tapped})

    def connect(self: Connecting, *args: Any, **kwargs: Any) -> None:
        plain_connecting(self, *args, **{**kwargs, "acquire": wire.acquire})
        wire.given = self
        wire.secrets.add(self.connection.password)

    with patch.object(Transport, "__init__", transport), patch.object(connecting.Connecting, "__init__", connect):
        yield wire


def connected_otherwise(given: Connecting, **options: Any) -> Connecting:
    """As the bench's adapter was connected, with other options of the warehouse's site file."""
    held = given.site.warehouse
    site = given.site.model_copy(update={"warehouse": held.model_copy(update={"options": {**held.options, **options}})})
    return replace(given, site=site)


def _document(sent: str) -> str:
    try:
        body = json.loads(sent)
    except ValueError:
        return ""
    return str(body.get("query", "")) if isinstance(body, dict) else ""


def swapped(value: Any, old: Any, new: Any) -> Any:
    """JSON with every scalar that equals `old` (a number also where it is written as text) replaced by `new`."""
    if isinstance(value, dict):
        return {key: swapped(each, old, new) for key, each in value.items()}
    if isinstance(value, list):
        return [swapped(each, old, new) for each in value]
    same = value == old and not isinstance(value, bool)
    if isinstance(value, str) and isinstance(old, int):
        same = value == str(old)
        return (str(new) if new is not None else None) if same else value
    return new if same else value


def without(value: Any, word: str) -> Any:
    """JSON without the list entries that hold `word` somewhere."""
    if isinstance(value, dict):
        return {key: without(each, word) for key, each in value.items()}
    if isinstance(value, list):
        return [without(each, word) for each in value if word not in json.dumps(each)]
    return value
