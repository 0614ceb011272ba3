"""Airflow's side of the desk: who is asking, whether they may look, and where the store is.

The modules imported here are not all in Airflow's declared public interface (Airflow 3.3), which is why they are
imported in this one file; `tests/orchestration/test_airflow_access.py` fails when one of them moves.
"""

from __future__ import annotations

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag, requires_access_view
from airflow.exceptions import AirflowNotFoundException
from airflow.models.connection import Connection

from include.fulfilment.errors import ConfigError
from include.fulfilment.orchestration.wiring import STORE_CONN_ID, postgres_url
from include.fulfilment.store.desk import PostgresDesk
from include.fulfilment.store.desk_rows import Marks, OrderRow, OrderRows, ReadingRow, TodayRows

authorise = requires_access_view(AccessView.PLUGINS)
"""Refuses whoever is not signed in to Airflow, and whoever may not see its plugins."""

authorise_decision = requires_access_dag("POST", DagAccessEntity.RUN, "order_release")
"""Refuses whoever may not start a run of order_release: what a person decides makes it run."""


def current_user(user: GetUserDep) -> str:
    """The name of whoever is signed in to Airflow."""
    return str(user.get_name())


def current_id(user: GetUserDep) -> str:
    """The id under which Airflow's sign-in knows them, by which the site file names people: it asks for an answer by
    the same."""
    return str(user.get_id())


def store_url() -> str:
    """The store's address from the connection `fulfilment_db`, read as the API server reads connections: from its
    secrets backends, the environment or Airflow's database. Raises ConfigError when it is not defined or no
    PostgreSQL."""
    try:
        found = Connection.get_connection_from_secrets(STORE_CONN_ID)
    except AirflowNotFoundException as error:
        raise ConfigError(
            f"Airflow has no connection called {STORE_CONN_ID}: define it (type postgres), then reload this page."
        ) from error
    if found.conn_type not in ("postgres", "postgresql"):
        raise ConfigError(f"The connection {STORE_CONN_ID} is of type {found.conn_type}; it must be postgres.")
    return postgres_url(found)


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

    def readings(self, site: str) -> list[ReadingRow]:
        """Doubtful stock readings."""
        return self._desk().readings(site)

    def _desk(self) -> PostgresDesk:
        return PostgresDesk(store_url())
