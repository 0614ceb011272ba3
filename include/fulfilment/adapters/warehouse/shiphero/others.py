"""Orders that another route brought to ShipHero: read by the number that they have in the shop, told apart by SKU.

Nothing is published about where a shop's own connection to ShipHero, a file or a person writes the shop's number. Two
fields of an order can hold it and be searched, `order_number` and `partner_order_id`, so both are asked for. Neither is
said to be unique. Orders of ours have our own reference in both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from include.fulfilment.adapters.warehouse.shiphero import documents
from include.fulfilment.adapters.warehouse.shiphero.client import Json, ShipHeroClient
from include.fulfilment.adapters.warehouse.shiphero.lines import all_lines, held_units
from include.fulfilment.adapters.warehouse.shiphero.options import Options
from include.fulfilment.adapters.warehouse.shiphero.order import texts
from include.fulfilment.adapters.warehouse.shiphero.orders import chunks, status_of
from include.fulfilment.adapters.warehouse.shiphero.shipments import ShipHeroShipments
from include.fulfilment.adapters.warehouse.shiphero.wire import Order, OrderLine, nodes_of, number_of, read
from include.fulfilment.domain.warehouse_order import is_our_reference
from include.fulfilment.errors import DataError
from include.fulfilment.ports import OtherOrder, Problem, WarehouseStatus


class ShipHeroOthers:
    """Reads the orders of one account that are not of our making."""

    def __init__(self, client: ShipHeroClient, shipments: ShipHeroShipments, options: Options, customer: str) -> None:
        self._client, self._shipments, self._options, self._customer = client, shipments, options, customer

    def read(self, numbers: Sequence[str]) -> dict[str, OtherOrder]:
        """The order under each number that has one: of several the oldest live one."""
        there: dict[str, Json] = {}
        found: dict[str, OtherOrder] = {}
        for batch in chunks(sorted(set(numbers)), documents.NUMBERS_PER_READ):
            for number, (nodes, is_whole) in self._heads(batch).items():
                first = min(nodes, key=_turn, default=None)
                if first is not None and (is_whole or not _is_cancelled(first)):
                    there[number] = first
                elif not is_whole:
                    words = f"more than {documents.ORDERS_PER_REF} orders bear the number {number}; clear them up there"
                    found[number] = _unreadable(number, first, words)
        whole = self._whole(sorted({str(node["id"]) for node in there.values()}))
        return found | {number: self._other(number, whole[str(node["id"])]) for number, node in there.items()}

    def _heads(self, numbers: Sequence[str]) -> dict[str, tuple[list[Json], bool]]:
        """What bears each number, in the form in which it came, and whether that is all that does."""
        variables = {f"n{position}": number for position, number in enumerate(numbers)}
        fields = [name for each in variables for name in (each, f"{each}_id")]
        cost = documents.NUMBER_COST * len(numbers)
        given = {**variables, "customer": self._customer or None}
        answer = self._client.read(documents.numbered(len(numbers)), *fields, cost=cost, **given)
        found: dict[str, tuple[list[Json], bool]] = {}
        for name, number in variables.items():
            pages = [answer[field].get("data") for field in (name, f"{name}_id")]
            nodes = [node for page in pages for node in nodes_of(page, f"orders under {number}")]
            mine = {str(node.get("id")): node for node in nodes if _bears(node, number)}
            found[number] = list(mine.values()), all(_is_last(page) for page in pages)
        return found

    def _whole(self, ids: Sequence[str]) -> dict[str, Json]:
        """Each of these orders with its lines and shipments."""
        found: dict[str, Json] = {}
        for batch in chunks(ids, documents.WHOLE_PER_READ):
            variables = {f"i{position}": raw_id for position, raw_id in enumerate(batch)}
            cost = documents.WHOLE_COST * len(batch)
            answer = self._client.read(documents.whole(len(batch)), *variables, cost=cost, **variables)
            found |= {raw_id: answer[name].get("data") for name, raw_id in variables.items()}
        return found

    def _other(self, number: str, node: Json) -> OtherOrder:
        """The order as it can be read. A line in packs whose count is written nowhere leaves all units unknown."""
        subject = f"order {number}"
        try:
            order = read(Order, node, subject)
            lines = all_lines(self._client, order.raw_id, node.get("line_items"), subject)
        except DataError as error:
            return _unreadable(number, node, str(error))
        problems: list[Problem] = []
        shipments = self._shipments.of_order(order, lines, node.get("shipments"), problems)
        po_number, instructions = texts(order.packing_note, self._options.po_name)
        return OtherOrder(
            reference=number,
            wms_id=order.id,
            status=status_of(order, lines),
            raw_status=order.fulfillment_status or "",
            po_number=po_number,
            instructions=instructions,
            units=self._units(order, lines, problems),
            shipments=tuple(each for each in shipments if each),
            problems=tuple(problems),
        )

    def _units(self, order: Order, lines: Sequence[OrderLine], problems: list[Problem]) -> dict[str, int]:
        units: Counter[str] = Counter()
        try:
            for line in lines:
                units[line.sku or ""] += sum(held_units(order, [line], self._options).values())
        except DataError as error:
            problems.append(Problem(f"order {order.order_number or order.ref}", str(error)))
            return {}
        return dict(units)


def _bears(node: Mapping[str, Json], number: str) -> bool:
    """Whether it is somebody else's order under this very number: a filter may have been passed over."""
    named = (node.get("order_number"), node.get("partner_order_id"))
    return number in named and not any(isinstance(each, str) and is_our_reference(each) for each in named)


def _unreadable(number: str, node: Json, words: str) -> OtherOrder:
    wms_id = number_of(node.get("id")) if isinstance(node, Mapping) else ""
    told = (Problem(f"order {number}", words),)
    return OtherOrder(number, wms_id, WarehouseStatus.UNRECOGNISED, "", "", "", {}, (), told)


def _is_last(page: Json) -> bool:
    info = page.get("pageInfo")
    return isinstance(info, Mapping) and info.get("hasNextPage") is False


def _is_cancelled(node: Mapping[str, Json]) -> bool:
    return str(node.get("fulfillment_status") or "").strip().lower() in ("canceled", "cancelled")


def _turn(node: Mapping[str, Json]) -> tuple[bool, int]:
    """A live order before a cancelled one, then the oldest."""
    age = number_of(node.get("id"))
    return _is_cancelled(node), int(age) if age.isdigit() else 0
