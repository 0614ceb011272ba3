"""Large sets on their way into the store: streamed into a temporary table that ends with the transaction.

Beside the streaming, this tells the planner how many rows there are. Of JSON it always expects 100, and together with a
table it has not analysed since a large load that made nested loops over every pair of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

from psycopg import sql

from include.fulfilment.store.site_rows import StoreConnection


def stage(
    connection: StoreConnection, name: LiteralString, columns: LiteralString, rows: Iterable[Sequence[Any]]
) -> None:
    """Make the temporary table `name` with these columns and fill it. Text must be `plain`."""
    table, shape = sql.Identifier("pg_temp", name), sql.SQL(columns)
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
    connection.execute(sql.SQL("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP").format(sql.Identifier(name), shape))
    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
        for row in rows:
            copy.write_row(row)
    connection.execute(sql.SQL("ANALYZE {}").format(table))
