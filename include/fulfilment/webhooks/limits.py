"""How much the door lets in: sizes, times, and token buckets that refill steadily. All of one process."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

Monotonic = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Limits:
    """The door's limits. A sender's address spends a token on every request and gets it back when the delivery is
    proven, so that a flood of forgeries stops at the door and a proven sender is never slowed by its own zeal."""

    body_bytes: int = 2 * 1024 * 1024
    """An order of 500 lines is about 1.3 MiB."""
    body_seconds: float = 5.0
    """Shopify gives up on an answer after 5 s, the others later."""
    store_seconds: float = 4.0
    reading: int = 128
    """Bodies read at the same time, and so the most memory: 128 × 2 MiB."""
    reading_each: int = 64
    """Of these, from one address: slow bodies from one place leave room for the others."""
    tries: float = 200
    tries_per_second: float = 2
    deliveries: float = 2000
    """Proven deliveries of one endpoint at once; beyond it the sender is told to come back."""
    deliveries_per_second: float = 200
    lines: float = 20
    """Of the log about one endpoint at once."""
    lines_per_second: float = 0.1


@dataclass(slots=True)
class Bucket:
    """At most `size` tokens, refilled by `per_second`."""

    size: float
    per_second: float
    monotonic: Monotonic = time.monotonic
    tokens: float = field(init=False)
    filled_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens, self.filled_at = self.size, self.monotonic()

    def take(self) -> bool:
        """Spend a token; False when there is none."""
        now = self.monotonic()
        self.tokens = min(self.size, self.tokens + (now - self.filled_at) * self.per_second)
        self.filled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def give_back(self) -> None:
        """The token was not needed."""
        self.tokens = min(self.size, self.tokens + 1)


class Buckets:
    """A bucket for each name; of more than `most` names the one longest unused is forgotten."""

    def __init__(
        self, size: float, per_second: float, monotonic: Monotonic = time.monotonic, most: int = 10_000
    ) -> None:
        self._new: Callable[[], Bucket] = lambda: Bucket(size, per_second, monotonic)
        self._most = most
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def of(self, name: str) -> Bucket:
        """The bucket of this name."""
        bucket = self._buckets.setdefault(name, self._buckets.get(name) or self._new())
        self._buckets.move_to_end(name)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return bucket


def sender(host: str | None) -> str:
    """Whom a bucket counts: an IPv4 address, or an IPv6 network, because one machine has a whole one. All that is no
    address counts as one."""
    try:
        address = ip_address((host or "").partition("%")[0])
    except ValueError:
        return ""  # a proxy's odd word: it must not open a new allowance
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
