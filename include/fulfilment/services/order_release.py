"""order_release: which orders go to the warehouse, how much of each, and that each goes there exactly once.

collect reads the shop; decide judges every waiting order inside one transaction and writes the outbox; submit sends it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from include.fulfilment.clock import Clock
from include.fulfilment.domain.after_release import Holder
from include.fulfilment.domain.credit import CreditQueue, OpenOrder
from include.fulfilment.domain.exception_ticket import ExceptionTicket
from include.fulfilment.domain.order import PaymentMethod, is_named
from include.fulfilment.domain.quantity import PackCatalogue, PackRow, index_packs
from include.fulfilment.domain.release import OrderDecision, Outcome, decide_releases
from include.fulfilment.domain.release_case import Place, ReleaseCase, Surroundings
from include.fulfilment.domain.release_policy import ReleasePolicy
from include.fulfilment.domain.stock import free_to_release
from include.fulfilment.errors import RetryableError
from include.fulfilment.ports import (
    Absent,
    CancelKind,
    CreditSource,
    PackSource,
    Storefronts,
    Warehouse,
    WarehouseRecord,
    Warehouses,
    differences,
)
from include.fulfilment.services import after_release, asking
from include.fulfilment.services.answering import record_answers
from include.fulfilment.services.collecting import collect_orders, every_end
from include.fulfilment.services.release_plan import Beside, is_elsewhere, plan_update, release_case, release_tickets
from include.fulfilment.services.sending import send
from include.fulfilment.services.sources import collect_credit, collect_packs
from include.fulfilment.services.statuses import push_statuses
from include.fulfilment.settings import Site
from include.fulfilment.store_port import QUANTITIES, Rows, Store, StoredOrder

KIND = "warehouse_order"
SCOPE = "order_release"
BATCH, LARGEST_BATCH = 20, 500
READ_BACK = 500
_ANSWERS = ("created", "found", "there_already", "rejected", "pending", "unknown", "put_back", "read_back")
SEND_WITHIN = timedelta(seconds=45)
"""How long after a claim a create may still start. With the longest call it stays inside the claim's lease, so that
nobody else can find the order absent while our create is still under way."""


def collect(
    store: Store, storefronts: Storefronts, credit: CreditSource, packs: PackSource, site: Site, clock: Clock
) -> dict[str, int]:
    """Read the pack catalogue, changed orders, and the credit of every account that waits. The variants' pack sizes
    come with the stock, without which nothing is released anyway."""
    figures = collect_packs(store, packs, site, clock) | collect_orders(store, storefronts, site, clock)
    return figures | collect_credit(store, credit, site, clock)


def decide(
    store: Store,
    site: Site,
    warehouses: Warehouses,
    clock: Clock,
    order_ids: Sequence[str] = (),
    dry_run: bool = False,
) -> dict[str, int]:
    """Judge every waiting order; write decisions, holds, quantities, warehouse orders and tickets in one transaction.

    All waiting orders take part, because stock and credit go by who ordered first; with `order_ids` only the verdicts
    on those are kept, and with `dry_run` none. Returns how many orders got each outcome.
    """
    policy = site.policy()
    with store.transaction(lock=QUANTITIES) as rows:
        now, packs = clock(), index_packs(rows.packs.packs())
        if not dry_run:
            rows.orders.follow_shop(now)
        waiting = {each.order.order_id: each for each in rows.orders.waiting()}
        chosen = [key for key, each in waiting.items() if is_named(order_ids, key, each.order.name)]
        retried = set(chosen) if order_ids else set()
        beside = _beside(rows, waiting, policy)
        cases = {key: release_case(each, packs, beside[key], retry=key in retried) for key, each in waiting.items()}
        live = [case for case in cases.values() if case.order.cancelled_at is None]
        around = _surroundings(rows, site, warehouses, policy, live, now)
        verdicts = {each.order_id: each for each in decide_releases(live, around)}
        judged = [verdicts[key] for key in chosen if key in verdicts]
        figures = _count(judged, len(chosen) - len(judged)) | {"not_waiting": _not_waiting(order_ids, waiting)}
        figures["lines_elsewhere"] = sum(is_elsewhere(line) for key in chosen for line in waiting[key].lines)
        if dry_run:
            return figures
        updates = [plan_update(waiting[key], cases[key], verdicts.get(key), around.places, policy) for key in chosen]
        rows.orders.save(updates, policy.version, now)
        if not order_ids:  # a run for named orders has not looked at the others' tickets
            tickets = [each for row in updates for each in release_tickets(waiting[row.order_id], row, now)]
            rows.log.reconcile_tickets(SCOPE, tickets, now)
            rows.questions.announce(site.asked(), now)
        holders = {place.code: _holder(place, warehouses[place.code]) for place in around.places.values()}
        figures |= after_release.decide(rows, holders, around, packs, beside, order_ids, now)
    return figures | {"warehouse_orders": sum(len(each.warehouse_orders) for each in updates)}


def _holder(place: Place, warehouse: Warehouse) -> Holder:
    able = warehouse.capabilities
    return Holder(place.target, amend=able.update, cancel=able.cancel is not CancelKind.NONE)


def _beside(rows: Rows, waiting: Mapping[str, StoredOrder], policy: ReleasePolicy) -> dict[str, Beside]:
    ids = list(waiting)
    lifts, corrections = rows.people.lifts(ids), rows.people.corrections(ids)
    alike, packs = rows.people.alike(ids, policy.duplicates_within, later=True), _packs_when_ordered(rows, waiting)
    stops = rows.changes.cancel_requests()
    return {
        key: Beside(
            lifts=lifts.get(key, {}),
            corrections=corrections.get(key, {}),
            like=alike.get(key, ""),
            packs_then=packs[key],
            stop_asked_by=stops[key].person if key in stops else "",
        )
        for key in ids
    }


def _packs_when_ordered(rows: Rows, waiting: Mapping[str, StoredOrder]) -> dict[str, PackCatalogue]:
    """By order, what one of each SKU on it was when it was placed."""
    asked = [(key, line.sku) for key, each in waiting.items() for line in each.lines if line.quantity]
    answers = rows.packs.packs_at([(sku, waiting[key].order.placed_at) for key, sku in asked])
    found: dict[str, dict[str, tuple[PackRow, ...]]] = {key: {} for key in waiting}
    for (key, sku), then in zip(asked, answers, strict=True):
        found[key][sku] = then
    return dict(found)


def _not_waiting(order_ids: Sequence[str], waiting: Mapping[str, StoredOrder]) -> int:
    """How many of the orders that a person named have nothing to decide: unknown here, finished or in the warehouse."""
    return sum(not any(is_named((name,), key, each.order.name) for key, each in waiting.items()) for name in order_ids)


def _surroundings(
    rows: Rows,
    site: Site,
    warehouses: Warehouses,
    policy: ReleasePolicy,
    live: Sequence[ReleaseCase],
    now: datetime,
) -> Surroundings:
    credit = rows.credit.known()
    return Surroundings(
        policy=policy,
        accounts={each.account_id: each for each in credit.accounts},
        ledger=credit.ledger,
        credit_max_age=site.credit.max_age,
        queue=CreditQueue(_open_orders(rows, live, credit.ledger)),
        places={site.named_in_lines(code): _place(rows, site, code, each) for code, each in warehouses.items()},
        now=now,
        released_by_others=site.released_by_others,
    )


def _place(rows: Rows, site: Site, code: str, warehouse: Warehouse) -> Place:
    """A warehouse with what is free there by its newest reading."""
    figures, free = rows.stock.figures(code), None
    if figures is not None:
        as_of, on_hand = figures
        free = free_to_release(on_hand, rows.stock.outstanding(code, as_of))
    return Place(code, site.warehouses[code].target(warehouse.capabilities.field_limits), free)


def _open_orders(rows: Rows, live: Sequence[ReleaseCase], ledger: Mapping[str, str]) -> list[OpenOrder]:
    """The credit queue: what is stored as open, and every order judged now, each once, under its ledger's account."""
    on_account = [
        each.order for each in live if each.order.payment_method is PaymentMethod.ACCOUNT and not each.order.is_draft
    ]
    judged = [
        OpenOrder(each.order_id, ledger.get(each.account_id, each.account_id), each.placed_at, each.total_gross)
        for each in on_account
    ]
    return list({each.order_id: each for each in [*rows.credit.queue(), *judged]}.values())


