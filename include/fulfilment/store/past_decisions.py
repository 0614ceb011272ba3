"""The release decisions that are kept, with the orders that they were about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from include.fulfilment.domain.quantity import Proof
from include.fulfilment.domain.release_case import RuleResult
from include.fulfilment.domain.release_replay import PastDecision
from include.fulfilment.past_port import DecidedOrder
from include.fulfilment.store.site_rows import Row, SiteRows
from include.fulfilment.store.waiting_orders import sales_order


class PostgresPast(SiteRows):
    """Reading earlier decisions; writes nothing and locks nothing."""

    def decided(self, since: datetime) -> list[str]:
        """Ids of the orders placed since then about which something was decided, in the order they were placed."""
        found = self._connection.execute(_DECIDED, (self._site, since))
        return [row["order_id"] for row in found]

    def undecided(self, since: datetime) -> int:
        """How many orders placed since then nothing was decided about."""
        found = self._connection.execute(_UNDECIDED, (self._site, since)).fetchone()
        return int(found["orders"]) if found else 0

    def orders(self, order_ids: Sequence[str]) -> list[DecidedOrder]:
        """These orders with all their decisions, in the order they were placed."""
        given = (self._site, list(order_ids))
        heads = self._connection.execute(_ORDERS, given).fetchall()
        lines = self._by_order(self._connection.execute(_LINES, given).fetchall())
        decisions = self._by_order(self._connection.execute(_DECISIONS, given).fetchall())
        released = self._by_order(self._connection.execute(_RELEASED, given).fetchall())
        return [_decided(head, *(rows[head["order_id"]] for rows in (lines, decisions, released))) for head in heads]

    @staticmethod
    def _by_order(rows: Sequence[Row]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            found[row["order_id"]].append(row)
        return found


def _decided(head: Row, lines: Sequence[Row], decisions: Sequence[Row], released: Sequence[Row]) -> DecidedOrder:
    return DecidedOrder(
        order=sales_order(head, lines),
        content_hash=head["content_hash"],
        proofs={row["line_id"]: Proof(**row["proof"]) for row in lines if row["proof"]},
        decisions=tuple(_past(row, released) for row in decisions),
    )


def _past(row: Row, released: Sequence[Row]) -> PastDecision:
    """A decision and the warehouse order it made bear the same instant."""
    at: datetime = row["decided_at"]
    now = {each["line_id"]: each["base_quantity"] for each in released if each["created_at"] == at}
    before: dict[str, int] = defaultdict(int)
    for each in released:
        if each["created_at"] < at and each["state"] != "rejected":
            before[each["line_id"]] += each["base_quantity"]
    rules = tuple(RuleResult(**rule) for rule in row["rules"])
    return PastDecision(at, row["outcome"], row["reason"], row["policy_version"], rules, now, before)


_DECIDED = """
    SELECT o.order_id FROM sales_order o
    WHERE o.site = %s AND o.placed_at >= %s
        AND EXISTS (SELECT FROM release_decision d WHERE d.site = o.site AND d.order_id = o.order_id)
    ORDER BY o.placed_at, o.order_id
"""
_UNDECIDED = """
    SELECT count(*) AS orders FROM sales_order o
    WHERE o.site = %s AND o.placed_at >= %s
        AND NOT EXISTS (SELECT FROM release_decision d WHERE d.site = o.site AND d.order_id = o.order_id)
"""
_ORDERS = "SELECT * FROM sales_order WHERE site = %s AND order_id = ANY(%s) ORDER BY placed_at, order_id"
_LINES = """
    SELECT order_id, line_id, sku, title, quantity, price, position, leaves_from, proof FROM order_line
    WHERE site = %s AND order_id = ANY(%s) ORDER BY order_id, position, line_id
"""
_DECISIONS = """
    SELECT order_id, decided_at, outcome, reason, policy_version, rules FROM release_decision
    WHERE site = %s AND order_id = ANY(%s) ORDER BY order_id, decision_id
"""
_RELEASED = """
    SELECT l.order_id, l.line_id, l.base_quantity, w.created_at, w.state
    FROM warehouse_order w JOIN warehouse_order_line l USING (site, warehouse, external_ref)
    WHERE w.site = %s AND w.order_id = ANY(%s)
"""
