"""Collecting from the sources that finance and master data named: credit and the pack catalogue.

Neither is asked while anything is decided. A source that is down, half-written or doubtful costs nobody what is known:
the last reading stays in force, credit until it is too old, and a ticket tells.
"""

from __future__ import annotations

from collections.abc import Iterable

from include.fulfilment.clock import Clock
from include.fulfilment.domain.exception_ticket import ExceptionTicket
from include.fulfilment.errors import FulfilmentError, RetryableError
from include.fulfilment.ports import CreditSource, PackSource, Problem
from include.fulfilment.settings import Site
from include.fulfilment.store_port import Rows, Store

CREDIT = "credit source"
PACKS = "pack catalogue"


def collect_credit(store: Store, source: CreditSource, site: Site, clock: Clock) -> dict[str, int]:
    """Read the credit of every account that an order waits on: it moves without any order being touched. An account
    that the source does not have, or not in one usable row, has no credit from now on."""
    with store.transaction() as rows:
        debtors = rows.credit.debtors()
    if not debtors:
        return {"accounts": 0}
    try:
        reading = source.read(debtors)
    except FulfilmentError as error:
        _not_read(store, CREDIT, error, clock)
        return {"accounts": 0}
    with store.transaction() as rows:
        rows.credit.record(debtors, reading, site.credit.digest, clock())
        _read(rows, CREDIT, _refused(reading.problems), clock)
    return {"accounts": len(reading.accounts)}


def collect_packs(store: Store, source: PackSource, site: Site, clock: Clock) -> dict[str, int]:
    """Read the pack catalogue. Raises what the source raises while none was ever read: without one no line is proven.
    A reading that is empty or shrank too much is not used."""
    with store.transaction() as rows:
        before = rows.packs.pack_skus()
    try:
        snapshot = source.read()
    except FulfilmentError as error:
        if not before:
            raise
        _not_read(store, PACKS, error, clock)
        return {"packs": 0}
    with store.transaction() as rows:
        before = rows.packs.pack_skus()
        tickets = _refused(snapshot.problems)
        doubtful = snapshot.is_doubtful(before, site.packs.largest_drop_percent)
        if doubtful:
            found = f"{len({row.sku for row in snapshot.rows})} SKUs now, {before} before"
            tickets.append(ExceptionTicket("catalogue_suspicious", PACKS, evidence={"found": found}))
        else:
            rows.packs.record_packs(snapshot, clock())
        _read(rows, PACKS, tickets, clock)
    return {"packs": 0 if doubtful else len(snapshot.rows)}


def _read(rows: Rows, source: str, tickets: list[ExceptionTicket], clock: Clock) -> None:
    rows.log.move_cursor(source, clock())
    rows.log.reconcile_tickets(source, tickets, clock())


def _not_read(store: Store, source: str, error: FulfilmentError, clock: Clock) -> None:
    """Tell it at once where a person must act; what may pass by itself once it has lasted. Other tickets stay open."""
    with store.transaction() as rows:
        since = rows.log.cursor(source) if isinstance(error, RetryableError) else None
        ticket = ExceptionTicket("source_unread", source, None, since, {"found": str(error)})
        rows.log.reconcile_tickets(source, [ticket], clock(), settled=())


def _refused(problems: Iterable[Problem]) -> list[ExceptionTicket]:
    return [
        ExceptionTicket("source_row_refused", each.subject, evidence={"found": each.words})
        for each in problems
        if each.words
    ]
