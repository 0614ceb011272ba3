"""The partner profile: what was agreed with one warehouse about its messages, a YAML file beside the site file.

The standard leaves almost everything to the two partners: identifiers, qualifiers, which of several elements carries a
value, in which zone a date is meant. None of it is guessed from a message; all of it is read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator

from include.fulfilment.adapters.warehouse.x12.segments import Delimiters
from include.fulfilment.domain.carriage import Mode, Payer
from include.fulfilment.errors import ConfigError
from include.fulfilment.yaml_file import Strict

CODE2 = r"^[A-Z0-9]{2}$"
Code2 = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,3}$")]
Reference = Literal["sales_rep", "carrier_account", "vat_number", "eori_number"]


class Options(Strict):
    """What the site file says under `warehouse.options`: the partner profile (a relative path counts from the folder of
    the site files), and whether lines ordered in whole packs are sent in packs."""

    profile: Path
    line_unit: Literal["base", "pack"] = "base"


class Party(Strict):
    """One side: its interchange id (ISA05/06 or ISA07/08) and the application's code in the group header."""

    qualifier: str = Field(pattern=CODE2)
    id: str = Field(min_length=1, max_length=15)
    group_id: str = Field(min_length=2, max_length=15)


class Marks(Strict):
    """The delimiters of what we write; what we read brings its own."""

    element: str = Field(default="*", min_length=1, max_length=1)
    component: str = Field(default=">", min_length=1, max_length=1)
    segment: str = Field(default="~", min_length=1, max_length=1)

    @model_validator(mode="after")
    def _told_apart(self) -> Marks:
        marks = self.element + self.component + self.segment
        plain = all(each.isascii() and not each.isalnum() and not each.isspace() for each in marks)
        if len(set(marks)) != len(marks) or not plain:
            raise ValueError("three different characters are needed, no letters, digits or blanks")
        return self

    def delimiters(self) -> Delimiters:
        return Delimiters(self.element, self.component, self.segment)


class Service(Strict):
    """How one of our shipping services is ordered: carrier (SCAC), method and payer, W66-10, W66-02 and W66-01."""

    scac: str = Field(default="", pattern=r"^([A-Z0-9]{2,4})?$")
    method: str = Field(default="M", pattern=r"^[A-Z0-9]{1,2}$")
    payment: str = Field(default="PP", pattern=CODE2)


DATES: Mapping[str, str] = {"not_before_on": "37", "cancel_after_on": "01"}
PARTIES: Mapping[str, str] = {"mark_for": "Z7", "company": "BY"}
REFERENCES: Mapping[str, str] = {"sales_rep": "SA", "carrier_account": "11", "vat_number": "VX"}
PAYMENTS: Mapping[str, str] = {
    Payer.PREPAID: "PP",
    Payer.COLLECT: "CC",
    Payer.CUSTOMER_ACCOUNT: "CC",
    Payer.THIRD_PARTY: "TP",
    Payer.COLLECTION: "PU",
}
METHODS: Mapping[str, str] = {Mode.PARCEL: "U", Mode.PALLET: "M"}
"""The codes of 4010 (elements 432, 98, 128, 146 and 91) that partners usually agree on."""


class Folders(Strict):
    """The mailbox's folders, seen from us: what we leave, what we fetch, and where fetched messages go."""

    outbound: str = Field(default="outbound", pattern=r"^[A-Za-z0-9._ -]+$")
    inbound: str = Field(default="inbound", pattern=r"^[A-Za-z0-9._ -]+$")
    archive: str = Field(default="archive", pattern=r"^[A-Za-z0-9._ -]+$")
    quarantine: str = Field(default="quarantine", pattern=r"^[A-Za-z0-9._ -]+$")


class Profile(Strict):
    """Everything agreed with the partner.

    `strict` takes only what the standard allows; lenient also a damaged header whose meaning is beyond doubt, and
    missing elements that nobody needs. `product_ids` are the qualifiers (element 235) under which our SKU stands: the
    first is written, all are read, in this order. `stock_quantity` is the qualifier (element 673) of the figure that
    counts: 17 on hand, 33 available. `stock_instant` says where its date stands: in BIA, or in the DTM with this
    qualifier. Dates without a zone code are in `zone`. A 940 that was not acknowledged for `silence_hours` is in doubt.

    Beyond the PO number and the instructions the warehouse takes what stands in `dates` (G62), `parties` (N1; with the
    company its location in N2) and `references` (N9), under the codes given there; what does not stand there it cannot
    be told. `payments` and `methods` are its codes for who pays (W66-01) and for parcel or pallet (W66-02), where the
    site says so; else those of the service count.
    """

    mode: Literal["strict", "lenient"] = "strict"
    us: Party
    warehouse: Party
    usage: Literal["P", "T"]
    version: str = Field(default="004010", pattern=r"^00401[0-9][A-Z]{0,6}$")
    delimiters: Marks = Marks()
    encoding: Literal["ascii", "latin-1", "utf-8"] = "ascii"
    zone: str
    silence_hours: int = Field(default=4, ge=1, le=240)
    product_ids: tuple[str, ...] = Field(default=("SK", "VN", "UP"), min_length=1)
    units: Mapping[str, str] = Field(default_factory=dict)
    stock_quantity: Literal["17", "33"] = "17"
    stock_instant: str = Field(default="BIA", pattern=r"^(BIA|[A-Z0-9]{3})$")
    location: str = Field(min_length=1, max_length=80)
    requested_date: str = Field(default="10", pattern=CODE2)
    instructions: str = Field(default="WHI", pattern=r"^[A-Z]{3}$")
    services: Mapping[str, Service] = Field(default_factory=dict)
    carriers: Mapping[str, str] = Field(default_factory=dict)
    dates: Mapping[Literal["not_before_on", "cancel_after_on"], Code2] = Field(default=DATES, validate_default=True)
    parties: Mapping[Literal["mark_for", "company"], Code2] = Field(default=PARTIES, validate_default=True)
    references: Mapping[Reference, Code2] = Field(default=REFERENCES, validate_default=True)
    payments: Mapping[Payer, Code2] = Field(default=PAYMENTS, validate_default=True)
    methods: Mapping[Mode, str] = Field(default=METHODS, validate_default=True)
    folders: Folders = Folders()

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError, ValueError) as error:
            raise ValueError(f"{value!r} is no time zone; write it like Europe/London") from error
        return value

    @property
    def strict(self) -> bool:
        return self.mode == "strict"


def load_profile(file: Path) -> Profile:
    """The profile of this file. Raises ConfigError naming the line, the field and what is expected there."""
    try:
        text = file.read_text(encoding="utf-8")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except OSError as error:
        raise ConfigError(f"partner profile {file}: {error.strerror}; set profile in the site file") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"partner profile {file.name}: not valid YAML in UTF-8: {error}") from error
    try:
        return Profile.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        line = _line(tree, first["loc"])
        raise ConfigError(f"partner profile {file.name}, line {line}: {where}: {first['msg']}") from error


def _line(node: yaml.Node | None, path: tuple[int | str, ...]) -> int:
    """The line of the field, or of the section that lacks it."""
    line = 1 if node is None else node.start_mark.line + 1
    for part in path:
        found: tuple[yaml.Node, yaml.Node] | None = None
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = (node.value[part], node.value[part])
        if found is None:
            return line
        line, node = found[0].start_mark.line + 1, found[1]
    return line
