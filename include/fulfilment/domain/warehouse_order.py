"""Our instruction to one warehouse, and the reference it carries there."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from include.fulfilment.domain.carriage import Mode, Payer
from include.fulfilment.domain.order import Address

_OUR_REFERENCE = re.compile("B2B[A-Z0-9-]*")
REFERENCE_LIMIT = 22  # the narrowest field that a warehouse has for it; see docs/glossary.md


class WarehouseOrderState(StrEnum):
    """Where a warehouse order is, by what the warehouse answered."""

    QUEUED = "queued"
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


MOVES: Mapping[tuple[WarehouseOrderState, WarehouseOrderState], str] = {
    (WarehouseOrderState.QUEUED, WarehouseOrderState.ACKNOWLEDGED): "the warehouse took it, or held it already",
    (WarehouseOrderState.QUEUED, WarehouseOrderState.REJECTED): "the warehouse refused it, or it was never sent",
    (WarehouseOrderState.REJECTED, WarehouseOrderState.QUEUED): "decided again, as the next revision",
    (WarehouseOrderState.ACKNOWLEDGED, WarehouseOrderState.CANCELLED): "the warehouse confirmed the cancel",
}
"""Every move of a warehouse order. Nothing leads back from `cancelled`: what is sent anew has another reference."""


def comes_from(state: WarehouseOrderState) -> list[str]:
    """The states from which a warehouse order may come to this one."""
    return [str(before) for before, after in MOVES if after is state]


class Change(StrEnum):
    """What a warehouse is asked about an order that it holds."""

    AMEND = "amend"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class WarehouseOrderLine:
    """One line for the picker. `base_quantity` counts base units of `base_sku`; `proof` says why. The buyer ordered in
    `uom`, of `units_per_uom` base units."""

    line_id: str
    base_sku: str
    base_quantity: int
    title: str
    proof: str
    uom: str = "EA"
    units_per_uom: int = 1

    @property
    def whole_packs(self) -> int:
        """How many whole packs the line is; 0 where it was not ordered in packs or is no whole number of them."""
        packs, loose = divmod(self.base_quantity, self.units_per_uom)
        return packs if self.units_per_uom > 1 and not loose else 0


@dataclass(frozen=True, slots=True)
class WarehouseOrder:
    """One warehouse order, complete: everything the picker needs, and about money only what customs ask for.

    `company` and `company_location` are the buyer's, who need not be the consignee. `carrier`, `payer`, `mode` and
    `carrier_account` are said beside the service where the site says them; an empty one is as agreed with the
    warehouse. `customs_value` is the net value of these goods in `currency`, given only where they cross a border, as
    are the consignee's `vat_number` and `eori_number`. `adopts` is the reference under which the warehouse holds it
    already, where it came by another route and a person adopted it; `beside_another`: a person knows of such an order
    and lets ours go beside it. `follows`: an earlier part of the same sales order was sent to this warehouse.
    """

    external_ref: str
    order_id: str
    order_name: str
    revision: int
    part: int
    po_number: str
    instructions: str
    requested_on: date | None
    shipping_service: str
    ship_to: Address
    lines: tuple[WarehouseOrderLine, ...]
    not_before_on: date | None = None
    cancel_after_on: date | None = None
    mark_for: str = ""
    company: str = ""
    company_location: str = ""
    sales_rep: str = ""
    carrier: str = ""
    payer: Payer = Payer.UNSAID
    mode: Mode = Mode.UNSAID
    carrier_account: str = ""
    vat_number: str = ""
    eori_number: str = ""
    customs_value: Decimal | None = None
    currency: str = ""
    adopts: str = ""
    beside_another: bool = False
    follows: bool = False

    @property
    def key(self) -> str:
        """The internal idempotency key: derived, never random, so that a retry is the same order."""
        return f"{self.order_id}/{self.revision}/{self.part}"

    @property
    def shop_numbers(self) -> tuple[str, ...]:
        """The references by which another connector, a file or a person would have brought the order there."""
        plain = self.order_name.removeprefix("#")
        names = dict.fromkeys((plain, f"#{plain}", self.order_name))
        return tuple(each for each in names if plain and not is_our_reference(each))

    def to_json(self) -> dict[str, Any]:
        """The order as plain JSON values, for the outbox; `from_json` reads it back. What is not said is left out."""
        stated = {name: value for name, value in asdict(self).items() if name not in _UNSAID or value != _UNSAID[name]}
        return {name: _plain(value) for name, value in stated.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> WarehouseOrder:
        """The order that `to_json` wrote."""
        rebuilt = dict(data) | {
            "ship_to": Address(**data["ship_to"]),
            "lines": tuple(WarehouseOrderLine(**line) for line in data["lines"]),
        }
        for name, read in _READ.items():
            if rebuilt.get(name) is not None:
                rebuilt[name] = read(rebuilt[name])
        return cls(**rebuilt)

    def content_hash(self) -> str:
        """Digest of everything the warehouse must hold; equal content, equal digest."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()


_UNSAID = {each.name: each.default for each in fields(WarehouseOrder) if each.default is not MISSING}
_READ: Mapping[str, Callable[[str], object]] = {
    "requested_on": date.fromisoformat,
    "not_before_on": date.fromisoformat,
    "cancel_after_on": date.fromisoformat,
    "payer": Payer,
    "mode": Mode,
    "customs_value": Decimal,
}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | StrEnum) else value


def external_ref(order_name: str, order_id: str, part: int, shared_name: bool = False) -> str:
    """A reference pickers can read: `B2B1042`, its backorder `B2B1042-2`; at most 22 of [A-Z0-9-].

    A name that is not plain letters and digits, or that another order of the site has too (`shared_name`), does not
    tell one order, so a piece of the order id's digest is added: two orders never share a reference.
    """
    plain = order_name.removeprefix("#")
    readable = re.sub(r"[^A-Z0-9]", "", plain.upper())
    suffix = "" if part == 1 else f"-{part}"
    room = REFERENCE_LIMIT - len("B2B") - len(suffix)
    if readable and readable == plain and len(readable) <= room and not shared_name:
        return f"B2B{readable}{suffix}"
    digest = hashlib.sha256(order_id.encode()).hexdigest()[:8].upper()
    return f"B2B{readable[: room - 9]}-{digest}{suffix}"


def is_our_reference(text: str) -> bool:
    """Whether a reference in a warehouse has the form that `external_ref` gives; any other is somebody else's order."""
    return bool(_OUR_REFERENCE.fullmatch(text))
