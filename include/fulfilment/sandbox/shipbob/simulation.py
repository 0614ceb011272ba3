"""ShipBob's own simulation of its sandbox account: a shipment leaves when it is asked to. Delays are not waited for."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from ..errors import Refused
from ..floor import staff
from ..floor.book import find_orders, find_shipments
from ..floor.staff import Dispatch
from ..floor.state import FloorState
from .orders import Broken


class Step(BaseModel):
    """An action; `next` is another one after it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    action: Literal["ShipOrder", "DeliverOrder"]
    delay: int | None = None
    next: Step | None = None


class SimulationIn(BaseModel):
    """Which shipment something happens to."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    shipment_id: StrictStr = Field(pattern=r"^\d{1,18}$")
    simulation: Step


def simulate(state: FloorState, raw: bytes) -> dict[str, str]:
    """Send a shipment that waits or has its label. A shipment that left is delivered without a trace.

    Raises:
        Broken: there is no such shipment, or it cannot leave.
    """
    try:
        asked = SimulationIn.model_validate_json(raw)
    except ValidationError as error:
        raise Broken(400, {"simulation": [each["msg"] for each in error.errors(include_input=False)]}) from None
    wanted = int(asked.shipment_id)
    found = find_shipments(state, ids=[wanted])
    gone = bool(found) and found[0].state == "dispatched"
    mine = find_orders(state, ids=[found[0].order_id if found else wanted])
    if not mine:
        raise Broken(400, {"shipment_id": [f"There is no shipment {wanted}"]})
    if asked.simulation.action == "ShipOrder" and not gone:
        try:
            with state.transaction():
                staff.ship(state, mine[0].external_ref, Dispatch())
        except Refused as refusal:
            raise Broken(400, {"shipment_id": [str(refusal)]}) from None
    return {"simulation_id": f"{wanted}-{asked.simulation.action}", "message": "done"}
