"""The matters that hold an order back: every code with its words, owner, severity, next step and clock."""

from __future__ import annotations

from datetime import timedelta

from include.fulfilment.domain.matter import Matter, Severity, Team

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_W, _U, _I = Severity.WARNING, Severity.URGENT, Severity.INFO

HOLDS: dict[str, Matter] = {
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
        "Find out how the buyer pays; lift this hold for the order, or cancel it in the shop.",
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
    "field_missing": Matter(
        "The warehouse needs a field that the order lacks",
        Team.CUSTOMER_SERVICE,
        _W,
        "Ask the buyer for the field named in the evidence and put it into the shop's order, or correct it here.",
        4 * _HOUR,
    ),
    "field_not_carried": Matter(
        "The warehouse has no field for it",
        Team.OPERATIONS,
        _W,
        "Say in the site file (warehouse.carry) which field carries it, or that the warehouse does not need it.",
        4 * _HOUR,
    ),
    "details_disagree": Matter(
        "The order states a PO number or a date twice and differently",
        Team.CUSTOMER_SERVICE,
        _W,
        "Ask the buyer which counts; correct it here or in the shop. Lifted, it goes with the first one named.",
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
    "carrier_account_missing": Matter(
        "The carrier's account number is missing",
        Team.CUSTOMER_SERVICE,
        _W,
        "Ask the buyer for the account that pays the carrier and correct carrier_account here.",
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
    "warehouse_unknown": Matter(
        "The site file names no such warehouse",
        Team.OPERATIONS,
        _W,
        "Name the warehouse in the site file again until nothing is left there, or move the lines in the shop.",
        4 * _HOUR,
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
    "already_in_warehouse": Matter(
        "In the warehouse already, by another route",
        Team.OPERATIONS,
        _U,
        "Look at the order there. If it is this one, adopt it by its reference there, and its shipments count; if it"
        " is another one, lift this hold and ours goes beside it.",
        _HOUR,
    ),
    "minimum_age": Matter(
        "So young that the buyer may still change it",
        Team.NOBODY,
        _I,
        "Nothing: it goes by itself once it is old enough.",
        _DAY,
        None,
    ),
    "approval_needed": Matter(
        "Invoice order that nobody has approved",
        Team.FINANCE,
        _W,
        "Approve the order: lift this hold with the reason.",
        4 * _HOUR,
    ),
    "value_threshold": Matter(
        "Worth so much that a person is asked",
        Team.FINANCE,
        _W,
        "Ask the buyer whether the order is meant so; lift this hold, or cancel the order in the shop.",
        4 * _HOUR,
    ),
    "draft_waiting": Matter(
        "Draft on account that nobody completes",
        Team.CUSTOMER_SERVICE,
        _W,
        "Complete the draft in the shop, or cancel it with the buyer.",
        4 * _HOUR,
    ),
    "not_before": Matter(
        "To leave on a later day", Team.NOBODY, _I, "Nothing: it goes by itself on its day.", 30 * _DAY, None
    ),
    "past_cancel_date": Matter(
        "It cannot leave by the last day that the buyer wants it",
        Team.CUSTOMER_SERVICE,
        _W,
        "Ask the buyer; correct the date for the warehouse, or cancel the order in the shop.",
        _DAY,
    ),
    "possible_duplicate": Matter(
        "Perhaps ordered twice",
        Team.CUSTOMER_SERVICE,
        _W,
        "Ask the buyer whether both orders are meant; lift this hold, or cancel one in the shop.",
        4 * _HOUR,
    ),
    "taken_back": Matter(
        "Back from the warehouse to be sent as it is now",
        Team.NOBODY,
        _I,
        "Nothing: the next run of order_release decides it anew.",
        _HOUR,
        _HOUR,
    ),
    "cancel_asked": Matter(
        "A person asked to stop it",
        Team.CUSTOMER_SERVICE,
        _W,
        "Cancel the order in the shop; if it is to go after all, lift this hold.",
        4 * _HOUR,
    ),
}

LIFTABLE = frozenset(
    {
        "account_on_stop",
        "already_in_warehouse",
        "approval_needed",
        "cancel_asked",
        "credit_data_stale",
        "credit_limit_exceeded",
        "details_disagree",
        "minimum_age",
        "not_before",
        "payment_method_unmapped",
        "payment_pending",
        "po_missing",
        "possible_duplicate",
        "quantity_threshold",
        "value_threshold",
    }
)
"""Holds that a person may end for one order as it stands, with a reason. What is missing or cannot be proven is no
matter of opinion: it is corrected."""
