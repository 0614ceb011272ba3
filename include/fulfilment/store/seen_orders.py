"""What the shop says of its orders, recorded so that arrival order and repeats do not matter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, LiteralString

from include.fulfilment.domain.details import TEXTS
from include.fulfilment.domain.order import SalesOrder
from include.fulfilment.store import locks
from include.fulfilment.store.left_to_others import LeftToOthers
from include.fulfilment.store.order_events import SHOP, add_events
from include.fulfilment.store.site_rows import as_json
from include.fulfilment.store.twins import is_twin, twin_of

_HEAD = (
    "order_id", "platform_id", "name", "is_draft", "is_b2b", "placed_at", "updated_at", "payment_method",
    "payment_state", "payment_word", "currency", "total_gross", "shipping_net", "account_id", "account_name",
    "po_number", "po_required", "instructions", "requested_on", "shipping_method", "cancelled_at", "held_in_shop",
    "fulfilled_in_shop", "problems", "storefront", "not_before_on", "cancel_after_on", "customer_group",
)  # fmt: skip
LARGE_LOAD = 1_000
"""Lines in one batch of readings."""
_LINE = ("line_id", "sku", "title", "quantity", "price", "position")
_head_values = attrgetter(*_HEAD)
_line_values = attrgetter(*_LINE)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is stored of an order, as far as a newer reading is judged by it."""

    platform_id: str
    is_draft: bool
    cancelled: bool
    updated_at: datetime
    content_hash: str
    problems: list[str]


@dataclass(slots=True)
class _Judged:
    """What a batch of readings comes to."""

    written: dict[str, tuple[SalesOrder, str]]
    echoes: dict[str, SalesOrder]
    events: list[tuple[str, str, str]]
    counts: dict[str, int]


class SeenOrders(LeftToOthers):
    """Recording orders as the shop states them."""

    def record(self, orders: Sequence[SalesOrder], now: datetime) -> dict[str, int]:
        """Store what is new in these readings; returns how many were `new`, `changed`, `unchanged` and `ignored`.

        A reading whose content is stored already moves only the order's `updated_at` (our own status write comes back
        as one). An older reading is ignored. A completed order takes the place of its draft whenever it arrives, a
        draft never that of its order. The shop's own id wins: an order stored under another id of ours stays there.
        Where two completed orders carry one cart, the second gets an id of its own and a problem that holds it.
        """
        if not orders:
            return {"new": 0, "changed": 0, "unchanged": 0, "ignored": 0}
        locks.take(self._connection, self._site, locks.RECORDING)
        judged = _judge(orders, *self._known(orders))
        if judged.echoes:
            self._move_updated(judged.echoes)
        if judged.written:
            lines = sum(len(order.lines) for order, _ in judged.written.values())
            self._write_orders(judged.written, now)
            self._tell_planner("ANALYZE sales_order", lines)
            self._write_lines([order for order, _ in judged.written.values()])
            self._tell_planner("ANALYZE order_line", lines)
        self.leave_to_others([*judged.echoes.values(), *(order for order, _ in judged.written.values())], now)
        add_events(self._connection, self._site, judged.events, now)
        return judged.counts

    def _known(self, orders: Sequence[SalesOrder]) -> tuple[dict[str, _Known], dict[tuple[str, str], str]]:
        found = self._connection.execute(
            """
            SELECT order_id, storefront, platform_id, is_draft, cancelled_at IS NOT NULL AS cancelled, updated_at,
                content_hash, problems
            FROM sales_order
            WHERE site = %s AND (order_id = ANY(%s) OR platform_id = ANY(%s))
            ORDER BY order_id FOR NO KEY UPDATE
            """,
            (self._site, [each.order_id for each in orders], [each.platform_id for each in orders]),
        ).fetchall()
        owners = {(row.pop("storefront"), row["platform_id"]): row["order_id"] for row in found}
        return {row.pop("order_id"): _Known(**row) for row in found}, owners

    def _move_updated(self, echoes: dict[str, SalesOrder]) -> None:
        self._connection.execute(
            """
            UPDATE sales_order o SET updated_at = r.updated_at, customer_group = r.customer_group
            FROM jsonb_to_recordset(%s::jsonb) AS r (order_id text, updated_at timestamptz, customer_group text)
            WHERE o.site = %s AND o.order_id = r.order_id AND o.updated_at <= r.updated_at
                AND (o.updated_at, o.customer_group) <> (r.updated_at, r.customer_group)
            """,
            (
                as_json(
                    [
                        {"order_id": key, "updated_at": order.updated_at, "customer_group": order.customer_group}
                        for key, order in echoes.items()
                    ]
                ),
                self._site,
            ),
        )

    def _tell_planner(self, analyse: LiteralString, lines: int) -> None:
        """After a large load, before autovacuum notices: else the planner takes the new site for an almost empty one
        and looks through all of it for every line (5,000 orders took a minute instead of seconds)."""
        if lines >= LARGE_LOAD:
            self._connection.execute(analyse)

    def _write_orders(self, written: dict[str, tuple[SalesOrder, str]], now: datetime) -> None:
        rows = [
            dict(zip(_HEAD, _head_values(order), strict=True))
            | {
                "site": self._site,
                "ship_to": asdict(order.ship_to),
                "details": asdict(order.details),
                "content_hash": digest,
            }
            for order, digest in written.values()
        ]
        self._connection.execute(_ORDERS, (now, now, as_json(rows)))

    def _write_lines(self, orders: Sequence[SalesOrder]) -> None:
        rows = as_json(
            [
                dict(zip(_LINE, _line_values(line), strict=True)) | {"site": self._site, "order_id": order.order_id}
                for order in orders
                for line in order.lines
            ]
        )
        ids = [order.order_id for order in orders]
        self._connection.execute(_LINES, (rows,))
        self._connection.execute(_GONE_LINES, (self._site, ids, rows))
        self._connection.execute(_TAKEN_OFF_LINES, (self._site, ids, rows))


