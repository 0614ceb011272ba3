"""Mintsoft's API (https://api.mintsoft.co.uk, version 8.5.28): the key, reads that change nothing, pages, and writes.

- The key comes from POST /api/Auth as a bare string and is good for 24 hours; then Mintsoft answers 401.
- A GET is no proof of reading: 19 of them change state. They stand in `STATE_CHANGING` and are refused here.
- A page holds fewer records than were asked for, without a word. A parameter that is misspelt is passed over without a
  word as well, so what comes back is checked again and not taken as filtered.
- Cloudflare stands in front; its HTML pages are no answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from include.fulfilment.adapters.access import Session
from include.fulfilment.adapters.answers import answered_at
from include.fulfilment.adapters.transport import Reply, Transport
from include.fulfilment.adapters.warehouse.mintsoft.options import Account
from include.fulfilment.adapters.warehouse.mintsoft.wire import Country, Row, Status, read
from include.fulfilment.errors import ConfigError, DataError, RetryableError

STATE_CHANGING = frozenset(
    {
        "/api/ASN/{id}/BookIn",
        "/api/ASN/{id}/BookInPartial",
        "/api/ASN/{id}/Confirm",
        "/api/ASN/{id}/MarkAwaitingPutAway",
        "/api/ASN/{id}/MarkPutAwayComplete",
        "/api/ASN/{id}/PartBook",
        "/api/Order/{id}/Cancel",
        "/api/Order/{id}/Documents/{DocumentId}/MarkPrinted",
        "/api/Order/{id}/MarkAwaitingConfirmation",
        "/api/Order/{id}/MarkAwaitingPayment",
        "/api/Order/{id}/MarkConfirmed",
        "/api/Order/{id}/MarkDespatched",
        "/api/Order/{id}/MarkPackAndHold",
        "/api/Order/{id}/MarkPaymentReceived",
        "/api/Order/{id}/MarkPrinted",
        "/api/Order/{id}/MarkReleasePackAndHold",
        "/api/Order/{id}/UpdateNumberOfParcels",
        "/api/WarehouseTransfer/{id}/Cancel",
        "/api/WarehouseTransfer/{id}/Confirm",
    }
)
ORDERS_A_PAGE = 100  # the most that Order/List answers, whatever is asked for
STOCK_A_PAGE = 500
MOST_FOUND = 10  # the most that Order/Search answers
_KEY = re.compile("[!-~]{16,200}")  # a GUID, as far as anybody has seen


class MintsoftClient:
    """Calls one Mintsoft account. Safe to share between threads."""

    def __init__(self, transport: Transport, login: str, password: str, account: Account) -> None:
        self._transport = transport
        self._session = Session(transport, lambda: self._log_in(login, password))
        self._names: Mapping[int, str] | None = None
        self._countries: Mapping[str, int] | None = None
        self.account = account
        self.connection_id = transport.connection_id

    def _log_in(self, login: str, password: str) -> Mapping[str, str]:
        # Safe to repeat: a second key does not end the first.
        body = {"Username": login, "Password": password}
        key = self._transport.request("POST", "/api/Auth", operation="Auth", safe=True, body=body).body
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            where = f"connection {self.connection_id!r}"
            raise RetryableError(f"mintsoft: the login gave no key; if it stays so, check the address of {where}")
        return {"ms-apikey": key}

    def get(self, path: str, operation: str, **params: str | int) -> Reply:
        """One read. Raises ConfigError for a GET that would change something: that is a mistake of the adapter's."""
        if changes_state(path):
            raise ConfigError(f"mintsoft: GET {path} changes state and is no read; it was not sent")
        return self._session.request("GET", path, operation=operation, safe=True, params=params)

    def put_order(self, body: Row) -> Any:
        """Create an order; answers Mintsoft's results. UnknownOutcome: nobody knows whether it was stored."""
        return self._session.request("PUT", "/api/Order", operation="CreateOrder", safe=False, body=body).body

    def change(self, method: str, path: str, operation: str, body: Row | None = None) -> Any:
        """One call that changes an order, sent once whatever its method is: a cancel is a GET. UnknownOutcome: nobody
        knows whether it was carried out."""
        return self._session.request(method, path, operation=operation, safe=False, body=body).body

    def country_id(self, code: str) -> int | None:
        """Mintsoft's id of a country by its two letters; None where it has none. The list is read once."""
        if self._countries is None:
            listed = (read(Country, row) for row in rows(self.get("/api/RefData/Countries", "Countries")))
            self._countries = {each.code.upper(): each.id for each in listed if isinstance(each, Country)}
        return self._countries.get(code.upper())

    def search(self, order_number: str) -> list[Row]:
        """At most ten orders with this number, newest first. Mintsoft looks into other references and into other
        clients as well, so the caller compares."""
        params = {"OrderNumber": order_number, "exactMatch": "true", "IncludeOrderItems": "true"}
        return rows(self.get("/api/Order/Search", "Search", **params))

    def orders_since(self, since: str) -> Iterator[list[Row]]:
        """Orders of the account that changed since then, in pages; everything where `since` is empty."""
        params: dict[str, str | int] = {"IncludeOrderItems": "true", "SortOldestFirst": "true", "Limit": ORDERS_A_PAGE}
        params |= {"SinceLastUpdated": since} if since else {}
        params |= self._client()
        return self._pages("/api/Order/List", "List", params, lambda row: row.get("ID"), again=True)

    def consignments(self, order_id: int) -> list[Row]:
        """The courier consignments of one order."""
        return rows(self.get(f"/api/Order/{order_id}/Shipments", "Shipments"))

    def stock(self, warehouse_id: int) -> Iterator[list[Row]]:
        """Stock of one warehouse, a record per product and location, in pages."""
        params = {"WarehouseId": warehouse_id, "Limit": STOCK_A_PAGE, **self._client()}
        keys = ("ID", "ProductId", "WarehouseId", "LocationId")
        return self._pages("/api/Product/Inventory/Bulk", "Inventory", params, lambda row: tuple(map(row.get, keys)))

    def status_names(self) -> Mapping[int, str]:
        """Mintsoft's names of the account's order statuses by id, read once."""
        if self._names is None:
            self.server_time()
        return self._names or {}

    def server_time(self) -> datetime:
        """The server's clock now (whole seconds, rounded down), from an answer of its own, with which the statuses come
        anew. Asked before a reading, it is the instant at which the reading began."""
        reply = self.get("/api/Order/Statuses", "Statuses")
        found = [each for each in (read(Status, row) for row in rows(reply)) if isinstance(each, Status)]
        self._names = {each.id: each.name for each in found}
        return answered_at(reply.headers, "mintsoft")

    def _client(self) -> dict[str, str | int]:
        return {"ClientId": self.account.client_id} if self.account.client_id else {}

    def _pages(
        self,
        path: str,
        operation: str,
        params: Mapping[str, str | int],
        key: Callable[[Row], Hashable],
        *,
        again: bool = False,
    ) -> Iterator[list[Row]]:
        """Pages until one is empty: a short page may be short because the server gives fewer than it was asked for.
        Raises DataError when a record comes a second time: the reading is not whole. With `again` a record may, as long
        as its page also holds others: orders that change meanwhile join the list and move the rest on."""
        seen: set[Hashable] = set()
        page_no = 1
        while page := rows(self.get(path, operation, PageNo=page_no, **params)):
            keys = {key(row) for row in page}
            if keys & seen and not (again and keys - seen):
                words = f"page {page_no} of {operation} has records of an earlier page again"
                raise DataError(f"mintsoft: {words}; the reading is incomplete and will be made again", operation)
            yield page
            seen |= keys
            page_no += 1


def changes_state(path: str) -> bool:
    """Whether a GET on this path would change something in Mintsoft, however it is written."""
    return any(pattern.fullmatch(path) for pattern in _patterns())


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    written = (re.escape(template).replace(r"\{", "{").replace(r"\}", "}") for template in sorted(STATE_CHANGING))
    return tuple(re.compile(re.sub(r"\{\w+\}", "[^/]+", each) + "/*([?#].*)?", re.IGNORECASE) for each in written)


def rows(reply: Reply) -> list[Row]:
    """The records of an answer that must be a list. Raises RetryableError for anything else; nothing is no list."""
    body = reply.body
    if not isinstance(body, list) or not all(isinstance(row, dict) for row in body):
        raise RetryableError("mintsoft: the answer is no list of records; it will be asked again")
    return body
