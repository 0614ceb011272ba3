"""What may be shown to buyers, and what may be released, out of what the warehouse reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Availability:
    """What the shop should show for one variant, in the variant's own unit, and how it came about (base units)."""

    sku: str
    base_sku: str
    figure: int
    demand: int
    buffer: int
    units_per_uom: int
    quantity: int


def available_to_promise(
    sku: str, base_sku: str, figure: int, demand: int, buffer: int, units_per_uom: int, floor: int = 0
) -> Availability:
    """floor((figure − demand that the figure does not contain − buffer) / units), never below `floor` units.

    `figure`, `demand`, `buffer` in base units; the answer counts what the variant is. Python's // floors toward minus
    infinity, which is what a pre-order floor below zero needs.
    """
    raw = (figure - demand - buffer) // units_per_uom
    return Availability(sku, base_sku, figure, demand, buffer, units_per_uom, max(raw, floor))


def free_to_release(on_hand: Mapping[str, int], outstanding: Mapping[str, int]) -> dict[str, int]:
    """Base units per SKU that may still be given to orders: on hand less what is released and still in the figure."""
    return {sku: max(0, units - outstanding.get(sku, 0)) for sku, units in on_hand.items()}


def is_suspicious(previous_levels: int, levels: int, largest_drop_percent: int = 50) -> bool:
    """Whether a stock reading shrank so much that it must not reach the shop. Missing is not zero."""
    return previous_levels > 0 and levels * 100 < previous_levels * (100 - largest_drop_percent)