def _judge(orders: Sequence[SalesOrder], known: dict[str, _Known], owners: dict[tuple[str, str], str]) -> _Judged:
    judged = _Judged({}, {}, [], {"new": 0, "changed": 0, "unchanged": 0, "ignored": 0})
    for given in orders:
        order = _usable(_told_apart(given, known, owners))
        order_id, digest = order.order_id, content_hash(order)
        before = known.get(order_id)
        verdict, words = _verdict(before, order, digest)
        judged.counts[verdict] += 1
        if words:
            judged.events.append((order_id, SHOP, words))
        if verdict in ("new", "changed") or (verdict == "unchanged" and order_id in judged.written):
            judged.written[order_id] = (order, digest)
        elif verdict == "unchanged":
            judged.echoes[order_id] = order
        if verdict != "ignored":
            known[order_id] = _Known(
                order.platform_id,
                order.is_draft,
                order.cancelled_at is not None,
                order.updated_at,
                digest,
                list(order.problems),
            )
            owners[(order.storefront, order.platform_id)] = order_id
    return judged


def _told_apart(order: SalesOrder, known: dict[str, _Known], owners: dict[tuple[str, str], str]) -> SalesOrder:
    """The order under our id. One whose cart another completed order has already gets an id of its own and is held:
    nobody can say which of them the buyer meant."""
    holder_id = order.order_id
    holder = known.get(holder_id)
    if holder is None or holder.is_draft or order.is_draft or holder.platform_id == order.platform_id:
        return replace(order, order_id=owners.get((order.storefront, order.platform_id), order.order_id))
    own_id = f"{order.storefront}:{order.platform_id}"
    before = known[own_id].problems if own_id in known else []
    twin = [each for each in before if is_twin(each)]  # `settle_twins` says when it ends
    if not twin and not holder.cancelled:
        twin = [twin_of(holder_id)]
    return replace(order, order_id=own_id, problems=(*order.problems, *(() if order.cancelled_at else twin)))


def _verdict(before: _Known | None, order: SalesOrder, digest: str) -> tuple[str, str]:
    """What to do with one reading, and the words for the order's timeline."""
    if before is None:
        return "new", "Draft seen in the shop" if order.is_draft else "Order seen in the shop"
    if before.is_draft and not order.is_draft:
        return "changed", f"The draft became order {order.name}"
    if order.is_draft and not before.is_draft:
        return "ignored", ""
    if order.updated_at < before.updated_at:
        return "ignored", ""
    if digest == before.content_hash:
        return "unchanged", ""
    return "changed", "Changed in the shop"


def _usable(order: SalesOrder) -> SalesOrder:
    """The order with each line id once; a repeat would lose units, so it is named as a problem, which holds it."""
    lines = {line.line_id: line for line in reversed(order.lines)}
    if len(lines) == len(order.lines):
        return order
    problem = "two of its lines have the same id"
    return replace(order, lines=tuple(reversed(lines.values())), problems=(*order.problems, problem))


def _later(order: SalesOrder) -> Iterator[tuple[str, object]]:
    """What an order may say and did not when its digest was first agreed. Of the places that a detail was found in only
    those that disagree count: where else it stands changes nothing."""
    yield "not before", order.not_before_on
    yield "cancel after", order.cancel_after_on
    for name in TEXTS:
        yield name, getattr(order.details, name)
    yield "disagree", [asdict(each) for each in order.details.disagreements()]
    yield "leaves from", [[each.line_id, each.leaves_from] for each in order.lines if each.leaves_from != ""]


