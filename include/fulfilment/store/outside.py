"""Reading another system's database (an ERP's, say) through one statement of the site file, and nothing else of it.

On PostgreSQL the transaction is read-only, whatever the statement calls; elsewhere that is what the connection's user
is for. Either way nothing is ever committed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import BindParameter, Connection, Engine, bindparam, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError, StatementError

from include.fulfilment.clock import Clock
from include.fulfilment.errors import ConfigError, DataError, RetryableError
from include.fulfilment.ports import Row, Table

MOST_ROWS = 2_000_000
STATEMENT_MILLISECONDS = 60_000
_READS = re.compile(r"\s*(select|with)\b", re.IGNORECASE)


def ask_outside(url: str, connection_id: str, statement: str, parameters: Mapping[str, object], clock: Clock) -> Table:
    """The statement's rows. `url` is a SQLAlchemy URL and holds a password: it is in no error. A parameter that is a
    list stands for all its values (`IN :accounts`).

    Raises ConfigError for a statement that is not one reading, or that the database refuses; RetryableError when the
    database cannot be reached or takes too long; DataError for more rows than can be meant.
    """
    if not _READS.match(statement) or ";" in statement.strip().removesuffix(";"):
        raise ConfigError(f"connection {connection_id!r}: the statement must be one SELECT, without a ; inside it")
    engine = _engine(url, connection_id)
    began_at = clock().astimezone(UTC)
    try:
        with engine.connect() as connection:
            return _asked(connection, connection_id, statement.strip().removesuffix(";"), parameters, began_at)
    except OperationalError as error:
        raise RetryableError(f"connection {connection_id!r}: {_words(error)}; it will be asked again") from None
    except SQLAlchemyError as error:
        words = f"connection {connection_id!r}: {_words(error)}; correct the statement in the site file"
        raise ConfigError(words) from None
    finally:
        engine.dispose()


def _engine(url: str, connection_id: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgres", "postgresql"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(parsed)
    except (SQLAlchemyError, ImportError) as error:
        what = "its type of database" if isinstance(error, NoSuchModuleError) else "its driver or its address"
        raise ConfigError(f"connection {connection_id!r}: {what} cannot be used; install its provider") from None


def _asked(
    connection: Connection, connection_id: str, statement: str, parameters: Mapping[str, object], began_at: datetime
) -> Table:
    if connection.dialect.name == "postgresql":
        connection.execution_options(postgresql_readonly=True)
        connection.execute(text(f"SET LOCAL statement_timeout = {STATEMENT_MILLISECONDS}"))
    lists: list[BindParameter[object]] = [
        bindparam(name, expanding=True) for name, value in parameters.items() if isinstance(value, list)
    ]
    result = connection.execution_options(stream_results=True).execute(
        text(statement).bindparams(*lists), dict(parameters)
    )
    columns = tuple(result.keys())
    if len(set(columns)) != len(columns):
        raise ConfigError(f"connection {connection_id!r}: the statement names a column twice; give it another name")
    rows: list[tuple[int, Row]] = []
    for number, row in enumerate(result, start=1):
        if number > MOST_ROWS:
            raise DataError(
                f"connection {connection_id!r}: more than {MOST_ROWS} rows; nothing was used", connection_id
            )
        rows.append((number, dict(zip(columns, row, strict=True))))
    return Table(connection_id, columns, rows, began_at)


def _words(error: SQLAlchemyError) -> str:
    """The database's own words, its first line: SQLAlchemy's repeat statement and parameters."""
    cause: object = error.orig if isinstance(error, DBAPIError | StatementError) else error
    diagnosis = getattr(getattr(cause, "diag", None), "message_primary", None)
    return str(diagnosis or (str(cause).strip().splitlines() or ["no reason given"])[0])[:300]
