"""What one SparkLayer site has to be told (`storefront.options` in its site file).

SparkLayer's documentation leaves some names and words open. Each stands here with the default we took; none is guessed
in code. Check them against the site's test environment before the first run
(https://docs.sparklayer.io/developers/api and its OpenAPI files).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from include.fulfilment.domain.order import PaymentMethod
from include.fulfilment.yaml_file import Strict

# The Purchasing API's words (docs.sparklayer.io/tech-docs, get purchases), then those of the older Core API.
PAYMENT_WORDS: dict[str, PaymentMethod] = {
    "platform_upfront": PaymentMethod.CARD,
    "on_account": PaymentMethod.ACCOUNT,
    "invoice": PaymentMethod.INVOICE,
    "upfrontPayment": PaymentMethod.CARD,
    "paymentOnAccount": PaymentMethod.ACCOUNT,
    "paymentByInvoice": PaymentMethod.INVOICE,
    "hokodoPayment": PaymentMethod.HOKODO,
}


class Options(Strict):
    """Words and names of one SparkLayer site.

    Reading. `updated_since` is the list's filter by change (`dates[last_updated][gte]` in 2023, when the date keys had
    other names); `rows_in` the field of the list's answer that holds the rows, empty where the answer is the list;
    `page_rows` at most 500. `line_id_field` is the key in a line's `identifiers` that tells it from all others; without
    one, SKU and attributes tell lines apart, and lines that are alike get the custom attribute `line_mark` with the
    first package we write. `unit_attribute` names the line's custom attribute that
    says in what unit its quantity counts; a line with another unit than `base_units` holds its order.

    Packages. What is in `packages[].type`, by meaning; the words are those of the Core API's package status
    (docs.sparklayer.io/tech-docs/cancel-items). The first of `shipped_packages` is the one we write. `carrier_field`,
    `tracking_field` and `tracking_url_field` are names in a package's `shipments[]`, of which only `carrier` is
    documented; an empty name is not written. `post_key_field` says where a package's own key is kept, so that a repeat
    finds it: `metadata` of the purchase, or a key in the package's `identifiers`.

    Writing. `platform_purchases`: a purchase with a platform id lives on an eCommerce platform, whose next sync would
    overwrite what we write, so it is neither released nor written (`refuse`); `ours` where that platform is the
    merchant's own (Ignite). `status_metadata` names the metadata entry that shows our status; empty writes none.
    `concurrent_words` in a 409's problem tell another writer from a conflict of identity.

    Customers. `customer_path` with `{id}`; `balance_as_of`: an account with a `balance_date` is as old as that date, or
    as fresh as its `reading` where SparkLayer keeps the balance itself. Any status but `active_statuses` is on stop;
    `po_required_groups` are the customer groups that must give a PO number.
    """

    page_rows: int = Field(default=500, ge=2, le=500)
    stock_rows: int = Field(default=250, ge=1)
    updated_since: str = "dates[updated_at][gte]"
    rows_in: str = ""
    line_id_field: str = ""
    line_mark: str = Field(default="_line", min_length=1)
    unit_attribute: str = ""
    base_units: tuple[str, ...] = ("", "each", "single")
    open_packages: tuple[str, ...] = ("incoming", "processing")
    held_packages: tuple[str, ...] = ("on_hold",)
    shipped_packages: tuple[str, ...] = Field(default=("shipped", "complete"), min_length=1)
    cancelled_packages: tuple[str, ...] = ("cancelled",)
    returned_packages: tuple[str, ...] = ("returned",)
    carrier_field: str = "carrier"
    tracking_field: str = "tracking_number"
    tracking_url_field: str = "tracking_url"
    post_key_field: str = Field(default="metadata", min_length=1)
    platform_purchases: Literal["refuse", "ours"] = "refuse"
    status_metadata: str = ""
    concurrent_words: tuple[str, ...] = ("concurrent",)
    payment_words: dict[str, PaymentMethod] = PAYMENT_WORDS
    customer_path: str = Field(default="/api/v2/customers/sparklayer/{id}", pattern=r"^/.*\{id\}")
    balance_as_of: Literal["balance_date", "reading"] = "balance_date"
    active_statuses: tuple[str, ...] = ("active",)
    po_required_groups: tuple[str, ...] = ()

    def package_words(self) -> dict[str, Literal["open", "held", "shipped", "cancelled", "returned"]]:
        """What each word in a package's `type` means."""
        return {
            **dict.fromkeys(self.open_packages, "open"),
            **dict.fromkeys(self.held_packages, "held"),
            **dict.fromkeys(self.shipped_packages, "shipped"),
            **dict.fromkeys(self.cancelled_packages, "cancelled"),
            **dict.fromkeys(self.returned_packages, "returned"),
        }
