"""A right storefront adapter, wrongly adapted, each in one way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from include.fulfilment.domain.order import Variant
from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.errors import FulfilmentError
from include.fulfilment.ports import (
    AvailabilityChange,
    ChangeAnswer,
    OrderPage,
    Posted,
    Rejected,
    ShopOrder,
    Storefront,
    StorefrontCapabilities,
    Unknown,
)

_numbers = count(1)
Answers = dict[str, Posted | Rejected | Unknown]
Posts = Sequence[tuple[str, FulfilmentPost]]


class Adapted:
    """The right adapter, as long as nothing is overridden."""

    def __init__(self, right: Storefront) -> None:
        self.right = right

    def __getattr__(self, name: str) -> Any:
        return getattr(self.right, name)

    def read_orders(self, changed_since: datetime | None) -> Iterator[OrderPage]:
        for page in self.right.read_orders(changed_since):
            yield replace(page, orders=tuple(self.order(each) for each in page.orders if self.wanted(each)))

    def order(self, order: Any) -> Any:
        return order

    def wanted(self, order: Any) -> bool:
        return True

    def post_fulfilments(self, posts: Posts) -> Answers:
        return self.right.post_fulfilments(posts)


class PostsUnderAnotherName(Adapted):
    """Marks each post anew, so that it is never found again."""

    def post_fulfilments(self, posts: Posts) -> Answers:
        renamed = [(at, replace(each, shipment_id=f"{each.shipment_id}-{next(_numbers)}")) for at, each in posts]
        answers = self.right.post_fulfilments(renamed)
        return {each.key: answers[new.key] for (_, each), (_, new) in zip(posts, renamed, strict=True)}


class TakesDoubtForPosted(Adapted):
    """Says Posted where nobody knows."""

    def post_fulfilments(self, posts: Posts) -> Answers:
        answers = self.right.post_fulfilments(posts)
        return {key: Posted("?") if isinstance(each, Unknown) else each for key, each in answers.items()}


class TakesDoubtForARefusal(Adapted):
    """Says Rejected where nobody knows."""

    def post_fulfilments(self, posts: Posts) -> Answers:
        answers = self.right.post_fulfilments(posts)
        return {key: Rejected("failed", "") if isinstance(each, Unknown) else each for key, each in answers.items()}


class OneRefusalRefusesAll(Adapted):
    """Gives up the whole batch for one post that the shop refuses."""

    def post_fulfilments(self, posts: Posts) -> Answers:
        for each in posts:
            answers = self.right.post_fulfilments([each])
            if any(isinstance(answer, Rejected) for answer in answers.values()):
                return {post.key: Rejected("batch_refused", "one of them was refused") for _, post in posts}
        return self.right.post_fulfilments(posts)


class LosesTracking(Adapted):
    """Posts without the second parcel's number."""

    def post_fulfilments(self, posts: Posts) -> Answers:
        cut = [(at, replace(each, tracking_numbers=each.tracking_numbers[:1])) for at, each in posts]
        return self.right.post_fulfilments(cut)


class OverwritesWhatOthersSet(Adapted):
    """Sets stock whatever the shop shows by now."""

    def set_available(self, changes: Sequence[AvailabilityChange], key: str) -> list[ChangeAnswer]:
        answers = self.right.set_available(changes, key)
        for each in [each for each in answers if each.outcome == "stale"]:
            shown = {found.sku: found.available for page in self.right.read_variants() for found in page}
            forced = replace(each.change, change_from=shown[each.change.sku] or 0)
            self.right.set_available([forced], f"{key}-forced-{forced.sku}")
        return [replace(each, outcome="applied", message="") for each in answers]


class OneBadRowRefusesAll(Adapted):
    """Gives up the whole batch for one row that the shop refuses."""

    def set_available(self, changes: Sequence[AvailabilityChange], key: str) -> list[ChangeAnswer]:
        if any(not each.sku.startswith("V") for each in changes):
            return [ChangeAnswer(each, "rejected", "the batch was refused") for each in changes]
        return self.right.set_available(changes, key)


