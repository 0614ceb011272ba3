"""A reader of rows that a test gives it, and a visitor whom a test names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from fastapi import HTTPException, Request
from fastapi.testclient import TestClient

from include.fulfilment.desk.app import create_desk
from include.fulfilment.desk.deciding import Decisions
from include.fulfilment.domain.hold_decision import Decision, Seen, Signed, Verdict
from include.fulfilment.domain.matter import Team
from include.fulfilment.domain.quantity import LineQuantities, Proof
from include.fulfilment.domain.release_case import RuleResult
from include.fulfilment.domain.shipment import Parcel, ShipmentLine
from include.fulfilment.store.desk_rows import (
    DecisionRow,
    EventRow,
    LineRow,
    Marks,
    OrderHead,
    OrderRow,
    OrderRows,
    ReadingRow,
    ShipmentRow,
    StateCount,
    Step,
    TicketGroup,
    TicketRow,
    TicketSubject,
    TodayRows,
    WarehouseOrderRow,
)

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

NO_ROWS = TodayRows((), 0, 0, None, "", (), (), None)
TODAY = TodayRows(
    states=(
        StateCount("held", 4, NOW - 130 * MINUTE, 0, 3, 0),
        StateCount("awaiting_stock", 6, NOW - 3 * DAY, 2, 0, 0),
        StateCount("in_warehouse", 20, NOW - 5 * HOUR, 0, 0, 2),
    ),
    fulfilled_today=1204,
    waiting_orders=3,
    waiting_since=NOW - 130 * MINUTE,
    waiting_for="finance",
    groups=(
        TicketGroup(
            code="credit_limit_exceeded",
            owner="finance",
            severity="warning",
            next_step="Take a payment.",
            tickets=3,
            without_order=0,
            oldest_at=NOW - 130 * MINUTE,
            due_at=NOW - 10 * MINUTE,
            oldest=(TicketSubject("#1001", "cart-1001", "#1001"),),
        ),
    ),
    steps=(
        Step("order_release", "collect", NOW - 3 * MINUTE),
        Step("stock_sync", "collect", NOW - 4 * MINUTE),
        Step("fulfilment_aggregation", "collect", NOW - 2 * MINUTE),
    ),
    stock_as_of=NOW - 4 * MINUTE,
)

HEAD = OrderHead(
    order_id="cart-1005",
    name="#1005",
    is_draft=False,
    placed_at=NOW - 2 * HOUR,
    payment_method="account",
    payment_state="pending",
    currency="GBP",
    total_gross=Decimal("1234.50"),
    account_name="Harbour Stores Ltd",
    po_number="PO-77",
    requested_on=None,
    shipping_method="Standard",
    state="partly_shipped",
    reason="awaiting_stock",
    state_since=NOW - HOUR,
)
CASES = LineRow(
    "l1",
    "MUG-12",
    "Mug, blue",
    2,
    Proof(2, "CASE", 12, "MUG", "packs.csv row 7", "v1"),
    "",
    LineQuantities(ordered=24, released=24, shipped=24),
)
SINGLES = LineRow(
    "l2",
    "CUP",
    "Cup",
    16,
    Proof(16, "EA", 1, "CUP", "packs.csv row 9", "v1"),
    "",
    LineQuantities(ordered=16, backordered=10, cancelled=2, released=4, short=4),
)
_IN_EACH = (ShipmentLine("B2B1005", "l1", "MUG", 12),)
ORDER = OrderRows(
    head=HEAD,
    lines=(CASES, SINGLES),
    decision=DecisionRow(
        NOW - HOUR,
        "release",
        "",
        "demo-1",
        (
            RuleResult("payment", True, {"method": "account"}),
            RuleResult("credit", False, {"limit": "5000 GBP", "after": "6000"}, "credit_limit_exceeded"),
        ),
    ),
    warehouse_orders=(
        WarehouseOrderRow("main", "B2B1005", "acknowledged", "SO1", 1, (), NOW - HOUR, NOW - 50 * MINUTE, 1, 24),
        WarehouseOrderRow("main", "B2B1005-2", "queued", "", 2, (), NOW - HOUR, None, 1, 4),
    ),
    shipments=(
        ShipmentRow(
            "main",
            "OUT1",
            NOW - 30 * MINUTE,
            NOW - 40 * MINUTE,
            False,
            (
                Parcel("p1", "Parcelforce", "PF1", "https://track.example/PF1", _IN_EACH),
                Parcel("p2", "DPD", "DPD2", "javascript:alert(1)", _IN_EACH),
            ),
            (ShipmentLine("B2B1005", "l1", "MUG", 24),),
        ),
    ),
    tickets=(),
    events=(EventRow(NOW - 30 * MINUTE, "warehouse", "Shipment OUT1 left"),),
)
TICKET = TicketRow(
    code="short_closed",
    owner="finance",
    severity="warning",
    evidence={"short": "4 EA of CUP"},
    next_step="Credit the quantity in the evidence.",
    opened_at=NOW - HOUR,
    due_at=NOW + 23 * HOUR,
    closed_at=None,
)


def listed(order_id: str, name: str, **changes: Any) -> OrderRow:
    """One order of a list."""
    row = OrderRow(order_id, name, "Harbour Stores Ltd", "held", "po_missing", NOW - HOUR, NOW - 2 * HOUR)
    return replace(row, **changes)


@dataclass
class FakeReader:
    """Answers with what it was given and remembers what it was asked; `fault` is raised instead."""

    site_names: list[str] = field(default_factory=lambda: ["trade"])
    today_rows: TodayRows = TODAY
    found: list[OrderRow] = field(default_factory=list)
    orders: dict[str, OrderRows] = field(default_factory=lambda: {"cart-1005": ORDER})
    kept_back: list[ReadingRow] = field(default_factory=list)
    fault: Exception | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def _ask(self, *question: str) -> None:
        self.asked.append(question)
        if self.fault:
            raise self.fault

    def sites(self) -> list[str]:
        self._ask("sites")
        return self.site_names

    def today(self, site: str, marks: Marks) -> TodayRows:
        self._ask("today", site)
        return self.today_rows

    def find(self, site: str, text: str) -> Sequence[OrderRow]:
        self._ask("find", site, text)
        return self.found

    def listed(self, site: str, which: str, marks: Marks, limit: int) -> Sequence[OrderRow]:
        self._ask("listed", site, which)
        return self.found[:limit]

    def order(self, site: str, order_id: str) -> OrderRows | None:
        self._ask("order", site, order_id)
        return self.orders.get(order_id)

    def readings(self, site: str) -> Sequence[ReadingRow]:
        self._ask("readings", site)
        return self.kept_back


@dataclass
class FakeKeeper:
    """Keeps what was decided; `late` is the decision that somebody else took first, `fault` is raised instead."""

    people: tuple[Team, ...] = ()
    late: Decision | None = None
    fault: Exception | None = None
    kept: list[tuple[object, ...]] = field(default_factory=list)

    def teams(self, site: str, user_id: str) -> tuple[Team, ...]:
        return self.people if (site, user_id) == ("trade", "vera") else ()

    def hold(self, site: str, order_id: str, code: str, verdict: Verdict, signed: Signed, seen: Seen) -> Decision:
        return self._decide(verdict, signed, (site, order_id, code, verdict, signed, seen))

    def reading(self, site: str, warehouse: str, verdict: Verdict, signed: Signed, seen: Seen) -> Decision:
        return self._decide(verdict, signed, (site, warehouse, verdict, signed, seen))

    def correct(self, site: str, order_id: str, field: str, value: str, signed: Signed, seen: Seen) -> None:
        self._decide(Verdict.LIFTED, signed, (site, order_id, field, value, signed, seen))

    def _decide(self, verdict: Verdict, signed: Signed, row: tuple[object, ...]) -> Decision:
        if self.fault:
            raise self.fault
        self.kept.append(row)
        return self.late or Decision(7, verdict, signed.person, signed.reason, NOW)


def only_signed_in(request: Request) -> None:
    """Nobody without a token, and nobody with a wrong one."""
    token = request.headers.get("authorization", "")
    if not token:
        raise HTTPException(401, "Not authenticated")
    if token != "Bearer right":
        raise HTTPException(403, "Forbidden")


def _anybody() -> None:
    """Whoever may look may decide."""


def client(
    reader: FakeReader,
    token: str = "right",  # noqa: S107
    keeper: FakeKeeper | None = None,
    may_write: Callable[[], None] | None = None,
) -> TestClient:
    """A browser on the desk, signed in unless `token` is empty."""
    given = Decisions(keeper or FakeKeeper(), lambda: "vera", may_write or _anybody)
    app = create_desk(reader, lambda: "Vera <viewer>", only_signed_in, given, lambda: NOW)
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return TestClient(app, headers=headers, raise_server_exceptions=False)
