"""ShipBob's REST API 2026-01: its transport, its calls with their paging, and the parts of its records that we read.

Sources: ShipBob's OpenAPI 2026-01 (developer.shipbob.com/2026-01/api), /errors, /rate-limit and /faq. Pages of orders
come by number, pages of stock and products by the address of the next one. That address leaves out host and version;
only its query is used, so that no answer can send a call, and the token with it, elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict

from include.fulfilment.adapters.answers import answered_at
from include.fulfilment.adapters.connecting import RemoteConnection
from include.fulfilment.adapters.transport import Acquire, OnCall, Reply, Transport
from include.fulfilment.errors import ConfigError, DataError, RetryableError

VERSION = "2026-01"
PAGE = 250  # the most that `Limit` and `PageSize` take
_SMALLEST_PAGE = 50  # the default of `Limit`: a page with fewer orders is the last, whatever limit was applied
_REFERENCES = 100
_SKUS = 50
_MOST_PAGES = 10_000
Json = dict[str, Any]


def shipbob_transport(
    remote: RemoteConnection, *, on_call: OnCall | None = None, acquire: Acquire | None = None
) -> Transport:
    """The transport to one ShipBob account: access token as password, `channel_id` and perhaps `api_version` in the
    connection's extra.

    Raises:
        ConfigError: one of them is missing or malformed.
    """
    where = f"connection {remote.conn_id!r}"
    version = str(remote.extra.get("api_version", VERSION))
    channel = str(remote.extra.get("channel_id", ""))
    if not re.fullmatch(r"\d{4}-\d{2}", version):
        raise ConfigError(f"{where}: extra api_version must be written like {VERSION}")
    if not (channel.isascii() and channel.isdigit()):
        raise ConfigError(f"{where}: extra channel_id must be the number of the ShipBob channel that orders go to")
    if not remote.password:
        raise ConfigError(f"{where}: ShipBob needs an access token as password")
    return Transport(
        f"{remote.base_url.rstrip('/')}/{version}",
        system="shipbob",
        connection_id=remote.conn_id,
        headers={"Authorization": f"Bearer {remote.password}", "shipbob_channel_id": channel},
        scope_hint="the access token, and whether it may write to the channel in extra channel_id",
        on_call=on_call,
        acquire=acquire,
    )


# --- records, as far as they are read ----------------------------------------------------------------------------


def _whole(value: Any) -> Any:
    """A whole number also where it is written with a fraction of nothing; anything else is refused by the model."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value):
        raise ValueError("must be a whole number")
    return int(value)


Units = Annotated[int, BeforeValidator(_whole)]


class Wire(BaseModel):
    """Fields that are not named are ShipBob's own business."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Tag(Wire):
    """A word of the sender's on an order, given back as it was."""

    name: str
    value: str


class OrderProduct(Wire):
    """A line of an order; `quantity` counts the unit that the code names."""

    id: int | None = None
    reference_id: str | None = None
    sku: str | None = None
    quantity: Units
    quantity_unit_of_measure_code: str | None = None
    external_line_id: int | None = None


class InventoryItem(Wire):
    """Goods from the shelf, in single units; one entry a lot."""

    id: int
    quantity: Units


class ShippedProduct(Wire):
    """A product in a shipment or carton."""

    id: int | None = None
    reference_id: str | None = None
    sku: str | None = None
    inventory_items: tuple[InventoryItem, ...] | None = None


class Tracking(Wire):
    """Who carries a shipment, and its one number; freight has a `pro_number`."""

    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    pro_number: str | None = None
    shipping_date: AwareDatetime | None = None


class CartonDetail(Wire):
    """What was put into a carton at one go."""

    products: tuple[ShippedProduct, ...] | None = None


class Carton(Wire):
    """A box, with its label's barcode."""

    id: int | None = None
    barcode: str | None = None
    carton_details: tuple[CartonDetail, ...] | None = None


class ParentCarton(Wire):
    """A pallet, or whatever holds cartons."""

    cartons: tuple[Carton, ...] | None = None


class StatusDetail(Wire):
    """Why a shipment has its status."""

    name: str | None = None


class Location(Wire):
    """A fulfilment centre."""

    id: int | None = None


class ShipBobShipment(Wire):
    """One shipment of an order; ShipBob's status word as it is."""

    id: int
    status: str
    status_details: tuple[StatusDetail, ...] | None = None
    estimated_fulfillment_date_status: str | None = None
    location: Location | None = None
    tracking: Tracking | None = None
    products: tuple[ShippedProduct, ...] | None = None
    parent_cartons: tuple[ParentCarton, ...] | None = None
    actual_fulfillment_date: AwareDatetime | None = None
    last_update_at: AwareDatetime | None = None


class RetailerData(Wire):
    """The block of a B2B order."""

    purchase_order_number: str | None = None


