"""What a storefront must be able to do, and how it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from include.fulfilment.domain.order import CreditAccount, SalesOrder, Variant
from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.ports.warehouse import Rejected, Unknown


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One page of orders with the credit accounts they name; `read_to` is the newest change seen."""

    orders: tuple[SalesOrder, ...]
    accounts: tuple[CreditAccount, ...]
    read_to: datetime | None


@dataclass(frozen=True, slots=True)
class AvailabilityChange:
    """Set what the shop shows from `change_from` to `quantity` (shop units); refused if it shows something else."""

    sku: str
    inventory_item_id: str
    location_id: str
    quantity: int
    change_from: int


@dataclass(frozen=True, slots=True)
class ChangeAnswer:
    """`outcome`: `applied`, `stale` (the shop showed something else) or `rejected` (with the shop's words)."""

    change: AvailabilityChange
    outcome: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """The shop stored the fulfilment, now or on an earlier try."""

    fulfilment_id: str


@dataclass(frozen=True, slots=True)
class ShopLine:
    """One line as the shop holds it: quantity that counts (edits and refunds taken off) and what is fulfilled."""

    line_id: str
    sku: str
    current_quantity: int
    fulfilled_quantity: int


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """One order's fulfilment side as the shop holds it, for posting, for verdicts and for drift."""

    platform_id: str
    name: str
    cancelled: bool
    fulfilment_status: str
    our_status: str
    lines: tuple[ShopLine, ...]
    tracking_numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StorefrontCapabilities:
    """What a storefront dialect can do beyond reading and writing: what it cannot is off, and the services leave it.

    `progress`: a pick under way can be shown on the order. `webhooks`: the shop tells of changes by itself.
    """

    progress: bool
    webhooks: bool


Storefronts: TypeAlias = "Mapping[str, Storefront]"
"""A site's shops by their codes, the first one first."""


class Storefront(Protocol):
    """One shop behind one adapter. Order lines, prices and notes are never written."""

    @property
    def capabilities(self) -> StorefrontCapabilities:
        """What this shop can do."""
        ...

    def read_orders(self, changed_since: datetime | None) -> Iterator[OrderPage]:
        """Orders and drafts changed since then (overlapping on purpose), oldest change first."""
        ...

    def read_accounts(self, platform_ids: Sequence[str]) -> list[CreditAccount]:
        """The credit accounts that these orders name, as they stand now: a payment or a new limit changes no order."""
        ...

    def read_ledger_codes(self, platform_ids: Sequence[str]) -> dict[str, str]:
        """By credit account, under which code the ledger keeps it, as the shop has it on these orders' customers. An
        account without a code, or whose logins disagree, is missing."""
        ...

    def read_variants(self, nightly: bool = False) -> Iterator[Sequence[Variant]]:
        """All variants with SKU, pack size and what the shop shows.

        With `nightly` the same, by whatever the shop offers for reading the whole catalogue at once: it may take
        minutes before the first comes, and figures may be that much older. A reading that breaks off or is incomplete
        raises, in either way, after what came before: record nothing as read before the last."""
        ...

    def read_shop_orders(self, platform_ids: Sequence[str]) -> dict[str, ShopOrder]:
        """The fulfilment side of these orders; one that no longer exists is missing from the answer."""
        ...

    def set_available(self, changes: Sequence[AvailabilityChange], key: str) -> list[ChangeAnswer]:
        """Compare-and-set at most 250 rows; `key` makes a repeat of the same rows harmless. One answer per row."""
        ...

    def post_fulfilments(self, posts: Sequence[tuple[str, FulfilmentPost]]) -> dict[str, Posted | Rejected | Unknown]:
        """Create fulfilments for (platform order id, post), by `post.key`. One found already there is Posted."""
        ...

    def set_statuses(self, statuses: Mapping[str, str]) -> dict[str, str]:
        """Write our status metafield per platform order id; answers the shop's words per order it refused."""
        ...

    def report_progress(self, platform_ids: Sequence[str]) -> dict[str, str]:
        """Show on these orders that our warehouse has begun to pick them. An order that shows it already, or on which
        nothing is left to ship, is left alone, so a repeat is harmless. Quantities and fulfilments do not change, and
        a fulfilment can still be posted. Answers words per order that could not be shown so (held or cancelled in the
        shop, not there, to be shipped from elsewhere). Raises TerminalError where `capabilities.progress` is off."""
        ...

    def subscribe(self, address: str) -> list[str]:
        """Make the shop send its webhooks about orders and stock to this address, which starts with https://. What is
        subscribed there already stays as it is, and so does everything that others subscribed. Answers the topics that
        were new: none on a repeat. Raises ConfigError for an address that cannot be one, and, once every other topic
        is subscribed, naming those that the shop refused; TerminalError where `capabilities.webhooks` is off."""
        ...
