"""One merchant for a story: a sandbox shop over real HTTP, a warehouse, real PostgreSQL and the real services, all on
one clock. What the shop shows and what the warehouse holds is asked of the two themselves."""

from __future__ import annotations

import csv
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import uvicorn
from psycopg.rows import dict_row

from include.fulfilment.adapters import credit, packs
from include.fulfilment.adapters.connecting import RemoteConnection
from include.fulfilment.adapters.storefront.shopify import ShopifyStorefront
from include.fulfilment.adapters.storefront.shopify.settings import ShopifySettings
from include.fulfilment.adapters.tables import TableTools
from include.fulfilment.adapters.transport import Transport
from include.fulfilment.clock import Clock
from include.fulfilment.domain.order import SHOP
from include.fulfilment.ports import CreditSource, PackSource, Storefront, Table, Warehouse
from include.fulfilment.sandbox.control import SandboxControl
from include.fulfilment.sandbox.shopify.app import create_app
from include.fulfilment.services import fulfilment_aggregation, order_release, stock_sync
from include.fulfilment.services.adopting import AdoptingWarehouse
from include.fulfilment.settings import CreditSite, PacksSite, Site, WarehouseSite
from include.fulfilment.site_mapping import MappingSection
from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store.outside import ask_outside
from tests.site_files import CREDIT, PACK_COLUMNS, pack_file

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday
SHOP_TOKEN, CONTROL_TOKEN = "shop-token-of-the-test", "control-token-of-the-test"
ADDRESS = {
    "first_name": "Ada",
    "last_name": "Cobalt",
    "company": "Cobalt Gifts",
    "address1": "1 High Street",
    "city": "Leeds",
    "zip": "LS1 1AA",
    "country_code": "GB",
}
VOLATILE = {
    "sales_order": ("updated_at",),
    "order_line": (),
    "warehouse_order": (),
    "warehouse_order_line": (),
    "release_decision": (),
    "outbox": (),
    "exception_ticket": (),
    "order_event": (),
    "shipment": (),
    "shipment_line": (),
    "variant": ("shown_at", "wanted_as_of"),
}
"""The store's tables that a repeated run must leave alone, and the columns that only say when something was read."""
_numbers = count(1042)  # all tests of a session, so that a real warehouse never sees a reference twice