class ShipBobOrder(Wire):
    """An order with all its shipments."""

    id: int
    reference_id: str | None = None
    status: str
    gift_message: str | None = None
    products: tuple[OrderProduct, ...] | None = None
    tags: tuple[Tag, ...] | None = None
    retailer_program_data: RetailerData | None = None
    shipments: tuple[ShipBobShipment, ...] | None = None


# --- calls -------------------------------------------------------------------------------------------------------


class ShipBobClient:
    """Calls one ShipBob account in one channel."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, body: Json) -> Any:
        """Create an order and give the record that ShipBob answers. Raises as `Transport.request` for unsafe calls."""
        return self._transport.request("POST", "/order", operation="create-order", safe=False, body=body).body

    def cancel(self, order_id: str) -> Any:
        """Cancel an order with its shipments, and give ShipBob's results. Raises as `Transport.request` for unsafe
        calls."""
        path = f"/order/{order_id}:cancel"
        return self._transport.request("POST", path, operation="cancel-order", safe=False).body

    def find(self, references: Sequence[str]) -> list[Json]:
        """The orders with these references, as they are."""
        found: list[Json] = []
        for start in range(0, len(references), _REFERENCES):
            wanted = ",".join(references[start : start + _REFERENCES])
            for _, page in self.orders({"ReferenceIds": wanted}):
                found += page
        return found

    def orders(self, filters: Mapping[str, str]) -> Iterator[tuple[Reply, list[Json]]]:
        """Pages of orders that match, oldest first, each order once. Nobody can leave a filter that has no upper end,
        so what moves between pages comes twice rather than not at all.

        Raises:
            DataError: a full page held nothing new, or the pages do not end.
        """
        seen: set[Any] = set()
        for number in range(1, _MOST_PAGES):
            params: dict[str, str | int] = {**filters, "SortOrder": "Oldest", "Limit": PAGE, "Page": number}
            reply = self._get("/order", "get-orders", params)
            page = _records(reply.body, "orders")
            fresh = [order for order in page if order.get("id") not in seen]
            seen |= {order.get("id") for order in page}
            yield reply, fresh
            more = len(page) >= _SMALLEST_PAGE or bool(reply.headers.get("next-page"))
            if not page or not more:
                return
            if not fresh:
                raise DataError("shipbob: a page of orders came twice; the reading is incomplete", "orders")
        raise DataError(f"shipbob: there are still orders after {_MOST_PAGES} pages", "orders")

    def skus(self, wanted: Sequence[str]) -> set[str]:
        """Those of the SKUs that ShipBob has a product for, in its exact spelling. `any:` lists several; a SKU with a
        comma in it is asked for alone."""
        plain = [sku for sku in wanted if "," not in sku]
        asked = [f"any:{','.join(plain[start : start + _SKUS])}" for start in range(0, len(plain), _SKUS)]
        known: set[str] = set()
        for query in [*asked, *(sku for sku in wanted if "," in sku)]:
            for _, page in self._linked("/product", "get-products", {"SKU": query, "PageSize": PAGE}):
                variants = [
                    each for product in page for each in product.get("variants") or () if isinstance(each, dict)
                ]
                known |= {str(each.get("sku")) for each in variants}
        return known & set(wanted)

    def levels(self, centre: int | None) -> Iterator[tuple[Reply, list[Json]]]:
        """Pages of inventory levels, in total or at one centre. Raises DataError when a page comes twice or is
        missing."""
        if centre is None:
            return self._linked("/inventory-level", "get-all-inventory-levels", {"PageSize": PAGE})
        return self._linked(
            "/inventory-level/locations",
            "get-all-inventory-levels-grouped-by-fulfillment-center",
            {"PageSize": PAGE, "LocationId": centre},
        )

    def _linked(self, path: str, operation: str, params: Mapping[str, str | int]) -> Iterator[tuple[Reply, list[Json]]]:
        asked: set[str] = set()
        while True:
            reply = self._get(path, operation, params)
            body = reply.body if isinstance(reply.body, dict) else {}
            page = _records(body.get("items"), operation)
            yield reply, page
            following = body.get("next")
            if not following:
                return
            if following in asked or not page:
                raise DataError(f"shipbob: a page of {operation} came twice or empty; it is incomplete", operation)
            asked.add(following)
            params = dict(parse_qsl(urlsplit(str(following)).query, keep_blank_values=True))

    def _get(self, path: str, operation: str, params: Mapping[str, str | int]) -> Reply:
        return self._transport.request("GET", path, operation=operation, safe=True, params=params)


def asked_at(reply: Reply, took: timedelta) -> datetime:
    """ShipBob's instant when a call was sent that took so long: the Date of its answer (whole seconds, rounded down)
    less the time it took."""
    return answered_at(reply.headers, "shipbob") - max(took, timedelta())


def _records(found: Any, what: str) -> list[Json]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise RetryableError(f"shipbob: the answer to {what} is no list of records; it will be tried again")
    return found
