"""What a trade order says beside its goods, and in which of the merchant's places each detail was found."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

COMPARED = ("po_number", "requested_on", "not_before_on", "cancel_after_on")
"""Details in which two places must agree: goods with another PO number or on another day are refused at the door."""


@dataclass(frozen=True, slots=True)
class Found:
    """The place that a detail was taken from, and the other places that had something. `elsewhere` is (place, value);
    the values only of what is compared, so that no text is kept twice. `differs`: another place says otherwise."""

    field: str
    place: str
    elsewhere: tuple[tuple[str, str], ...] = ()
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Details:
    """What not every order has. `company` and `company_location` are the buyer's, who need not be the consignee;
    `carrier_account` is whose account pays the carrier; VAT and EORI number are the consignee's."""

    mark_for: str = ""
    company: str = ""
    company_location: str = ""
    sales_rep: str = ""
    carrier_account: str = ""
    vat_number: str = ""
    eori_number: str = ""
    found: tuple[Found, ...] = ()

    def disagreements(self) -> tuple[Found, ...]:
        """Details that another place states otherwise."""
        return tuple(each for each in self.found if each.differs)

    def settled(self, corrected: Collection[str]) -> Details:
        """With what a person corrected no longer in question."""
        return replace(self, found=tuple(each for each in self.found if each.field not in corrected))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Details:
        """The details that the store keeps."""
        found = tuple(
            Found(
                each["field"],
                each["place"],
                tuple((place, value) for place, value in each["elsewhere"]),
                each["differs"],
            )
            for each in data.get("found", ())
        )
        return cls(**{**data, "found": found})


NO_DETAILS = Details()
TEXTS = tuple(each.name for each in fields(Details) if each.name != "found")
"""The details that are text."""