def content_hash(order: SalesOrder) -> str:
    """Digest of everything the shop says of the order, except when it last touched it."""
    beside = ("updated_at", "storefront", "not_before_on", "cancel_after_on", "customer_group")
    head: list[Any] = [value for name, value in zip(_HEAD, _head_values(order), strict=True) if name not in beside]
    head += [[name, found] for name, found in _later(order) if found]  # digests of before stay as they are
    content = [head, asdict(order.ship_to), [_line_values(line) for line in order.lines]]
    return hashlib.sha256(json.dumps(content, default=str, sort_keys=True).encode()).hexdigest()


_ORDERS = """
    INSERT INTO sales_order (site, order_id, platform_id, name, is_draft, is_b2b, placed_at, updated_at, payment_method,
        payment_state, payment_word, currency, total_gross, shipping_net, account_id, account_name, po_number,
        po_required, instructions, requested_on, shipping_method, ship_to, cancelled_at, held_in_shop,
        fulfilled_in_shop, problems, storefront, not_before_on, cancel_after_on, customer_group, details, content_hash,
        state_since, first_seen_at)
    SELECT site, order_id, platform_id, name, is_draft, is_b2b, placed_at, updated_at, payment_method, payment_state,
        payment_word, currency, total_gross, shipping_net, account_id, account_name, po_number, po_required,
        instructions, requested_on, shipping_method, ship_to, cancelled_at, held_in_shop, fulfilled_in_shop,
        problems, storefront, not_before_on, cancel_after_on, customer_group, details, content_hash, %s, %s
    FROM jsonb_populate_recordset(NULL::sales_order, %s::jsonb)
    ORDER BY order_id
    ON CONFLICT (site, order_id) DO UPDATE SET
        platform_id = EXCLUDED.platform_id, name = EXCLUDED.name, is_draft = EXCLUDED.is_draft,
        is_b2b = EXCLUDED.is_b2b, placed_at = EXCLUDED.placed_at, updated_at = EXCLUDED.updated_at,
        payment_method = EXCLUDED.payment_method, payment_state = EXCLUDED.payment_state,
        payment_word = EXCLUDED.payment_word, currency = EXCLUDED.currency, total_gross = EXCLUDED.total_gross,
        shipping_net = EXCLUDED.shipping_net, account_id = EXCLUDED.account_id, account_name = EXCLUDED.account_name,
        po_number = EXCLUDED.po_number, po_required = EXCLUDED.po_required, instructions = EXCLUDED.instructions,
        requested_on = EXCLUDED.requested_on, shipping_method = EXCLUDED.shipping_method, ship_to = EXCLUDED.ship_to,
        cancelled_at = EXCLUDED.cancelled_at, held_in_shop = EXCLUDED.held_in_shop,
        fulfilled_in_shop = EXCLUDED.fulfilled_in_shop, problems = EXCLUDED.problems,
        not_before_on = EXCLUDED.not_before_on, cancel_after_on = EXCLUDED.cancel_after_on,
        customer_group = EXCLUDED.customer_group, details = EXCLUDED.details, content_hash = EXCLUDED.content_hash
"""
_LINES = """
    INSERT INTO order_line (site, order_id, line_id, position, sku, title, quantity, price)
    SELECT site, order_id, line_id, position, sku, title, quantity, price
    FROM jsonb_populate_recordset(NULL::order_line, %s::jsonb)
    ON CONFLICT (site, order_id, line_id) DO UPDATE SET
        position = EXCLUDED.position, sku = EXCLUDED.sku, title = EXCLUDED.title,
        quantity = GREATEST(0, EXCLUDED.quantity - order_line.left_to_others), price = EXCLUDED.price
    WHERE (order_line.position, order_line.sku, order_line.title, order_line.quantity + order_line.left_to_others,
        order_line.price)
        IS DISTINCT FROM (EXCLUDED.position, EXCLUDED.sku, EXCLUDED.title, EXCLUDED.quantity, EXCLUDED.price)
"""
# A line taken off the order leaves, unless units were promised: those must be seen and settled. NOT IN is hashed
# whatever the planner believes of the JSON's size; NOT EXISTS became a nested loop over all lines.
_GONE_LINES = """
    DELETE FROM order_line WHERE site = %s AND order_id = ANY(%s) AND ordered_base = 0 AND (order_id, line_id) NOT IN (
        SELECT order_id, line_id FROM jsonb_to_recordset(%s::jsonb) AS r (order_id text, line_id text))
"""
_TAKEN_OFF_LINES = """
    UPDATE order_line SET quantity = 0
    WHERE site = %s AND order_id = ANY(%s) AND quantity <> 0 AND (order_id, line_id) NOT IN (
        SELECT order_id, line_id FROM jsonb_to_recordset(%s::jsonb) AS r (order_id text, line_id text))
"""
