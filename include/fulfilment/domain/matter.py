"""What a business matter is: its words, who acts, how soon it hurts, what helps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Team(StrEnum):
    """Who acts."""

    OPERATIONS = "operations"
    FINANCE = "finance"
    CUSTOMER_SERVICE = "customer_service"
    ECOMMERCE = "ecommerce"
    MASTER_DATA = "master_data"
    WAREHOUSE = "warehouse"
    ON_CALL = "on_call"
    BUYER = "buyer"
    NOBODY = "nobody"


class Severity(StrEnum):
    """How soon it hurts."""

    INFO = "info"
    WARNING = "warning"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Matter:
    """What one code means. `ticket_after` is how long the cause may last before a ticket opens (None: never one)."""

    words: str
    owner: Team
    severity: Severity
    next_step: str
    due_after: timedelta
    ticket_after: timedelta | None = timedelta(0)
