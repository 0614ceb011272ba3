"""SparkLayer alone, as a `Storefront`: orders, accounts and stock through its own API, for a merchant whose orders live
in SparkLayer and not on Shopify (Ignite, a custom platform, offline orders).

A purchase that lives on an eCommerce platform is neither released nor written here: that platform is its master. There
are no webhooks and no precondition on writes, and no limit on calls is published; `options` says what had to be left to
the site (https://docs.sparklayer.io/developers/api).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from include.fulfilment.adapters.connecting import Connecting, Skus, read_options
from include.fulfilment.adapters.storefront.fields import EPOCH
from include.fulfilment.adapters.storefront.sparklayer.client import Json, SparkLayerClient, connect_client
from include.fulfilment.adapters.storefront.sparklayer.customers import Customers
from include.fulfilment.adapters.storefront.sparklayer.options import Options
from include.fulfilment.adapters.storefront.sparklayer.orders import customer_id, map_order
from include.fulfilment.adapters.storefront.sparklayer.posting import PostAnswer, Poster
from include.fulfilment.adapters.storefront.sparklayer.purchase import BASKET, Purchase
from include.fulfilment.adapters.storefront.sparklayer.stock import StockLevels
from include.fulfilment.adapters.storefront.sparklayer.writing import (
    LIVES_ELSEWHERE,
    NOT_AN_ORDER,
    PurchaseWriter,
    metadata_entry,
    set_metadata,
)
from include.fulfilment.clock import Clock
from include.fulfilment.domain.order import SHOP, CreditAccount, SalesOrder, Variant
from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.errors import ConfigError, TerminalError
from include.fulfilment.ports import (
    AvailabilityChange,
    ChangeAnswer,
    OrderPage,
    Rejected,
    ShopLine,
    ShopOrder,
    Storefront,
    StorefrontCapabilities,
)
from include.fulfilment.settings import Site

# Whether the list's filter includes its bound is not documented, and clocks differ; what is read twice changes nothing.
OVERLAP = timedelta(minutes=5)
# Purchases on which our status has no place (a quote, one that a platform holds): nothing is owed to them.
UNWRITTEN = frozenset({LIVES_ELSEWHERE, NOT_AN_ORDER})

CAPABILITIES = StorefrontCapabilities(progress=False, webhooks=False)


def connect(given: Connecting) -> Storefront:
    """The site behind a connection; see `connect_client` for its fields."""
    options = read_options(Options, given.storefront.options, f"{given.storefront_field}.options", given.site)
    if given.storefront.more_locations:
        raise ConfigError(
            f"site {given.site.code}: {given.storefront_field}.more_locations: a purchase in SparkLayer names no "
            "location for its lines, so all of them leave from one warehouse; take the others out of the site file"
        )
    client = connect_client(given, options)
    return SparkLayerStorefront(client, options, given.site, given.clock, given.skus, given.shop)


def probe(given: Connecting) -> None:
    """Log in and read one page of the list of purchases: a single purchase that is not there proves nothing."""
    options = read_options(Options, given.storefront.options, f"{given.storefront_field}.options", given.site)
    next(connect_client(given, options).purchases({}), None)


class SparkLayerStorefront:
    """One SparkLayer site behind the `Storefront` port. `clock` gives the instant at which credit figures are read and
    bounds how far a reading may claim to reach; `skus` are those of the pack catalogue; `shop` is its code among the
    site's shops."""

    capabilities = CAPABILITIES

    def __init__(
        self, client: SparkLayerClient, options: Options, site: Site, clock: Clock, skus: Skus, shop: str = SHOP
    ) -> None:
        self._client = client
        self._options = options
        self._site = site
        self._mapping = site.mapping.rules()
        self._clock = clock
        self._skus = skus
        self._writer = PurchaseWriter(client, options)
        self._stock = StockLevels(client, options, site.storefronts[shop].location_id)

    def read_orders(self, changed_since: datetime | None) -> Iterator[OrderPage]:
        """Orders, quotes and what awaits approval or confirmation, changed from five minutes before `changed_since`;
        baskets are left out. SparkLayer lists the newest first, so `read_to` is None until the last page, and never
        later than the moment the reading began."""
        began, newest = self._clock(), EPOCH
        customers = self._customers()
        since = {self._options.updated_since: _instant(changed_since - OVERLAP)} if changed_since else {}
        for page in self._client.purchases(since):
            read = [each for raw in page if (each := self._order(raw, customers)) is not None]
            newest = max([newest, *(order.updated_at for order, _ in read)])
            if read:
                accounts = {each.account_id: each for _, each in read if each is not None}
                yield OrderPage(tuple(order for order, _ in read), tuple(accounts.values()), None)
        if newest > EPOCH:
            yield OrderPage((), (), min(newest, began))

    def read_accounts(self, platform_ids: Sequence[str]) -> list[CreditAccount]:
        """The credit accounts of these purchases' customers: two calls for each, as neither can be asked for in bulk.
        One without a credit record, or with one that cannot be read, is left out."""
        customers = self._customers()
        purchases = (self._client.purchase(each) for each in dict.fromkeys(platform_ids))
        read = [self._order(raw, customers) for raw in purchases if raw is not None]
        accounts = [each[1] for each in read if each is not None and each[1] is not None]
        return list({each.account_id: each for each in accounts}.values())

    def read_ledger_codes(self, platform_ids: Sequence[str]) -> dict[str, str]:
        """The customers' `accounting_id`, "the id in your ERP" (docs.sparklayer.io, customers API); calls as for
        `read_accounts`."""
        customers = self._customers()
        purchases = (self._client.purchase(each) for each in dict.fromkeys(platform_ids))
        ids = {customer_id(Purchase(raw, self._options)) for raw in purchases if raw is not None}
        return customers.ledger_codes(sorted(ids))

    def read_variants(self, nightly: bool = False) -> Iterator[Sequence[Variant]]:
        """Every SKU of the pack catalogue with what SparkLayer shows at the site's location. There is no other way to
        read them, `nightly` or not."""
        return self._stock.variants(self._skus())

    def read_shop_orders(self, platform_ids: Sequence[str]) -> dict[str, ShopOrder]:
        """The shipping side of these purchases, one call each: they cannot be asked for in bulk."""
        found = ((each, self._client.purchase(each)) for each in dict.fromkeys(platform_ids))
        return {each: self._shop_order(each, raw) for each, raw in found if raw is not None}

    def set_available(self, changes: Sequence[AvailabilityChange], key: str) -> list[ChangeAnswer]:
        """Sets what moved from `change_from`; no key is needed, as a figure that is there already counts as applied.
        SparkLayer has no compare-and-set: see `stock` for what stands in its place."""
        return self._stock.set(changes)

    def post_fulfilments(self, posts: Sequence[tuple[str, FulfilmentPost]]) -> dict[str, PostAnswer]:
        """A shipped package per post, once; see `posting`."""
        return Poster(self._writer, self._options).post_all(posts) if posts else {}

    def set_statuses(self, statuses: Mapping[str, str]) -> dict[str, str]:
        """SparkLayer has no place for our status. Where the site names a metadata entry for it, it is written there;
        else nothing is written and nothing refused."""
        name = self._options.status_metadata
        if not name:
            return {}
        outcomes = {each: self._writer.change(each, _status(name, status)) for each, status in statuses.items()}
        return {
            each: f"{outcome.code}: {outcome.message}" if isinstance(outcome, Rejected) else outcome.reason
            for each, outcome in outcomes.items()
            if outcome is not None and getattr(outcome, "code", "") not in UNWRITTEN
        }

    def report_progress(self, platform_ids: Sequence[str]) -> dict[str, str]:
        """A purchase has no state between placed and shipped."""
        raise TerminalError("SparkLayer cannot show a pick under way; its capability `progress` is off")

    def subscribe(self, address: str) -> list[str]:
        """Its API documents no webhooks."""
        raise TerminalError("SparkLayer sends no webhooks; its capability `webhooks` is off")

    def _customers(self) -> Customers:
        return Customers(self._client, self._options, self._site.credit.contains.value, self._clock)

    def _order(self, raw: Json, customers: Customers) -> tuple[SalesOrder, CreditAccount | None] | None:
        purchase = Purchase(raw, self._options)
        if purchase.kind == BASKET:
            return None
        currency = purchase.fields.text("currency_code", 3).upper()
        customer = customers.account(customer_id(purchase), currency)
        return map_order(purchase, customer, self._options, self._mapping), customer.credit if customer else None

    def _shop_order(self, platform_id: str, raw: Json) -> ShopOrder:
        purchase = Purchase(raw, self._options)
        status = metadata_entry(raw, self._options.status_metadata) if self._options.status_metadata else None
        return ShopOrder(
            platform_id=platform_id,
            name=purchase.name,
            cancelled=purchase.cancelled(),
            fulfilment_status=purchase.fields.text("calculated_fulfilment_status", 40),
            our_status=str(status.get("value", ""))[:255] if status else "",
            lines=tuple(ShopLine(each.line_id, each.sku, each.current, each.shipped) for each in purchase.lines()),
            tracking_numbers=purchase.tracking_numbers(),
        )


def _status(name: str, status: str) -> Callable[[dict[str, Json]], bool]:
    return lambda body: set_metadata(body, name, status)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
