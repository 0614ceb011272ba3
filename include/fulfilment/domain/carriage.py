"""How goods travel: which carrier and service, on a pallet or as parcels, and who pays for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Payer(StrEnum):
    """Who pays the carrier. COLLECTION: nobody, because the buyer fetches the goods. UNSAID: as agreed with the
    warehouse for all orders."""

    UNSAID = ""
    PREPAID = "prepaid"
    COLLECT = "collect"
    THIRD_PARTY = "third_party"
    CUSTOMER_ACCOUNT = "customer_account"
    COLLECTION = "collection"

    @property
    def needs_account(self) -> bool:
        """Whether the carrier must be told an account number."""
        return self in (Payer.THIRD_PARTY, Payer.CUSTOMER_ACCOUNT)


class Mode(StrEnum):
    """How the goods are packed for the carrier. UNSAID: as agreed with the warehouse for all orders."""

    UNSAID = ""
    PARCEL = "parcel"
    PALLET = "pallet"


@dataclass(frozen=True, slots=True)
class Carriage:
    """What one of the shop's shipping methods means at the warehouse: its service, and what is said beside it."""

    service: str
    carrier: str = ""
    payer: Payer = Payer.UNSAID
    mode: Mode = Mode.UNSAID
