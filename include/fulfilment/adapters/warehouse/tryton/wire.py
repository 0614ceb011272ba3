"""Tryton's REST door (Tryton 8.0, trytond/protocols/rest.py): search, press a button, times and dates.

Every search goes by POST `<model>/search_read`: it changes nothing and, unlike GET, takes a domain of any length.
Tryton wraps decimals, dates and times as objects with a `__class__`; its times are UTC without saying so.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from include.fulfilment.adapters.answers import answered_at
from include.fulfilment.adapters.transport import Acquire, OnCall, Reply, Transport, UnknownOutcome
from include.fulfilment.errors import ConfigError, DataError

Record = dict[str, Any]
_Item = TypeVar("_Item")
_CONTEXT = "X-Tryton-Context"
# Assigning and packing 500 lines takes Tryton several seconds, more on a busy machine.
_READ_TIMEOUT = 120.0


def tryton_transport(
    address: str,
    database: str,
    api_key: str,
    *,
    connection_id: str,
    on_call: OnCall | None = None,
    acquire: Acquire | None = None,
) -> Transport:
    """The transport to one Tryton database. `api_key` is a user application key of kind `rest`.

    Raises:
        ConfigError: address, database or key is missing or malformed.
    """
    if not database or not api_key:
        raise ConfigError(f"connection {connection_id!r}: Tryton needs the database as schema and a key as password")
    return Transport(
        f"{address.rstrip('/')}/{database}/rest",
        system="tryton",
        connection_id=connection_id,
        headers={"Authorization": f"bearer {api_key}"},
        scope_hint="the user's application key and its groups in Tryton (Sales, Stock)",
        read_timeout=_READ_TIMEOUT,
        on_call=on_call,
        acquire=acquire,
    )


class TrytonClient:
    """Calls one Tryton database as the integration's user, in that user's company."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._context: Record | None = None

    @property
    def context(self) -> Record:
        """The user's own context, read once: without the company some of Tryton's fields have no value."""
        if self._context is None:
            found = self._post("/model/res.user/get_preferences", {"context_only": True}, safe=True).body
            if not isinstance(found, dict) or not found.get("company"):
                connection = self._transport.connection_id
                raise ConfigError(f"connection {connection!r}: its user belongs to no company in Tryton; set one there")
            self._context = {"company": found["company"], "language": "en"}
        return self._context

    def search(self, model: str, domain: Sequence[Any], fields: Sequence[str], **more: Any) -> list[Record]:
        """Records of `model` that match, by id. `more`: `limit`, or `context` keys such as `locations`. Raises
        DataError when the answer is no list of records."""
        context = {**self.context, **more.pop("context", {})}
        query = {"domain": list(domain), "fields_names": list(fields), "order": [["id", "ASC"]], **more}
        found = self._post(f"/model/{model}/search_read", query, safe=True, context=context).body
        if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
            raise _no_answer(model, "search_read")
        return [_plain(record) for record in found]

    def count(self, model: str, domain: Sequence[Any]) -> int:
        """How many records match."""
        query = {"domain": list(domain)}
        found = self._post(f"/model/{model}/search_count", query, safe=True, context=self.context).body
        if not isinstance(found, int):
            raise _no_answer(model, "search_count")
        return found

    def create(self, model: str, values: Mapping[str, Any], *, safe: bool) -> int:
        """Create one record and give its id. Raises UnknownOutcome when nobody knows whether it was stored."""
        made = self._post(f"/model/{model}/create", {"vlist": [values]}, safe=safe, context=self.context).body
        if not isinstance(made, list) or len(made) != 1 or not isinstance(made[0], int):
            raise UnknownOutcome(f"tryton: create of {model} was answered without the record's id")
        return made[0]

    def press(self, model: str, record: int, button: str) -> None:
        """Press a button of one record. Tryton refuses (400) where the record's state forbids it, so that pressing
        again does no harm."""
        self._post(f"/model/{model}/{record}/{button}", {}, safe=False, context=self.context)

    def delete(self, model: str, record: int) -> None:
        """Delete one record."""
        self._send("DELETE", f"/model/{model}/{record}", None, "delete", safe=True, context=self.context)

    def server_time(self) -> datetime:
        """The server's clock now, from the Date header of an answer: whole seconds, rounded down."""
        reply = self._post("/model/res.user/get_preferences", {"context_only": True}, safe=True)
        return answered_at(reply.headers, "tryton")

    def _post(self, path: str, body: Any, *, safe: bool, context: Mapping[str, Any] | None = None) -> Reply:
        operation = path.rpartition("/")[2]
        return self._send("POST", path, body, operation, safe=safe, context=context)

    def _send(
        self, method: str, path: str, body: Any, operation: str, *, safe: bool, context: Mapping[str, Any] | None
    ) -> Reply:
        headers = {_CONTEXT: base64.urlsafe_b64encode(json.dumps(context).encode()).decode()} if context else {}
        return self._transport.request(method, path, operation=operation, safe=safe, body=body, headers=headers)


def _no_answer(model: str, operation: str) -> DataError:
    return DataError(f"tryton: {operation} of {model} was answered with something that is no answer; try again", model)


def wire_date(day: date) -> Record:
    """A date in Tryton's form."""
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}


def wire_time(instant: datetime) -> Record:
    """An aware instant in Tryton's form: UTC without a zone."""
    at = instant.astimezone(UTC)
    clock = {"hour": at.hour, "minute": at.minute, "second": at.second, "microsecond": at.microsecond}
    return {**wire_date(at.date()), "__class__": "datetime", **clock}


def wire_zero() -> Record:
    """No money: Tryton demands a price on an order's line, and prices are not the warehouse's business."""
    return {"__class__": "Decimal", "decimal": "0"}


def whole(quantity: Any, what: str) -> int:
    """Base units as an integer. Raises DataError for part of a unit and for what is no number; nothing is not zero."""
    if not isinstance(quantity, int | Decimal) or quantity != int(quantity):
        text = f"tryton: {what} counts {quantity} base units, which is no whole number; correct it there"
        raise DataError(text, what)
    return int(quantity)


def chunks(items: Sequence[_Item], size: int) -> Iterator[Sequence[_Item]]:
    """The items in slices of at most `size`, in order."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def record_id(reference: str | None) -> int:
    """The id in a reference such as `sale.line,7`; 0 for none."""
    return int((reference or ",0").rpartition(",")[2])


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("__class__") == "datetime":
        day = (value["year"], value["month"], value["day"])
        return datetime(*day, value["hour"], value["minute"], value["second"], value["microsecond"], tzinfo=UTC)
    return {key: _plain(each) for key, each in value.items()}
