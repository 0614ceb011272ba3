"""One request as it left, and what a judge of requests is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from include.fulfilment.adapters.operations import Operation


@dataclass(frozen=True, slots=True)
class Sent:
    """One request: `url` whole, `content` as text, header names in lower case. A message in a mailbox has no method,
    and its file's name as `url`."""

    system: str
    operation: str
    method: str
    url: str
    content: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Judge(Protocol):
    """One vendor's schema in one version. Each method answers what is wrong, in words; nothing where nothing is."""

    def declared(self, operation: Operation) -> list[str]:
        """What the schema has against an operation as it is declared."""
        ...

    def request(self, sent: Sent) -> list[str]:
        """What the schema has against a request: path, query, variables, body."""
        ...