def _count(decisions: Iterable[OrderDecision], cancelled: int) -> dict[str, int]:
    counts = Counter(str(each.outcome) for each in decisions)
    return {each.value: counts[each] for each in Outcome} | {"cancelled": cancelled}


def submit(store: Store, warehouses: Warehouses, storefronts: Storefronts, clock: Clock) -> dict[str, int]:
    """Ask every warehouse for what changed after release, send it every warehouse order that is owed, read them back,
    and write our status to the shop.

    An order that an earlier try may have sent is looked for first: after Unknown comes find, never create. Each order
    is tried once in a run, so that those without an answer keep nobody waiting and the run comes to its end. Raises
    RetryableError with the pause that a warehouse asks for, once all that it answered is recorded and the others had
    their turn.
    """
    figures = Counter(dict.fromkeys(_ANSWERS, 0))

    def serve(code: str, warehouse: Warehouse) -> Counter[str]:
        found = Counter(asking.submit(store, code, warehouse, clock))
        found.update(_send_owed(store, code, warehouse, clock))
        missing = _read_back(store, code, warehouse, clock, found)
        with store.transaction() as rows:
            rows.log.reconcile_tickets(f"warehouse_orders/{code}", _tickets(rows, code) + missing, clock())
        return found

    try:
        figures.update(every_end(warehouses, serve))
    finally:
        with store.transaction() as rows:
            rows.log.reconcile_tickets("warehouse_orders", _uncertain(rows), clock())
            figures["left"] = rows.outbox.left(KIND)
    return dict(figures) | push_statuses(store, storefronts)


