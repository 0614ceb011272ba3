"""ShipHero's GraphQL door: answers, errors inside a 200, and credits.

An error comes with status 200 as `errors[{message, operation, field, request_id, code}]` and null where the answer
should be; only a document that its schema does not know is refused with 400. Too few credits is code 30 with the words
"There are not enough credits to perform the requested operation, which requires 1301 credits, but there are only 263
left. In 18 seconds you will have enough credits to perform the operation"; nothing was carried out.
Sources: https://developer.shiphero.com/troubleshooting/error-glossary/ (response shape),
https://developer.shiphero.com/getting-started/ (4,004 credits, 60 a second; besides at most 7,000 requests in five
minutes), integrators' logs (code 30 and its words).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from include.fulfilment.adapters.access import Session
from include.fulfilment.adapters.answers import answered_at
from include.fulfilment.adapters.transport import MAX_WAIT, Acquire, Reply, Transport, UnknownOutcome
from include.fulfilment.adapters.warehouse.shiphero import documents
from include.fulfilment.errors import ConfigError, RetryableError, TerminalError

log = logging.getLogger(__name__)
_OPERATION = re.compile(r"\b(?:query|mutation)\s+(\w+)")
_NOT_ENOUGH = re.compile(r"not enough credits", re.IGNORECASE)
_REQUIRED = re.compile(r"requires (\d+) credits", re.IGNORECASE)
_SECONDS = re.compile(r"(\d+) second", re.IGNORECASE)
_PASSING = re.compile(r"unexpected|internal|time(d )?[- ]?out|unavailable|try again|deadlock", re.IGNORECASE)
_DENIED = re.compile(r"not authori[sz]ed|unauthori[sz]ed|permission|forbidden|access token", re.IGNORECASE)
_CREDITS = 30
_TRIES = 12
_LONGEST_WORDS = 300

Json = Any


class GraphQLRefusal(TerminalError):
    """ShipHero refused an operation; nothing was carried out."""

    def __init__(self, name: str, error: Mapping[str, Json]) -> None:
        self.code = str(error.get("code", ""))
        self.field = str(error.get("field") or "")
        request = f"request {error.get('request_id') or 'unknown'}"
        self.words = f"{str(error.get('message') or 'no reason given')[:_LONGEST_WORDS]} ({request})"
        super().__init__(f"{name}: ShipHero refused the operation: {self.words}")


class ShipHeroClient:
    """Runs the operations of `documents` in one ShipHero account; `give_back` hears which of the credits that a call
    took from the budget it was not charged."""

    def __init__(self, transport: Transport, session: Session, give_back: Acquire) -> None:
        self._transport = transport
        self._session = session
        self._give_back = give_back

    @property
    def connection_id(self) -> str:
        return self._transport.connection_id

    def read(self, document: str, *fields: str, cost: int, **variables: Json) -> Mapping[str, Mapping[str, Json]]:
        """These fields of a query, each an object. Raises RetryableError, GraphQLRefusal or ConfigError."""
        name, reply = self._run(document, variables, cost, safe=True)
        errors, data = _errors(reply.body), reply.body.get("data")
        if errors:
            raise self._judged(name, errors, safe=True)
        if not isinstance(data, dict) or not all(isinstance(data.get(each), dict) for each in fields):
            raise self._unclear(name, "an answer without data", safe=True)
        return data

    def mutate(self, document: str, data: Mapping[str, Json]) -> Mapping[str, Json]:
        """The payload of a mutation that is never repeated. Raises UnknownOutcome when nothing clear came back, and
        GraphQLRefusal when it was refused."""
        name, reply = self._run(document, {"data": data}, documents.MUTATION_COST, safe=False)
        errors, answered = _errors(reply.body), reply.body.get("data")
        payload = next(iter(answered.values()), None) if isinstance(answered, dict) else None
        if isinstance(payload, dict):
            return payload
        if errors:
            raise self._judged(name, errors, safe=False)
        raise self._unclear(name, "an answer without data", safe=False)

    def now(self) -> datetime:
        """ShipHero's own time, from the head of an answer."""
        _, reply = self._run(documents.QUOTA, {}, documents.QUOTA_COST, safe=True)
        return answered_at(reply.headers, "shiphero")

    def _run(self, document: str, variables: Mapping[str, Json], cost: int, *, safe: bool) -> tuple[str, Reply]:
        """The operation's name and an answer that is a GraphQL one and no refusal for lack of credits."""
        found = _OPERATION.search(document)
        name = found[1] if found else "anonymous"
        given = {key: value for key, value in variables.items() if value is not None}
        body = {"query": document, "operationName": name, "variables": given}
        waited, wait = 0.0, 0.0
        for _ in range(_TRIES):
            reply = self._session.request("POST", "/graphql", operation=name, safe=safe, body=body, cost=cost)
            if not isinstance(reply.body, dict):
                raise self._unclear(name, "no GraphQL answer", safe)
            _log_request(name, reply.body)
            shortage = _shortage(reply.body)
            if shortage is None:
                self._settle(cost, reply.body)
                return name, reply
            wait = self._wait(name, shortage, reply.body)
            waited += wait
            if waited > MAX_WAIT:
                break
            self._transport.sleep(wait)
        raise RetryableError(f"{name}: ShipHero's credits are used up; try again in {wait:.0f} s", retry_after=wait)

    def _settle(self, taken: int, answer: Mapping[str, Json]) -> None:
        """ShipHero charges what it answered, often far less than the estimate that must be there beforehand."""
        charged = _throttling(answer).get("cost")
        if isinstance(charged, int) and 0 <= charged < taken:
            self._give_back(taken - charged)

    def _wait(self, name: str, shortage: Mapping[str, Json], answer: Mapping[str, Json]) -> float:
        """Seconds until there are enough credits, as ShipHero says. An operation that asks for more than the bucket
        ever holds is refused for good."""
        quota = _dict(_throttling(answer).get("user_quota"))
        needed, most = _REQUIRED.search(_words(shortage)), quota.get("max_available")
        if needed and isinstance(most, int) and int(needed[1]) > most:
            raise TerminalError(f"{name}: asks for {needed[1]} credits, more than ShipHero ever grants ({most})")
        told = _SECONDS.search(_words(shortage))
        return max(1.0, float(told[1])) if told else MAX_WAIT

    def _judged(self, name: str, errors: list[Mapping[str, Json]], *, safe: bool) -> Exception:
        first = errors[0]
        words = _words(first)[:_LONGEST_WORDS]
        if _DENIED.search(words):
            return ConfigError(f"{name}: ShipHero denies access ({words}); check connection {self.connection_id!r}")
        if _PASSING.search(words) or not words:
            return self._unclear(name, f"{words or 'an error'!r}, request {first.get('request_id')}", safe)
        return GraphQLRefusal(name, first)

    def _unclear(self, name: str, what: str, safe: bool) -> RetryableError | UnknownOutcome:
        if safe:
            return RetryableError(f"{name}: ShipHero gave {what}; it will be tried again")
        return UnknownOutcome(f"{name}: ShipHero gave {what}; it may or may not have been carried out")


def _errors(answer: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    found = answer.get("errors")
    return [_dict(each) for each in found] if isinstance(found, list) else [{}] if found else []


def _shortage(answer: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """The error that says there are too few credits, if that is what was answered."""
    for error in _errors(answer):
        if error.get("code") == _CREDITS or _NOT_ENOUGH.search(_words(error)):
            return error
    return None


def _log_request(name: str, answer: Mapping[str, Json]) -> None:
    """ShipHero's id of the request, which its support asks for, and its cost; it is in the body, not in the head."""
    fields = [_dict(each) for each in _dict(answer.get("data")).values()] + _errors(answer)
    request = next((each["request_id"] for each in fields if isinstance(each.get("request_id"), str)), "-")
    cost = _throttling(answer).get("cost", "-")
    log.info("shiphero %s: request %s, %s credits", name, request, cost)


def _throttling(answer: Mapping[str, Json]) -> Mapping[str, Json]:
    """What ShipHero says of the credits that an operation asked for and was charged."""
    return _dict(_dict(answer.get("extensions")).get("throttling"))


def _words(error: Mapping[str, Json]) -> str:
    return str(error.get("message") or "")


def _dict(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}
