"""What a warehouse dialect declares that it can do: what it cannot is off, and the services choose the safe path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class DeductsAt(StrEnum):
    """The step at which a warehouse's reported figure drops by an order."""

    ACKNOWLEDGE = "acknowledge"
    ALLOCATE = "allocate"
    DISPATCH = "dispatch"


class CancelKind(StrEnum):
    """Whether the system cancels an order when asked: not at all, at once, or by a confirmation that comes later."""

    NONE = "none"
    SYNC = "sync"
    ASYNC = "async"


class WebhookProof(StrEnum):
    """How the system's webhooks prove where they come from."""

    NONE = "none"
    HMAC_BASE64 = "hmac_base64"
    STANDARD_WEBHOOKS = "standard_webhooks"


class RateKind(StrEnum):
    """How a remote counts calls: per calendar window, per window that slides, or by a bucket that refills."""

    FIXED = "fixed"
    SLIDING = "sliding"
    BUCKET = "bucket"


@dataclass(frozen=True, slots=True)
class CallRate:
    """The most a remote takes: `calls` (or cost points) in `seconds`; of a bucket its size and the time to fill it."""

    kind: RateKind
    calls: int
    seconds: float


SELDOM_CARRIED = (
    "not_before_on", "cancel_after_on", "mark_for", "company", "company_location", "sales_rep", "carrier", "payer",
    "mode", "carrier_account", "vat_number", "eori_number", "customs_value",
)  # fmt: skip
"""Fields of a warehouse order that not every system has."""


def carries(*names: str) -> dict[str, int]:
    """The beginning of `field_limits`: of the fields seldom carried it has these alone."""
    return {each: 0 for each in SELDOM_CARRIED if each not in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a warehouse dialect can do; `field_limits` in characters, 0 for a field it cannot carry.

    `finds_others`: whether an order that came by another route is found under its own reference, with what it shipped.
    `update` and `cancel` say what the system offers for an order that it holds; `lots` whether shipments name them;
    `unsafe_gets` that some of its reads change state; `rate` None where no limit is known.
    """

    name: str
    idempotent_create: bool
    find_by_ref: bool
    finds_others: bool
    update: bool
    cancel: CancelKind
    partial_shipments: bool
    parcel_contents: bool
    lots: bool
    uom_on_line: bool
    orders_changed_since: bool
    stock_changed_since: bool
    webhook_proof: WebhookProof
    deducts_at: DeductsAt
    unsafe_gets: bool
    field_limits: Mapping[str, int]
    rate: CallRate | None
    bulk_create: int = 1
    submit_concurrency: int = 1
