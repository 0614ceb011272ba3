"""Mintsoft's records as they come over the wire, with what we read of them.

Names and types: Mintsoft's Swagger (`/swagger/docs/v1`), which says nothing of what may be missing. A text or a list
that is null is empty here. Times come without a zone and with seven decimals (help article 11694780).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, ValidationError
from pydantic.alias_generators import to_pascal

Row = dict[str, Any]
_Model = TypeVar("_Model", bound=BaseModel)

Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
_Items = BeforeValidator(lambda value: () if value is None else value)
_LONGEST_WORDS = 300
_NO_TIME = 1  # .NET writes the year 1 for a time that was never set


class Wire(BaseModel):
    """A record of Mintsoft's; what we do not read is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_pascal)


class NameValue(Wire):
    """One of the free pairs on an order or on its lines."""

    name: Text = ""
    value: Text = ""


class Item(Wire):
    """A line of an order, or of one part of it: `quantity` eaches."""

    id: int = Field(default=0, alias="ID")
    sku: Text = Field(default="", alias="SKU")
    quantity: int = Field(ge=0)
    pairs: Annotated[tuple[NameValue, ...], _Items] = Field(default=(), alias="OrderItemNameValues")


class Order(Wire):
    """An order, or one part of one that was split: the parts share the order number, each has its own id."""

    id: int = Field(alias="ID", ge=1)
    order_number: Text = ""
    external_order_reference: Text = ""
    client_id: int | None = None
    warehouse_id: int | None = None
    order_status_id: int
    part: int | None = None
    number_of_parts: int | None = None
    last_updated: Text = ""
    despatch_date: Text = ""
    despatched_by_user: Text = ""
    comments: Text = ""
    delivery_notes: Text = ""
    courier_service_name: Text = ""
    tracking_number: Text = ""
    tracking_url: Text = Field(default="", alias="TrackingURL")
    items: Annotated[tuple[Item, ...], _Items] = Field(default=(), alias="OrderItems")
    pairs: Annotated[tuple[NameValue, ...], _Items] = Field(default=(), alias="OrderNameValues")


class Result(Wire):
    """A `ToolkitResult`: whether a change was carried out, and why not."""

    success: StrictBool
    message: Text = ""


class Country(Wire):
    """One of GET /api/RefData/Countries; `code` has two letters."""

    id: int = Field(alias="ID", ge=1)
    code: Text = ""


class Consignment(Wire):
    """One entry of GET /api/Order/{id}/Shipments: a consignment with a courier, of one or more parcels."""

    id: int = Field(alias="ID")
    courier_type: Text = ""
    number: Text = ""
    parcel_numbers: Annotated[tuple[Text, ...], _Items] = ()


class NewOrderResult(Wire):
    """Mintsoft's answer for one order that it made, or would not make, of a request."""

    order_id: int | None = None
    success: StrictBool
    message: Text = ""


class StockRow(Wire):
    """Stock of one product at one place. `stock_level` is all there is; Mintsoft's `OnHand` has the allocated units
    taken off already (StockLevel = OnHand + Allocated)."""

    id: int | None = Field(default=None, alias="ID")
    product_id: int | None = None
    warehouse_id: int | None = None
    client_id: int | None = None
    location_id: int | None = None
    sku: Text = Field(default="", alias="SKU")
    stock_level: int


class Status(Wire):
    """One of the account's order statuses. Its id and its external name are the account's own, `name` is Mintsoft's."""

    id: int = Field(alias="ID")
    name: Text = ""


def value_of(pairs: Sequence[NameValue], name: str) -> str:
    """The value of the pair called `name`; empty where there is none."""
    return next((pair.value for pair in pairs if pair.name == name), "")


def read(model: type[_Model], row: Any) -> _Model | str:
    """One record, or in words what makes it unreadable."""
    try:
        return model.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc']) or 'the record'}: {first['msg']}"[:_LONGEST_WORDS]


def instant(text: str, zone: ZoneInfo) -> datetime | None:
    """The instant that Mintsoft wrote, aware in UTC; None for none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.year == _NO_TIME:
        return None
    # Where the clocks go back a time means two instants; by the later one, goods are not taken for gone too soon.
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone, fold=1)).astimezone(UTC)


def local(moment: datetime, zone: ZoneInfo) -> str:
    """The least that Mintsoft writes at this instant or later: without a zone, to the second. On the day when the
    clocks go back that is winter time, because the hour comes twice and what it wrote is compared without a zone."""
    offsets = [(moment + timedelta(days=days)).astimezone(zone).utcoffset() or timedelta() for days in (0, 1)]
    return (moment.astimezone(UTC) + min(offsets)).strftime("%Y-%m-%dT%H:%M:%S")
