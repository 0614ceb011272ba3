"""The catalogue of business matters: every code with its words, owner, severity, next step and clock.

This table is the one place where a code gets its owner; docs/exceptions.md is generated from it.
"""

from __future__ import annotations

from datetime import timedelta

from include.fulfilment.domain.matter import Matter, Severity, Team

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_W, _U, _I = Severity.WARNING, Severity.URGENT, Severity.INFO

MATTERS: dict[str, Matter] = {
    # holds of an order
    "awaiting_completion": Matter(
        "Draft, not yet an order", Team.CUSTOMER_SERVICE, _I, "Complete the draft in the shop.", 4 * _HOUR, None
    ),
    "quote_open": Matter("Quote, not yet an order", Team.BUYER, _I, "The buyer accepts the quote.", 30 * _DAY, None),
    "order_malformed": Matter(
        "The order's data cannot be used",
        Team.CUSTOMER_SERVICE,
        _W,
        "Mend the fields named in the evidence in the shop; the next run takes the order up again.",
        4 * _HOUR,
    ),
    "held_in_shop": Matter(
        "Held in the shop", Team.CUSTOMER_SERVICE, _W, "Release the fulfilment hold in the shop.", _DAY
    ),
    "payment_pending": Matter("Not paid yet", Team.BUYER, _I, "The buyer pays.", _DAY, _DAY),
    "payment_failed": Matter(
        "Payment failed or lapsed", Team.FINANCE, _W, "Ask the buyer for another payment or cancel the order.", _DAY
    ),
    "payment_method_unmapped": Matter(
        "Unknown way of paying",
        Team.FINANCE,
        _W,
        "Agree a release rule for this payment word and add it to the site's release policy.",
        4 * _HOUR,
    ),
    "invoice_policy_missing": Matter(
        "No rule for pay by invoice",
        Team.FINANCE,
        _W,
        "Choose paid_first or terms for invoice orders in the site's release policy.",
        4 * _HOUR,
    ),
    "account_unverified": Matter(
        "Buyer has no verified credit account",
        Team.FINANCE,
        _W,
        "Give the customer pay-on-account credit in SparkLayer, or take another payment.",
        4 * _HOUR,
    ),
    "account_on_stop": Matter("Account is on stop", Team.FINANCE, _W, "Take the account off stop, or cancel.", _DAY),
    "credit_limit_exceeded": Matter(
        "Over the credit limit",
        Team.FINANCE,
        _W,
        "Take a payment, raise the limit, or refuse the order in the shop.",
        4 * _HOUR,
    ),
    "credit_currency_mismatch": Matter(
        "Credit is in another currency", Team.FINANCE, _W, "Set the credit limit in the order's currency.", 4 * _HOUR
    ),
    "credit_data_stale": Matter(
        "Credit data is too old", Team.FINANCE, _W, "Refresh the credit source; its date is in the evidence.", 4 * _HOUR
    ),
    "po_missing": Matter(
        "PO number missing",
        Team.CUSTOMER_SERVICE,
        _W,
        "Ask the buyer for the PO number and put it into the order's note.",
        4 * _HOUR,
    ),
    "field_too_long": Matter(
        "A field is too long for the warehouse",
        Team.CUSTOMER_SERVICE,
        _W,
        "Shorten the field named in the evidence; nothing is ever cut.",
        4 * _HOUR,
    ),
    "address_incomplete": Matter(
        "The delivery address is incomplete",
        Team.CUSTOMER_SERVICE,
        _W,
        "Complete the shipping address on the shop's order; the evidence names what is missing.",
        4 * _HOUR,
    ),
    "shipping_method_unmapped": Matter(
        "Shipping method unknown to the warehouse",
        Team.OPERATIONS,
        _W,
        "Map the shipping method to a warehouse service in the site file.",
        4 * _HOUR,
    ),
    "sku_missing": Matter(
        "A line has no SKU", Team.ECOMMERCE, _W, "Give the variant a SKU and edit the order's line.", 4 * _HOUR
    ),
    "pack_unknown": Matter(
        "Units per pack unknown",
        Team.MASTER_DATA,
        _W,
        "Add the SKU with its units per pack to the pack catalogue.",
        4 * _HOUR,
    ),
    "pack_ambiguous": Matter(
        "Units per pack contradict", Team.MASTER_DATA, _W, "Leave one row for the SKU in the pack catalogue.", 4 * _HOUR
    ),
    "pack_changed": Matter(
        "Units per pack changed since the order",
        Team.MASTER_DATA,
        _W,
        "Confirm the factor that the buyer meant; both are in the evidence.",
        4 * _HOUR,
    ),
    "pack_size_violated": Matter(
        "Quantity is not a multiple of the pack size",
        Team.CUSTOMER_SERVICE,
        _W,
        "Agree a whole number of packs with the buyer and edit the line in the shop.",
        4 * _HOUR,
    ),
    "quantity_not_positive": Matter(
        "Quantity is not a positive whole number",
        Team.CUSTOMER_SERVICE,
        _W,
        "Correct the line's quantity in the shop.",
        4 * _HOUR,
    ),
    "quantity_threshold": Matter(
        "Unusually large quantity",
        Team.OPERATIONS,
        _W,
        "Confirm the quantity with the buyer, or have the line corrected in the shop.",
        2 * _HOUR,
    ),
    "stock_unknown": Matter(
        "No stock reading from the warehouse yet",
        Team.OPERATIONS,
        _W,
        "Run stock_sync for this site and look at its log if it fails.",
        _HOUR,
        _HOUR,
    ),
    "awaiting_stock": Matter(
        "Waiting for stock", Team.OPERATIONS, _I, "Goods are received at the warehouse.", 7 * _DAY, 7 * _DAY
    ),
    "warehouse_rejected": Matter(
        "The warehouse refused the order",
        Team.OPERATIONS,
        _U,
        "Mend what the evidence names. The order goes again once its data changed, or by a run for it.",
        2 * _HOUR,
    ),
    # matters of an order in the warehouse
    "outcome_unknown": Matter(
        "Nobody knows whether the warehouse has it",
        Team.OPERATIONS,
        _U,
        "Look the reference up in the warehouse; the next run looks again by itself.",
        _HOUR,
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
