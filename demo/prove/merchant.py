"""The merchant of one schedule: site, store, the people at both ends, and processes that run the real services."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import uuid4

from demo.prove.hooks import Hooks
from demo.prove.plan import OF_THE_BUDGET, Flow, Order, Schedule, single, units_of
from demo.prove.seams import MortalStore, Process, Sessions, mortal_calls
from demo.prove.yard import DIALECTS, Yard
from include.fulfilment.adapters.connecting import Connecting, RemoteConnection
from include.fulfilment.adapters.credit import connect as connect_credit
from include.fulfilment.adapters.packs import connect as connect_packs
from include.fulfilment.adapters.registry import capabilities, make_storefront, make_warehouse
from include.fulfilment.adapters.tables import TableTools
from include.fulfilment.ports import CreditSource, Storefront, Storefronts, Warehouse
from include.fulfilment.sandbox.control import SandboxControl
from include.fulfilment.sandbox.floor.client import FloorControl
from include.fulfilment.services import fulfilment_aggregation, order_release, stock_sync
from include.fulfilment.services.adopting import AdoptingWarehouse
from include.fulfilment.settings import Site
from include.fulfilment.store.budget import CallBudget
from include.fulfilment.store.journal import PostgresJournal

ADDRESS = {
    "first_name": "Ada",
    "last_name": "Cobalt",
    "company": "Cobalt Gifts",
    "address1": "1 High Street",
    "city": "Leeds",
    "zip": "LS1 1AA",
    "country_code": "GB",
}
CREDIT = {"credit_limit": "100000", "balance": "0", "currency_code": "GBP", "net_terms": 30}
Beat = Callable[[], object]


class Merchant:
    """A shop with a warehouse behind it, on an empty yard."""

    def __init__(self, yard: Yard, sessions: Sessions, schedule: Schedule) -> None:
        """Open for business: goods, packs, one buyer with credit, and a stock that the warehouse holds."""
        self.yard, self.sessions, self.schedule = yard, sessions, schedule
        self.code = f"p{uuid4().hex[:16]}"
        yard.open(self.code)
        self.names: dict[int, str] = {}
        self.refused, self._lock = 0, Lock()  # calls of the warehouse that were answered with "too many"
        self._pack_file = yard.folder / f"{self.code}.csv"
        self.site = self._site()
        self.hooks = Hooks(sessions.conninfo, self.code, yard.clock)
        self._write_packs()
        self._load()

    def _site(self) -> Site:
        dialect = DIALECTS[self.yard.warehouse]
        location = self.yard.shop.state("variants")["shop"]["location"]
        return Site.model_validate(
            {
                "code": self.code,
                "timezone": "Europe/London",
                "storefront": {"dialect": "shopify", "location_id": location},
                "warehouse": {
                    "code": "main",
                    "dialect": self.yard.warehouse,
                    "services": {"Standard delivery": dialect.service},
                    "options": dict(dialect.options),
                },
                "credit": {"kind": "shop", "contains": "invoices_only", "max_age_hours": 24},
                "packs": {
                    "source": {"kind": "file", "path": str(self._pack_file), "settle_seconds": 0},
                    "as_of": {"by": "file_time"},
                    "columns": {"sku": "sku", "base_sku": "base_sku", "uom": "uom", "units": "units"},
                },
                "release": {"version": "prove-1", "demo": True},
            }
        )

    @property
    def skus(self) -> list[str]:
        """Every SKU that somebody orders, and the single of each."""
        sold = {sku for order in self.schedule.orders for sku, _ in order.lines}
        return sorted(sold | {single(sku) for sku in sold})

    def _write_packs(self) -> None:
        rows = [(sku, "EA" if sku == single(sku) else "CASE", single(sku), units_of(sku)) for sku in self.skus]
        with self._pack_file.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("sku", "uom", "base_sku", "units"), *rows])
        opened_at = self.yard.clock().timestamp()
        os.utime(self._pack_file, (opened_at, opened_at))

    def _load(self) -> None:
        furnish(self.yard.shop, self.yard.floor, self.skus, self.schedule.stock)

    # --- people

    def sell(self, order: Order) -> None:
        """The buyer places the order."""
        draft = order.hold == "draft"
        # Gaps, since the shop gives a completed draft the number after its highest.
        name = self.names[order.number] = f"#{'D' if draft else ''}{3000 - 10 * order.number}"
        place(self.yard.shop, order, name, self.yard.clock())
        if order.hold == "held in the shop":
            if order.payment == "card":
                self.yard.shop.pay(name)
            self.yard.shop.hold(name, "OTHER")

    def edit(self, order: Order, sku: str, quantity: int) -> None:
        """Somebody changes in the shop how much of a line is wanted."""
        place = [each for each, _ in order.lines].index(sku) + 1
        self.yard.shop.edit_line_quantity(self.names[order.number], place, quantity)

    def answer(self, order: Order) -> None:
        """A person ends what the order waits for."""
        shop, name = self.yard.shop, self.names[order.number]
        match order.hold:
            case "unpaid":
                shop.pay(name)
            case "held in the shop":
                shop.hold(name, None)
            case "cancelled":
                shop.cancel(name)
            case "draft":
                self.names[order.number] = str(shop.complete_draft(name, payment_pending=True)["name"])
                if order.payment == "card":
                    shop.pay(self.names[order.number])

    # --- processes

    def beats(self, flow: Flow, process: Process, latency: float) -> list[Beat]:
        """The three beats of a flow in a process of its own, with adapters and store of its own."""
        site, clock = self.site, self.yard.clock
        store = MortalStore(self.sessions, self.code, process)
        shops: dict[str, Storefront] = {"shop": make_storefront(self._shop(store, process, latency))}
        made, code = make_warehouse(self._warehouse(store, process, latency)), site.warehouse.code
        warehouses: dict[str, Warehouse] = {code: AdoptingWarehouse(made, store, code)}
        packs = connect_packs(site.packs.model_extra or {}, self._tools(), site)
        flows: dict[Flow, list[Beat]] = {
            "release": [
                lambda: order_release.collect(store, shops, self._credit(shops), packs, site, clock),
                lambda: order_release.decide(store, site, warehouses, clock),
                lambda: order_release.submit(store, warehouses, shops, clock),
            ],
            "stock": [
                lambda: stock_sync.collect(store, warehouses, shops, packs, site, clock),
                lambda: stock_sync.decide(store, site, clock),
                lambda: stock_sync.submit(store, shops, site, clock),
            ],
            "shipments": [
                lambda: fulfilment_aggregation.collect(store, warehouses, site, clock),
                lambda: fulfilment_aggregation.decide(store, site, clock),
                lambda: fulfilment_aggregation.submit(store, shops, clock),
            ],
        }
        return flows[flow]

    def _credit(self, shops: Storefronts) -> CreditSource:
        return connect_credit(self.site.credit.model_dump(), self._tools(), self.site, shops)

    def _tools(self) -> TableTools:
        """For files alone: this merchant's credit is in his shop."""
        return TableTools(self.yard.folder, self.yard.clock, _nowhere, _nowhere, lambda *_call: None)

    def _shop(self, store: MortalStore, process: Process, latency: float) -> Connecting:
        remote = RemoteConnection("storefront_prove", self.yard.shop_url, "", self.yard.key)
        return self._connecting(store, process, latency, remote, lambda cost: None)

    def _warehouse(self, store: MortalStore, process: Process, latency: float) -> Connecting:
        dialect, clock = DIALECTS[self.yard.warehouse], self.yard.clock
        address = self.yard.floor_url if self.yard.warehouse != "x12" else f"file://{self.yard.mailbox}"
        remote = RemoteConnection("warehouse_prove", address, dialect.login, self.yard.key, extra=dialect.extra)
        rate = capabilities(self.yard.warehouse).rate
        if rate is None:
            return self._connecting(store, process, latency, remote, lambda cost: None)
        apart = MortalStore(self.sessions, self.code, process, OF_THE_BUDGET)
        budget = CallBudget(apart, remote.conn_id, rate, clock, clock.pass_time)
        given = self._connecting(store, process, latency, remote, budget.acquire)
        return replace(given, give_back=budget.give_back)

    def _connecting(
        self,
        store: MortalStore,
        process: Process,
        latency: float,
        remote: RemoteConnection,
        budget: Callable[[int], None],
    ) -> Connecting:
        end = "warehouse" if remote.conn_id == "warehouse_prove" else "shop"

        def heard(system: str, operation: str, status: str) -> None:
            self.yard.clock.pass_time(latency)
            with self._lock:
                self.refused += status == "429" and end == "warehouse"

        acquire, on_call = mortal_calls(process, end, budget, heard)
        journal = PostgresJournal(store, remote.conn_id)
        return Connecting(self.site, remote, self.yard.clock, on_call, acquire, journal)

    def close(self) -> None:
        """Forget the site's files."""
        self._pack_file.unlink(missing_ok=True)
        self.yard.close()


