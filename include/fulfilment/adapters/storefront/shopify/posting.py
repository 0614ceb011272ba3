"""Posting fulfilments: one call per post, found again after a lost reply, never posted twice."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence

from include.fulfilment.adapters.storefront.batches import BatchFaults, read_faults, send_all_but_bad
from include.fulfilment.adapters.storefront.fields import Json
from include.fulfilment.adapters.storefront.shopify import queries
from include.fulfilment.adapters.storefront.shopify.client import GraphQLRefusal, ShopifyClient, gid, number_of
from include.fulfilment.adapters.storefront.shopify.fulfilment import (
    SHIPPABLE,
    Fulfilment,
    OrderSide,
    digest,
    read_fulfilment_lines,
    read_open_lines,
    read_sides,
)
from include.fulfilment.adapters.transport import UnknownOutcome
from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.errors import ConfigError, FulfilmentError, RetryableError
from include.fulfilment.ports import Posted, Rejected, Unknown

log = logging.getLogger(__name__)
METAFIELDS_PER_CALL = 25  # metafieldsSet takes no more (its own description in the Admin API schema)
SHUT_AFTER = 3  # orders in a row that the shop did not answer for; the claim must not lapse on waiting for the rest
PostAnswer = Posted | Rejected | Unknown


class Poster:
    """Writes the posts of one batch from one shop location."""

    def __init__(self, client: ShopifyClient, location_id: str) -> None:
        self._client = client
        self._location_id = location_id

    def post_all(self, posts: Sequence[tuple[str, FulfilmentPost]]) -> dict[str, PostAnswer]:
        """One answer per `post.key`. A fault stands as Unknown for what is left of its order and costs no other order
        its posts; once `SHUT_AFTER` orders in a row met a closed door the batch ends. Where nothing at all was answered
        the first fault is raised."""
        by_order: dict[str, list[FulfilmentPost]] = defaultdict(list)
        for number, post in posts:
            by_order[number].append(post)
        sides = self._read_at_once(by_order)
        answers: dict[str, PostAnswer] = {}
        touched: dict[str, OrderSide] = {}
        faults: dict[str, FulfilmentError] = {}
        closed: list[FulfilmentError] = []
        for number, its_posts in by_order.items():
            if len(closed) == SHUT_AFTER:
                faults[number] = closed[-1]
                continue
            try:
                found = sides if sides is not None else self._read({number: its_posts})
                for post in its_posts:
                    if post.key not in answers:
                        answers[post.key] = self._post(number, found.get(number), post, touched)
                closed.clear()
            except FulfilmentError as error:
                faults[number] = error
                closed += [error] if isinstance(error, RetryableError | ConfigError) else []
        if faults and not answers:
            raise next(iter(faults.values()))
        answers |= {post.key: Unknown(str(faults[number])) for number, post in posts if post.key not in answers}
        self._bind(touched, posts, answers)
        return answers

    def _read_at_once(self, by_order: Mapping[str, Sequence[FulfilmentPost]]) -> dict[str, OrderSide] | None:
        """All sides in a few calls, or None: one order that cannot be read must not hide the others."""
        try:
            return self._read(by_order)
        except FulfilmentError as error:
            if len(by_order) == 1:
                raise
            log.warning("the orders to post could not be read together, so each is read alone: %s", error)
            return None

    def _read(self, by_order: Mapping[str, Sequence[FulfilmentPost]]) -> dict[str, OrderSide]:
        """The side of each order that the shop holds, with what is open on those that have something new to post."""
        sides = read_sides(self._client, list(by_order))
        new = [side for number, side in sorted(sides.items()) if not all(map(side.bound_to, by_order[number]))]
        read_open_lines(self._client, new)
        return sides

    def _post(
        self, platform_id: str, side: OrderSide | None, post: FulfilmentPost, touched: dict[str, OrderSide]
    ) -> PostAnswer:
        if side is None:
            return Rejected("order_not_found", f"the shop holds no order {platform_id}")
        found = side.bound_to(post)
        if not found and (found := self._unbound(side, post)):
            side.bound[digest(post)] = found
            touched[side.platform_id] = side
        if found:
            return Posted(found)
        picked = self._pick(side, post)
        if isinstance(picked, Rejected):
            return picked
        answer = self._create(side, post, picked)
        if isinstance(answer, Posted):
            side.bound[digest(post)] = answer.fulfilment_id
            side.fulfilments.append(
                Fulfilment(answer.fulfilment_id, True, self._location_id, frozenset(post.tracking_numbers))
            )
            touched[side.platform_id] = side
        return answer

    def _unbound(self, side: OrderSide, post: FulfilmentPost) -> str:
        """A fulfilment that is this post though no binding says so: made by an attempt whose reply was lost."""
        for fulfilment_id in side.candidates(post, self._location_id):
            if read_fulfilment_lines(self._client, fulfilment_id) == dict(post.lines):
                return fulfilment_id
        return ""

    def _pick(self, side: OrderSide, post: FulfilmentPost) -> list[Json] | Rejected:
        """Which fulfilment order lines take the post's quantities; one line may span several of our location."""
        if side.cancelled:
            return Rejected("order_cancelled", f"order {side.name} is cancelled in the shop; nothing can be fulfilled")
        taken: dict[str, list[Json]] = {}
        used: list[tuple[int, int]] = []
        for line_id, quantity in post.lines:
            left = quantity
            for index, line in enumerate(side.open_lines):
                if line.line_id == line_id and line.location_id == self._location_id and line.status in SHIPPABLE:
                    units = min(left, line.remaining)
                    if units > 0:
                        taken.setdefault(line.fulfilment_order_id, []).append({"id": line.item_id, "quantity": units})
                        used.append((index, units))
                        left -= units
            if left > 0 or quantity < 1:
                return self._refusal(side, line_id, quantity, left)
        if not taken:
            return Rejected("no_lines", f"the post for order {side.name} names no lines")
        for index, units in used:
            side.open_lines[index].remaining -= units
        return [
            {"fulfillmentOrderId": gid("FulfillmentOrder", number), "fulfillmentOrderLineItems": lines}
            for number, lines in taken.items()
        ]

    def _refusal(self, side: OrderSide, line_id: str, quantity: int, left: int) -> Rejected:
        elsewhere = [line for line in side.open_lines if line.line_id == line_id and line.remaining > 0]
        what = f"order {side.name}, line {line_id}: {left} of {quantity} cannot be fulfilled"
        places = {line.location_id or "none" for line in elsewhere if line.location_id != self._location_id}
        if places:
            where = ", ".join(sorted(places))
            return Rejected("other_location", f"{what}: the shop expects it from location {where}", "location")
        if any(line.status not in SHIPPABLE for line in elsewhere):
            states = ", ".join(sorted({line.status for line in elsewhere if line.status not in SHIPPABLE}))
            return Rejected("not_fulfillable", f"{what}: its fulfilment order is {states} in the shop", "status")
        return Rejected("more_than_remains", f"{what}: the shop has only {quantity - left} left to fulfil", "quantity")

    def _create(self, side: OrderSide, post: FulfilmentPost, picked: list[Json]) -> PostAnswer:
        wanted = {"lineItemsByFulfillmentOrder": picked, "trackingInfo": _tracking(post)}
        try:
            payload = self._client.write(
                queries.CREATE_FULFILMENT, safe=False, fulfillment=wanted, message=f"Shipment {post.shipment_id}"[:200]
            )
        except GraphQLRefusal as refusal:
            return Rejected("refused", str(refusal))
        except UnknownOutcome as unknown:
            return self._look_again(side, post, str(unknown))
        errors = payload.get("userErrors")
        if isinstance(errors, list) and errors:
            first = errors[0] if isinstance(errors[0], dict) else {}
            path = first.get("field")
            where = ".".join(str(each) for each in path) if isinstance(path, list) else ""
            return Rejected("refused", f"order {side.name}: {str(first.get('message'))[:300]}", where)
        made = payload.get("fulfillment")
        number = number_of(made.get("id")) if isinstance(made, dict) else ""
        return Posted(number) if number else self._look_again(side, post, "the shop answered without a fulfilment")

    def _look_again(self, side: OrderSide, post: FulfilmentPost, why: str) -> PostAnswer:
        """After a lost reply: Posted if the shop holds it now. If not it may still come, so that is Unknown."""
        try:
            fresh = read_sides(self._client, [side.platform_id]).get(side.platform_id)
            if fresh is None:
                return Unknown(why)
            side.fulfilments = fresh.fulfilments
            found = self._unbound(side, post)
        except FulfilmentError as error:
            return Unknown(f"{why}; and looking for it failed: {error}")
        return Posted(found) if found else Unknown(why)

    def _bind(
        self,
        touched: Mapping[str, OrderSide],
        posts: Sequence[tuple[str, FulfilmentPost]],
        answers: dict[str, PostAnswer],
    ) -> None:
        values = {
            platform_id: json.dumps(side.bound, sort_keys=True, separators=(",", ":"))
            for platform_id, side in touched.items()
        }
        try:
            refused = set_metafields(self._client, "posted", "json", values)
        except FulfilmentError as error:
            refused = dict.fromkeys(values, str(error))
        for platform_id, post in posts:
            if platform_id in refused and isinstance(answers[post.key], Posted):
                words = f"posted, but the shop would not note it on the order: {refused[platform_id]}"
                answers[post.key] = Unknown(words)


