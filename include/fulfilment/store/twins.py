"""Completed orders of one cart: nobody can say which of them the buyer meant, so all but the first are held."""

from __future__ import annotations

from include.fulfilment.store.site_rows import SiteRows

_TWIN = "another order of the shop carries the same cart ("
_SETTLE = "); settle in the shop which of them counts and cancel the other"


def twin_of(order_id: str) -> str:
    """The problem of an order whose cart the order of this id has already."""
    return f"{_TWIN}{order_id}{_SETTLE}"


def is_twin(problem: str) -> bool:
    """Whether an order's problem is such a one."""
    return problem.startswith(_TWIN)


class Twins(SiteRows):
    """Ending such holds."""

    def settle_twins(self) -> None:
        """Of the orders that are held because one that is cancelled, with nothing of it gone, has their cart, the first
        one counts now, and the others have its cart. The shop changes none of them, so that none is read again."""
        self._connection.execute(_SETTLE_TWINS, {"site": self._site, "twin": _TWIN, "settle": _SETTLE})


_SETTLE_TWINS = """
    WITH twins AS (
        SELECT o.order_id, p.problem, first_value(o.order_id) OVER (
            PARTITION BY p.problem ORDER BY o.placed_at, o.order_id) AS first_id
        FROM sales_order o, unnest(o.problems) AS p (problem)
        WHERE o.site = %(site)s AND o.state = 'held' AND o.reason = 'order_malformed'
            AND starts_with(p.problem, %(twin)s)
            AND EXISTS (SELECT FROM sales_order h WHERE h.site = o.site AND h.state = 'cancelled'
                AND h.order_id = substr(p.problem, length(%(twin)s) + 1,
                    length(p.problem) - length(%(twin)s) - length(%(settle)s))))
    UPDATE sales_order o SET problems = CASE t.order_id
        WHEN t.first_id THEN array_remove(o.problems, t.problem)
        ELSE array_replace(o.problems, t.problem, %(twin)s || t.first_id || %(settle)s) END
    FROM twins t WHERE o.site = %(site)s AND o.order_id = t.order_id
"""
