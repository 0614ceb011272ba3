"""The door as an application: first the proof, then a hint in the inbox, then the answer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from include.fulfilment.clock import Clock
from include.fulfilment.errors import FulfilmentError
from include.fulfilment.store.inbox import Hint
from include.fulfilment.webhooks.delivery import Delivery, Source
from include.fulfilment.webhooks.limits import Buckets, Limits, Monotonic, sender
from include.fulfilment.webhooks.reading import Refused, read_body
from include.fulfilment.webhooks.writer import GroupWriter, Put

log = logging.getLogger(__name__)

DEFAULT = Limits()
UNPROVEN = "the sender is not proven"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address: whose events of which site come here, and the secrets under which they are proven."""

    source: Source
    site: str
    warehouse: str
    secrets: Sequence[str] = field(repr=False)

    @property
    def name(self) -> str:
        """The address's public part."""
        return "/".join(part for part in (self.source.name, self.site, self.warehouse) if part)


class Door:
    """Takes deliveries for the endpoints and hands their hints to `put`, which returns once they are committed."""

    def __init__(
        self, endpoints: Sequence[Endpoint], put: Put, clock: Clock, limits: Limits, monotonic: Monotonic
    ) -> None:
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self._writer = GroupWriter(put)
        self._clock = clock
        self._limits = limits
        self._tries = Buckets(limits.tries, limits.tries_per_second, monotonic)
        self._deliveries = Buckets(limits.deliveries, limits.deliveries_per_second, monotonic)
        self._lines = Buckets(limits.lines, limits.lines_per_second, monotonic)
        self._reading = Counter[str]()

    async def deliver(self, place: str, request: Request) -> Mapping[str, str]:
        """The answer to a proven delivery, once what it tells is kept. Raises Refused; then nothing is."""
        host = sender(request.client.host if request.client else None)
        tries = self._tries.of(host)
        if not tries.take():
            raise Refused(429, "too many requests without a proof from this address", retry_after=60)
        endpoint, hints = await self._proven(place, request, host)
        tries.give_back()
        if not self._deliveries.of(endpoint.name).take():
            raise Refused(429, "too many deliveries at once; send it again", retry_after=5)
        await self._keep(endpoint, hints)
        return endpoint.source.answer

    async def _proven(self, place: str, request: Request, host: str) -> tuple[Endpoint, list[Hint]]:
        """Whose delivery it is, and what it tells. The body ends here: waiting for the store holds hints alone."""
        endpoint, path_secret = self._find(place)
        headers = {name.lower(): value for name, value in request.headers.items()}
        if endpoint is None or not endpoint.source.proof.offered(headers):
            raise Refused(401, UNPROVEN)
        early = Delivery(headers, b"", path_secret, self._clock())
        if endpoint.source.proof.in_path and not endpoint.source.proof.holds(early, endpoint.secrets):
            raise Refused(401, UNPROVEN)
        delivery = Delivery(headers, await self._body(request, host), path_secret, self._clock())
        if not endpoint.source.proof.holds(delivery, endpoint.secrets):
            self._log(logging.WARNING, endpoint, "webhook refused: %s: its proof is not good")
            raise Refused(401, UNPROVEN)
        return endpoint, hints_of(endpoint, delivery)

    def _find(self, place: str) -> tuple[Endpoint | None, str]:
        signed = self._endpoints.get(place)
        if signed:
            return signed, ""
        public, _, last = place.rpartition("/")
        secret = self._endpoints.get(public)
        return (secret, last) if secret and secret.source.proof.in_path else (None, "")

    async def _body(self, request: Request, host: str) -> bytes:
        if self._reading.total() >= self._limits.reading or self._reading[host] >= self._limits.reading_each:
            raise Refused(503, "too many deliveries at once; send it again", retry_after=5)
        self._reading[host] += 1
        try:
            return await read_body(request, self._limits)
        finally:
            self._reading -= Counter([host])  # and forgets who has none left

    async def _keep(self, endpoint: Endpoint, hints: Sequence[Hint]) -> None:
        if not hints:
            return
        try:
            await asyncio.wait_for(self._writer.write(hints), self._limits.store_seconds)
        except (FulfilmentError, TimeoutError) as error:
            words = str(error) or "the store did not answer in time"
            self._log(
                logging.ERROR, endpoint, "webhook of %s not kept, its sender was told to send it again: %s", words
            )
            raise Refused(503, "not kept; send it again", retry_after=30) from None

    def _log(self, level: int, endpoint: Endpoint, text: str, *words: str) -> None:
        """A line about the endpoint, unless there were many: strangers must not fill the log, nor stop its reader."""
        if self._lines.of(endpoint.name).take():
            log.log(level, text, endpoint.name, *words)


def hints_of(endpoint: Endpoint, delivery: Delivery) -> list[Hint]:
    """What a proven delivery leaves in the inbox; nothing when its topic is none that we act on."""
    event = endpoint.source.read(delivery)
    if event.noun is None:
        return []
    fingerprint = delivery.digest() if event.states_time else ""
    place = (endpoint.site, endpoint.source.name, endpoint.warehouse, event.noun, event.topic)
    return [Hint(*place, subject, event.event_id, fingerprint, delivery.received_at) for subject in event.subjects]


def create_door(
    endpoints: Sequence[Endpoint],
    put: Put,
    clock: Clock,
    limits: Limits = DEFAULT,
    monotonic: Monotonic = time.monotonic,
) -> FastAPI:
    """The door as an application that can be served or mounted. `put` stores hints and returns when they are committed.

    Answers: 200 kept, known already, or of no interest; 401 not proven; 408, 413 body too slow, too long; 429 too many;
    503 not kept. Only after 200 may the sender forget the event.
    """
    app = FastAPI(title="Webhook door", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    door = Door(endpoints, put, clock, limits, monotonic)

    @app.post("/webhooks/{place:path}")
    async def deliver(place: str, request: Request) -> JSONResponse:
        try:
            return JSONResponse(dict(await door.deliver(place, request)))
        except Refused as refused:
            # What is left of the body is not read, so that the connection can serve nobody else.
            wait = {"Retry-After": str(refused.retry_after)} if refused.retry_after else {}
            return JSONResponse({"error": refused.words}, refused.status, {"Connection": "close"} | wait)

    @app.get("/health")
    async def health() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    return app
