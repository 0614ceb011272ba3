"""docs/data-dictionary.md: the columns that the data team may rely on, with type, unit and meaning.

A test holds the views' names and types against a real database, and the file's against the report that is written.
"""

from __future__ import annotations

from collections.abc import Mapping

from demo.docs_text import code, page, table

Column = tuple[str, str]
"""Type and meaning."""

_SITE = ("text", "Code of the site")
_ORDER = ("text", "Our order id: one per SparkLayer cart, the same for a draft and the order it became")
_EA = "base units"
_SHOP = ("text", "Code of the shop: `shop`, or as the site file names a further one")

VIEWS: Mapping[str, tuple[str, Mapping[str, Column]]] = {
    "order_status": (
        "One row per order: where it is, why, since when, and where its units are.",
        {
            "site": _SITE,
            "order_id": _ORDER,
            "platform_id": ("text", "The shop's own id of the order or draft"),
            "name": ("text", "Order number as people see it"),
            "is_draft": ("boolean", "Still a draft in the shop"),
            "placed_at": ("timestamp with time zone", "When the buyer placed it (UTC)"),
            "payment_method": ("text", "`card`, `account`, `invoice`, `quote`, `hokodo` or `unknown`"),
            "currency": ("text", "Currency of the money columns (ISO 4217)"),
            "total_gross": ("numeric", "Value with VAT and carriage, in `currency`, as the shop holds it now"),
            "state": ("text", "State: see [order-states.md](order-states.md)"),
            "reason": (
                "text",
                "Code of the matter that keeps it there: see [exceptions.md](exceptions.md); may be empty",
            ),
            "state_since": ("timestamp with time zone", "When state or reason last changed (UTC)"),
            "ever_held": ("boolean", "Was held at some time"),
            "ever_released": ("boolean", "The warehouse took at least one of its warehouse orders"),
            "ever_backordered": ("boolean", "Units of it waited for stock at some time"),
            "lines": ("bigint", "Number of lines"),
            "unproven_lines": ("bigint", "Lines without a proof; they have no base units and are in no sum here"),
            "ordered": ("bigint", f"{_EA}; = held + released + backordered + cancelled"),
            "held": ("bigint", f"{_EA} not released yet"),
            "released": ("bigint", f"{_EA} given to the warehouse; = outstanding + shipped + short"),
            "backordered": ("bigint", f"{_EA} that wait for stock"),
            "cancelled": ("bigint", f"{_EA} cancelled, or short and settled"),
            "outstanding": ("bigint", f"{_EA} in the warehouse and not yet shipped"),
            "shipped": ("bigint", f"{_EA} that left, never more than released"),
            "short": ("bigint", f"{_EA} that the warehouse closed short and nobody settled yet"),
            "over_shipped": ("bigint", f"{_EA} that left beyond what was released; in no other sum"),
            "storefront": _SHOP,
        },
    ),
    "open_exception": (
        "One row per matter that somebody must settle now. A row leaves when the ticket closes.",
        {
            "site": _SITE,
            "ticket_id": ("bigint", "Number of the ticket"),
            "scope": ("text", "The flow that opens and closes it"),
            "code": ("text", "What it is: see [exceptions.md](exceptions.md)"),
            "subject": ("text", "What it is about: an order's number, a SKU, a reference"),
            "order_id": ("text", "Our order id; null where it is about no order"),
            "owner": ("text", "Team that acts"),
            "severity": ("text", "`info`, `warning` or `urgent`"),
            "evidence": ("jsonb", "What was found, text by name, without personal data"),
            "next_step": ("text", "What the owner does"),
            "opened_at": ("timestamp with time zone", "When the ticket opened (UTC)"),
            "due_at": ("timestamp with time zone", "By when it should be settled (UTC)"),
        },
    ),
    "stock_availability": (
        "One row per variant and location: what the shop shows, what it should show, and why.",
        {
            "site": _SITE,
            "sku": ("text", "SKU of the variant"),
            "base_sku": ("text", "SKU that the warehouse counts; null while the pack catalogue does not say"),
            "title": ("text", "Product and variant, as the shop says"),
            "inventory_item_id": ("text", "The shop's id of what it counts"),
            "location_id": ("text", "The shop's location"),
            "shown": ("bigint", "What the shop shows, counted in what the variant is (singles or packs)"),
            "shown_at": ("timestamp with time zone", "When that was read or written (UTC)"),
            "wanted": ("bigint", "What it should show, in the same unit; null: never derived"),
            "wanted_at": ("timestamp with time zone", "Instant of the reading with which `wanted` last changed (UTC)"),
            "figure_as_of": ("timestamp with time zone", "Instant of the warehouse's reading behind it (UTC)"),
            "figure_base": ("bigint", f"What the warehouse had then, {_EA}"),
            "demand_base": ("bigint", f"Ordered and still contained in that figure, {_EA}"),
            "units_per_uom": ("integer", f"{_EA.capitalize()} in one of the variant"),
            "pushed": ("bigint", "What we last wrote to the shop, in the variant's unit"),
            "pushed_at": ("timestamp with time zone", "When (UTC)"),
            "refused": ("text", "The shop's words when it last refused the row; empty otherwise"),
            "storefront": _SHOP,
        },
    ),
    "shipment_post": (
        "One row per fulfilment that was written to the shop, or still is to be.",
        {
            "site": _SITE,
            "order_id": _ORDER,
            "shipment_id": ("text", "The warehouse's id of the shipment"),
            "carrier": ("text", "Carrier of the parcels"),
            "location": ("text", "The warehouse's location that the goods left"),
            "tracking_numbers": ("jsonb", "List of tracking numbers"),
            "state": ("text", "State of the row in the outbox: see [order-states.md](order-states.md)"),
            "attempts": ("integer", "How often it was tried"),
            "fulfilment_id": ("text", "The shop's id of the fulfilment; empty until it is posted"),
            "refusal": ("text", "The shop's or the network's last words; empty when all is well"),
            "created_at": ("timestamp with time zone", "When it became owed (UTC)"),
            "done_at": ("timestamp with time zone", "When it was posted or refused (UTC)"),
        },
    ),
}
PARQUET: Mapping[str, Column] = {
    "site": ("string", "Code of the site"),
    "cut_off": ("timestamp[us, tz=UTC]", "Instant at which both sides were compared"),
    "kind": ("string", "`stock`, `order` or `order_line`"),
    "subject": ("string", "What a person calls it"),
    "aspect": ("string", "What was compared: `available`, `pack`, `ordered`, `in_warehouse` or `shipped`"),
    "order_id": ("string", "Our order id; empty for stock"),
    "line_id": ("string", "The shop's id of the line; empty where it is about no line"),
    "external_ref": ("string", "Reference of the warehouse order; empty where there is none"),
    "sku": ("string", "SKU that the shop sells"),
    "ours": (
        "int64",
        "What should be: units of the variant for `available`, base units in one for `pack`, base units otherwise; "
        "null: not known here",
    ),
    "theirs": ("int64", "What the other system holds, in the same unit; null: it is not there"),
    "difference_base": ("int64", "`theirs` − `ours` in base units; null where that cannot be known"),
    "difference_net": ("decimal128(18, 2)", "The same in net money, in `currency`; null where it cannot be known"),
    "currency": ("string", "ISO 4217; empty without `difference_net`"),
    "cause": ("string", "Why: see [exceptions.md](exceptions.md#causes-of-drift)"),
    "cause_words": ("string", "The cause in words"),
    "owner": ("string", "Team that acts next"),
    "since": ("timestamp[us, tz=UTC]", "Earliest instant that the evidence supports; may be null"),
    "next_step": ("string", "What the owner does"),
    "lines": ("int64", "Rows that this row stands for"),
    "storefront": ("string", "Code of the shop whose stock it is about; at a further warehouse, `shop@warehouse`"),
}
WHAT_IF: Mapping[str, Column] = {
    "site": ("string", "Code of the site"),
    "since": ("timestamp[us, tz=UTC]", "Orders placed from then on were compared"),
    "until": ("timestamp[us, tz=UTC]", "When they were compared"),
    "order_id": ("string", "Our order id"),
    "order_name": ("string", "The order's number in the shop"),
    "storefront": ("string", "Code of the shop that it was placed in"),
    "account_id": ("string", "The buyer's credit account"),
    "placed_at": ("timestamp[us, tz=UTC]", "When it was placed"),
    "judged_at": ("timestamp[us, tz=UTC]", "Instant of its first decision that comes out otherwise"),
    "currency": ("string", "ISO 4217, of `total_gross`"),
    "total_gross": ("decimal128(18, 2)", "Value of the order with VAT and carriage"),
    "decided": ("string", "What was decided at that instant, in words"),
    "decided_under": ("string", "Version of the policy it was decided under"),
    "agrees": ("bool", "Whether the policy in force gives just that again"),
    "present_policy": ("string", "Version of the policy in force"),
    "present": ("string", "What the policy in force makes of it, in words"),
    "present_units": ("int64", "Base units that go at that instant under it"),
    "present_cancelled": ("int64", "Base units that it cancels as the balance of what goes"),
    "present_leaves_on": ("string", "Day on which the goods leave under it; empty where nothing goes or no day counts"),
    "candidate_policy": ("string", "Version of the candidate"),
    "candidate": ("string", "As `present`, under the candidate"),
    "candidate_units": ("int64", "As `present_units`, under the candidate"),
    "candidate_cancelled": ("int64", "As `present_cancelled`, under the candidate"),
    "candidate_leaves_on": ("string", "As `present_leaves_on`, under the candidate"),
    "rule": ("string", "First rule that differs; `units` where only the units do"),
    "why_present": ("string", "What the rules that differ looked at under the policy in force"),
    "why_candidate": ("string", "What they looked at under the candidate"),
}
_INTRO = """These columns stay as they are while tables change: rely on nothing else. A base unit is the smallest
counted unit (EA). Instants are UTC. No view and no file holds a person's name, address or e-mail."""
_VIEWS = """PostgreSQL, database of the connection `fulfilment_db`, schema `reporting`. Give the data team a role that
may read this schema alone: `GRANT USAGE ON SCHEMA reporting TO analyst; GRANT SELECT ON ALL TABLES IN SCHEMA reporting
TO analyst`."""
_FILES = """`<FULFILMENT_REPORTS_URI>/site=<code>/date=<date of the cut-off>/drift.parquet`, one file per night, zstd.
`drift.csv` beside it has the same columns in the same order (UTF-8 with a byte order mark, CRLF; a text that a
spreadsheet would run as a formula starts with an apostrophe), `drift.html` is for people. A rerun replaces the three
files whole. A night without differences writes files without rows."""

_WHAT_IF_FILES = """In the same folders, under the date of the run: one row per order that the candidate would have
decided otherwise, in the order they were placed. `NAME` is that of the candidate's file, `present` where the policy in
force was compared with itself. `.csv` and `.html` as above; a rerun of that day replaces them whole."""


def data_page() -> str:
    """The whole page."""
    views = [
        block for name, (words, columns) in VIEWS.items() for block in (f"### reporting.{name}", words, _of(columns))
    ]
    files = ("## drift.parquet", _FILES, _of(PARQUET), "## what-if-NAME.parquet", _WHAT_IF_FILES, _of(WHAT_IF))
    return page("Data dictionary", _INTRO, "## Views", _VIEWS, *views, *files)


def _of(columns: Mapping[str, Column]) -> str:
    return table(("Column", "Type", "Meaning"), [(code(name), kind, words) for name, (kind, words) in columns.items()])
