"""What ShipBob takes as an order, and how it says what is wrong with it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

_INT32 = 2_147_483_647
Text = Annotated[StrictStr, Field(min_length=1)]
Code = Literal["EA", "INP", "CS", "PL"]
Errors = dict[str, list[str]]


class _Taken(BaseModel):
    """Fields that the API does not know are passed over, as it does."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class AddressIn(_Taken):
    address1: Text
    address2: StrictStr | None = None
    city: Text
    company_name: StrictStr | None = None
    country: Text
    state: StrictStr | None = None
    zip_code: StrictStr | None = None


class RecipientIn(_Taken):
    name: Text
    address: AddressIn
    email: StrictStr | None = None
    phone_number: Annotated[StrictStr, Field(max_length=50)] | None = None


class ProductIn(_Taken):
    reference_id: Text
    name: StrictStr | None = None
    quantity: Annotated[StrictInt, Field(ge=1, le=_INT32)]
    quantity_unit_of_measure_code: Code | None = None
    external_line_id: Annotated[StrictInt, Field(ge=-_INT32 - 1, le=_INT32)] | None = None
    gtin: Annotated[StrictStr, Field(max_length=50)] | None = None
    upc: StrictStr | None = None
    sku: StrictStr | None = None


class RetailerIn(_Taken):
    purchase_order_number: StrictStr | None = None
    retailer_program_type: StrictStr | None = None
    customer_ticket_number: StrictStr | None = None
    department: StrictStr | None = None
    mark_for_store: StrictStr | None = None
    delivery_date: AwareDatetime | None = None
    doNotShipBeforeDate: AwareDatetime | None = None
    shipByDate: AwareDatetime | None = None


class TermsIn(_Taken):
    carrier_type: Literal["Parcel", "Freight"]
    payment_term: Literal["Collect", "ThirdParty", "Prepaid", "MerchantResponsible"]


class TagIn(_Taken):
    name: StrictStr
    value: StrictStr


class OrderIn(_Taken):
    """The body of create-order, by product reference."""

    reference_id: Annotated[StrictStr, Field(min_length=1, max_length=300)]
    shipping_method: Text
    type: Literal["DTC", "DropShip", "B2B"]
    recipient: RecipientIn
    products: Annotated[list[ProductIn], Field(min_length=1)]
    order_number: Annotated[StrictStr, Field(max_length=400)] | None = None
    gift_message: Annotated[StrictStr, Field(max_length=500)] | None = None
    location_id: StrictInt | None = None
    purchase_date: datetime | None = None
    retailer_program_data: RetailerIn | None = None
    shipping_terms: TermsIn | None = None
    tags: list[TagIn] | None = None


def read_body(raw: bytes) -> OrderIn | Errors:
    """Return the order in a request, or the map of field to messages that ShipBob answers with 400."""
    try:
        return OrderIn.model_validate_json(raw)
    except ValidationError as error:
        found: Errors = {}
        for each in error.errors(include_input=False):
            found.setdefault(_field(each["loc"]), []).append(each["msg"])
        return found


def _field(loc: tuple[Any, ...]) -> str:
    return ".".join(f"[{part}]" if isinstance(part, int) else str(part) for part in loc).replace(".[", "[")
