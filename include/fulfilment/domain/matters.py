"""The catalogue of business matters: every code with its words, owner, severity, next step and clock.

This table is the one place where a code gets its owner; docs/exceptions.md is generated from it.
"""

from __future__ import annotations

from datetime import timedelta

from include.fulfilment.domain.hold_matters import HOLDS
from include.fulfilment.domain.matter import Matter, Severity, Team

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_W, _U, _I = Severity.WARNING, Severity.URGENT, Severity.INFO

MATTERS: dict[str, Matter] = {
    **HOLDS,
    # matters of an order in the warehouse
    "outcome_unknown": Matter(
        "Nobody knows whether the warehouse has it",
        Team.OPERATIONS,
        _U,
        "Look the reference up in the warehouse; the next run looks again by itself.",
        _HOUR,
        _HOUR,
    ),
    "warehouse_unreachable": Matter(
        "One warehouse could not be read; the others go on",
        Team.ON_CALL,
        _W,
        "Find the cause in the evidence; the next run reads it again by itself.",
        _HOUR,
    ),
    "missing_in_warehouse": Matter(
        "The warehouse took the order and does not hold it",
        Team.OPERATIONS,
        _U,
        "Search the warehouse for the reference; if it is gone, have it entered again under the same one.",
        _HOUR,
        _HOUR,
    ),
    "exists_with_other_content": Matter(
        "The warehouse holds this reference with other content",
        Team.OPERATIONS,
        _U,
        "Compare both contents in the evidence and correct the warehouse's order before the pick.",
        _HOUR,
    ),
    "record_incomplete": Matter(
        "The warehouse stored the order without a detail",
        Team.OPERATIONS,
        _U,
        "Add what the evidence names to the warehouse's order before the pick.",
        _HOUR,
    ),
    "cancelled_after_release": Matter(
        "Cancelled in the shop after release",
        Team.CUSTOMER_SERVICE,
        _U,
        "Ask the warehouse to stop the order; if goods are gone, arrange the return.",
        _HOUR,
    ),
    "shipped_after_cancel": Matter(
        "Left the warehouse after the shop cancelled it",
        Team.CUSTOMER_SERVICE,
        _U,
        "Agree with the buyer: return the goods or invoice them; the shop shows nothing as fulfilled.",
        4 * _HOUR,
    ),
    "settle_after_cancel": Matter(
        "Goods worth money left on a cancelled order",
        Team.FINANCE,
        _U,
        "Keep the payment or the invoice open until customer service says what becomes of the goods in the evidence.",
        4 * _HOUR,
    ),
    "stop_refused": Matter(
        "The warehouse could not be stopped",
        Team.CUSTOMER_SERVICE,
        _U,
        "Tell whoever asked; ring the warehouse, and arrange the return if the goods are gone.",
        _HOUR,
    ),
    "released_on_stop": Matter(
        "On stop with goods not picked yet",
        Team.FINANCE,
        _U,
        "Decide whether the warehouse may ship what the evidence names; if not, ask to stop the order.",
        _HOUR,
    ),
    "changed_after_release": Matter(
        "Changed in the shop after release",
        Team.CUSTOMER_SERVICE,
        _U,
        "Agree with the warehouse what to ship; the change is in the evidence.",
        _HOUR,
    ),
    "short_closed": Matter(
        "The warehouse closed a line short",
        Team.FINANCE,
        _W,
        "Credit the quantity in the evidence: reduce it on the shop's order.",
        _DAY,
    ),
    "over_shipped": Matter(
        "More left than was released",
        Team.CUSTOMER_SERVICE,
        _W,
        "Agree with the buyer: invoice or fetch back the surplus in the evidence.",
        _DAY,
    ),
    "shipped_part_pack": Matter(
        "A part of a pack left the warehouse",
        Team.CUSTOMER_SERVICE,
        _W,
        "Agree with the buyer and finance how the loose units are settled.",
        _DAY,
    ),
    "voided_after_post": Matter(
        "Taken back after the shop was told it left",
        Team.CUSTOMER_SERVICE,
        _W,
        "Ask the warehouse if the goods leave again. If so, put the new tracking into the shop; if not, refund.",
        4 * _HOUR,
    ),
    "shipment_unmatched": Matter(
        "Goods left that belong to no line of ours",
        Team.OPERATIONS,
        _U,
        "Ask the warehouse what the shipment in the evidence was for.",
        4 * _HOUR,
    ),
    "fulfilment_refused": Matter(
        "The shop refused a fulfilment",
        Team.ECOMMERCE,
        _W,
        "Mend what the shop names in the evidence, then rerun fulfilment_aggregation for the order.",
        4 * _HOUR,
    ),
    # stock
    "message_unusable": Matter(
        "The warehouse said something that cannot be used",
        Team.WAREHOUSE,
        _W,
        "Ask the warehouse to correct what the evidence names and to send it again.",
        4 * _HOUR,
    ),
    "snapshot_suspicious": Matter(
        "The stock reading shrank or broke off",
        Team.WAREHOUSE,
        _U,
        "Ask the warehouse whether its stock list is complete; the shop stays as it is until then.",
        _HOUR,
    ),
    "negative_on_hand": Matter(
        "The warehouse reports less than nothing",
        Team.WAREHOUSE,
        _W,
        "Have the SKU counted in the warehouse; the shop shows 0 until then.",
        _DAY,
    ),
    "stock_row_rejected": Matter(
        "The shop refused a stock row",
        Team.ECOMMERCE,
        _W,
        "Mend the variant named in the evidence in the shop.",
        4 * _HOUR,
    ),
    "variant_unmapped": Matter(
        "A variant has no units per pack",
        Team.MASTER_DATA,
        _W,
        "Add the SKU to the pack catalogue; its stock stays as it is until then.",
        _DAY,
    ),
    # credit and packs
    "source_unread": Matter(
        "The credit source or the pack catalogue cannot be read",
        Team.ON_CALL,
        _W,
        "Mend what the evidence names: the file, the connection or the site file. What was read last stays in force.",
        4 * _HOUR,
        _HOUR,
    ),
    "source_row_refused": Matter(
        "A row of the credit source or the pack catalogue cannot be used",
        Team.MASTER_DATA,
        _W,
        "Correct the row that the evidence names in the system it comes from.",
        _DAY,
    ),
    "catalogue_suspicious": Matter(
        "The pack catalogue shrank or is empty",
        Team.MASTER_DATA,
        _U,
        "Export it again whole; if it is meant so, raise packs.largest_drop_percent. The last one counts until then.",
        4 * _HOUR,
    ),
    # drift and runs
    "drift_found": Matter(
        "The two systems disagree", Team.OPERATIONS, _W, "Follow the next step of the drift row.", _DAY
    ),
    "task_failed": Matter(
        "A scheduled task failed",
        Team.ON_CALL,
        _U,
        "Read the error in the evidence, mend its cause and rerun the task.",
        _HOUR,
    ),
}