def _send_owed(store: Store, code: str, warehouse: Warehouse, clock: Clock) -> Counter[str]:
    """Send batch by batch until none is owed that was so when the run began. A pause that the warehouse asks for ends
    the run until it is over; what was answered before is recorded, and the rest is due again."""
    figures: Counter[str] = Counter()
    started, batch = clock(), BATCH
    while batch:
        claimed_at = clock()
        with store.transaction() as rows:
            claimed = rows.outbox.claim(KIND, batch, claimed_at, due_by=started, warehouse=code)
        if not claimed:
            break
        answers, pause = send(warehouse, claimed, clock, claimed_at + SEND_WITHIN)
        noted = record_answers(store, code, claimed, answers, clock(), started)
        figures.update(noted)
        if pause is not None:
            got_on = figures["put_back"] < figures.total()
            raise RetryableError(str(pause), pause.retry_after, got_on=got_on)
        batch = _next_batch(len(claimed), noted["put_back"], clock() - claimed_at)
    return figures


def _next_batch(sent: int, put_back: int, took: timedelta) -> int:
    """As many as were sent in the last batch, and twice as many where that was quick. Where looking for a batch took
    all of its time, so that the whole of it was put back, half as many: else they would be looked for for ever."""
    if put_back == sent:
        return sent // 2
    return min(2 * sent, LARGEST_BATCH) if took < SEND_WITHIN / 4 else sent


def _read_back(
    store: Store, code: str, warehouse: Warehouse, clock: Clock, figures: Counter[str]
) -> list[ExceptionTicket]:
    """Compare what the warehouse stored with what it was sent, before the pick. Returns the orders that it took and
    does not hold; a search may lag, so a ticket opens only after a while."""
    missing: list[ExceptionTicket] = []
    after = ""
    while True:
        with store.transaction() as rows:
            unchecked = rows.orders.unchecked(code, after, READ_BACK)
        if not unchecked:
            return missing
        sent = {order.external_ref: (order, since) for order, since in unchecked}
        records = warehouse.find(list(sent))
        compared: dict[str, Sequence[str]] = {}
        for ref, answer in records.items():
            order, since = sent[ref]
            if isinstance(answer, WarehouseRecord):
                compared[ref] = differences(order, answer)
            elif isinstance(answer, Absent):
                missing.append(ExceptionTicket("missing_in_warehouse", ref, order.order_id, since))
        with store.transaction() as rows:
            rows.orders.checked(code, compared, clock())
        figures["read_back"] += len(records)
        after = max(sent)


def _uncertain(rows: Rows) -> list[ExceptionTicket]:
    return [
        ExceptionTicket("outcome_unknown", key, order_id, since, {"last answer": words})
        for key, (order_id, words, since) in rows.outbox.uncertain(KIND).items()
    ]


def _tickets(rows: Rows, code: str) -> list[ExceptionTicket]:
    tickets = []
    for each in rows.orders.with_differences(code):
        code = "exists_with_other_content" if each.adopted else "record_incomplete"
        evidence = {f"difference {number}": words for number, words in enumerate(each.differences, start=1)}
        tickets.append(ExceptionTicket(code, each.external_ref, each.order_id, None, evidence))
    return tickets
