"""What people decide of a hold, who may, and which holds a person is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from include.fulfilment.domain.correction import ADOPTS, FACTOR, FIELDS
from include.fulfilment.domain.details import COMPARED
from include.fulfilment.domain.details import TEXTS as DETAILS
from include.fulfilment.domain.matter import Team
from include.fulfilment.domain.matters import MATTERS

READING = "snapshot_suspicious"
"""The hold of a stock reading: its subject is the warehouse's code, its version the instant of the reading."""
ASKED = frozenset({READING, "approval_needed", "possible_duplicate", "quantity_threshold", "value_threshold"})
"""Holds that only a person's judgement ends: Airflow asks for it. The other liftable ones mostly end by themselves or
by mending, and a person lifts them on the desk."""
LONGEST_REASON = 500
_INSTEAD = {
    "minimum_age": Team.OPERATIONS,
    "not_before": Team.CUSTOMER_SERVICE,
    "payment_pending": Team.FINANCE,
    READING: Team.OPERATIONS,
}


class Verdict(StrEnum):
    """The hold is ended, or stays."""

    LIFTED = "lifted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person saw when they decided: the order's content or the reading, and the newest decision on it (0: none).
    An empty version stands for whatever is there."""

    version: str = ""
    decision_id: int = 0


@dataclass(frozen=True, slots=True)
class Signed:
    """Who decides, and why."""

    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision that counts. `late`: somebody else's, taken before the one that was being made."""

    decision_id: int
    verdict: Verdict
    person: str
    reason: str
    at: datetime
    late: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A hold that waits for a person's verdict. `name` is what people call the subject; `order_id` is empty where it is
    no order."""

    code: str
    subject: str
    version: str
    order_id: str
    name: str
    due_at: datetime
    evidence: Mapping[str, str] = field(default_factory=dict)


def decider(code: str) -> Team:
    """The team that may lift this hold or refuse to: its owner, and one of ours where the owner is nobody of us."""
    return _INSTEAD.get(code) or MATTERS[code].owner


def correctors(field_name: str, hold: str) -> frozenset[Team]:
    """The teams that may correct this field of an order: the owner of what holds it; master data for a factor, customer
    service for all else."""
    usual = Team.MASTER_DATA if field_name.startswith(FACTOR) else Team.CUSTOMER_SERVICE
    return frozenset({usual, decider(hold)} if hold in MATTERS else {usual})


_DAYS = tuple(name for name in COMPARED if name.endswith("_on"))
_ADDRESS = tuple(name for name in FIELDS if name.startswith("ship_to."))
CORRECTABLE: Mapping[str, tuple[str, ...]] = {
    "address_incomplete": _ADDRESS,
    "already_in_warehouse": (ADOPTS,),
    "carrier_account_missing": ("carrier_account",),
    "details_disagree": COMPARED,
    "field_missing": ("po_number", "instructions", *_DAYS, *DETAILS),
    "field_too_long": ("po_number", "instructions", *DETAILS, *_ADDRESS),
    "not_before": ("requested_on", "not_before_on"),
    "pack_changed": (FACTOR,),
    "past_cancel_date": ("cancel_after_on",),
    "po_missing": ("po_number",),
    "shipping_method_unmapped": ("shipping_method",),
    "warehouse_rejected": (ADOPTS,),
}
"""Holds that a correction for the warehouse ends, and the fields that do. FACTOR stands for each line's factor."""
