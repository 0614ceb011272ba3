"""What the warehouse's staff do with each shipment on each day: decided by the shipment's number, never by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from demo.floor import OpenShipment, Plan
from demo.orders_chance import percent

CARRIERS = ("DPD", "Royal Mail")
LATER_PERCENT, SOME_PERCENT, CLOSED_PERCENT, PARCELS_PERCENT = 10, 25, 3, 30


def first_day(shipments: Sequence[OpenShipment]) -> dict[int, Plan]:
    """Most leave whole, a quarter in part with the rest to follow, some wait for the next day."""
    plans = {}
    for each in shipments:
        if percent("later", each.external_ref) < LATER_PERCENT:
            continue
        part = _about_half(each) if percent("some", each.external_ref) < SOME_PERCENT else None
        plans[each.id] = Plan(part, *_parcels(each))
    return plans


def later_day(shipments: Sequence[OpenShipment]) -> dict[int, Plan]:
    """Everything leaves; a few shipments are closed short, because the goods cannot be found."""
    plans = {}
    for each in shipments:
        closes = percent("closed", each.external_ref) < CLOSED_PERCENT and sum(each.lines.values()) > 1
        plans[each.id] = Plan(_one_less(each) if closes else None, *_parcels(each), close_rest=closes)
    return plans


def to_json(plans: Mapping[int, Plan]) -> dict[str, Any]:
    """The plans as JSON, to be kept before they are carried out."""
    return {str(key): asdict(plan) for key, plan in plans.items()}


def from_json(kept: Mapping[str, Any]) -> dict[int, Plan]:
    """The plans that `to_json` wrote."""
    return {int(key): Plan(**plan) for key, plan in kept.items()}


def _parcels(shipment: OpenShipment) -> tuple[int, str]:
    count = 2 if percent("parcels", shipment.external_ref) < PARCELS_PERCENT else 1
    return count, CARRIERS[percent("carrier", shipment.external_ref) % len(CARRIERS)]


def _about_half(shipment: OpenShipment) -> dict[str, int]:
    """Half of each line, rounded up: a single unit leaves, so that something always does."""
    return {line: (quantity + 1) // 2 for line, quantity in shipment.lines.items()}


def _one_less(shipment: OpenShipment) -> dict[str, int]:
    """All but one unit of the largest line."""
    largest = max(shipment.lines, key=lambda line: (shipment.lines[line], line))
    return {line: quantity - (line == largest) for line, quantity in shipment.lines.items()}
