"""Opens the credit source and the pack catalogue of a site with Airflow's connections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from include.fulfilment.adapters import credit, packs
from include.fulfilment.adapters.tables import TableTools
from include.fulfilment.clock import system_clock
from include.fulfilment.errors import ConfigError
from include.fulfilment.orchestration.wiring import OnCall, airflow_connection, connection, postgres_url
from include.fulfilment.store.outside import ask_outside

if TYPE_CHECKING:
    from include.fulfilment.ports import CreditSource, PackSource, Storefronts, Table
    from include.fulfilment.settings import Site


def open_credit(site: Site, storefronts: Storefronts, on_call: OnCall) -> CreditSource:
    """The source that the site file describes under `credit`; `on_call` hears of every call over HTTP. Raises
    ConfigError naming the field that is wrong."""
    options = site.credit.model_dump()
    return credit.connect(options, _tools(site, on_call), site, storefronts)


def open_packs(site: Site, on_call: OnCall) -> PackSource:
    """The catalogue that the site file describes under `packs`; `on_call` hears of every call over HTTP. Raises
    ConfigError naming the field that is wrong."""
    return packs.connect(site.packs.model_extra or {}, _tools(site, on_call), site)


def _tools(site: Site, on_call: OnCall) -> TableTools:
    return TableTools(site.folder, system_clock, connection, _ask, on_call)


def _ask(conn_id: str, statement: str, parameters: Mapping[str, object]) -> Table:
    return ask_outside(_url_of(conn_id), conn_id, statement, parameters, system_clock)


def _url_of(conn_id: str) -> str:
    """The database behind an Airflow connection as a SQLAlchemy URL; of any type but postgres by the hook of its own
    provider (`DbApiHook.get_uri`, apache-airflow-providers-common-sql). Raises ConfigError where there is none."""
    found = airflow_connection(conn_id)
    if found.conn_type in ("postgres", "postgresql"):
        return postgres_url(found)
    try:
        return str(found.get_hook().get_uri())
    except Exception as error:  # noqa: BLE001 - a hook of any provider, whose errors may repeat the password
        what = f"connection {conn_id!r} is of type {found.conn_type!r}, which is no database that can be asked here"
        raise ConfigError(f"{what} ({type(error).__name__}); install its provider or correct its type") from None
