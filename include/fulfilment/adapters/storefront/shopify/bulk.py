"""The whole catalogue at once, by a bulk operation: minutes of the shop's work, and next to no query cost.

The shop carries the query out on its own and leaves a file with one line of JSON a record. We ask for no list of
records inside a variant, so a line is a variant whole: none has a `__parentId`, and nothing has to be put together.
Source: https://shopify.dev/docs/api/usage/bulk-operations/queries.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice

from include.fulfilment.adapters.storefront.fields import EPOCH, Fields, Json
from include.fulfilment.adapters.storefront.shopify import queries
from include.fulfilment.adapters.storefront.shopify.client import ShopifyClient, gid, nodes_of, number_of
from include.fulfilment.adapters.storefront.shopify.stock import map_variant
from include.fulfilment.adapters.transport import UnknownOutcome
from include.fulfilment.clock import Clock
from include.fulfilment.domain.order import Variant
from include.fulfilment.errors import ConfigError, DataError, RetryableError, TerminalError

LONGEST_WAIT = 900.0  # seconds for one reading; the operation goes on, and the next try finds it
UNDER_WAY_FOR = timedelta(hours=1)  # an operation of an earlier try that still runs is waited for up to this age
DONE_SINCE = timedelta(minutes=5)  # one that is done: a rerun after a correction must not read what was before it
_LOOK_EVERY = 10.0  # seconds; the first looks come sooner, as a small shop is read in a few seconds
_PER_PAGE = 250
_MOST_BYTES = 4 * 1024**3  # a million variants take a sixth of it
_MOST_SECONDS = 1800.0
_LONGEST_LINE = 1024 * 1024  # bytes; a variant with both metafields takes less than a thousand
_NO_ROOM = frozenset({"OPERATION_IN_PROGRESS", "LIMIT_REACHED"})
_ENDED = frozenset({"FAILED", "CANCELING", "CANCELED", "EXPIRED"})


class CatalogueExport:
    """All variants of one shop by one bulk operation. An operation that an earlier try of ours began is taken up: it
    has the very same query, and is under way since less than `UNDER_WAY_FOR` or done since less than `DONE_SINCE`."""

    def __init__(self, client: ShopifyClient, location_id: str, clock: Clock) -> None:
        self._client = client
        self._location_id = location_id
        self._clock = clock
        self._query = queries.every_variant(gid("Location", location_id))
        self._waited = 0.0

    def variants(self) -> Iterator[list[Variant]]:
        """The variants, a few hundred at a time; never all in memory. Raises RetryableError when the shop does not
        finish in time, gives up or leaves a file that holds fewer or more records than it counted; DataError for a
        file that cannot be read."""
        done = self._finished(self._begun())
        expected, address = _count(done.get("rootObjectCount")), done.get("url")
        # Without any record there is no file.
        found = map(self._variant, self._lines(str(address)) if address else ())
        read = 0
        while page := list(islice(found, _PER_PAGE)):
            read += len(page)
            yield page
        if read != expected:
            raise RetryableError(
                f"the shop counted {expected} variants and its file holds {read}; the reading is incomplete and must"
                " not be used; it will be tried again"
            )

    def _begun(self) -> str:
        """The id of an operation under way or just done, ours from before or a new one. Where the shop has no room for
        one more, that is waited for; where nobody knows whether it began, the next look tells."""
        while True:
            found = self._earlier() or self._started()
            if found:
                return found
            self._wait("has no room for another bulk operation")

    def _earlier(self) -> str:
        now = self._clock()
        since = (now - UNDER_WAY_FOR).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        search = f"operation_type:query created_at:>='{since}'"
        listed = self._client.read(queries.BULKS, search=search).get("bulkOperations")
        ours = [each for each in map(_fields, nodes_of(listed)) if self._is_usable(each, now)]
        newest = max(ours, key=lambda each: each.instant("createdAt") or EPOCH, default=None)
        return str(newest.raw.get("id")) if newest else ""

    def _is_usable(self, operation: Fields, now: datetime) -> bool:
        status, done_at = operation.raw.get("status"), operation.instant("completedAt", required=False)
        same = str(operation.raw.get("query")).split() == self._query.split()
        just_done = status == "COMPLETED" and done_at is not None and now - done_at < DONE_SINCE
        return same and (just_done or status in ("CREATED", "RUNNING"))

    def _started(self) -> str:
        try:
            payload = self._client.write(queries.START_BULK, safe=False, query=self._query)
        except UnknownOutcome:
            return ""
        errors = [each for each in payload.get("userErrors") or [] if isinstance(each, dict)]
        if any(each.get("code") in _NO_ROOM for each in errors):
            return ""
        if errors:
            words = str(errors[0].get("message"))[:300]
            raise TerminalError(f"the shop refused to read its catalogue by a bulk operation: {words}")
        return str(_fields(payload).inside("bulkOperation").raw.get("id") or "")

    def _finished(self, number: str) -> Mapping[str, Json]:
        """The operation once it is done."""
        while True:
            operation = _fields(self._client.read(queries.BULK, id=number).get("bulkOperation")).raw
            status, code = operation.get("status"), operation.get("errorCode")
            if status == "COMPLETED":
                return operation
            if code == "ACCESS_DENIED":
                raise ConfigError(
                    "the shop denies its catalogue; give the app the scopes read_products and read_inventory"
                )
            if status in _ENDED or not operation:
                why = f"{status} ({code})" if code else str(status)
                # What it read until then stands at `partialDataUrl`, which we never ask for: missing is not zero.
                raise RetryableError(f"the shop's bulk operation {number} ended as {why}; it will be tried again")
            self._wait(f"has not finished bulk operation {number}")

    def _wait(self, what: str) -> None:
        if self._waited >= LONGEST_WAIT:
            minutes = int(LONGEST_WAIT / 60)
            raise RetryableError(f"after {minutes} minutes the shop {what}; it will be tried again", retry_after=60.0)
        pause = min(_LOOK_EVERY, 1.0 + self._waited)
        self._client.wait(pause)
        self._waited += pause

    def _lines(self, address: str) -> Iterable[bytes]:
        parts = self._client.download(
            address, operation="FulfilmentBulkFile", most_bytes=_MOST_BYTES, most_seconds=_MOST_SECONDS
        )
        return _split(parts)

    def _variant(self, line: bytes) -> Variant:
        try:
            record = json.loads(line, parse_float=Decimal)
        except (ValueError, ArithmeticError, RecursionError):
            record = None
        if not isinstance(record, dict) or not number_of(record.get("id")) or "__parentId" in record:
            raise DataError("a line of the shop's file is no variant; the reading is incomplete and must not be used")
        return map_variant(record, self._location_id)


def _split(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file that comes in parts, without empty ones."""
    rest = b""
    for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        yield from (each for each in lines if each.strip())
        if len(rest) > _LONGEST_LINE:
            raise DataError(f"a line of the shop's file is longer than {_LONGEST_LINE} bytes; it is not read")
    if rest.strip():
        yield rest


def _fields(raw: Json) -> Fields:
    return Fields(raw, "", [])


def _count(value: Json) -> int:
    """A count as the shop writes it: 64 bits wide, hence as text."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise DataError("the shop does not say how many variants its file holds; it is not read")
    return int(text)
