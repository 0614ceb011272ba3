"""A statement of the ledger as the site file describes it."""

from __future__ import annotations

from typing import Any

from include.fulfilment.ports import Debtor

ACME = Debtor("company:11", "o1")
BETA = Debtor("company:22", "o2")
HEAD = "Code;Limit;Balance;Stop;60 days;90+ days\n"


def options(**changes: Any) -> dict[str, Any]:
    """A German aged-debt file, whose accounts are the shop's own numbers."""
    given: dict[str, Any] = {
        "kind": "statement",
        "contains": "invoices_only",
        "max_age_hours": 26,
        "source": {"kind": "file", "path": "debt.csv", "delimiter": ";"},
        "as_of": {"by": "file_time"},
        "columns": {"account": "Code", "limit": "Limit", "balance": "Balance"},
        "accounts": {"by": "same_id"},
        "currency": "EUR",
        "numbers": {"decimal": ",", "thousands": "."},
    }
    return {name: value for name, value in (given | changes).items() if value is not None}
