"""Site files: one YAML file per site says which shops, which warehouse, which credit, packs and release policy.

The folder is `FULFILMENT_SITES` (default: the demo site beside this package). Errors name file, line and field.
Secrets are never here: they live in Airflow connections.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, ConfigDict, Field, PrivateAttr, StringConstraints, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from include.fulfilment.domain.credit import BalanceContains
from include.fulfilment.domain.hold_decision import ASKED, decider
from include.fulfilment.domain.matter import Team
from include.fulfilment.domain.order import SHOP
from include.fulfilment.domain.preflight import Target
from include.fulfilment.domain.release_policy import ReleasePolicy
from include.fulfilment.errors import ConfigError
from include.fulfilment.release_policy import ReleasePolicyFile, read_release_policy
from include.fulfilment.site_mapping import MappingSection, ShippingSite, check_declared
from include.fulfilment.yaml_file import Strict, read_yaml

DEMO_SITES = Path(__file__).parent / "config"
PROPOSED = ".next.yaml"
"""How the name of a site file ends that is only to be tried out: no run reads it."""
CODE = r"^[a-z][a-z0-9_]{0,30}$"
Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]


class Environment(BaseSettings):
    """The few settings that are the installation's, not a site's."""

    model_config = SettingsConfigDict(env_prefix="FULFILMENT_")

    sites: Path = DEMO_SITES
    reports_uri: Path = Path("reports")
    notify_email: str = ""


class StorefrontSite(Strict):
    """A shop: its dialect, the location whose stock and fulfilments we write, and what that dialect needs to be told
    (`options`, described with the dialect). `more_locations` are those of the site's further warehouses, by their
    codes. `release: other`: somebody else sends its orders to the warehouse. They count as demand for the stock, which
    we keep right in this shop too, and are never submitted."""

    dialect: str = Field(pattern=CODE)
    location_id: str = Field(min_length=1)
    more_locations: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    release: Literal["us", "other"] = "us"
    options: dict[str, Any] = Field(default_factory=dict)

    @property
    def locations(self) -> dict[str, str]:
        """The shop's location of each warehouse, as lines of orders name it: the first one's under the empty name."""
        return {"": self.location_id, **self.more_locations}


class WarehouseSite(Strict):
    """A warehouse: code, dialect, shop shipping method → the warehouse's service (`services`), limits of its own on
    the length of fields (a label's width, say) where they are tighter than the system's, what it must be told and how
    where it lacks a field (`carry`), the countries that need no customs paper (`domestic_countries`), and what was
    agreed with it beyond that (`options`, described with the dialect). `call_limit: none`: it has lifted its system's
    limit on calls for us."""

    code: str = Field(pattern=CODE)
    dialect: str = Field(pattern=CODE)
    services: dict[str, ShippingSite]
    field_limits: dict[str, int] = Field(default_factory=dict)
    carry: Annotated[dict[str, str], AfterValidator(check_declared)] = Field(default_factory=dict)
    domestic_countries: frozenset[Country] = frozenset()
    options: dict[str, Any] = Field(default_factory=dict)
    largest_stock_drop_percent: int = Field(default=50, ge=1, le=100)
    call_limit: Literal["system", "none"] = "system"

    def target(self, system: Mapping[str, int]) -> Target:
        """The warehouse as an order meets it; of the system's field limits and its own the tighter count."""
        own = self.field_limits
        names = system.keys() | own.keys()
        return Target(
            field_limits={name: min(limits[name] for limits in (system, own) if name in limits) for name in names},
            services={method: each.carriage() for method, each in self.services.items()},
            declared=self.carry,
            domestic=self.domestic_countries,
        )


class CreditSite(Strict):
    """The credit source that finance named: what its balances include and how old they may be. The other fields say
    where it is (docs/sources.md) and are read by its adapter."""

    model_config = ConfigDict(extra="allow")

    contains: BalanceContains
    max_age_hours: int = Field(ge=1, le=24 * 31)

    @property
    def max_age(self) -> timedelta:
        """Older figures, counted from the date of the statement, are no longer believed."""
        return timedelta(hours=self.max_age_hours)

    @property
    def digest(self) -> str:
        """Tells this description of a source from any other."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


class PacksSite(Strict):
    """The pack catalogue: a reading with fewer SKUs than the last by more than `largest_drop_percent` is not used. The
    other fields say where it is (docs/sources.md) and are read by its adapter."""

    model_config = ConfigDict(extra="allow")

    largest_drop_percent: int = Field(default=50, ge=1, le=100)


class DriftSite(Strict):
    """How long the two systems may differ before it counts."""

    settling_minutes: int = Field(default=120, ge=0)


class Site(Strict):
    """One merchant's pairing of shop and warehouse. `more_storefronts` are further shops that sell the same stock, by
    a code of their own; `more_warehouses` further warehouses, each of which is a location of every shop. `teams` says
    who decides holds: for each team, its people by the id that Airflow's sign-in knows them by. Nobody decides for a
    team that is not named. Relative paths in the file start at its `folder`."""

    _file: Path = PrivateAttr(default=Path())
    _release_file: Path = PrivateAttr(default=Path())

    code: str = Field(pattern=CODE)
    timezone: str
    storefront: StorefrontSite
    more_storefronts: dict[str, StorefrontSite] = Field(default_factory=dict)
    warehouse: WarehouseSite
    more_warehouses: tuple[WarehouseSite, ...] = ()
    mapping: MappingSection = MappingSection()
    credit: CreditSite
    packs: PacksSite
    release: ReleasePolicyFile
    drift: DriftSite = DriftSite()
    teams: dict[Team, tuple[Annotated[str, Field(min_length=1)], ...]] = Field(default_factory=dict)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone; write it like Europe/London") from error
        return value

    @field_validator("more_storefronts")
    @classmethod
    def _distinct_codes(cls, value: dict[str, StorefrontSite]) -> dict[str, StorefrontSite]:
        for code in value:
            if code == SHOP or not re.fullmatch(CODE, code):
                raise ValueError(
                    f"{code!r} cannot be a shop's code; take lower-case letters, digits and _, and not {SHOP!r}"
                )
        return value

    @model_validator(mode="after")
    def _every_warehouse_is_a_location(self) -> Self:
        codes = [each.code for each in self.more_warehouses]
        if len({self.warehouse.code, *codes}) <= len(codes):
            raise ValueError("more_warehouses: every warehouse needs a code of its own")
        for code, shop in self.storefronts.items():
            field = "storefront" if code == SHOP else f"more_storefronts.{code}"
            if set(shop.more_locations) != set(codes):
                raise ValueError(
                    f"{field}.more_locations must name the location of: {', '.join(codes) or 'no warehouse'}"
                )
            if len(set(shop.locations.values())) <= len(codes):
                raise ValueError(f"{field}.more_locations: every warehouse needs a location of its own")
        return self

    @property
    def file(self) -> Path:
        """The site file itself."""
        return self._file

    @property
    def folder(self) -> Path:
        """Where the site file is."""
        return self._file.parent

    @property
    def release_file(self) -> Path:
        """The file of its release policy."""
        return self._release_file

    @property
    def storefronts(self) -> dict[str, StorefrontSite]:
        """Every shop by its code, the first one first."""
        return {SHOP: self.storefront, **self.more_storefronts}

    @property
    def released_by_others(self) -> frozenset[str]:
        """The shops whose orders somebody else releases."""
        return frozenset(code for code, shop in self.storefronts.items() if shop.release == "other")

    @property
    def warehouses(self) -> dict[str, WarehouseSite]:
        """Every warehouse by its code, the first one first."""
        return {each.code: each for each in (self.warehouse, *self.more_warehouses)}

    def named_in_lines(self, warehouse: str) -> str:
        """What lines, variants and fulfilments call the warehouse of this code: nothing, where it is the first one."""
        return "" if warehouse == self.warehouse.code else warehouse

    def storefront_conn_id(self, code: str = SHOP) -> str:
        """The Airflow connection of one shop."""
        return f"storefront_{self.code}" if code == SHOP else f"storefront_{self.code}_{code}"

    def teams_of(self, user_id: str) -> frozenset[Team]:
        """The teams that this person decides for."""
        return frozenset(team for team, people in self.teams.items() if user_id in people)

    def asked(self) -> frozenset[str]:
        """The holds about which Airflow asks somebody: those whose team has people here."""
        return frozenset(code for code in ASKED if self.teams.get(decider(code)))

    def policy(self) -> ReleasePolicy:
        """The release policy as the domain takes it."""
        return self.release.policy(ZoneInfo(self.timezone))

    def warehouse_conn_id(self, code: str) -> str:
        """The Airflow connection of one warehouse."""
        return f"warehouse_{self.code}_{code}"


def load_sites(folder: Path | None = None) -> dict[str, Site]:
    """All sites of the folder by code. Raises ConfigError naming the file, the field and what is expected there."""
    folder = folder or Environment().sites
    files = sorted(file for file in folder.glob("*.yaml") if not file.name.endswith(PROPOSED))
    if not files:
        raise ConfigError(f"no site file (*.yaml) in {folder}; write one or set FULFILMENT_SITES to its folder")
    sites = [read_site(file, read_release_policy) for file in files]
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


class _SiteFile(Site):
    """A site as its file states it: the release policy is named."""

    release: Path  # type: ignore[assignment]


def site_file_schema() -> dict[str, Any]:
    """JSON Schema of a site file, for editors."""
    return _SiteFile.model_json_schema()


def read_site(file: Path, read_policy: Callable[[Path], ReleasePolicyFile]) -> Site:
    """The site of one file, its policy read by `read_policy`. Raises ConfigError naming line and field."""
    written = read_yaml(file, _SiteFile, "site file")
    stated = {name: getattr(written, name) for name in Site.model_fields}
    release_file = file.parent / written.release
    site = Site(**stated | {"release": read_policy(release_file)})
    site._file, site._release_file = file.parent.resolve() / file.name, release_file
    return site