def _tracking(post: FulfilmentPost) -> Json:
    """One carrier per fulfilment. URLs go along only when there is one per number, as Shopify asks."""
    info: dict[str, Json] = {}
    if post.carrier:
        info["company"] = post.carrier
    if post.tracking_numbers:
        info["numbers"] = list(post.tracking_numbers)
    urls = [each for each in post.tracking_urls if each.startswith(("https://", "http://"))]
    if urls and len(urls) == len(post.tracking_numbers):
        info["urls"] = urls
    return info


def set_metafields(client: ShopifyClient, key: str, kind: str, values: Mapping[str, str]) -> dict[str, str]:
    """Writes our metafield `$app:fulfilment.<key>` per platform order id, 25 a call; answers the shop's words for each
    order that refused it. A call that fails as a whole answers its words for each order in it."""
    rows = list(values.items())
    refused: dict[str, str] = {}
    for start in range(0, len(rows), METAFIELDS_PER_CALL):
        part = rows[start : start + METAFIELDS_PER_CALL]

        def send(some: Sequence[tuple[str, str]]) -> BatchFaults:
            name = {"namespace": "$app:fulfilment", "key": key, "type": kind}
            wanted = [{"ownerId": gid("Order", owner), "value": value, **name} for owner, value in some]
            payload = client.write(queries.SET_METAFIELDS, safe=True, metafields=wanted)
            return read_faults(payload.get("userErrors"), "metafields", len(some))

        for (owner, _), fault in zip(part, send_all_but_bad(part, send), strict=True):
            if fault is not None:
                refused[owner] = f"{fault.code}: {fault.message}"
    return refused
