"""SparkLayer on Shopify, as a `Storefront`: orders are read from Shopify and known by what SparkLayer leaves on them.

Stock and fulfilments are written to Shopify, because SparkLayer reads them there. Notes, lines and prices are never
written; the only fields of ours are metafields in the namespace `$app:fulfilment`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from include.fulfilment.adapters.connecting import Connecting
from include.fulfilment.adapters.storefront.fields import EPOCH, Fields, Json
from include.fulfilment.adapters.storefront.shopify import queries
from include.fulfilment.adapters.storefront.shopify.bulk import CatalogueExport
from include.fulfilment.adapters.storefront.shopify.client import ShopifyClient, number_of
from include.fulfilment.adapters.storefront.shopify.fulfilment import read_nodes
from include.fulfilment.adapters.storefront.shopify.leaving import read_leaving
from include.fulfilment.adapters.storefront.shopify.ledger import read_ledger_codes
from include.fulfilment.adapters.storefront.shopify.lines import read_all_lines
from include.fulfilment.adapters.storefront.shopify.order_queries import OrderQueries
from include.fulfilment.adapters.storefront.shopify.orders import ReadOrder, map_account, map_order
from include.fulfilment.adapters.storefront.shopify.posting import PostAnswer, Poster, set_metafields
from include.fulfilment.adapters.storefront.shopify.progress import report_progress
from include.fulfilment.adapters.storefront.shopify.settings import ShopifySettings, shopify_transport
from include.fulfilment.adapters.storefront.shopify.stock import read_variants, set_available
from include.fulfilment.adapters.storefront.shopify.webhooks import subscribe
from include.fulfilment.adapters.transport import Transport
from include.fulfilment.clock import Clock
from include.fulfilment.domain.order import CreditAccount, Variant
from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.errors import FulfilmentError
from include.fulfilment.ports import (
    AvailabilityChange,
    ChangeAnswer,
    OrderPage,
    Rejected,
    ShopLine,
    ShopOrder,
    Storefront,
    StorefrontCapabilities,
    Unknown,
)

# Shopify's search index trails its data a little and both clocks may differ; what is read twice changes nothing.
OVERLAP = timedelta(minutes=5)

_NO_LOCATION = "the site file names no location of this shop for the warehouse {!r}"
CAPABILITIES = StorefrontCapabilities(progress=True, webhooks=True)


def connect(given: Connecting) -> Storefront:
    """The shop behind a connection: its address as host, its Admin API access token as password."""
    settings = ShopifySettings(
        location_id=given.storefront.location_id,
        more_locations=given.storefront.more_locations,
        api_version=str(given.connection.extra.get("api_version", "2026-07")),
        mapping=given.site.mapping.rules(),
        credit_contains=given.site.credit.contains.value,
    )
    remote = given.connection
    transport = shopify_transport(
        remote.base_url,
        remote.password,
        connection_id=remote.conn_id,
        on_call=given.on_call,
        acquire=given.acquire,
    )
    return ShopifyStorefront(transport, settings, given.clock)


class ShopifyStorefront:
    """One shop behind the `Storefront` port. `clock` gives the instant at which credit figures are read and bounds
    how far a reading may claim to reach."""

    capabilities = CAPABILITIES

    def __init__(self, transport: Transport, settings: ShopifySettings, clock: Clock) -> None:
        self._client = ShopifyClient(transport, settings.api_version)
        self._settings = settings
        self._queries = OrderQueries(settings.asked)
        self._clock = clock

    def read_orders(self, changed_since: datetime | None) -> Iterator[OrderPage]:
        """Drafts, then orders, each oldest change first, from five minutes before `changed_since`.

        A completed draft is left out: its order carries the same cart id and stands for it. `read_to` is None on pages
        of drafts, and never later than the moment the reading began: a draft changed while the orders were read is
        seen by the next reading.
        """
        began = self._clock()
        since = f"updated_at:>='{_shopify_time(changed_since - OVERLAP)}'" if changed_since else None
        newest = EPOCH
        for page in self._client.pages(self._queries.drafts, "draftOrders", filter=since):
            read = self._orders([each for each in page if not _completed(each)], is_draft=True)
            newest = max([newest, *(each.order.updated_at for each in read)])
            if read:
                yield _page(read, None)
        for page in self._client.pages(self._queries.orders, "orders", filter=since):
            read = self._orders(page, is_draft=False)
            seen = max([EPOCH, *(each.order.updated_at for each in read)])
            newest = max(newest, seen)
            if read:
                yield _page(read, _reached(seen, began))
        if newest > EPOCH:
            yield OrderPage((), (), _reached(newest, began))

    def read_accounts(self, platform_ids: Sequence[str]) -> list[CreditAccount]:
        """The credit accounts of these orders' buyers, a hundred orders a call; those without a credit record, or
        with one that cannot be read, are left out. Where logins of one account disagree, see `_least_room`."""
        nodes = list(read_nodes(self._client, queries.ACCOUNTS, "Order", platform_ids, queries.ACCOUNTS_PER_READ))
        now = self._clock()
        return _least_room(map_account(each, self._settings, now) for each in nodes)

    def read_ledger_codes(self, platform_ids: Sequence[str]) -> dict[str, str]:
        """See `ledger`."""
        return read_ledger_codes(self._client, platform_ids)

    def read_variants(self, nightly: bool = False) -> Iterator[Sequence[Variant]]:
        """All variants at each location of ours, `nightly` by a bulk operation a location. A pack size that is there
        and unreadable is 0, which proves no quantity."""
        for name, location in self._settings.locations.items():
            export = CatalogueExport(self._client, location, self._clock)
            for page in export.variants() if nightly else read_variants(self._client, location):
                yield [replace(each, leaves_from=name) for each in page] if name else page

    def read_shop_orders(self, platform_ids: Sequence[str]) -> dict[str, ShopOrder]:
        """The fulfilment side of these orders, 24 a call. `fulfilled_quantity` counts within `current_quantity`:
        units that were fulfilled and then refunded are in neither."""
        nodes = list(read_nodes(self._client, queries.SHOP_ORDERS, "Order", platform_ids, queries.SHOP_ORDERS_PER_READ))
        lines = read_all_lines(self._client, nodes, queries.MORE_SHOP_LINES)
        found = (self._shop_order(*each) for each in zip(nodes, lines, strict=True))
        return {each.platform_id: each for each in found}

    def set_available(self, changes: Sequence[AvailabilityChange], key: str) -> list[ChangeAnswer]:
        """Compare-and-set at most 250 rows; see `shopify_stock.set_available`."""
        return set_available(self._client, changes, key)

    def post_fulfilments(self, posts: Sequence[tuple[str, FulfilmentPost]]) -> dict[str, PostAnswer]:
        """One fulfilment per post, once; see `fulfilment` for how a post is known again. The posts of one location go
        together; one for which nothing at all is answered keeps none of the others waiting."""
        answers: dict[str, PostAnswer] = {}
        faults: list[FulfilmentError] = []
        for name, location in self._settings.locations.items():
            own = [each for each in posts if each[1].left_from == name]
            try:
                answers |= Poster(self._client, location).post_all(own) if own else {}
            except FulfilmentError as error:
                faults.append(error)
                answers |= {post.key: Unknown(str(error)) for _, post in own}
        lost = [post for _, post in posts if post.key not in answers]
        answers |= {post.key: Rejected("no_location", _NO_LOCATION.format(post.left_from)) for post in lost}
        if faults and all(isinstance(each, Unknown) for each in answers.values()):
            raise faults[0]
        return answers

    def set_statuses(self, statuses: Mapping[str, str]) -> dict[str, str]:
        """Writes `$app:fulfilment.status` on each order."""
        return set_metafields(self._client, "status", "single_line_text_field", statuses)

    def report_progress(self, platform_ids: Sequence[str]) -> dict[str, str]:
        """Each order's open fulfilment orders at our locations become IN_PROGRESS; see `progress`."""
        return report_progress(self._client, self._settings.warehouses, platform_ids)

    def subscribe(self, address: str) -> list[str]:
        """One subscription a topic of `webhooks.TOPICS`."""
        return subscribe(self._client, address)

    def _orders(self, page: Sequence[Json], *, is_draft: bool) -> list[ReadOrder]:
        more = self._queries.more_draft_lines if is_draft else self._queries.more_order_lines
        lines = read_all_lines(self._client, page, more)
        leaving = read_leaving(self._client, page)
        now = self._clock()
        return [
            map_order(raw, its_lines, self._settings, now, is_draft=is_draft, leaving=places)
            for raw, its_lines, places in zip(page, lines, leaving, strict=True)
        ]

    def _shop_order(self, node: Mapping[str, Json], lines: Sequence[Json]) -> ShopOrder:
        fields = Fields(node, "", [])
        fulfilments = node.get("fulfillments") or []
        if len(fulfilments) >= queries.FULFILMENTS_PER_ORDER:
            whole = self._client.read(queries.ALL_FULFILMENTS, id=node.get("id")).get("node")
            fulfilments = (whole if isinstance(whole, dict) else node).get("fulfillments") or []
        numbers = [
            parcel.get("number")
            for each in fulfilments
            if each.get("status") not in ("CANCELLED", "ERROR", "FAILURE")
            for parcel in each.get("trackingInfo") or []
        ]
        return ShopOrder(
            platform_id=number_of(node.get("id")),
            name=fields.text("name", 255),
            cancelled=node.get("cancelledAt") is not None,
            fulfilment_status=fields.text("displayFulfillmentStatus", 40).lower(),
            our_status=fields.inside("status").text("value", 255),
            lines=tuple(_shop_line(each) for each in lines),
            tracking_numbers=tuple(dict.fromkeys(each for each in numbers if each)),
        )


