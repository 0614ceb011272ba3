"""The kinds of fault that the shop's plan may name."""

from __future__ import annotations

from typing import Literal, get_args

Kind = Literal["429", "throttled", "5xx_before", "5xx_after", "reset_before", "reset_after", "delay"]
KINDS: tuple[str, ...] = get_args(Kind)
"""An operation of the plan is a field of the query or mutation root (`orders`, `fulfillmentCreate`), `bulkFile` for the
files of bulk operations, or `*`."""
