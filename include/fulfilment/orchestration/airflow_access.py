"""Airflow's side of the desk: who is asking, whether they may look, and where the store is.

The modules imported here are not all in Airflow's declared public interface (Airflow 3.3), which is why they are
imported in this one file; `tests/orchestration/test_airflow_access.py` fails when one of them moves.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_view
from airflow.exceptions import AirflowNotFoundException
from airflow.models.connection import Connection

from include.fulfilment.errors import ConfigError
from include.fulfilment.store.desk import PostgresDesk
from include.fulfilment.store.desk_rows import Marks, OrderRow, OrderRows, TodayRows

STORE = "fulfilment_db"
# What libpq knows of an Airflow connection's extra fields; the others belong to hooks.
_LIBPQ = ("sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs", "gssencmode", "channel_binding")


authorise = requires_access_view(AccessView.PLUGINS)
"""Refuses whoever is not signed in to Airflow, and whoever may not see its plugins."""


def current_user(user: GetUserDep) -> str:
    """The name of whoever is signed in to Airflow."""
    return str(user.get_name())


def store_url() -> str:
    """The store's address from the connection `fulfilment_db`, read as the API server reads connections: from its
    secrets backends, the environment or Airflow's database. Raises ConfigError when it is not defined or no
    PostgreSQL."""
    try:
        found = Connection.get_connection_from_secrets(STORE)
    except AirflowNotFoundException as error:
        raise ConfigError(
            f"Airflow has no connection called {STORE}: define it (type postgres), then reload this page."
        ) from error
    if found.conn_type not in ("postgres", "postgresql"):
        raise ConfigError(f"The connection {STORE} is of type {found.conn_type}; it must be postgres.")
    return _url(found)


def _url(found: Any) -> str:
    login = quote(found.login or "", safe="")
    secret = f":{quote(found.password, safe='')}" if found.password else ""
    port = f":{found.port}" if found.port else ""
    extra = json.loads(found.extra) if found.extra else {}
    options = urlencode({name: extra[name] for name in _LIBPQ if extra.get(name)}, quote_via=quote)
    address = f"{login}{secret}@{quote(found.host or '', safe='')}{port}/{quote(found.schema or '', safe='')}"
    return f"postgresql://{address}" + (f"?{options}" if options else "")


class ConnectedDesk:
    """The desk's reader (`desk.reader.DeskReader`) on the connection `fulfilment_db`, looked up for every question, so
    that a corrected one counts without a restart."""

    def sites(self) -> list[str]:
        """Every site."""
        return self._desk().sites()

    def today(self, site: str, marks: Marks) -> TodayRows:
        """What the Today page counts."""
        return self._desk().today(site, marks)

    def find(self, site: str, text: str) -> list[OrderRow]:
        """Orders called `text`."""
        return self._desk().find(site, text)

    def listed(self, site: str, which: str, marks: Marks, limit: int) -> list[OrderRow]:
        """Orders that a number counts."""
        return self._desk().listed(site, which, marks, limit)

    def order(self, site: str, order_id: str) -> OrderRows | None:
        """Everything about one order."""
        return self._desk().order(site, order_id)

    def _desk(self) -> PostgresDesk:
        return PostgresDesk(store_url())
