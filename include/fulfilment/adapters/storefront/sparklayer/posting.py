"""Posting fulfilments: the units of a shipment get a package of their own on the purchase, once.

A package carries no key of ours that the documentation names, so which posts a purchase holds is kept in its metadata
(documented, and part of the same whole-replace PUT, so package and note are stored together or not at all), or in the
package's identifiers where the site says so. SparkLayer does not say whether writing an order again adds to the
customer's balance: try it in the test environment first.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from include.fulfilment.adapters.storefront.sparklayer.options import Options
from include.fulfilment.adapters.storefront.sparklayer.packing import take_out, units_open
from include.fulfilment.adapters.storefront.sparklayer.purchase import line_id_of, mark_alike
from include.fulfilment.adapters.storefront.sparklayer.writing import PurchaseWriter, metadata_entry, set_metadata
from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.errors import ConfigError, FulfilmentError, RetryableError
from include.fulfilment.ports import Posted, Rejected, Unknown

SHUT_AFTER = 3  # orders in a row that SparkLayer did not answer for; the claim must not lapse on waiting for the rest
PostAnswer = Posted | Rejected | Unknown
Json = Any


class Poster:
    """Writes the posts of one batch."""

    def __init__(self, writer: PurchaseWriter, options: Options) -> None:
        self._writer = writer
        self._options = options
        self._words = options.package_words()

    def post_all(self, posts: Sequence[tuple[str, FulfilmentPost]]) -> dict[str, PostAnswer]:
        """One answer per `post.key`. A fault stands as Unknown for its own order; once `SHUT_AFTER` orders in a row met
        a closed door the batch ends. Where nothing at all was answered the first fault is raised."""
        by_order: dict[str, list[FulfilmentPost]] = defaultdict(list)
        for number, post in posts:
            by_order[number].append(post)
        answers: dict[str, PostAnswer] = {}
        faults: dict[str, FulfilmentError] = {}
        closed: list[FulfilmentError] = []
        for number, its_posts in by_order.items():
            if len(closed) == SHUT_AFTER:
                faults[number] = closed[-1]
                continue
            try:
                answers |= self._post(number, its_posts)
                closed.clear()
            except FulfilmentError as error:
                faults[number] = error
                closed += [error] if isinstance(error, RetryableError | ConfigError) else []
        if faults and not answers:
            raise next(iter(faults.values()))
        return answers | {post.key: Unknown(str(faults[number])) for number, post in posts if post.key not in answers}

    def _post(self, platform_id: str, posts: Sequence[FulfilmentPost]) -> dict[str, PostAnswer]:
        """All posts of one order in one write."""
        answers: dict[str, PostAnswer] = {}
        fresh: set[str] = set()

        def alter(body: dict[str, Json]) -> bool:
            answers.clear()
            fresh.clear()
            mark_alike(body["packages"], self._options)
            for post in posts:
                if self._is_there(body, post):
                    answers[post.key] = Posted(digest(post))
                    continue
                refusal = self._pack(body, post)
                answers[post.key] = refusal or Posted(digest(post))
                fresh.update([] if refusal else [post.key])
            return bool(fresh)

        outcome = self._writer.change(platform_id, alter)
        if outcome is None:
            return answers
        return {post.key: answers[post.key] if self._settled(post, answers, fresh) else outcome for post in posts}

    @staticmethod
    def _settled(post: FulfilmentPost, answers: Mapping[str, PostAnswer], fresh: set[str]) -> bool:
        return post.key in answers and post.key not in fresh

    def _is_there(self, body: dict[str, Json], post: FulfilmentPost) -> bool:
        where = self._options.post_key_field
        if where == "metadata":
            return metadata_entry(body, _entry(post)) is not None
        identifiers = (each.get("identifiers") for each in body["packages"] if isinstance(each, dict))
        return any(isinstance(each, dict) and each.get(where) == digest(post) for each in identifiers)

    def _pack(self, body: dict[str, Json], post: FulfilmentPost) -> Rejected | None:
        """Moves the post's units into a shipped package; a refusal leaves `body` as it was."""
        if refusal := self._unpackable(body, post):
            return refusal
        if self._options.post_key_field == "metadata":
            set_metadata(body, _entry(post), post.shipment_id[:255])
        wanted: dict[str, int] = {}
        for line_id, quantity in post.lines:
            wanted[line_id] = wanted.get(line_id, 0) + quantity
        for package in take_out(body["packages"], self._is_open, wanted, self._line_id):
            self._mark_shipped(package, post)
        return None

    def _unpackable(self, body: dict[str, Json], post: FulfilmentPost) -> Rejected | None:
        packages = body["packages"]
        meanings = {self._meaning(each) for each in packages}
        if meanings <= {"cancelled", "returned"}:
            return Rejected("order_cancelled", f"{_named(body)} is cancelled; nothing can be shipped on it")
        if not post.lines:
            return Rejected("no_lines", f"the post for {_named(body)} names no lines")
        there = units_open([each for each in packages if self._is_open(each)], self._line_id)
        held = units_open([each for each in packages if self._meaning(each) == "held"], self._line_id)
        for line_id, quantity in post.lines:
            left = there.get(line_id, 0)
            there[line_id] = left - quantity
            if quantity < 1 or quantity > left:
                what = f"{_named(body)}, line {line_id}: {quantity - max(left, 0)} of {quantity} cannot be shipped"
                if held.get(line_id):
                    return Rejected("not_fulfillable", f"{what}: its package is on hold in SparkLayer", "type")
                return Rejected("more_than_remains", f"{what}: only {max(left, 0)} are left unshipped", "quantity")
        return None

    def _mark_shipped(self, package: dict[str, Json], post: FulfilmentPost) -> None:
        package["type"] = self._options.shipped_packages[0]
        earlier = package.get("shipments")
        package["shipments"] = [*(earlier if isinstance(earlier, list) else []), *self._shipments(post)]
        if self._options.post_key_field != "metadata":
            identifiers = package.get("identifiers")
            kept = identifiers if isinstance(identifiers, dict) else {}
            package["identifiers"] = {**kept, self._options.post_key_field: digest(post)}

    def _shipments(self, post: FulfilmentPost) -> list[Json]:
        """One entry a parcel. Addresses go along only when there is one for each number."""
        options = self._options
        urls = [each for each in post.tracking_urls if each.startswith(("https://", "http://"))]
        paired = urls if len(urls) == len(post.tracking_numbers) else [""] * len(post.tracking_numbers)
        parcels = list(zip(post.tracking_numbers, paired, strict=True)) or [("", "")]
        named = (options.carrier_field, options.tracking_field, options.tracking_url_field)
        rows = [dict(zip(named, (post.carrier, number, url), strict=True)) for number, url in parcels]
        return [row for each in rows if (row := {name: value for name, value in each.items() if name and value})]

    def _meaning(self, package: Json) -> str:
        word = package.get("type") if isinstance(package, dict) else None
        return self._words.get(word, "") if isinstance(word, str) else ""

    def _is_open(self, package: Json) -> bool:
        return self._meaning(package) == "open"

    def _line_id(self, item: Mapping[str, Json]) -> str:
        return line_id_of(item, self._options)


def digest(post: FulfilmentPost) -> str:
    """Sixteen hex digits that stand for a post on its purchase."""
    return hashlib.sha256(post.key.encode()).hexdigest()[:16]


def _entry(post: FulfilmentPost) -> str:
    return f"fulfilment.{digest(post)}"


def _named(body: Mapping[str, Json]) -> str:
    identifiers = body.get("purchase_identifiers")
    found: Mapping[str, Json] = identifiers if isinstance(identifiers, dict) else {}
    return f"order {found.get('visible') or found.get('internal') or found.get('sparklayer')}"
