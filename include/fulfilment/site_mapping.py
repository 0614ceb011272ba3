"""The `mapping` section of a site file: in which of its places a merchant keeps each detail of an order, and what its
warehouse is told of them. docs/mapping.md is made from it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, GetJsonSchemaHandler, StringConstraints, field_validator, model_validator
from pydantic_core import CoreSchema

from include.fulfilment.domain.carriage import Carriage, Mode, Payer
from include.fulfilment.domain.preflight import CARRY_IN, DESTINATIONS, LABELS, NOT_NEEDED, REQUIRED
from include.fulfilment.errors import ConfigError
from include.fulfilment.mapping.extract import DEFAULT_PLACES, MappingRules
from include.fulfilment.mapping.places import NotePattern, Place, PlaceKind
from include.fulfilment.yaml_file import Strict

Name = Annotated[str, StringConstraints(min_length=1, max_length=255, strip_whitespace=True)]
METAFIELD = r"^(order|customer|company|company_location)\.[A-Za-z0-9_$:-]{2,255}\.[A-Za-z0-9_-]{2,64}$"


class PlaceEntry(Strict):
    """One place; exactly one of its fields is given."""

    shop_field: Literal["po_number", "company", "company_location", "tax_number"] | None = Field(
        default=None,
        description="What the shop itself has a field for: the order's `po_number`, the buyer's `company` and "
        "`company_location`, the location's `tax_number`.",
    )
    note_pattern: Name | None = Field(
        default=None,
        description="A line of the note as it is written there, with `{value}` for the value and `*` at either end "
        "for anything: `PO: {value}`, `* PO#{value} *`. `{value}` alone is the first line.",
    )
    note_rest: Literal[True] | None = Field(default=None, description="`true`: what no pattern claims of the note.")
    note_attribute: Name | None = Field(default=None, description="A note attribute (custom attribute) of the order.")
    custom_field: Name | None = Field(default=None, description="A custom field of a SparkLayer purchase.")
    line_property: Name | None = Field(default=None, description="A property of the lines (line item attribute).")
    metafield: Annotated[str, StringConstraints(pattern=METAFIELD)] | None = Field(
        default=None,
        description="`<owner>.<namespace>.<key>`; the owner is `order`, `customer`, `company` or `company_location`.",
    )
    constant: Name | None = Field(default=None, description="The same for every order.")

    @field_validator("note_pattern")
    @classmethod
    def _readable(cls, value: str | None) -> str | None:
        try:
            _ = NotePattern(value) if value else None
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return value

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError(f"a place is one of {', '.join(type(self).model_fields)}; give exactly one")
        return self

    def place(self) -> Place:
        """The place as the mapping takes it."""
        ((kind, name),) = self.model_dump(exclude_unset=True).items()
        return Place(PlaceKind(kind), "" if name is True else name)


Entries = tuple[PlaceEntry, ...] | None
_DEFAULTS = "Without it: the places below."


class MappingSection(Strict):
    """Places of each detail, in the order in which they are looked at; the first that has something wins."""

    po_number: Entries = Field(default=None, description=f"The customer's PO number. {_DEFAULTS}")
    instructions: Entries = Field(default=None, description=f"Delivery instructions. {_DEFAULTS}")
    requested_on: Entries = Field(default=None, description=f"The day on which the goods are wanted. {_DEFAULTS}")
    not_before_on: Entries = Field(default=None, description=f"The day before which they must not leave. {_DEFAULTS}")
    cancel_after_on: Entries = Field(default=None, description=f"The day after which they must not leave. {_DEFAULTS}")
    mark_for: Entries = Field(default=None, description="The store or person that the goods are marked for.")
    company: Entries = Field(default=None, description="The buyer's company, where it is not the consignee's.")
    company_location: Entries = Field(default=None, description="The buyer's location.")
    sales_rep: Entries = Field(default=None, description="Who sold it.")
    carrier_account: Entries = Field(
        default=None, description="The account that pays the carrier, where the buyer's does."
    )
    vat_number: Entries = Field(default=None, description="The consignee's VAT number, for goods that cross a border.")
    eori_number: Entries = Field(
        default=None, description="The consignee's EORI number, for goods that cross a border."
    )
    date_formats: tuple[str, ...] = Field(
        default=("%Y-%m-%d",),
        min_length=1,
        description="How dates are written there, tried in turn (strptime: `%d/%m/%Y`). None is guessed.",
    )

    @field_validator("date_formats")
    @classmethod
    def _dates(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        day = date(2026, 11, 26)
        for each in value:
            try:
                whole = datetime.strptime(day.strftime(each), each).date() == day  # noqa: DTZ007  a day has no zone
            except ValueError:
                whole = False
            if not whole:
                raise ValueError(f"{each!r} is no form of a whole date; write it like %d/%m/%Y")
        return value

    def rules(self) -> MappingRules:
        """The rules as the mapping takes them."""
        written = {name: getattr(self, name) for name in type(self).model_fields if name != "date_formats"}
        own = {
            name: tuple(each.place() for each in entries) for name, entries in written.items() if entries is not None
        }
        return MappingRules({**DEFAULT_PLACES, **own}, self.date_formats)


class ShippingSite(Strict):
    """What a shipping method of the shop means at the warehouse. A text alone is the service."""

    service: Name = Field(description="The service as the warehouse names it.")
    carrier: str = Field(
        default="", max_length=80, description="The carrier as the warehouse names it (X12: its SCAC)."
    )
    payer: Literal["prepaid", "collect", "third_party", "customer_account", "collection"] | None = Field(
        default=None,
        description="Who pays the carrier; `third_party` and `customer_account` need the mapping's `carrier_account`, "
        "`collection`: the buyer fetches the goods. Without it: as agreed with the warehouse.",
    )
    mode: Literal["parcel", "pallet"] | None = Field(
        default=None, description="How it is packed for the carrier. Without it: as agreed with the warehouse."
    )

    @model_validator(mode="before")
    @classmethod
    def _service_alone(cls, value: Any) -> Any:
        return {"service": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(core)]}

    def carriage(self) -> Carriage:
        """The meaning as the domain takes it."""
        return Carriage(self.service, self.carrier, Payer(self.payer or ""), Mode(self.mode or ""))


def check_declared(declared: dict[str, str]) -> dict[str, str]:
    """The declarations of `warehouse.carry`. Raises ValueError naming the field that is not known, or what may be said
    of it."""
    for name, words in declared.items():
        if name not in LABELS:
            raise ValueError(f"{name!r} is no field of an order; known: {', '.join(LABELS)}")
        place = words.removeprefix(CARRY_IN)
        if words not in (REQUIRED, NOT_NEEDED) and (words == place or place not in DESTINATIONS or place == name):
            places = ", ".join(f"`{CARRY_IN}{each}`" for each in DESTINATIONS)
            raise ValueError(f"{name}: {words!r} is none of `{REQUIRED}`, `{NOT_NEEDED}`, {places}")
        if declared.get(place, "").startswith(CARRY_IN):
            raise ValueError(f"{name}: {place} is itself carried in another field; name that one")
    return declared
