"""What SparkLayer shows as available, and setting it.

The Stock API has no compare-and-set: it overwrites (https://docs.sparklayer.io/developers/api/stock/update-stock-levels).
So the figures are read just before they are written, and a row whose figure moved is stale; what moves between the two
calls is overwritten, a window of one call that cannot be closed from here. An update overwrites everything of a (SKU,
location), so restock date and oversell floor are sent again as they were read. The API lists no catalogue: the SKUs are
those of the pack catalogue.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from include.fulfilment.adapters.storefront.batches import BatchFaults, RowFault, send_all_but_bad
from include.fulfilment.adapters.storefront.sparklayer.client import SparkLayerClient
from include.fulfilment.adapters.storefront.sparklayer.options import Options
from include.fulfilment.adapters.storefront.sparklayer.problems import ProblemDetails, read_problem
from include.fulfilment.adapters.transport import RemoteRefusal, UnknownOutcome
from include.fulfilment.domain.order import Variant
from include.fulfilment.errors import ConfigError, DataError, RetryableError, TerminalError
from include.fulfilment.ports import AvailabilityChange, ChangeAnswer

MOST_ROWS = 250  # the port's bound; SparkLayer's own is not known
_INT32 = 2**31 - 1
_CARRIED = ("restock_date", "min_stock_level")
Json = Any
Level = Mapping[str, Json]


class StockLevels:
    """Stock at one location, named by its id or its external id."""

    def __init__(self, client: SparkLayerClient, options: Options, location: str) -> None:
        self._client = client
        self._options = options
        self._location = location
        self._id = ""

    def variants(self, skus: Sequence[str]) -> Iterator[list[Variant]]:
        """Each SKU with what SparkLayer shows at the location; None where it has no stock record there."""
        size = self._options.stock_rows
        for start in range(0, len(skus), size):
            part = skus[start : start + size]
            levels = self._levels(part)
            yield [
                Variant(sku, sku, self._location, sku, sku, None, _level(levels[sku]) if sku in levels else None)
                for sku in part
            ]

    def set(self, changes: Sequence[AvailabilityChange]) -> list[ChangeAnswer]:
        """One answer per row, in their order; at most 250 rows, else TerminalError."""
        if len(changes) > MOST_ROWS:
            raise TerminalError(f"{len(changes)} availability changes in one call; at most {MOST_ROWS}, split them")
        levels = self._levels(list(dict.fromkeys(each.sku for each in changes)))
        answers = [self._settled(each, levels) for each in changes]
        seen: set[str] = set()
        to_send: list[int] = []
        for index, each in enumerate(changes):
            if answers[index] is None and each.sku in seen:
                answers[index] = ChangeAnswer(each, "stale", "this SKU is in the call twice; the first row counts")
            elif answers[index] is None:
                to_send.append(index)
            seen.add(each.sku)
        verdicts = send_all_but_bad([changes[index] for index in to_send], lambda rows: self._send(rows, levels))
        for index, fault in zip(to_send, verdicts, strict=True):
            answers[index] = _answer(changes[index], fault)
        return [each for each in answers if each is not None]

    def _settled(self, change: AvailabilityChange, levels: Mapping[str, Level]) -> ChangeAnswer | None:
        """The answer for a row that need not or must not be sent. A figure that is there already is ours: the reply to
        an earlier try was lost, or somebody meant the same."""
        if change.location_id != self._location:
            return ChangeAnswer(change, "rejected", f"location {change.location_id} is not the site's")
        if max(abs(change.quantity), abs(change.change_from)) > _INT32:
            return ChangeAnswer(change, "rejected", f"quantity {change.quantity} is beyond what the shop can hold")
        if change.sku not in levels:
            return ChangeAnswer(change, "rejected", "the shop has no stock record of this SKU at the location")
        shown = _level(levels[change.sku])
        if shown == change.quantity:
            return ChangeAnswer(change, "applied")
        return None if shown == change.change_from else ChangeAnswer(change, "stale", f"the shop shows {shown}")

    def _send(self, rows: Sequence[AvailabilityChange], levels: Mapping[str, Level]) -> BatchFaults:
        body = [self._row(each, levels[each.sku]) for each in rows]
        try:
            self._client.post("/api/v1/batch-update-stock", "updateBatchStock", body, safe=False)
        except RemoteRefusal as refusal:
            return _faults(read_problem(refusal), len(rows))
        except UnknownOutcome:
            shown = self._levels([each.sku for each in rows])
            lost = RowFault("NO_ANSWER", "the shop gave no clear answer and shows another figure", passing=True)
            missed = {i: lost for i, each in enumerate(rows) if _level(shown.get(each.sku, {})) != each.quantity}
            return BatchFaults(missed)
        return BatchFaults({})

    def _row(self, change: AvailabilityChange, level: Level) -> Json:
        kept = {name: level[name] for name in _CARRIED if level.get(name) is not None}
        return {"sku": change.sku, "stock_level": change.quantity, "stock_location_id": self._location_id(), **kept}

    def _levels(self, skus: Sequence[str]) -> dict[str, Level]:
        """The stock record of each SKU that has one here. Raises DataError where the answer is not as documented."""
        if not skus:
            return {}
        wanted = {"skus": list(skus), "filter": {"stock_location_ids": [self._location_id()]}}
        answer = self._client.post("/api/v1/batch-fetch-stock", "getBatchStock", wanted, safe=True)
        if not isinstance(answer, list):
            raise DataError("SparkLayer's answer to batch-fetch-stock is no list; the reading is incomplete")
        found: dict[str, Level] = {}
        for each in answer:
            sku, level = self._one(each)
            if level is not None:
                found[sku] = level
        return found

    def _one(self, raw: Json) -> tuple[str, Level | None]:
        record: Mapping[str, Json] = raw if isinstance(raw, dict) else {}
        sku, listed = record.get("sku"), record.get("stock_levels")
        rows = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        here = [each for each in rows if each.get("stock_location_id", self._location_id()) == self._location_id()]
        if not isinstance(sku, str) or len(here) > 1:
            raise DataError(f"SparkLayer's stock of {sku!r} cannot be told by location; the reading is incomplete")
        return sku, here[0] if here and _level(here[0]) is not None else None

    def _location_id(self) -> str:
        """The location's own id: as given, or looked up once by its external id."""
        if not self._id:
            self._id = self._location if _is_uuid(self._location) else self._looked_up()
        return self._id

    def _looked_up(self) -> str:
        answer = self._client.get("/api/v1/stock-locations", "getStockLocations")
        rows = [each for each in answer if isinstance(each, dict)] if isinstance(answer, list) else []
        known = {str(each.get("external_id")): str(each.get("id")) for each in rows}
        if self._location not in known:
            raise ConfigError(
                f"storefront.location_id {self._location!r} is no stock location in SparkLayer; known external ids: "
                f"{', '.join(sorted(known)) or 'none'}; correct the site file"
            )
        return known[self._location]


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _level(level: Level) -> int | None:
    value = level.get("stock_level")
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _faults(problem: ProblemDetails, rows: int) -> BatchFaults:
    """By row where `property` names one (`[3].stock_level`), else for the whole call."""
    if problem.status == 409:
        raise RetryableError(f"SparkLayer is writing the same stock just now: {problem.words}; it will be tried again")
    named: dict[int, RowFault] = {}
    for error in problem.errors:
        position = re.search(r"[0-9]{1,4}", error.where)
        if position and int(position[0]) < rows:
            named.setdefault(int(position[0]), RowFault(error.code or "REFUSED", error.message or problem.words))
    return BatchFaults(named, None if named else RowFault("REFUSED", problem.words))


def _answer(change: AvailabilityChange, fault: RowFault | None) -> ChangeAnswer:
    if fault is None:
        return ChangeAnswer(change, "applied")
    return ChangeAnswer(change, "stale" if fault.passing else "rejected", f"{fault.code}: {fault.message}")
