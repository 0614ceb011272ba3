"""Everything that adapters send meanwhile, as it leaves: HTTP requests below the transport, messages above the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Any
from unittest.mock import patch

import httpx

from demo.truth.sent import Sent
from include.fulfilment.adapters.transport import Transport
from include.fulfilment.adapters.warehouse.x12.mailbox import MeteredMailbox
from include.fulfilment.adapters.warehouse.x12.segments import read_interchange


@contextmanager
def recording() -> Iterator[list[Sent]]:
    """The requests of every transport and mailbox made meanwhile, under the names by which they are counted."""
    sent: list[Sent] = []
    call = local()
    made, request, written = Transport.__init__, Transport.request, MeteredMailbox.write
    downloaded = Transport.download
    counted = MeteredMailbox._counted

    def make(self: Transport, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **{**kwargs, "wire": _Ear(kwargs.get("wire") or httpx.HTTPTransport(), sent, call)})

    def ask(self: Transport, *args: Any, operation: str, **kwargs: Any) -> Any:
        call.named = (self.system, operation)
        return request(self, *args, operation=operation, **kwargs)

    def fetch(self: Transport, address: str, *, operation: str, **kwargs: Any) -> Iterator[bytes]:
        call.named = (self.system, operation)
        yield from downloaded(self, address, operation=operation, **kwargs)

    def write(self: MeteredMailbox, folder: str, name: str, content: bytes) -> None:
        text = content.decode()
        sent.extend(Sent("x12", code, "", name, text) for code in _codes(text))
        written(self, folder, name, content)

    def step(self: MeteredMailbox, operation: str) -> Any:
        sent.append(Sent("x12", operation, "", "", ""))
        return counted(self, operation)

    with (
        patch.object(Transport, "__init__", make),
        patch.object(Transport, "request", ask),
        patch.object(Transport, "download", fetch),
        patch.object(MeteredMailbox, "write", write),
        patch.object(MeteredMailbox, "_counted", step),
    ):
        yield sent


def _codes(text: str) -> list[str]:
    return [message.code for group in read_interchange(text).groups for message in group.messages]


class _Ear(httpx.BaseTransport):
    def __init__(self, inner: httpx.BaseTransport, sent: list[Sent], call: local) -> None:
        self._inner, self._sent, self._call = inner, sent, call

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        system, operation = self._call.named
        headers = {name.lower(): value for name, value in request.headers.items()}
        content = request.read().decode()
        self._sent.append(Sent(system, operation, request.method, str(request.url), content, headers))
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()
