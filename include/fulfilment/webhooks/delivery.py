"""What was delivered, and what it says: the words between proofs, sources and the application."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

Noun = Literal["order", "shipment", "stock"]
SUBJECTS_AT_MOST = 50
"""An event about more subjects than this is kept as one hint about all of them."""
_LONGEST = 200
_PLAIN = re.compile(rf"[\x21-\x7e]{{1,{_LONGEST}}}")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request: headers by lower-case name, the body byte for byte as it came, and the address's secret part."""

    headers: Mapping[str, str]
    body: bytes
    path_secret: str
    received_at: datetime

    def content(self) -> dict[str, Any]:
        """The body's JSON object; empty where it is none, because a hint needs no content."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def digest(self) -> str:
        """A digest of the body."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Event:
    """What a proven delivery tells of. No noun: the topic is none that we act on, and nothing is kept. `states_time`:
    the body says when it was written, so that an equal body tells of the same event whatever its headers say."""

    noun: Noun | None
    topic: str = ""
    subjects: Sequence[str] = ("",)
    event_id: str = ""
    states_time: bool = False


NOT_OURS = Event(None)


class Proof(Protocol):
    """How a source proves that a delivery is its own."""

    @property
    def in_path(self) -> bool:
        """Whether the proof is a secret part of the address, so that it is judged before the body is read."""

    def offered(self, headers: Mapping[str, str]) -> bool:
        """Whether the headers carry a proof at all: without one the body is not read."""

    def holds(self, delivery: Delivery, secrets: Sequence[str]) -> bool:
        """Whether the proof is good under one of the secrets (several while one is being replaced)."""


@dataclass(frozen=True, slots=True)
class Source:
    """A system that sends webhooks: its proof, how its deliveries are read, and the answer it expects."""

    name: str
    proof: Proof
    read: Callable[[Delivery], Event]
    answer: Mapping[str, str]


def identity(value: str) -> str:
    """An event's id as it is kept; an odd or overlong one by its digest."""
    return (
        value if not value or _PLAIN.fullmatch(value) else hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
    )


def subject_of(content: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that holds a number or a text that can name a record; else empty, which means all."""
    for name in names:
        value = content.get(name)
        text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
        if 0 < len(text) <= _LONGEST and text.isprintable():
            return text
    return ""
