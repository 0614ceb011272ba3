"""What is agreed with one Mintsoft, and the account at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, ValidationError, field_validator

from include.fulfilment.errors import ConfigError
from include.fulfilment.yaml_file import Strict

PairedField = Literal[
    "not_before_on", "cancel_after_on", "mark_for", "company", "company_location", "sales_rep", "carrier", "payer",
    "mode", "carrier_account",
]  # fmt: skip
PairName = Annotated[str, StringConstraints(min_length=1)]


class Options(Strict):
    """The site file's `warehouse.options` for Mintsoft.

    `warehouse_id` is the id that GET /api/Warehouse lists. Mintsoft has no field for a PO number: it goes into the name
    and value pair `po_name`, and into the comments as well where the floor reads only those. `pairs` names such pairs
    for other fields that it lacks, `mark_for: Mark For`. `timezone` is the zone of
    Mintsoft's times, which come without one; nothing is published about it, and UTC is the reading that misses nothing.
    """

    warehouse_id: int = Field(ge=1)
    po_name: str = Field(default="PO Number", min_length=1)
    po_in_comments: bool = False
    pairs: dict[PairedField, PairName] = Field(default_factory=dict)
    timezone: str = "UTC"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError, ValueError) as error:
            raise ValueError(f"{value!r} is no time zone; write it like Europe/London") from error
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Account(Strict):
    """The connection's extra: a 3PL's own (admin) user names the client whose orders and stock these are; a client's
    user has only one and leaves it out."""

    client_id: int | None = Field(default=None, ge=1)


def read_account(extra: Mapping[str, Any], connection_id: str) -> Account:
    """The account in the connection's extra. Raises ConfigError naming the field."""
    try:
        return Account.model_validate(dict(extra))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"connection {connection_id!r}: extra.{field}: {first['msg']}; correct it there") from None