def furnish(shop: SandboxControl, floor: FloorControl, skus: Sequence[str], stock: Mapping[str, int]) -> None:
    """Give the shop these variants and one buyer with credit, the warehouse the singles and a stock of them; the shop
    shows that stock."""
    floor.load_products({sku: f"Title of {sku}" for sku in skus if sku == single(sku)})
    floor.receive(stock)
    shown = {sku: stock.get(single(sku), 0) // units_of(sku) for sku in skus}
    credit = {"namespace": "sparklayer", "key": "payment_on_account", "type": "json", "value": CREDIT}
    shop.load(
        variants=[{"sku": sku, "title": f"Title of {sku}", "available": shown[sku]} for sku in skus],
        customers=[{"key": "cobalt", "name": "Ada Cobalt", "metafields": [credit]}],
    )


def place(shop: SandboxControl, order: Order, name: str, at: datetime) -> None:
    """Let the buyer place the order under this name."""
    word = "upfrontPayment" if order.payment == "card" else "paymentOnAccount"
    placed = {
        "name": name,
        "source": "draft" if order.hold == "draft" else "order",
        "created_at": at.isoformat(),
        "company": {"name": "Cobalt Gifts"},
        "customer_key": "cobalt",
        "custom_attributes": {"sparkCartId": order.cart, "sparkPaymentType": word},
        "note": order.note,
        "financial_status": "PAID" if order.payment == "card" and not order.hold else "PENDING",
        "shipping_address": ADDRESS,
        "shipping_line": {"title": "Standard delivery", "price": "0"},
        "lines": [
            {"sku": sku, "title": f"Title of {sku}", "quantity": quantity, "unit_price": "1.00"}
            for sku, quantity in order.lines
        ],
    }
    shop.load(orders=[placed])


def _nowhere(*_asked: object) -> Any:
    raise NotImplementedError("a merchant of the prover has no other system")


def never_sleep(yard: Yard) -> None:
    """Let every wait of this process's transports pass on the yard's clock."""
    from include.fulfilment.adapters.transport import Transport

    defaults: dict[str, Any] = vars(Transport)["__init__"].__kwdefaults__
    defaults["sleep"] = yard.clock.pass_time
