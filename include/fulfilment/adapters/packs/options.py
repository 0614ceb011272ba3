"""What a site declares of its pack catalogue. Nothing of it is guessed: a barcode has no place here, because one
barcode stands on packs of different sizes and decides none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from include.fulfilment.adapters.tables import AsOf, TableOptions
from include.fulfilment.adapters.tables.cells import Zeros
from include.fulfilment.errors import DataError
from include.fulfilment.mapping.units import OURS, SCHEMES, internal_uom
from include.fulfilment.yaml_file import Strict

Source = Annotated[TableOptions, Field(discriminator="kind")]


class Columns(Strict):
    """The source's columns. Without `base_sku` the base has the same code; without `scheme` every unit code is of
    `units.scheme`; `inner` (units of an inner pack) only shows
    rows that contradict themselves and is no factor; without `version` a row's version is the date of the reading."""

    sku: str = Field(min_length=1)
    units: str = Field(min_length=1)
    base_sku: str = ""
    uom: str = ""
    scheme: str = ""
    inner: str = ""
    version: str = ""


class Units(Strict):
    """How the source names units: by codes of this `scheme`, and by `words` of its own for ours; or `always` one unit,
    where it has no column for it."""

    scheme: str = OURS
    words: Mapping[str, str] = Field(default_factory=dict)
    always: str = ""

    @field_validator("scheme")
    @classmethod
    def _known_scheme(cls, value: str) -> str:
        if value not in SCHEMES:
            raise ValueError(f"{value!r} is no scheme of unit codes; known: {', '.join(SCHEMES)}")
        return value

    @model_validator(mode="after")
    def _known_units(self) -> Units:
        for uom in (*self.words.values(), *([self.always] if self.always else [])):
            try:
                internal_uom(OURS, uom)
            except DataError as error:
                raise ValueError(str(error)) from None
        return self


class KitColumns(Strict):
    """A row of a kit: its SKU, the base SKU of a component, and base units of that in one kit."""

    kit: str = Field(min_length=1)
    component: str = Field(min_length=1)
    quantity: str = Field(min_length=1)


class KitOptions(Strict):
    """The table of kits."""

    source: Source
    columns: KitColumns
    zeros: Zeros | None = None


class PackOptions(Strict):
    """The pack catalogue of a site: where it is, how old it says that it is, and what its columns mean."""

    source: Source
    as_of: AsOf
    columns: Columns
    units: Units = Units()
    zeros: Zeros | None = None
    kits: KitOptions | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> PackOptions:
        if bool(self.columns.uom) == bool(self.units.always):
            raise ValueError("the unit is in `columns.uom`, or it is `units.always` one; give one of the two")
        if self.as_of.by == "column":
            raise ValueError("a catalogue has one date: by file_name, file_time or reading")
        return self