class ForgetsTheSecondPage(Adapted):
    """Reads the first page of orders alone."""

    def read_orders(self, changed_since: datetime | None) -> Iterator[OrderPage]:
        yield from [page for page in self.right.read_orders(changed_since) if page.orders][:1]


class AdvancesTheCursorTooEarly(Adapted):
    """Gives every page the cursor of the last."""

    def read_orders(self, changed_since: datetime | None) -> Iterator[OrderPage]:
        pages = list(self.right.read_orders(changed_since))
        last = max((page.read_to for page in pages if page.read_to), default=datetime(1970, 1, 1, tzinfo=UTC))
        yield from (replace(page, read_to=last.replace(year=2099)) for page in pages)


class DropsWhatItCannotRead(Adapted):
    """Leaves an order out that has a problem."""

    def wanted(self, order: Any) -> bool:
        return not order.problems


class RoundsMoney(Adapted):
    """Counts in whole pounds."""

    def order(self, order: Any) -> Any:
        return replace(order, lines=tuple(replace(line, price=Decimal(int(line.price))) for line in order.lines))


class MergesEqualSkus(Adapted):
    """Reads two lines of one SKU as one."""

    def order(self, order: Any) -> Any:
        merged: dict[str, Any] = {}
        for line in order.lines:
            units = line.quantity + (merged[line.sku].quantity if line.sku in merged else 0)
            merged[line.sku] = replace(line, quantity=units)
        return replace(order, lines=tuple(merged.values()))


class KeepsCancelledOrdersAlive(Adapted):
    """Does not tell that an order was cancelled."""

    def order(self, order: Any) -> Any:
        return replace(order, cancelled_at=None)


class TellsDraftsApart(Adapted):
    """Knows an order by its platform id, so that a draft and its order are two."""

    def order(self, order: Any) -> Any:
        return replace(order, order_id=f"shop:{order.platform_id}")


class InventsOrders(Adapted):
    """Answers for an order that the shop no longer has."""

    def read_shop_orders(self, platform_ids: Sequence[str]) -> Mapping[str, ShopOrder]:
        found = self.right.read_shop_orders(platform_ids)
        return {each: found.get(each, ShopOrder(each, "", True, "", "", (), ())) for each in platform_ids}


class LosesTheEndOfTheNight(Adapted):
    """Reads the catalogue at night without its last variant."""

    def read_variants(self, nightly: bool = False) -> Iterator[Sequence[Variant]]:
        pages = list(self.right.read_variants(nightly))
        yield from [*pages[:-1], pages[-1][:-1]] if nightly else pages


class TakesAnIncompleteNight(Adapted):
    """Keeps what came before the nightly reading broke off."""

    def read_variants(self, nightly: bool = False) -> Iterator[Sequence[Variant]]:
        try:
            yield from self.right.read_variants(nightly)
        except FulfilmentError:
            if not nightly:
                raise


class TakesALostNightForAnEmptyShop(Adapted):
    """Tells no variant at all where the nightly reading failed."""

    def read_variants(self, nightly: bool = False) -> Iterator[Sequence[Variant]]:
        try:
            yield from list(self.right.read_variants(nightly))
        except FulfilmentError:
            return


class ShowsNoPick(Adapted):
    """Says that a pick is shown, and shows none."""

    def report_progress(self, platform_ids: Sequence[str]) -> dict[str, str]:
        return {}


class HidesWhatIsNotShown(Adapted):
    """Does not tell which orders refused to show the pick."""

    def report_progress(self, platform_ids: Sequence[str]) -> dict[str, str]:
        self.right.report_progress(platform_ids)
        return {}


class SubscribesAnew(Adapted):
    """Subscribes under an address of its own on every run."""

    def subscribe(self, address: str) -> list[str]:
        return self.right.subscribe(f"{address}/{next(_numbers)}")


class TakesDoubtForSubscribed(Adapted):
    """Says that all is subscribed when the shop did not answer."""

    def subscribe(self, address: str) -> list[str]:
        try:
            return self.right.subscribe(address)
        except FulfilmentError:
            return []


class DeclaresOffWhatItDoes(Adapted):
    """Does what its capabilities say that it cannot."""

    capabilities = StorefrontCapabilities(progress=False, webhooks=False)
