"""The account's order statuses: the names are Mintsoft's, the ids and the external names are this account's own."""

from __future__ import annotations

from typing import Any

NAMES = (
    "NEW",
    "PRINTED",
    "CANCELLED",
    "DESPATCHED",
    "INVOICED",
    "INVOICEDFAILED",
    "HOLDING",
    "FAILED",
    "ONBACKORDER",
    "AWAITINGCONFIRMATION",
    "AWAITINGDOCUMENTATION",
    "AWAITINGADDITIONALITEM",
    "AWAITINGPAYMENT",
    "QUERYRAISED",
    "PACKANDHOLD",
    "FRAUDRISK",
    "AWAITINGPICKING",
    "PICKINGSTARTED",
    "PICKINGSKIPPED",
    "PICKED",
    "PACKED",
    "AWAITINGREPLEN",
    "AWAITINGCOLLECTION",
)
_EXTERNAL = {
    "NEW": "Received",
    "PACKED": "Despatched",
    "DESPATCHED": "On its way",
    "INVOICED": "On its way",
    "INVOICEDFAILED": "On its way",
    "CANCELLED": "Closed",
}
_STEP = 7  # shares no divisor with the number of names, so the ids are the names' places, shuffled
UNLISTED = 999


def id_of(name: str) -> int:
    """Return the account's id of a status; one that it does not list has an id all the same."""
    return 2 + NAMES.index(name) * _STEP % len(NAMES) if name in NAMES else UNLISTED


def listed(moment: str) -> list[dict[str, Any]]:
    """Return the statuses as GET /api/Order/Statuses answers them, by id."""
    rows = [
        {
            "ID": id_of(name),
            "Name": name,
            "ExternalName": _EXTERNAL.get(name, name.capitalize()),
            "LastUpdated": moment,
            "LastUpdatedByUser": "mintsoft",
        }
        for name in NAMES
    ]
    return sorted(rows, key=lambda row: int(str(row["ID"])))
