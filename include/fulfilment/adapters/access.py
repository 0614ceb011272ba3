"""Keys that expire: calls with one, and gets a new one by logging in when the remote no longer takes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from include.fulfilment.errors import ConfigError

if TYPE_CHECKING:
    from include.fulfilment.adapters.transport import Reply

LogIn = Callable[[], Mapping[str, str]]
_PLAIN = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")


class AccessRefused(ConfigError):
    """The remote answered 401 or 403: a person must mend the credentials, unless a new key helps. Nothing was done."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def plain_headers(headers: Mapping[str, str], connection_id: str) -> Mapping[str, str]:
    """The headers, if they can be sent. Raises ConfigError, which does not repeat the value: a pasted key often ends in
    a line break, and the errors of the HTTP library show it whole."""
    for name, value in headers.items():
        if value and not _PLAIN.fullmatch(value):
            words = f"what is sent as {name} holds a line break, an outer blank or a character that is not ASCII"
            raise ConfigError(f"connection {connection_id!r}: {words}; correct the token or key")
    return headers


class Sender(Protocol):
    """What a session calls through: `Transport`."""

    @property
    def request(self) -> Callable[..., Reply]: ...


class Session:
    """One login at one remote, shared by all threads. `log_in` answers the headers that prove who calls; it is asked
    before the first call, and once in a call whose key the remote refuses with 401 (which carried nothing out).

    A 401 for a key that is new in this very call is no matter of time: AccessRefused, a ConfigError.
    """

    def __init__(self, sender: Sender, log_in: LogIn) -> None:
        self._sender = sender
        self._log_in = log_in
        self._held: Mapping[str, str] | None = None
        self._lock = Lock()

    def request(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **call: Any) -> Reply:
        """As `Transport.request`, with the key in its headers."""
        held = self._held
        key = held or self._renewed(held)
        try:
            return self._sender.request(method, path, headers={**(headers or {}), **key}, **call)
        except AccessRefused as refused:
            if refused.status != 401 or held is None:
                raise
        key = self._renewed(held)
        return self._sender.request(method, path, headers={**(headers or {}), **key}, **call)

    def _renewed(self, stale: Mapping[str, str] | None) -> Mapping[str, str]:
        """The key that another thread got meanwhile, or a new one."""
        with self._lock:
            if self._held is stale or self._held is None:
                self._held = self._log_in()
            return self._held
