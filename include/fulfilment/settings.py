"""Site files: one YAML file per site says which shop, which warehouse, which packs and which agreement.

The folder is `FULFILMENT_SITES` (default: the demo site beside this package). Errors name file, field and next step.
Secrets are never here: they live in Airflow connections.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from include.fulfilment.domain.order import PaymentState
from include.fulfilment.domain.quantity import PackRow
from include.fulfilment.domain.release import ReleasePolicy
from include.fulfilment.errors import ConfigError

DEMO_SITES = Path(__file__).parent / "config"
CODE = r"^[a-z][a-z0-9_]{0,30}$"


class Environment(BaseSettings):
    """The few settings that are the installation's, not a site's."""

    model_config = SettingsConfigDict(env_prefix="FULFILMENT_")

    sites: Path = DEMO_SITES
    reports_uri: Path = Path("reports")
    notify_email: str = ""


class Strict(BaseModel):
    """A misspelt field is an error, not a default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Agreement(Strict):
    """Who agreed to the release policy, and when."""

    finance: date
    operations: date
    customer_experience: date


class Release(Strict):
    """The release agreement of a site. `invoice` has no default on purpose: without it such orders are held. Orders
    placed before `start` are not ours: give it when another way of releasing is replaced."""

    version: str = Field(min_length=1, max_length=40)
    agreed_by: Agreement | None = None
    demo: bool = False
    card_states: tuple[PaymentState, ...] = (PaymentState.PAID,)
    invoice: Literal["paid_first", "terms"] | None = None
    credit_contains: Literal["placed_orders", "invoices_only"]
    credit_max_age_hours: int = Field(default=24, ge=1)
    largest_line_base: int = Field(default=10_000, ge=1)
    backorder: Literal["keep", "cancel"] = "keep"
    start: AwareDatetime | None = None
    buffer: int = Field(default=0, ge=0)

    def policy(self) -> ReleasePolicy:
        """The rules as the domain takes them."""
        return ReleasePolicy(
            version=self.version,
            card_states=frozenset(self.card_states),
            invoice=self.invoice,
            credit_max_age=timedelta(hours=self.credit_max_age_hours),
            largest_line_base=self.largest_line_base,
            keep_backorder=self.backorder == "keep",
            buffer=self.buffer,
            start=self.start,
        )


class StorefrontSite(Strict):
    """The shop: its dialect, the location whose stock and fulfilments we write, and what that dialect needs to be told
    (`options`, described with the dialect)."""

    dialect: str = Field(pattern=CODE)
    location_id: str = Field(min_length=1)
    options: dict[str, Any] = {}


class WarehouseSite(Strict):
    """The warehouse: code, dialect, shop shipping method → the warehouse's service, limits of its own on the length of
    fields (a label's width, say) where they are tighter than the system's, and what was agreed with it beyond that
    (`options`, described with the dialect)."""

    code: str = Field(pattern=CODE)
    dialect: str = Field(pattern=CODE)
    services: dict[str, str]
    field_limits: dict[str, int] = {}
    options: dict[str, Any] = {}
    largest_stock_drop_percent: int = Field(default=50, ge=1, le=100)


class DriftSite(Strict):
    """How long the two systems may differ before it counts."""

    settling_minutes: int = Field(default=120, ge=0)


class Site(Strict):
    """One merchant's pairing of shop and warehouse."""

    code: str = Field(pattern=CODE)
    timezone: str
    storefront: StorefrontSite
    warehouse: WarehouseSite
    packs: Path
    release: Release
    drift: DriftSite = DriftSite()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone; write it like Europe/London") from error
        return value

    @property
    def storefront_conn_id(self) -> str:
        return f"storefront_{self.code}"

    @property
    def warehouse_conn_id(self) -> str:
        return f"warehouse_{self.code}_{self.warehouse.code}"


def load_sites(folder: Path | None = None) -> dict[str, Site]:
    """All sites of the folder by code. Raises ConfigError naming the file, the field and what is expected there."""
    folder = folder or Environment().sites
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise ConfigError(f"no site file (*.yaml) in {folder}; write one or set FULFILMENT_SITES to its folder")
    sites = [_load(file) for file in files]
    by_code = {site.code: site for site in sites}
    if len(by_code) != len(sites):
        raise ConfigError(f"two site files in {folder} have the same code; every site needs its own")
    return by_code


def load_site(code: str, folder: Path | None = None) -> Site:
    """One site by its code. Raises ConfigError naming the known ones."""
    sites = load_sites(folder)
    if code not in sites:
        raise ConfigError(f"site {code!r} is not configured; known sites: {', '.join(sorted(sites))}")
    return sites[code]


def _load(file: Path) -> Site:
    try:
        site = Site.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"site file {file.name}: not valid YAML in UTF-8: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigError(f"site file {file.name}: {where}: {first['msg']}") from error
    if site.release.agreed_by is None and not site.release.demo:
        raise ConfigError(
            f"site file {file.name}: release.agreed_by: finance, operations and customer_experience must each have "
            "agreed, with a date, before orders are released"
        )
    return site.model_copy(update={"packs": (file.parent / site.packs).resolve()})


MOST_DIGITS = 9  # of units per pack; more is a slip and not a pack
PACK_COLUMNS = ("sku", "uom", "uom_scheme", "base_sku", "units_per_uom", "version")


def load_packs(site: Site) -> Sequence[PackRow]:
    """The site's pack catalogue (CSV). A row without a whole number of units is kept with 0, which refuses its lines
    and names the row. Raises ConfigError when the file or a column is missing."""
    try:
        with site.packs.open(encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            missing = [name for name in PACK_COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise ConfigError(f"pack file {site.packs.name}: column {missing[0]!r} is missing")
            return [_pack(row, f"{site.packs.name} row {number}") for number, row in enumerate(reader, start=2)]
    except OSError as error:
        raise ConfigError(f"pack file {site.packs}: {error.strerror}; set packs in the site file") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise ConfigError(f"pack file {site.packs.name}: not CSV in UTF-8: {error}") from error


def _pack(row: dict[str, str], source: str) -> PackRow:
    units = row["units_per_uom"] or ""
    return PackRow(
        sku=row["sku"] or "",
        base_sku=row["base_sku"] or "",
        uom=row["uom"] or "",
        uom_scheme=row["uom_scheme"] or "",
        units_per_uom=int(units) if units.isascii() and units.isdigit() and len(units) <= MOST_DIGITS else 0,
        version=row["version"] or "",
        source=source,
    )
