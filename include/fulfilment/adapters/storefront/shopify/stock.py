"""The catalogue with what the shop shows at our location, and setting it by compare-and-set."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from include.fulfilment.adapters.storefront.batches import BatchFaults, RowFault, read_faults, send_all_but_bad
from include.fulfilment.adapters.storefront.fields import MOST_UNITS, Fields, Json
from include.fulfilment.adapters.storefront.shopify import queries
from include.fulfilment.adapters.storefront.shopify.client import ShopifyClient, gid, number_of
from include.fulfilment.domain.order import Variant
from include.fulfilment.errors import RetryableError, TerminalError
from include.fulfilment.ports import AvailabilityChange, ChangeAnswer

MOST_ROWS = 250  # rows Shopify takes in one input array (https://shopify.dev/docs/api/usage/limits)
_STALE = frozenset({"CHANGE_FROM_QUANTITY_STALE", "COMPARE_QUANTITY_STALE"})
_AGAIN_LATER = frozenset({"IDEMPOTENCY_CONCURRENT_REQUEST"})
_DEFAULT_GROUP = "base"
_SPOILT_KEY = frozenset({"IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"})


def read_variants(client: ShopifyClient, location_id: str) -> Iterator[list[Variant]]:
    """All variants, a page at a time, each with its availability at `location_id`."""
    for page in client.pages(queries.VARIANTS, "productVariants", location=gid("Location", location_id)):
        records = [each for each in page if isinstance(each, dict) and number_of(each.get("id"))]
        yield [map_variant(each, location_id) for each in records]


def map_variant(raw: Json, location_id: str) -> Variant:
    """A variant as the shop tells it, with its availability at `location_id`."""
    fields = Fields(raw, "", [])
    item, by_group = fields.inside("inventoryItem"), _by_group(fields)
    product, title = fields.inside("product").text("title", 255), fields.text("title", 255)
    return Variant(
        variant_id=number_of(raw.get("id")),
        inventory_item_id=number_of(item.raw.get("id")),
        location_id=location_id,
        sku=fields.text("sku", 255),
        title=product if title in ("", "Default Title") else f"{product} {title}".strip(),
        pack_size=_pack_size(fields, by_group),
        group_pack_sizes={group: size for group, size in by_group.items() if group != _DEFAULT_GROUP},
        available=_available(item),
    )


def _pack_size(fields: Fields, by_group: Mapping[str, int]) -> int | None:
    """SparkLayer's multiple for everybody: the `base` group in `sparklayer.settings`, which supersedes
    `sparklayer.pack_size` (docs.sparklayer.io, quantity rules)."""
    if _DEFAULT_GROUP in by_group:
        return by_group[_DEFAULT_GROUP]
    value = fields.inside("packSize").raw.get("value")
    return None if value is None else _positive(value)


def _by_group(fields: Fields) -> dict[str, int]:
    """The multiple that each customer group has in `sparklayer.settings`. What is there and unreadable is 0, which
    proves no quantity: that of everybody where the settings as a whole cannot be read."""
    settings = fields.inside("settings").raw.get("value")
    if settings is None:
        return {}
    try:
        found = json.loads(settings, parse_float=Decimal)
    except (ValueError, TypeError, RecursionError):
        found = None
    groups = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    sizes = {
        str(each["customer_group"]): _positive(each["pack_size"])
        for each in reversed(groups)
        if each.get("customer_group") and each.get("pack_size") is not None
    }
    readable = isinstance(found, list) and len(groups) == len(found)
    return sizes if readable or _DEFAULT_GROUP in sizes else {**sizes, _DEFAULT_GROUP: 0}


def _positive(value: Json) -> int:
    text = str(value).strip()
    whole = text.isascii() and text.isdigit() and len(text) <= 9 and not isinstance(value, bool)
    return int(text) if whole else 0


def _available(item: Fields) -> int | None:
    """What the shop shows at our location; None where the item is not stocked there."""
    quantities = item.inside("inventoryLevel").raw.get("quantities")
    for quantity in quantities if isinstance(quantities, list) else []:
        value = quantity.get("quantity") if isinstance(quantity, dict) else None
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def set_available(client: ShopifyClient, changes: Sequence[AvailabilityChange], key: str) -> list[ChangeAnswer]:
    """Compare-and-set of at most 250 rows, one answer per row, in their order.

    Each call carries an idempotency key derived from `key` and its rows, so a repeat after a lost reply is harmless
    and the rest of a batch never reuses the key of the whole. Raises TerminalError for more than 250 rows.
    """
    if len(changes) > MOST_ROWS:
        raise TerminalError(f"{len(changes)} availability changes in one call; at most {MOST_ROWS}, split them")
    odd = {index: fault for index, each in enumerate(changes) if (fault := _unsendable(each))}
    good = [index for index in range(len(changes)) if index not in odd]
    verdicts = send_all_but_bad([changes[index] for index in good], lambda rows: _send(client, rows, key))
    faults: dict[int, RowFault | None] = {**odd, **dict(zip(good, verdicts, strict=True))}
    return [_answer(each, faults[index]) for index, each in enumerate(changes)]


def _unsendable(change: AvailabilityChange) -> RowFault | None:
    if max(abs(change.quantity), abs(change.change_from)) > MOST_UNITS:
        return RowFault("INVALID_QUANTITY_TOO_HIGH", f"quantity {change.quantity} is beyond what the shop can hold")
    if not change.inventory_item_id.isdigit() or not change.location_id.isdigit():
        return RowFault("INVALID_INVENTORY_ITEM", "the inventory item or location id is no number")
    return None


def _send(client: ShopifyClient, rows: Sequence[AvailabilityChange], key: str) -> BatchFaults:
    attempt_key = _derived(key, rows)
    faults = _once(client, rows, attempt_key)
    if faults.unnamed and faults.unnamed.code in _SPOILT_KEY:  # the shop asks for a new key in these words
        faults = _once(client, rows, _derived(attempt_key, rows))
    if faults.unnamed and faults.unnamed.code in _AGAIN_LATER:
        raise RetryableError("the shop is still carrying out the same change; try again shortly", retry_after=5.0)
    return faults


def _once(client: ShopifyClient, rows: Sequence[AvailabilityChange], key: str) -> BatchFaults:
    quantities = [
        {
            "inventoryItemId": gid("InventoryItem", each.inventory_item_id),
            "locationId": gid("Location", each.location_id),
            "quantity": each.quantity,
            "changeFromQuantity": each.change_from,
        }
        for each in rows
    ]
    wanted = {"name": "available", "reason": "correction", "quantities": quantities}
    payload = client.write(queries.SET_AVAILABLE, safe=True, input=wanted, key=key)
    return read_faults(payload.get("userErrors"), "quantities", len(rows))


def _derived(key: str, rows: Sequence[AvailabilityChange]) -> str:
    content = [(each.inventory_item_id, each.location_id, each.quantity, each.change_from) for each in rows]
    return hashlib.sha256(json.dumps([key, content]).encode()).hexdigest()[:40]


def _answer(change: AvailabilityChange, fault: RowFault | None) -> ChangeAnswer:
    if fault is None:
        return ChangeAnswer(change, "applied")
    stale = fault.passing or fault.code in _STALE
    return ChangeAnswer(change, "stale" if stale else "rejected", f"{fault.code}: {fault.message}")
