"""Changing a purchase: read the whole, alter our part of a copy, put the whole back, read again and compare.

A PUT replaces the whole purchase, so everything that was read goes back, fields we do not know included; only what
SparkLayer works out itself (`calculated_…`) must not
(https://docs.sparklayer.io/developers/api/purchasing/create-update-purchase). There is no precondition to send along:
between reading and writing another writer can slip in. So a PUT is never repeated blindly, and what was written is
compared with what is there.

A 409 is either another writer at work, where reading again helps, or a conflict of identity, where nothing does. The
documentation does not say how the answers differ: one whose words say so (`concurrent_words`), or after which the
purchase reads otherwise, is the first kind.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Mapping
from typing import Any

from include.fulfilment.adapters.storefront.sparklayer.client import SparkLayerClient
from include.fulfilment.adapters.storefront.sparklayer.options import Options
from include.fulfilment.adapters.storefront.sparklayer.problems import ProblemDetails, read_problem
from include.fulfilment.adapters.storefront.sparklayer.purchase import ORDER, Purchase
from include.fulfilment.adapters.transport import RemoteRefusal, UnknownOutcome
from include.fulfilment.errors import FulfilmentError
from include.fulfilment.ports import Rejected, Unknown

log = logging.getLogger(__name__)
Json = Any
Alter = Callable[[dict[str, Json]], bool]
LIVES_ELSEWHERE, NOT_AN_ORDER = "lives_on_platform", "not_an_order"
_TRIES = 4
_PAUSE = 0.25  # seconds before the second try, doubled with each
_MOVING = frozenset({"updated_at", "revision_date"})  # what a write moves by itself


class PurchaseWriter:
    """Writes purchases of one site."""

    def __init__(self, client: SparkLayerClient, options: Options) -> None:
        self._client = client
        self._options = options

    def change(self, platform_id: str, alter: Alter) -> Rejected | Unknown | None:
        """Lets `alter` change a copy of the purchase and writes it; it answers whether there is anything to write, and
        is asked again after each reading. None when the purchase is as `alter` wants it."""
        refused: tuple[ProblemDetails, Json] | None = None
        for attempt in range(_TRIES):
            if attempt:
                self._client.wait(_PAUSE * 2**attempt)
            purchase = self._client.purchase(platform_id)
            if purchase is None:
                return Rejected("order_not_found", f"SparkLayer holds no purchase {platform_id}")
            if untouchable := self._untouchable(purchase):
                return untouchable
            if refused and purchase == refused[1] and not refused[0].says(self._options.concurrent_words):
                return refused[0].rejected()
            body = _without_calculated(purchase)
            if not alter(body):
                return None
            try:
                self._client.put_purchase(platform_id, body)
            except RemoteRefusal as refusal:
                problem = read_problem(refusal)
                if problem.status != 409:
                    return problem.rejected()
                refused = (problem, purchase)
            except UnknownOutcome as unknown:
                return self._look_again(platform_id, alter, str(unknown))
            except ValueError:
                return Rejected("unreadable_number", f"purchase {platform_id} holds a number that is none in JSON")
            else:
                return self._compared(platform_id, body)
        return Unknown(f"purchase {platform_id} was being written by somebody else in {_TRIES} tries")

    def _untouchable(self, raw: Json) -> Rejected | None:
        purchase = Purchase(raw, self._options)
        if purchase.lives_elsewhere:
            return Rejected(
                LIVES_ELSEWHERE,
                f"purchase {purchase.name} lives on an eCommerce platform, whose next sync would overwrite what is "
                "written here; write to that platform instead",
                "purchase_identifiers.platform",
            )
        if purchase.kind != ORDER:
            return Rejected(NOT_AN_ORDER, f"purchase {purchase.name} is no order but {purchase.kind!r}", "type")
        if not isinstance(raw.get("packages"), list):
            return Rejected("packages_unreadable", f"purchase {purchase.name} has no list of packages", "packages")
        if not isinstance(raw.get("metadata") or [], list):
            return Rejected("metadata_unreadable", f"purchase {purchase.name}: its metadata is no list", "metadata")
        return None

    def _look_again(self, platform_id: str, alter: Alter, why: str) -> Unknown | None:
        """After a lost reply: whether the purchase holds it now. If not it may still come, so that is Unknown."""
        try:
            found = self._client.purchase(platform_id)
        except FulfilmentError as error:
            return Unknown(f"{why}; and looking for it failed: {error}")
        return None if found is not None and not alter(_without_calculated(found)) else Unknown(why)

    def _compared(self, platform_id: str, sent: dict[str, Json]) -> Rejected | Unknown | None:
        """What is there must hold everything that was sent. Names fields, never what is in them."""
        try:
            found = self._client.purchase(platform_id)
        except FulfilmentError as error:
            return Unknown(f"written, and reading it again failed: {error}")
        missing = sorted(name for name, value in sent.items() if found is None or not _holds(found.get(name), value))
        if "packages" in missing:
            return Rejected(
                "not_kept",
                f"SparkLayer took purchase {platform_id} and now shows its packages otherwise than they were sent; "
                "compare them in the dashboard",
                "packages",
            )
        if missing:
            log.error("purchase %s: after our write these fields are not as sent: %s", platform_id, ", ".join(missing))
        return None


def _without_calculated(value: Json) -> Json:
    """A copy without what SparkLayer works out itself."""
    if isinstance(value, dict):
        kept = {name: each for name, each in value.items() if not name.startswith("calculated_")}
        return {name: _without_calculated(each) for name, each in kept.items()}
    return [_without_calculated(each) for each in value] if isinstance(value, list) else copy.copy(value)


def _holds(found: Json, sent: Json) -> bool:
    """Whether everything sent is there; what SparkLayer adds (ids, what it works out) is beside the point."""
    if isinstance(sent, Mapping):
        inside: Mapping[str, Json] = found if isinstance(found, Mapping) else {}
        return isinstance(found, Mapping) and all(
            name in _MOVING or _holds(inside.get(name), each) for name, each in sent.items()
        )
    if isinstance(sent, list):
        whole = isinstance(found, list) and len(found) == len(sent)
        return whole and all(_holds(one, other) for one, other in zip(found, sent, strict=True))
    return bool(found == sent)


def metadata_entry(body: dict[str, Json], name: str) -> dict[str, Json] | None:
    """The purchase's metadata entry of this name."""
    raw = body.get("metadata")
    listed = raw if isinstance(raw, list) else []
    return next((each for each in listed if isinstance(each, dict) and each.get("name") == name), None)


def set_metadata(body: dict[str, Json], name: str, value: str) -> bool:
    """Sets a metadata entry, leaving all others as they are; False where it says so already."""
    entry = metadata_entry(body, name)
    if entry is not None and entry.get("value") == value:
        return False
    if entry is not None:
        entry["value"] = value
        return True
    body["metadata"] = [*(body.get("metadata") or []), {"name": name, "value": value}]
    return True