class Ticking:
    """A clock that stands still until it is told otherwise; a wait of the transport passes at once."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Shop:
    """The sandbox: its address, its control door, and the way to its API."""

    url: str
    control: SandboxControl
    wire: Transport


class World:
    """The merchant. `floor` is the warehouse's staff and ledger: the fake itself, or a login at the real one."""

    def __init__(
        self,
        sandbox: Shop,
        store_url: str,
        warehouse: Warehouse,
        floor: Any,
        clock: Clock,
        service: str = "pallet",
        settle: Callable[[], Any] = lambda: None,
    ) -> None:
        """`service` is the warehouse's word for the shop's "Pallet"; `settle` lets messages under way arrive, where the
        warehouse answers by them."""
        self.url, self.control, self.wire = sandbox.url, sandbox.control, sandbox.wire
        self._service, self._settle = service, settle
        self.warehouse, self.floor, self.clock, self.store_url = warehouse, floor, clock, store_url
        self.location = self.control.state("customers")["shop"]["location"]
        self._packs: list[tuple[str, ...]] = []
        self.more_storefronts: dict[str, Storefront] = {}
        self.more_warehouses: dict[str, Warehouse] = {}
        self.site_code = f"site_{uuid4().hex[:12]}"
        self.store = PostgresStore(store_url, self.site_code)

    def open(self, folder: Path) -> None:
        """Write the site with its pack catalogue; a buyer with a limit of 5,000.00 GBP who owes 1,200.00."""
        self.site = Site.model_validate(
            {
                "code": self.site_code,
                "timezone": "Europe/London",
                "storefront": {"dialect": "shopify", "location_id": self.location},
                "warehouse": {"code": "main", "dialect": "tryton", "services": {"Pallet": self._service}},
                "credit": CREDIT,
                "packs": pack_file(folder / "packs.csv"),
                "release": {"version": "test-1", "demo": True},
            }
        )
        self.folder, self._pack_file = folder, folder / "packs.csv"
        self._write_packs()
        self.storefront = self.connect_shop()
        self.control.load(customers=[{"key": "cobalt", "name": "Ada Cobalt"}])
        self.credit()

    def connect_shop(self) -> Storefront:
        """The adapter on the shop."""
        further = self.site.storefront.more_locations
        settings = ShopifySettings(self.location, mapping=self.site.mapping.rules(), more_locations=further)
        return ShopifyStorefront(self.wire, settings, self.clock)

    def further_warehouse(self, code: str, warehouse: Warehouse, location: str = "") -> str:
        """Add one to the site, at this location of the shop or a new one; answers the location's id."""
        location = location or self.control.add_location(code)
        section = WarehouseSite.model_validate(
            {"code": code, "dialect": "tryton", "services": {"Pallet": self._service}}
        )
        storefront = self.site.storefront.model_copy(update={"more_locations": {code: location}})
        changes = {"more_warehouses": (section,), "storefront": storefront}
        self.site = Site.model_validate({**dict(self.site), **changes})
        self.more_warehouses = {code: warehouse}
        self.storefront = self.connect_shop()
        return location

    def shown_at(self, location: str) -> dict[str, int]:
        """What the shop shows as available at a location, by SKU."""
        found = self.control.state("variants")["variants"]
        return {each["sku"]: each["available_at"][location] for each in found}

    @property
    def warehouses(self) -> dict[str, Warehouse]:
        """The site's warehouses by their codes, as the services see them."""
        found = {self.site.warehouse.code: self.warehouse, **self.more_warehouses}
        return {code: AdoptingWarehouse(each, self.store, code) for code, each in found.items()}

    @property
    def storefronts(self) -> dict[str, Storefront]:
        """The site's shops by their codes."""
        return {**self.more_storefronts, SHOP: self.storefront}

    def pass_time(self, *, minutes: float = 0, hours: float = 0) -> None:
        if isinstance(self.clock, Ticking):
            self.clock.pass_time(minutes * 60 + hours * 3600)

    # --- what people agree on, and the goods

    def agree(self, **release: Any) -> None:
        """Change the release agreement."""
        self.site = self.site.model_copy(update={"release": self.site.release.model_copy(update=release)})

    def credit_from(self, **section: Any) -> None:
        """Name another credit source, as the site file does."""
        self.site = self.site.model_copy(update={"credit": CreditSite.model_validate(section)})

    def packs_from(self, **section: Any) -> None:
        """Name another pack catalogue, as the site file does."""
        self.site = self.site.model_copy(update={"packs": PacksSite.model_validate(section)})

    @property
    def credit_source(self) -> CreditSource:
        """The source that the site file names."""
        return credit.connect(self.site.credit.model_dump(), self.tools, self.site, self.storefronts)

    @property
    def pack_source(self) -> PackSource:
        """The catalogue that the site file names; a story that begins earlier than others has an older file."""
        written = min(self._pack_file.stat().st_mtime, self.clock().timestamp()) if self._pack_file.exists() else 0
        if written:
            os.utime(self._pack_file, (written, written))
        return packs.connect(self.site.packs.model_extra or {}, self.tools, self.site)

    @property
    def tools(self) -> TableTools:
        """Files as they are, and as connection `erp` the store's own server."""

        def ask(conn_id: str, statement: str, parameters: Mapping[str, object]) -> Table:
            assert conn_id == "erp"
            return ask_outside(self.store_url, conn_id, statement, parameters, self.clock)

        def no_http(conn_id: str) -> RemoteConnection:
            raise AssertionError(f"nobody asks {conn_id}")

        return TableTools(Path(), self.clock, no_http, ask, lambda *_: None)

    def maps(self, mapping: dict[str, Any], **warehouse: Any) -> None:
        """Say where orders keep their details and what the warehouse is told of them."""
        told = self.site.warehouse.model_dump(mode="json", exclude_unset=True) | warehouse
        changes = {"mapping": MappingSection.model_validate(mapping), "warehouse": WarehouseSite.model_validate(told)}
        self.site = self.site.model_copy(update=changes)
        self.storefront = self.connect_shop()

    def credit(self, limit: str = "5000", balance: str = "1200", currency: str = "GBP") -> None:
        value = {"credit_limit": limit, "balance": balance, "currency_code": currency, "net_terms": 30}
        self.control.set_customer_metafield("cobalt", "sparklayer", "payment_on_account", "json", value)

    def customer_says(self, key: str, value: str = "true") -> None:
        self.control.set_customer_metafield("cobalt", "fulfilment", key, "boolean", value)

    def goods(self, sku: str, free: int, *, cases: Sequence[int] = (), pack_size: int = 0, shown: int = 0) -> None:
        """A single with so many on hand, sold also in cases of the given sizes as `sku-12`."""
        self.floor.receive({sku: free})
        self.packs((sku, "EA", sku, 1), *((f"{sku}-{size}", "CASE", sku, size) for size in cases))
        forced = {"namespace": "sparklayer", "key": "pack_size", "type": "number_integer", "value": str(pack_size)}
        single = {"sku": sku, "title": f"Title of {sku}", "available": shown}
        single |= {"metafields": [forced]} if pack_size else {}
        boxed = [{"sku": f"{sku}-{size}", "title": f"{sku}, case", "available": shown // size} for size in cases]
        self.control.load(variants=[single, *boxed])

    def packs(self, *rows: tuple[str, str, str, int], replace: bool = False) -> None:
        """Add (sku, unit, base SKU, units per unit) to the catalogue, or put them in its place."""
        kept = [] if replace else self._packs
        self._packs = [*kept, *((sku, uom, base, str(units), "v1") for sku, uom, base, units in rows)]
        self._write_packs()

    def _write_packs(self) -> None:
        self.export(self._pack_file, PACK_COLUMNS, *self._packs)

    def export(self, file: Path, *rows: Sequence[str]) -> None:
        """Another system writes a CSV file now."""
        with file.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows(rows)
        os.utime(file, (self.clock().timestamp(), self.clock().timestamp()))

    # --- the buyer

    def sell(self, *lines: tuple[str | None, int], name: str = "", price: str = "1.00", **more: Any) -> str:
        """Place an order of (SKU, quantity), on account unless told otherwise; answers its name."""
        name = name or f"#{next(_numbers)}"
        payment = more.pop("payment", "paymentOnAccount")
        cart = more.pop("cart", name.strip("#"))
        order = {
            "name": name,
            "created_at": self.clock().isoformat(),
            "company": {"name": "Cobalt Gifts"},
            "customer_key": "cobalt",
            "custom_attributes": {"sparkCartId": f"cart-{cart}", "sparkPaymentType": payment},
            "shipping_address": ADDRESS,
            "shipping_line": {"title": "Pallet", "price": "0"},
            "lines": [
                {"sku": sku, "title": f"Title of {sku}", "quantity": quantity, "unit_price": price}
                for sku, quantity in lines
            ],
        }
        self.control.load(orders=[order | more])
        return name

    def complete(self, draft: str) -> str:
        """Complete a draft unpaid; answers the order's name, which is the next one free in this shop."""
        next(_numbers)
        return str(self.control.complete_draft(draft, payment_pending=True)["name"])

    # --- the scheduler

    def release(self) -> dict[str, int]:
        """One run of order_release, a minute later, on a fresh stock reading."""
        self.pass_time(minutes=1)
        self._settle()
        self.collect()
        stock_sync.collect(self.store, self.warehouses, self.storefronts, self.pack_source, self.site, self.clock)
        self.decide()
        figures = self.submit()
        self._settle()
        if not figures["pending"]:
            return figures
        self.pass_time(minutes=1)
        return self.submit()

    def collect(self) -> dict[str, int]:
        sources = (self.credit_source, self.pack_source)
        return order_release.collect(self.store, self.storefronts, *sources, self.site, self.clock)

    def decide(self, **chosen: Any) -> dict[str, int]:
        return order_release.decide(self.store, self.site, self.warehouses, self.clock, **chosen)

    def submit(self) -> dict[str, int]:
        return order_release.submit(self.store, self.warehouses, self.storefronts, self.clock)

    def sync(self) -> dict[str, int]:
        """One run of stock_sync, a minute later."""
        self.collect_stock()
        return self.push_stock()

    def collect_stock(self) -> None:
        """Read all that both flows read, and compute what the shop should show."""
        self.pass_time(minutes=1)
        self._settle()
        stock_sync.collect(self.store, self.warehouses, self.storefronts, self.pack_source, self.site, self.clock)
        self.collect()
        stock_sync.decide(self.store, self.site, self.clock)

    def push_stock(self) -> dict[str, int]:
        return stock_sync.submit(self.store, self.storefronts, self.site, self.clock)

    def aggregate(self) -> dict[str, int]:
        """One run of fulfilment_aggregation, a minute later."""
        self.pass_time(minutes=1)
        self._settle()
        fulfilment_aggregation.collect(self.store, self.warehouses, self.site, self.clock)
        fulfilment_aggregation.decide(self.store, self.site, self.clock)
        return fulfilment_aggregation.submit(self.store, self.storefronts, self.clock)

    # --- what the two systems themselves hold

    def shop(self, name: str) -> dict[str, Any]:
        """The order as the shop holds it."""
        found: dict[str, Any] = next(each for each in self.control.state("orders")["orders"] if each["name"] == name)
        return found

    def posted(self, name: str) -> list[tuple[dict[str, int], list[str]]]:
        """(quantity by SKU, tracking numbers) of each fulfilment that the shop holds, oldest first. The same SKU on
        two lines counts together."""
        found = []
        for each in self.shop(name)["fulfilments"]:
            lines: dict[str, int] = {}
            for line in each["lines"]:
                lines[line["sku"]] = lines.get(line["sku"], 0) + line["quantity"]
            found.append((lines, [parcel["number"] for parcel in each["tracking"]]))
        return found

    def status(self, name: str) -> tuple[str, str]:
        """(the shop's own word for fulfilment, our status metafield) as the shop shows them."""
        order = self.shop(name)
        ours = [value for key, value in order["metafields"].items() if key.endswith("fulfilment.status")]
        return order["fulfilment_status"], ours[0] if ours else ""

    def shown(self) -> dict[str, int]:
        """What the shop shows as available, by SKU."""
        return {each["sku"]: each["available"] for each in self.control.state("variants")["variants"]}

    def held(self, name: str) -> list[Any]:
        """What the warehouse holds of an order, backorders included, by reference."""
        ref = self.ref(name)
        mine = [each for each in self.floor.held() if each.external_ref == ref or each.external_ref[:-2] == ref]
        return sorted(mine, key=lambda each: each.external_ref)

    def ref(self, name: str, part: int = 1) -> str:
        return f"B2B{name.strip('#')}" + (f"-{part}" if part > 1 else "")

    def line_ids(self, name: str) -> list[str]:
        """Our ids of the order's lines, in the shop's order."""
        return [each["id"].rpartition("/")[2] for each in self.shop(name)["lines"]]

    # --- what we say ourselves

    def query(self, sql: str, **given: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.store_url, row_factory=dict_row) as connection:
            connection.execute("SET search_path = fulfilment, reporting")
            return connection.execute(sql, {"site": self.site_code, **given}).fetchall()  # type: ignore[arg-type]

    def standing(self, name: str) -> tuple[str, str]:
        """(state, reason) of an order."""
        sql = "SELECT state, reason FROM order_status WHERE site = %(site)s AND name = %(name)s"
        (row,) = self.query(sql, name=name)
        return row["state"], row["reason"]

    def units(self, name: str) -> dict[str, int]:
        """Where the order's base units are, zeros left out."""
        sql = """SELECT ordered, held, released, backordered, cancelled, outstanding, shipped, short, over_shipped
            FROM order_status WHERE site = %(site)s AND name = %(name)s"""
        (row,) = self.query(sql, name=name)
        return {key: units for key, units in row.items() if units}

    def tickets(self, about: str = "") -> list[tuple[str, str, str]]:
        """(code, subject, owner) of each open ticket, or of those whose subject names this."""
        sql = "SELECT code, subject, owner FROM open_exception WHERE site = %(site)s ORDER BY code, subject"
        return [(row["code"], row["subject"], row["owner"]) for row in self.query(sql) if about in row["subject"]]

    def evidence(self, code: str) -> dict[str, str]:
        """Evidence of the one open ticket of a code."""
        (row,) = self.query("SELECT evidence FROM open_exception WHERE site = %(site)s AND code = %(code)s", code=code)
        return dict(row["evidence"])

    def evidence_of(self, name: str) -> dict[str, str]:
        """Evidence of the one open ticket of an order."""
        sql = "SELECT evidence FROM open_exception WHERE site = %(site)s AND subject = %(name)s"
        (row,) = self.query(sql, name=name)
        return dict(row["evidence"])

    def contents(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that a repeated run must leave alone."""
        rows: dict[str, list[dict[str, Any]]] = {}
        for table, volatile in VOLATILE.items():
            found = self.query(f"SELECT * FROM {table} t WHERE site = %(site)s ORDER BY t::text")  # noqa: S608
            rows[table] = [{key: value for key, value in row.items() if key not in volatile} for row in found]
        return rows

    def writes(self) -> dict[str, int]:
        """How often each remote was written to."""
        calls = {name: calls for name, calls in self.control.calls().items() if name in _MUTATIONS}
        return calls | {"submit": self.floor.calls["submit"]}

    def fault(self, operation: str, kind: str, times: int = 1, after_calls: int = 0) -> None:
        """Spoil calls of the shop: `reset_after` commits and drops the answer."""
        plan = {"operation": operation, "kind": kind, "times": times, "after_calls": after_calls}
        self.control.set_faults([plan])


_MUTATIONS = frozenset({"fulfillmentCreate", "inventorySetQuantities", "metafieldsSet"})


@contextmanager
def sandbox(folder: Path, clock: Clock, sleep: Any) -> Iterator[Shop]:
    """The shop on a free port of this machine."""
    app = create_app(folder / "shop.sqlite", SHOP_TOKEN, CONTROL_TOKEN, clock=clock)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        while not server.started:
            time.sleep(0.005)
        headers = {"X-Shopify-Access-Token": SHOP_TOKEN}
        with (
            SandboxControl(url, CONTROL_TOKEN) as control,
            Transport(url, system="shopify", connection_id="storefront_test", headers=headers, sleep=sleep) as wire,
        ):
            yield Shop(url, control, wire)
        server.should_exit = True
        thread.join(timeout=10)