def _shop_line(raw: Json) -> ShopLine:
    line = Fields(raw, "", [])
    current, unfulfilled = line.units("currentQuantity"), line.units("unfulfilledQuantity")
    return ShopLine(number_of(line.raw.get("id")), line.text("sku", 255), current, max(0, current - unfulfilled))


def _completed(draft: Json) -> bool:
    return isinstance(draft, dict) and draft.get("status") == "COMPLETED"


def _page(read: Sequence[ReadOrder], read_to: datetime | None) -> OrderPage:
    accounts = _least_room(each.account for each in read)
    return OrderPage(tuple(each.order for each in read), tuple(accounts), read_to)


def _least_room(found: Iterable[CreditAccount | None]) -> list[CreditAccount]:
    """Each account once: where its logins disagree, the figures that leave the least room count."""
    accounts: dict[str, CreditAccount] = {}
    for account in found:
        known = accounts.get(account.account_id) if account else None
        if account and (known is None or _room(account) < _room(known)):
            accounts[account.account_id] = account
    return list(accounts.values())


def _room(account: CreditAccount) -> tuple[bool, Decimal]:
    return (not account.on_stop, account.credit_limit - account.balance)


def _reached(newest: datetime, began: datetime) -> datetime | None:
    return min(newest, began) if newest > EPOCH else None


def _shopify_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
