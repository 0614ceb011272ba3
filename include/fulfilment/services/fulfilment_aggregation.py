"""fulfilment_aggregation: what left the warehouse becomes fulfilments in the shop, one per shipment, carrier and
location, and an order is fulfilled only when every line is shipped or cancelled.

collect reads shipments; decide folds all of a line's shipments together and writes the outbox; submit posts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from include.fulfilment.clock import Clock
from include.fulfilment.domain.exception_ticket import ExceptionTicket
from include.fulfilment.domain.order import is_named
from include.fulfilment.domain.quantity import LineQuantities
from include.fulfilment.domain.shipment import (
    FulfilmentPost,
    LineKey,
    Shipment,
    SoldAs,
    plan_posts,
    shipped_by_line,
)
from include.fulfilment.domain.standing import OrderState, order_state
from include.fulfilment.ports import Posted, Rejected, Storefront, Storefronts, Unknown, Warehouses
from include.fulfilment.services.collecting import collect_shipments, every_end
from include.fulfilment.services.regaining import regain
from include.fulfilment.services.statuses import push_statuses
from include.fulfilment.settings import Site
from include.fulfilment.store_port import (
    QUANTITIES,
    LineUpdate,
    OrderQuantities,
    OrderUpdate,
    OutboxRow,
    ReleasedLine,
    Rows,
    Store,
)

SCOPE = "fulfilment_aggregation"
KIND = "fulfilment"
BATCH = 50
LOOK_AGAIN = timedelta(seconds=30)


def collect(store: Store, warehouses: Warehouses, site: Site, clock: Clock) -> dict[str, int]:
    """Read shipments and short closures that changed."""
    return collect_shipments(store, warehouses, site, clock)


def decide(
    store: Store, site: Site, clock: Clock, order_ids: Sequence[str] = (), dry_run: bool = False
) -> dict[str, int]:
    """Fold the shipments of every order in the warehouse that is unfinished, or of which more left or came back since;
    write states and owed fulfilments."""
    with store.transaction(lock=QUANTITIES) as rows:
        at = {code: rows.shipments.released_lines(code) for code in site.warehouses}
        left = {code: rows.shipments.shipments(code, sorted({each.external_ref for each in at[code]})) for code in at}
        released = [line for lines in at.values() for line in lines]
        shipments = [each for found in left.values() for each in found]
        orders = rows.orders.quantities(sorted({line.order_id for line in released}))
        shipped = shipped_by_line(shipments)
        regained = regain(released, orders, shipped)
        folded = fold_lines(regained.released, regained.orders, shipped)
        planned = rows.shipments.planned_posts(sorted(orders))
        chosen = {key for key, each in orders.items() if is_named(order_ids, key, each.name)}
        left_from = {each.shipment_id: site.named_in_lines(code) for code, found in left.items() for each in found}
        posts = [each for each in plan_posts(shipments, _sold(released), planned, left_from) if each.order_id in chosen]
        figures = {"orders": len(folded), "posts": len(posts)}
        if dry_run:
            return figures
        updates = [_update(key, orders[key], lines) for key, lines in folded.items() if key in chosen]
        for code, lines_there in at.items():
            refs = {line.external_ref for line in lines_there}
            mine = {key: more for key, more in regained.units.items() if key[0] in refs and regained.of[key] in chosen}
            rows.changes.regained(code, mine)
        rows.orders.save([each for each in updates if each is not None], "", clock())
        if order_ids:
            rows.outbox.retry_refused(KIND, sorted(chosen), clock())
        rows.outbox.put(KIND, [(post.key, post.order_id, post.to_json()) for post in posts], clock())
        if not order_ids:  # a run for named orders has not looked at the others' tickets
            refused = rows.outbox.refusals(KIND)
            posted = [each for each in planned if each.key not in refused]
            tickets = _line_tickets(released, orders, folded)
            tickets += [each for code in at for each in _unmatched(rows, code)]
            tickets += _voided_tickets(shipments, posted, orders)
            tickets += _cancelled_tickets(rows, orders, folded)
            rows.log.reconcile_tickets(SCOPE, tickets, clock())
    return figures


def _sold(released: Sequence[ReleasedLine]) -> dict[LineKey, SoldAs]:
    return {
        (line.external_ref, line.line_id): SoldAs(line.order_id, line.line_id, line.quantity, line.units_per_uom)
        for line in released
    }


def fold_lines(
    released: Sequence[ReleasedLine], orders: Mapping[str, OrderQuantities], shipped: Mapping[LineKey, int]
) -> dict[str, dict[str, LineQuantities]]:
    """New quantities of every line per order, from the totals of all its warehouse orders, so that arrival order and
    repeats do not matter. Short units that were settled left `released`: they are not counted short again. What left of
    a cancelled warehouse order beyond what it stands for was sent in place of it: it counts as over-shipped."""
    totals: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for line in released:
        total = totals[(line.order_id, line.line_id)]
        total["sent"] += line.base_quantity
        total["short"] += line.short_base
        gone = shipped.get((line.external_ref, line.line_id), 0)
        over = max(0, gone - line.base_quantity) if line.cancelled else 0
        total["shipped"] += gone - over
        total["over"] += over
    folded = {order_id: dict(order.lines) for order_id, order in orders.items()}
    for (order_id, line_id), total in totals.items():
        before = folded[order_id][line_id]
        settled = total["sent"] - before.released
        row = before.fold(total["shipped"], max(0, total["short"] - settled))
        folded[order_id][line_id] = replace(row, over_shipped=row.over_shipped + total["over"])
    return folded


def _update(order_id: str, before: OrderQuantities, lines: Mapping[str, LineQuantities]) -> OrderUpdate | None:
    """What the fold changes in one order; None where it changes nothing. A hold on what still waits stays."""
    hold = before.reason if before.state == OrderState.HELD else ""
    state, reason = order_state(lines.values(), hold, before.cancelled_in_shop)
    moved = {key: row for key, row in lines.items() if row != before.lines[key]}
    if not moved and (state, reason) == (before.state, before.reason):
        return None
    shipped = sum(row.shipped for row in lines.values())
    event = f"{state.replace('_', ' ').capitalize()}: {shipped} EA shipped so far" if moved else ""
    updates = tuple(LineUpdate(key, row) for key, row in moved.items())
    return OrderUpdate(order_id, updates, state, reason, event)


def _line_tickets(
    released: Sequence[ReleasedLine],
    orders: Mapping[str, OrderQuantities],
    folded: Mapping[str, Mapping[str, LineQuantities]],
) -> list[ExceptionTicket]:
    units = {(line.order_id, line.line_id): line.units_per_uom for line in released}
    tickets = []
    for (order_id, line_id), per in units.items():
        row, subject = folded[order_id][line_id], f"{orders[order_id].name} line {line_id}"
        found = {"released": str(row.released), "shipped": str(row.shipped)}
        if row.short:
            tickets.append(ExceptionTicket("short_closed", subject, order_id, None, found | {"short": str(row.short)}))
        if row.over_shipped:
            more = found | {"over": str(row.over_shipped)}
            tickets.append(ExceptionTicket("over_shipped", subject, order_id, None, more))
        if row.shipped % per and not row.open and not row.waiting:
            loose = found | {"loose units": str(row.shipped % per), "units per pack": str(per)}
            tickets.append(ExceptionTicket("shipped_part_pack", subject, order_id, None, loose))
    return tickets


def _voided_tickets(
    shipments: Sequence[Shipment], posted: Sequence[FulfilmentPost], orders: Mapping[str, OrderQuantities]
) -> list[ExceptionTicket]:
    voided = {each.shipment_id for each in shipments if each.voided}
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for post in posted:
        if post.shipment_id in voided:
            told = " ".join((post.carrier, *post.tracking_numbers)).strip()
            found[(post.shipment_id, post.order_id)] |= {
                f"line {line_id}{told and ', ' + told}": f"{quantity} posted to the shop"
                for line_id, quantity in post.lines
            }
    return [
        ExceptionTicket("voided_after_post", f"shipment {key} of {orders[order_id].name}", order_id, None, evidence)
        for (key, order_id), evidence in found.items()
    ]


def _cancelled_tickets(
    rows: Rows, orders: Mapping[str, OrderQuantities], folded: Mapping[str, Mapping[str, LineQuantities]]
) -> list[ExceptionTicket]:
    """Goods that left though the shop cancelled their order: for customer service, and for finance with their value."""
    late = {
        key: {f"line {line_id}": f"{row.shipped} EA left" for line_id, row in lines.items() if row.shipped}
        for key, lines in folded.items()
        if orders[key].cancelled_in_shop
    }
    gone = rows.changes.gone([key for key, left in late.items() if left])
    tickets = []
    for key, goods in gone.items():
        more = {
            "value": f"{goods.value_net} {goods.currency} net",
            "tracking": ", ".join(goods.tracking_numbers) or "none told",
            "left at": goods.last_dispatched_at.isoformat(),
        }
        for code in ("shipped_after_cancel", "settle_after_cancel"):
            tickets.append(ExceptionTicket(code, orders[key].name, key, None, late[key] | more))
    return tickets


def _unmatched(rows: Rows, code: str) -> list[ExceptionTicket]:
    return [
        ExceptionTicket(
            "shipment_unmatched",
            f"shipment {shipment_id} line {line_id or 'without id'}",
            evidence={"reference": ref, "base units": str(units)},
        )
        for shipment_id, ref, line_id, units in rows.shipments.unmatched(code)
    ]


def submit(store: Store, storefronts: Storefronts, clock: Clock) -> dict[str, int]:
    """Post every owed fulfilment and write our status. The adapter looks before each create, so a post whose answer
    was lost is recognised and not made twice. Each post is tried once in a run, so that the run comes to its end."""
    started = clock()
    figures = Counter({"posted": 0, "refused": 0, "unknown": 0})
    while True:
        with store.transaction() as rows:
            claimed = rows.outbox.claim(KIND, BATCH, clock(), due_by=started)
            platform = rows.orders.platform_ids(sorted({row.order_id for row in claimed}))
        if not claimed:
            break
        shops = {code: storefronts[code] for code in platform}
        figures.update(every_end(shops, partial(_post, store, clock, claimed, platform)))
    with store.transaction() as rows:
        tickets = [
            ExceptionTicket("fulfilment_refused", key, order_id, None, {"the shop says": words})
            for key, (order_id, words) in rows.outbox.refusals(KIND).items()
        ]
        rows.log.reconcile_tickets("fulfilment_posts", tickets, clock())
        figures["left"] = rows.outbox.left(KIND)
    return dict(figures) | push_statuses(store, storefronts)


def _post(
    store: Store,
    clock: Clock,
    claimed: Sequence[OutboxRow],
    platform: Mapping[str, Mapping[str, str]],
    code: str,
    storefront: Storefront,
) -> Counter[str]:
    """Post those of the claimed fulfilments whose orders are in this shop."""
    own = platform[code]
    posts = {row.outbox_id: FulfilmentPost.from_json(row.payload) for row in claimed if row.order_id in own}
    answers = storefront.post_fulfilments([(own[post.order_id], post) for post in posts.values()])
    with store.transaction() as rows:
        return Counter(
            _record(rows, row, answers[posts[row.outbox_id].key], clock()) for row in claimed if row.outbox_id in posts
        )


def _record(rows: Rows, row: OutboxRow, answer: Posted | Rejected | Unknown, now: datetime) -> str:
    match answer:
        case Posted(fulfilment_id):
            rows.outbox.done({row.outbox_id: fulfilment_id}, now)
            return "posted"
        case Rejected(code, message):
            rows.outbox.refused(row.outbox_id, f"{code}: {message}", now)
            return "refused"
        case Unknown(reason):
            rows.outbox.again({row.outbox_id: reason}, now + LOOK_AGAIN)
            return "unknown"
