"""The store on PostgreSQL: one connection and one transaction per beat."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.rows import dict_row

from include.fulfilment.errors import DataError, RetryableError
from include.fulfilment.store import locks
from include.fulfilment.store.changes import PostgresChanges
from include.fulfilment.store.credit import PostgresCredit
from include.fulfilment.store.drift import PostgresDrift
from include.fulfilment.store.log import PostgresLog
from include.fulfilment.store.orders import PostgresOrders
from include.fulfilment.store.outbox import PostgresOutbox
from include.fulfilment.store.packs import PostgresPacks
from include.fulfilment.store.past_decisions import PostgresPast
from include.fulfilment.store.people import PostgresPeople
from include.fulfilment.store.questions import PostgresQuestions
from include.fulfilment.store.shipments import PostgresShipments
from include.fulfilment.store.site_rows import StoreConnection
from include.fulfilment.store.stock import PostgresStock

CONNECT_SECONDS = 10
STATEMENT_MILLISECONDS = 60_000  # a statement, waiting for a lock included, that takes longer has gone wrong
# In the transaction and not at connect, so that a pooler in between may hand the connection to others.
_PREPARE = """
    SELECT set_config('search_path', 'fulfilment', true), set_config('timezone', 'UTC', true),
        set_config('statement_timeout', %s, true)
"""


class PostgresRows:
    """Everything of one site inside one open transaction."""

    def __init__(self, connection: StoreConnection, site: str) -> None:
        self.orders = PostgresOrders(connection, site)
        self.credit = PostgresCredit(connection, site)
        self.packs = PostgresPacks(connection, site)
        self.stock = PostgresStock(connection, site)
        self.shipments = PostgresShipments(connection, site)
        self.outbox = PostgresOutbox(connection, site)
        self.drift = PostgresDrift(connection, site)
        self.changes = PostgresChanges(connection, site)
        self.people = PostgresPeople(connection, site)
        self.past = PostgresPast(connection, site)
        self.questions = PostgresQuestions(connection, site)
        self.log = PostgresLog(connection, site)


class PostgresStore:
    """The store of one site. `conninfo` is a PostgreSQL URL or key=value text; it holds a password: it is never
    logged and not part of any error."""

    def __init__(self, conninfo: str, site: str) -> None:
        self._conninfo = conninfo
        self._site = site

    @contextmanager
    def transaction(self, lock: str = "") -> Iterator[PostgresRows]:
        """Commit on success, roll back on error. `lock` names what only one transaction of the site may decide at a
        time; it is waited for. Raises as `connected` does."""
        with self.connected() as (connection, site):
            if lock:
                locks.take(connection, site, lock)
            yield PostgresRows(connection, site)

    @contextmanager
    def snapshot(self) -> Iterator[PostgresRows]:
        """Everything as it is at one instant, to be read only: a write in it is refused. Raises as `connected` does."""
        with self._opened(read_only=True) as connection:
            yield PostgresRows(connection, self._site)

    @contextmanager
    def connected(self) -> Iterator[tuple[StoreConnection, str]]:
        """One transaction with its site: commit on success, roll back on error.

        Raises RetryableError when the database can't be reached, a statement took too long or two transactions
        blocked each other; DataError when a row breaks one of the schema's laws. Neither repeats a row's content.
        """
        with self._opened() as connection:
            yield connection, self._site

    @contextmanager
    def _opened(self, read_only: bool = False) -> Iterator[StoreConnection]:
        try:
            with self._connect() as connection:
                if read_only:
                    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                    connection.read_only = True
                connection.execute(_PREPARE, (str(STATEMENT_MILLISECONDS),))
                yield connection
        except psycopg.OperationalError as error:
            words = _first_line(error)
            message = f"fulfilment_db: {words}; nothing of this step was stored, run it again"
            raise RetryableError(message) from None
        except (psycopg.IntegrityError, psycopg.DataError) as error:
            where = error.diag.constraint_name or error.diag.column_name or "a value"
            message = f"fulfilment_db refused {error.diag.table_name or 'a row'}: {where}: {_first_line(error)}"
            # Not chained: the server's DETAIL repeats the row, which may hold personal data.
            raise DataError(message, subject=error.diag.table_name or "") from None

    def _connect(self) -> StoreConnection:
        return psycopg.connect(
            self._conninfo, connect_timeout=CONNECT_SECONDS, application_name="fulfilment", row_factory=dict_row
        )


def _first_line(error: psycopg.Error) -> str:
    return error.diag.message_primary or (str(error).strip().splitlines() or ["no reason given"])[0]
