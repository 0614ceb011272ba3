"""GraphQL over the transport: one operation, its errors sorted by what can be done, and Shopify's cost throttling.

Shopify answers a throttled call with status 200 and the error code THROTTLED; nothing was carried out then
(https://shopify.dev/docs/api/usage/limits).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from include.fulfilment.adapters.storefront.batches import BatchRefusal
from include.fulfilment.adapters.transport import MAX_WAIT, Transport, UnknownOutcome
from include.fulfilment.errors import ConfigError, DataError, RetryableError, TerminalError

_OPERATION = re.compile(r"\b(?:query|mutation)\s+(\w+)")
_PASSING = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"})
_TRIES = 12
_MOST_PAGES = 10_000

Json = Any


class GraphQLRefusal(BatchRefusal):
    """Shopify refused the operation as a whole; nothing was carried out. The text holds its first message."""


class ShopifyClient:
    """Runs the operations of `shopify_queries` against one shop."""

    def __init__(self, transport: Transport, api_version: str) -> None:
        self._transport = transport
        self._path = f"/admin/api/{api_version}/graphql.json"

    def read(self, document: str, **variables: Json) -> Mapping[str, Json]:
        """The data of a query."""
        return self._run(document, variables, safe=True)

    def write(self, document: str, *, safe: bool, **variables: Json) -> Mapping[str, Json]:
        """The one payload of a mutation. `safe` says that a repeat does no harm. Raises UnknownOutcome when it was
        sent, is not safe, and nothing clear came back."""
        data = self._run(document, variables, safe=safe)
        payload = next(iter(data.values()), None)
        if not isinstance(payload, dict):
            raise self._unclear("a mutation", "no payload", safe)
        return payload

    def pages(self, document: str, root: str, **variables: Json) -> Iterator[list[Json]]:
        """The nodes of each page of the connection `root`. Raises DataError when paging repeats itself."""
        after: str | None = None
        seen: set[str] = set()
        for _ in range(_MOST_PAGES):
            connection = self.read(document, after=after, **variables)[root]
            yield nodes_of(connection)
            after = next_cursor(connection)
            if after is None:
                return
            if after in seen:
                raise DataError(f"paging of {root} came back to an earlier page; the reading is incomplete", root)
            seen.add(after)
        raise DataError(f"{root} has more than {_MOST_PAGES} pages; the reading is incomplete", root)

    def download(self, address: str, *, operation: str, most_bytes: int, most_seconds: float) -> Iterator[bytes]:
        """See `Transport.download`."""
        return self._transport.download(address, operation=operation, most_bytes=most_bytes, most_seconds=most_seconds)

    def wait(self, seconds: float) -> None:
        """Wait in place."""
        self._transport.sleep(seconds)

    def _run(self, document: str, variables: Mapping[str, Json], *, safe: bool) -> Mapping[str, Json]:
        found = _OPERATION.search(document)
        name = found[1] if found else "anonymous"
        body = {"query": document, "operationName": name, "variables": variables}
        waited = 0.0
        for _ in range(_TRIES):
            answer = self._transport.request("POST", self._path, operation=name, safe=safe, body=body).body
            if not isinstance(answer, dict):
                raise self._unclear(name, "no GraphQL answer", safe)
            if not answer.get("errors"):
                return self._data(answer, name, safe)
            wait = self._judge(answer, name, safe)
            waited += wait
            if waited > MAX_WAIT:
                break
            self._transport.sleep(wait)
        raise RetryableError(f"{name}: the shop is throttling; try again in {wait:.1f} s", retry_after=wait)

    def _data(self, answer: Mapping[str, Json], name: str, safe: bool) -> Mapping[str, Json]:
        data = answer.get("data")
        if not isinstance(data, dict):
            raise self._unclear(name, "an answer without data", safe)
        return data

    def _judge(self, answer: Mapping[str, Json], name: str, safe: bool) -> float:
        """Seconds to wait when throttled; anything else raises."""
        errors = [each for each in _list(answer["errors"]) if isinstance(each, dict)]
        codes = {str(_dict(each.get("extensions")).get("code", "")) for each in errors}
        if "THROTTLED" in codes:
            return _throttle_wait(_dict(_dict(answer.get("extensions")).get("cost")), name)
        words = str(errors[0].get("message", ""))[:300] if errors else "no reason given"
        if "ACCESS_DENIED" in codes:
            where = f"connection {self._transport.connection_id!r}"
            raise ConfigError(f"{name}: the shop denies access ({words}); give the app of {where} the scope it names")
        if codes & _PASSING:
            raise self._unclear(name, f"{', '.join(sorted(codes))}", safe)
        raise GraphQLRefusal(f"{name}: the shop refused the operation: {words}")

    def _unclear(self, name: str, what: str, safe: bool) -> RetryableError | UnknownOutcome:
        if safe:
            return RetryableError(f"{name}: the shop gave {what}; it will be tried again")
        return UnknownOutcome(f"{name}: the shop gave {what}; it may or may not have been carried out")


def _throttle_wait(cost: Mapping[str, Json], name: str) -> float:
    """Seconds until the bucket holds what the call asked for, by Shopify's own figures; 1 s when it gives none."""
    status = _dict(cost.get("throttleStatus"))
    asked, free = _number(cost.get("requestedQueryCost")), _number(status.get("currentlyAvailable"))
    most, rate = _number(status.get("maximumAvailable")), _number(status.get("restoreRate"))
    if asked is None or free is None or not rate:
        return 1.0
    if most is not None and asked > most:
        raise TerminalError(f"{name}: costs {asked} points, more than the shop ever grants ({most})")
    return max(0.25, float((asked - free) / rate))


def _number(value: Json) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _dict(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def nodes_of(connection: Json) -> list[Json]:
    """The nodes of a connection; one that is missing or misshapen has none."""
    return _list(_dict(connection).get("nodes"))


def next_cursor(connection: Json) -> str | None:
    """Where the next page starts, or None on the last."""
    info = _dict(_dict(connection).get("pageInfo"))
    cursor = info.get("endCursor")
    return cursor if info.get("hasNextPage") is True and isinstance(cursor, str) else None


def gid(kind: str, number: str) -> str:
    """Shopify's global id for the number we keep; a global id is left as it is."""
    return number if number.startswith("gid://") else f"gid://shopify/{kind}/{number}"


def number_of(value: Json) -> str:
    """The number of a global id, as text: it is 64 bits wide and never goes through a float. Empty for no such id."""
    found = re.fullmatch(r"gid://shopify/[A-Za-z]+/([0-9]{1,19})(?:\?.*)?", value) if isinstance(value, str) else None
    return found[1] if found else ""
