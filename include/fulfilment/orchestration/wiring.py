"""Puts one site's rooms together for one task: store, storefront and warehouse from Airflow's connections.

Everything here is imported inside `execute`, so that parsing a DAG stays light and touches nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode

from include.fulfilment.clock import Clock, system_clock
from include.fulfilment.errors import ConfigError

if TYPE_CHECKING:
    from include.fulfilment.adapters.connecting import Connecting, RemoteConnection
    from include.fulfilment.ports import CreditSource, PackSource, Storefront, Storefronts, Warehouse, Warehouses
    from include.fulfilment.settings import Site
    from include.fulfilment.store.budget import CallBudget
    from include.fulfilment.store.database import PostgresStore

STORE_CONN_ID = "fulfilment_db"
OnCall = Callable[[str, str, str], None]


@dataclass(slots=True)
class Wiring:
    """One site's rooms. Remote calls are counted and the counts stored when the task ends, however it ends."""

    site: Site
    store: PostgresStore
    storefronts: Storefronts
    warehouses: Warehouses
    on_call: OnCall
    clock: Clock = system_clock

    def now(self) -> datetime:
        return self.clock()

    def storefronts_as(self, site: Site) -> Storefronts:
        """The shops over the same connections, read as another form of the site file says."""
        return {code: open_storefront(site, code, self.store, self.on_call) for code in site.storefronts}

    @property
    def credit(self) -> CreditSource:
        """The credit source of the site file. Raises ConfigError naming the field that is wrong."""
        from include.fulfilment.orchestration.sources import open_credit

        return open_credit(self.site, self.storefronts, self.on_call)

    @property
    def packs(self) -> PackSource:
        """The pack catalogue of the site file. Raises ConfigError naming the field that is wrong."""
        from include.fulfilment.orchestration.sources import open_packs

        return open_packs(self.site, self.on_call)


@contextmanager
def wired(site_code: str, gives_way: bool = False) -> Iterator[Wiring]:
    """The rooms of one site; a task that `gives_way` leaves the warehouses' calls to more urgent ones. Raises
    ConfigError naming the site file or connection that is missing or wrong."""
    from include.fulfilment.settings import load_site

    site = load_site(site_code)
    calls: Counter[tuple[str, str, str]] = Counter()

    def count(system: str, operation: str, status: str) -> None:
        calls[(system, operation, status)] += 1

    store = open_store(site)
    storefronts = {code: open_storefront(site, code, store, count) for code in site.storefronts}
    warehouses = {code: open_warehouse(site, code, store, count, gives_way) for code in site.warehouses}
    try:
        yield Wiring(site, store, storefronts, warehouses, count)
    finally:
        with store.transaction() as rows:
            rows.log.count_calls(calls)


@dataclass(frozen=True, slots=True)
class End:
    """One end of a site, a shop or a warehouse of that code, and the connection that it asks for."""

    site: Site
    kind: Literal["storefront", "warehouse"]
    dialect: str
    conn_id: str
    code: str


def ends() -> list[End]:
    """Every end of every site. Raises ConfigError naming the site file that is missing or wrong."""
    from include.fulfilment.settings import load_sites

    found = []
    for site in load_sites().values():
        for code, shop in site.storefronts.items():
            found.append(End(site, "storefront", shop.dialect, site.storefront_conn_id(code), code))
        for code, warehouse in site.warehouses.items():
            found.append(End(site, "warehouse", warehouse.dialect, site.warehouse_conn_id(code), code))
    return found


def open_store(site: Site) -> PostgresStore:
    """The site's store. Raises ConfigError when the connection `fulfilment_db` is missing."""
    from include.fulfilment.store.database import PostgresStore

    return PostgresStore(store_url(), site.code)


def open_storefront(site: Site, code: str, store: PostgresStore, on_call: OnCall) -> Storefront:
    """One shop of the site; `on_call` hears of every call. Raises ConfigError naming what is missing or wrong."""
    from include.fulfilment.adapters.registry import make_storefront

    return make_storefront(replace(_connecting(site, site.storefront_conn_id(code), store, None, on_call), shop=code))


