"""Talk to a Tryton server the way its own desktop client does: JSON-RPC with a login.

The set-up and the demo's floor staff use this door; the integration itself has an API key and REST.
Wire facts were read from the protocol sources of Tryton 8.0: POST /<database>/rpc/, a session from common.db.login,
decimals and dates as objects with a __class__ key, errors as a list inside a 200 answer.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

_TIMEOUT = httpx.Timeout(600.0, connect=5.0)  # one call may work through hundreds of shipments
_MAX_WARNINGS = 20
_Item = TypeVar("_Item")
Press = Callable[[str, Mapping[str, Any]], Any]


class TrytonFault(RuntimeError):
    """Tryton refused a call; the text is its own message."""


class TrytonWarning(TrytonFault):
    """Tryton asks the person at the screen to confirm; `name` is what the confirmation is filed under."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class Rpc:
    """One logged-in session.

    Every call carries the user's own context (company, language), as the desktop client does.
    """

    def __init__(self, url: str, database: str, login: str, password: str) -> None:
        # No proxy of the environment: the server is on this machine.
        self._client = httpx.Client(base_url=f"{url.rstrip('/')}/{database}/", timeout=_TIMEOUT, trust_env=False)
        self.user_id, token = self._post("common.db.login", [login, {"password": password}])[:2]
        session = base64.b64encode(f"{login}:{self.user_id}:{token}".encode()).decode()
        self._client.headers["Authorization"] = f"Session {session}"
        self.context: dict[str, Any] = {}
        self.reload()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop the connections; Tryton lets the session lapse by itself."""
        self._client.close()

    def reload(self) -> None:
        """Read the user's preferences again, after their company was set."""
        self.context = dict(self._post("model.res.user.get_preferences", [True, {}]))

    def call(self, method: str, *params: Any, **context: Any) -> Any:
        """Call `model.<name>.<method>`; a question Tryton asks is answered yes, as the staff would.

        Raises:
            TrytonFault: Tryton refused, with its own words.
        """
        arguments = [*params, {**self.context, **context}]
        for _ in range(_MAX_WARNINGS):
            try:
                return self._post(method, arguments)
            except TrytonWarning as warning:
                self._confirm(warning)
        raise TrytonFault(f"{method}: Tryton kept asking for confirmation after {_MAX_WARNINGS} answers.")

    def search(self, model: str, domain: Sequence[Any], fields: Sequence[str], **context: Any) -> list[dict[str, Any]]:
        """Records of `model` that match, oldest first, with the fields named."""
        rest = [domain, 0, None, [["id", "ASC"]], list(fields)]
        found: list[dict[str, Any]] = self.call(f"model.{model}.search_read", *rest, **context)
        return found

    def create(self, model: str, records: Sequence[Mapping[str, Any]]) -> list[int]:
        """Create the records in one transaction and give their ids, in order."""
        ids: list[int] = self.call(f"model.{model}.create", list(records))
        return ids

    def write(self, model: str, ids: Sequence[int], values: Mapping[str, Any]) -> None:
        """Set the same values on every record named."""
        self.call(f"model.{model}.write", list(ids), dict(values))

    def wizard(self, name: str, steps: Callable[[Press], None], **context: Any) -> None:
        """Run one of Tryton's dialogues: `steps` gets a function that presses a button with form data."""
        session, _, _ = self.call(f"wizard.{name}.create")

        def press(state: str, data: Mapping[str, Any]) -> Any:
            return self.call(f"wizard.{name}.execute", session, dict(data), state, **context)

        try:
            steps(press)
        finally:
            self.call(f"wizard.{name}.delete", session)

    def _confirm(self, warning: TrytonWarning) -> None:
        self._post("model.res.user.warning.skip", [warning.name, False, self.context])

    def _post(self, method: str, params: Sequence[Any]) -> Any:
        body = json.dumps({"id": 1, "method": method, "params": params}, default=_encode)
        answer = self._client.post("rpc/", content=body, headers={"Content-Type": "application/json"})
        if answer.status_code != httpx.codes.OK:
            raise TrytonFault(f"{method}: the warehouse server answered {answer.status_code}; see its log.")
        payload = json.loads(answer.content, parse_float=Decimal, object_hook=_decode)
        error = payload.get("error") if isinstance(payload, dict) else None
        if error:
            raise _fault(method, error)
        return payload["result"] if isinstance(payload, dict) else payload


def chunks(items: Sequence[_Item], size: int) -> Iterator[Sequence[_Item]]:
    """The items in slices of at most `size`, in order."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _fault(method: str, error: Sequence[Any]) -> TrytonFault:
    kind, detail = error[0], error[1] if len(error) > 1 else ""
    if kind == "UserWarning":
        return TrytonWarning(str(detail[0]), f"{method}: {detail[1]}")
    if kind == "UserError":
        return TrytonFault(f"{method}: {' '.join(str(part) for part in detail[:2] if part)}")
    return TrytonFault(f"{method}: {kind}")


def _encode(value: object) -> object:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    raise TypeError(f"{type(value).__name__} has no form on Tryton's wire")


def _decode(value: dict[str, Any]) -> Any:
    kind = value.get("__class__")
    if kind == "Decimal":
        return Decimal(value["decimal"])
    if kind == "date":
        return date(value["year"], value["month"], value["day"])
    if kind == "datetime":
        clock = time(value["hour"], value["minute"], value["second"], value["microsecond"], UTC)
        return datetime.combine(date(value["year"], value["month"], value["day"]), clock)
    return value
