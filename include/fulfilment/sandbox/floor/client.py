"""A client of a sandbox warehouse's staff door: the staff and the ledger, for the demo and the tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..control import ControlClient, SandboxRefused


@dataclass(frozen=True)
class Held:
    """One order as the warehouse itself holds it; units by line key. `shipments` are those that have left."""

    id: int
    external_ref: str
    state: str
    po_number: str
    instructions: str
    service: str
    requested_on: str
    ordered: dict[str, int]
    shipped: Counter[str]
    closed: Counter[str]
    left: dict[str, int]
    skus: dict[str, str]
    shipments: list[str]
    tracking_numbers: list[str]


class FloorControl(ControlClient):
    """The staff of the warehouse at `base_url`; `token` is the control door's, never the API's."""

    def load_products(self, titles: Mapping[str, str]) -> int:
        """Make the products, title by SKU, that are not there yet; answers how many were made."""
        return int(self._post("products", {"products": dict(titles)})["made"])

    def receive(self, goods: Mapping[str, int], receipt: str = "") -> None:
        """Book a delivery in, units by SKU. A named receipt is booked once."""
        self._post("receive", {"goods": dict(goods), "receipt": receipt})

    def ship(
        self,
        ref: str,
        quantities: Mapping[str, int] | None = None,
        parcels: Sequence[tuple[str, str, Mapping[str, int]]] = (),
        boxes: int = 1,
        close_rest: bool = False,
        *,
        carrier: str = "DPD",
        key: str = "",
    ) -> str:
        """Send units by line key (None: all that is left), in parcels of (carrier, tracking number, contents) or in so
        many boxes of one carrier; answers the shipment's id. A repeat under the same key changes nothing."""
        body: dict[str, Any] = {"ref": ref, "boxes": boxes, "close_rest": close_rest, "carrier": carrier, "key": key}
        body["quantities"] = None if quantities is None else dict(quantities)
        body["parcels"] = [
            {"carrier": each, "tracking_number": number, "contents": dict(inside)} for each, number, inside in parcels
        ]
        return str(self._post("ship", body)["shipment"])

    def pick(self, ref: str) -> str:
        """Take all that is left of an order from the shelves; nothing leaves. Answers the shipment's id."""
        return str(self._post("pick", {"ref": ref})["shipment"])

    def label(self, ref: str) -> str:
        """Put a label on all that is left of an order; nothing leaves. Answers the shipment's id."""
        return str(self._post("label", {"ref": ref})["shipment"])

    def close_short(self, ref: str, line: str, units: int) -> None:
        """Give up so many units of a line."""
        self._post("close-short", {"ref": ref, "line": line, "units": units})

    def void(self, shipment_id: str) -> None:
        """Take a shipment back: nothing of it left after all."""
        self._post("void", {"shipment": int(shipment_id)})

    def hold(self, ref: str, *, on: bool = True) -> None:
        """Put an order aside, or go on with it."""
        self._post("hold", {"ref": ref, "on": on})

    def cancel(self, ref: str) -> None:
        """Cancel an order of which nothing has left."""
        self._post("cancel", {"ref": ref})

    def held(self) -> list[Held]:
        """Every order, oldest first, cancelled ones included."""
        return [_held(each) for each in self._get("orders")]

    def order(self, ref: str) -> Held:
        """The one order under a reference.

        Raises:
            SandboxRefused: there is none, or more than one.
        """
        found = [_held(each) for each in self._get("orders", ref=ref)]
        if len(found) != 1:
            raise SandboxRefused(f"the warehouse holds {len(found)} orders under the reference {ref!r}")
        return found[0]

    def left(self, ref: str) -> dict[str, int]:
        """Units by line key that are neither shipped nor closed."""
        return self.order(ref).left

    def requested_on(self, ref: str) -> str:
        """The day the buyer asked for, as the warehouse understood it."""
        return self.order(ref).requested_on

    def stock(self) -> dict[str, int]:
        """Units on hand by SKU: all that has not left the dock."""
        stock: dict[str, int] = self._get("stock")
        return stock

    def faults(self, plan: Sequence[Mapping[str, Any]]) -> None:
        """Replace the fault plan; entries are {operation, kind, times, after_calls, seconds}."""
        self.set_faults(plan)

    def act(self, action: str, **body: Any) -> Any:
        """Do one of the actions that only this dialect's sandbox has."""
        return self._post(action, body)


def _held(found: Mapping[str, Any]) -> Held:
    shipped, closed = (+Counter(found[name]) for name in ("shipped", "closed"))
    shipments = [str(each) for each in found["shipments"]]
    return Held(**{**found, "shipped": shipped, "closed": closed, "shipments": shipments})