def open_warehouse(site: Site, code: str, store: PostgresStore, on_call: OnCall, gives_way: bool = False) -> Warehouse:
    """One warehouse of the site; `on_call` hears of every call. Raises ConfigError naming what is missing or wrong."""
    from include.fulfilment.adapters.registry import capabilities, make_warehouse
    from include.fulfilment.services.adopting import AdoptingWarehouse
    from include.fulfilment.store.budget import CallBudget

    stated, conn_id = site.warehouses[code], site.warehouse_conn_id(code)
    rate = capabilities(stated.dialect).rate if stated.call_limit == "system" else None
    budget = CallBudget(store, conn_id, rate, system_clock, gives_way=gives_way) if rate else None
    made = make_warehouse(replace(_connecting(site, conn_id, store, budget, on_call), warehouse=code))
    return AdoptingWarehouse(made, store, code)


def _connecting(
    site: Site, conn_id: str, store: PostgresStore, budget: CallBudget | None, on_call: OnCall
) -> Connecting:
    from include.fulfilment.adapters.connecting import Connecting
    from include.fulfilment.store.journal import PostgresJournal

    return Connecting(
        site=site,
        connection=connection(conn_id),
        clock=system_clock,
        on_call=on_call,
        acquire=budget.acquire if budget else _unlimited,
        journal=PostgresJournal(store, conn_id),
        give_back=budget.give_back if budget else _unlimited,
        skus=partial(_catalogue_skus, store),
    )


def _catalogue_skus(store: PostgresStore) -> list[str]:
    with store.transaction() as rows:
        return list(dict.fromkeys(row.sku for row in rows.packs.packs()))


def unheard(system: str, operation: str, status: str) -> None:
    """The ear of who opens an end and calls no remote."""


def _unlimited(cost: int) -> None:
    """A remote without a known limit: it says so itself when calls come too fast."""


def connection(conn_id: str) -> RemoteConnection:
    """An Airflow connection as the adapters take it. An extra field that was left empty in Airflow's form counts as not
    given. Raises ConfigError naming the connection when it is not defined."""
    from include.fulfilment.adapters.connecting import RemoteConnection

    found = airflow_connection(conn_id)
    return RemoteConnection(
        conn_id=conn_id,
        base_url=_base_url(found, conn_id),
        login=found.login or "",
        password=found.password or "",
        schema=found.schema or "",
        extra={name: value for name, value in found.extra_dejson.items() if value not in (None, "")},
    )


def store_url() -> str:
    """URL of the connection `fulfilment_db`, its TLS options included. Raises ConfigError when it is not defined."""
    found = airflow_connection(STORE_CONN_ID)
    if not found.host or not found.schema:
        raise ConfigError(f"connection {STORE_CONN_ID!r} needs a host and a database (its schema field); set them")
    return postgres_url(found)


def postgres_url(found: Any) -> str:
    """The URL of an Airflow connection of type postgres, with those of its extra fields that libpq knows; the others
    belong to hooks."""
    login = quote(found.login or "", safe="")
    secret = f":{quote(found.password, safe='')}" if found.password else ""
    known = {name: value for name, value in found.extra_dejson.items() if value and _is_libpq(name)}
    options = f"?{urlencode(known, quote_via=quote)}" if known else ""
    place = f"{quote(found.host or '', safe='')}:{found.port or 5432}/{quote(found.schema or '', safe='')}"
    return f"postgresql://{login}{secret}@{place}{options}"


def _is_libpq(name: str) -> bool:
    return name.startswith("ssl") or name in ("target_session_attrs", "gssencmode", "channel_binding")


def airflow_connection(conn_id: str) -> Any:
    """Airflow's own record. Raises ConfigError when it is not defined."""
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return BaseHook.get_connection(conn_id)
    except AirflowNotFoundException as error:
        raise ConfigError(f"connection {conn_id!r} is not defined in Airflow; add it and rerun") from error


def _base_url(found: Any, conn_id: str) -> str:
    host = found.host or ""
    if not host:
        raise ConfigError(f"connection {conn_id!r} has no host; set it and rerun")
    if "://" in host:
        return str(host) if not found.port else f"{host}:{found.port}"
    scheme = found.extra_dejson.get("scheme", "https")
    return f"{scheme}://{host}:{found.port}" if found.port else f"{scheme}://{host}"
