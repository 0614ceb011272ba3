"""A hook onto one site's shop or warehouse, by the id of its connection: the adapter, and the test of the connection.

The provider package has one subclass for each connection type; a connection of type `http` is served by this one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from airflow.sdk import BaseHook

from include.fulfilment.clock import system_clock
from include.fulfilment.domain.order import SHOP
from include.fulfilment.errors import ConfigError, FulfilmentError

if TYPE_CHECKING:
    from include.fulfilment.adapters.connecting import Connecting
    from include.fulfilment.orchestration.wiring import End
    from include.fulfilment.ports import Journal, Storefront, Warehouse

_PREFIXES = ("storefront_", "warehouse_")


class RemoteHook(BaseHook):
    """One end of a site. `dialect` is the one that the connection's type stands for; empty: whatever the site says."""

    conn_name_attr = "conn_id"
    conn_type = "http"
    hook_name = "Fulfilment"
    dialect = ""

    def __init__(self, conn_id: str) -> None:
        super().__init__()
        self.conn_id = conn_id

    def get_conn(self) -> Storefront | Warehouse:
        """The port behind the connection, with the remote's call budget and the adapter's memory in the store.

        Raises:
            ConfigError: no site has this connection, or the site's dialect is not the connection's.
        """
        from include.fulfilment.orchestration.wiring import open_store, open_storefront, open_warehouse

        end = self._own_end()
        store = open_store(end.site)
        if end.kind == "storefront":
            return open_storefront(end.site, end.code, store, _unheard)
        return open_warehouse(end.site, end.code, store, _unheard)

    def test_connection(self) -> tuple[bool, str]:
        """Whether the remote takes address and credentials, and why not. It logs in where that is needed, and makes one
        call that changes nothing; the store is not touched."""
        from include.fulfilment.adapters.registry import probe_storefront, probe_warehouse

        try:
            end = self._end_to_test()
            probe = probe_storefront if end.kind == "storefront" else probe_warehouse
            probe(self._for_test(end))
        except FulfilmentError as error:
            return False, str(error)
        return True, f"{end.dialect} answered, asked as the {end.kind} of site {end.site.code}"

    def _own_end(self) -> End:
        from include.fulfilment.orchestration.wiring import ends

        every = ends()
        found = next((end for end in every if end.conn_id == self.conn_id), None)
        if found is None:
            known = ", ".join(end.conn_id for end in every)
            raise ConfigError(f"no site has a connection {self.conn_id!r}; the site files ask for: {known}")
        if self.dialect and found.dialect != self.dialect:
            said = f"{found.kind}.dialect: {found.dialect}"
            raise ConfigError(
                f"connection {self.conn_id!r} is of type {self.conn_type}, but the file of site {found.site.code} says "
                f"{said}; correct one of them"
            )
        return found

    def _end_to_test(self) -> End:
        """The connection's own end. The form's test button gives the connection a name by chance: that is tested with
        what is agreed with the first site of its dialect."""
        from include.fulfilment.orchestration.wiring import ends

        alike = [end for end in ends() if end.dialect == self.dialect]
        return alike[0] if alike and not self.conn_id.startswith(_PREFIXES) else self._own_end()

    def _for_test(self, end: End) -> Connecting:
        from include.fulfilment.adapters.connecting import Connecting
        from include.fulfilment.orchestration.wiring import connection

        return Connecting(
            site=end.site,
            connection=replace(connection(self.conn_id), conn_id=end.conn_id),
            clock=system_clock,
            on_call=_unheard,
            acquire=lambda cost: None,
            journal=cast("Journal", _NoJournal()),
            shop=end.code if end.kind == "storefront" else SHOP,
            warehouse=end.code if end.kind == "warehouse" else "",
        )


def _unheard(*_: str) -> None:
    """Calls that no task makes are counted nowhere."""


class _NoJournal:
    """What a remote has sent is never taken in by a test: it would be lost to the tasks."""

    def __getattr__(self, name: str) -> Any:
        raise ConfigError("this remote has no test that leaves its messages alone; its dialect needs a `probe`")
