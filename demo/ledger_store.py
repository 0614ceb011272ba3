"""The product's own store as the demo's account reads it: plain SQL, none of the product's code."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg.rows import dict_row

from demo.errors import DemoError

Row = dict[str, Any]


class StoreLedger:
    """A connection to the store of the demo's site."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True, row_factory=dict_row)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def clear(self, *, embedded: bool) -> None:
        """Remove everything an earlier run stored; the set-up command makes the schema anew.

        Raises:
            DemoError: the database is not the demo's embedded one and holds what the demo has not made.
        """
        if not embedded:
            self._refuse_what_is_not_ours()
        self._connection.execute("DROP SCHEMA IF EXISTS reporting, fulfilment CASCADE")
        self._connection.execute("DROP TABLE IF EXISTS public.fulfilment_schema_version")

    def _refuse_what_is_not_ours(self) -> None:
        (there,) = self._rows(
            "SELECT to_regclass('public.fulfilment_schema_version') IS NOT NULL AS ours,"
            " to_regclass('fulfilment.sales_order') IS NOT NULL AS orders,"
            " (SELECT min(nspname::text) FROM pg_namespace WHERE nspname IN ('fulfilment', 'reporting')) AS schema"
        )
        if there["schema"] and not there["ours"]:
            raise DemoError(
                f"FULFILMENT_DB_URL: this database holds a schema {there['schema']} that is not of this product; "
                "give an empty one."
            )
        if there["orders"]:
            for row in self._rows("SELECT site FROM fulfilment.sales_order WHERE site <> 'demo' LIMIT 1"):
                raise DemoError(
                    f"FULFILMENT_DB_URL: this database holds records of site {row['site']}; give an empty one."
                )

    def orders(self) -> list[Row]:
        """Every order with its state and whether it was ever released, held or backordered."""
        return self._rows("SELECT * FROM fulfilment.sales_order ORDER BY name")

    def lines(self) -> list[Row]:
        """Every order line with the order's name and all its quantities."""
        return self._rows(
            "SELECT o.name, o.state, l.* FROM fulfilment.order_line l JOIN fulfilment.sales_order o"
            " USING (site, order_id) ORDER BY o.name, l.position"
        )

    def warehouse_orders(self) -> list[Row]:
        """Every warehouse order with the order's name."""
        return self._rows(
            "SELECT o.name, w.external_ref, w.state FROM fulfilment.warehouse_order w"
            " JOIN fulfilment.sales_order o USING (site, order_id)"
        )

    def posted(self) -> list[Row]:
        """Fulfilments posted, counted per order."""
        return self._rows(
            "SELECT order_id, count(*) AS posts FROM fulfilment.outbox"
            " WHERE kind = 'fulfilment' AND state = 'done' GROUP BY order_id"
        )

    def drift(self) -> dict[str, int]:
        """Rows by cause of the newest drift report."""
        rows = self._rows("SELECT counts FROM fulfilment.drift_report ORDER BY cut_off DESC LIMIT 1")
        return dict(rows[0]["counts"]) if rows else {}

    def calls(self) -> dict[str, int]:
        """Calls to each remote."""
        rows = self._rows("SELECT system, sum(calls)::bigint AS calls FROM fulfilment.remote_call GROUP BY system")
        return {row["system"]: row["calls"] for row in rows}

    def _rows(self, sql: str) -> list[Row]:
        return self._connection.execute(sql).fetchall()
