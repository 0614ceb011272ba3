"""The release policy of a site: one YAML file that reads like the agreement it is.

Finance, operations and customer experience agree to it with a date each; a policy that not all of them agreed to is
refused outside the demo. docs/schema/release-policy.json describes it to editors.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints, model_validator

from include.fulfilment.domain.order import PaymentState
from include.fulfilment.domain.release_policy import Dispatch, PoRequired, ReleasePolicy
from include.fulfilment.domain.working_time import CutOff, WorkingCalendar
from include.fulfilment.errors import ConfigError
from include.fulfilment.holidays_of import public_holidays
from include.fulfilment.yaml_file import Amount, Day, Strict, WallTime, read_yaml, refuse_number

HOLIDAY_YEARS = range(2020, 2046)
"""Years whose public holidays are known; a later one counts as having none."""
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Agreement(Strict):
    """Who agreed to the release policy, and when."""

    finance: Day
    operations: Day
    customer_experience: Day


class Holidays(Strict):
    """Whose public holidays the warehouse keeps (ISO 3166-1 and 3166-2)."""

    country: str = Field(pattern="^[A-Z]{2}$")
    subdivision: str = ""


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Calendar(Strict):
    """When the warehouse works."""

    hours: dict[Weekday, tuple[WallTime, WallTime]] = Field(min_length=1)
    holidays: Holidays | None = None
    closed_on: frozenset[Day] = frozenset()

    @model_validator(mode="after")
    def _can_be_kept(self) -> Calendar:
        self._working(ZoneInfo("UTC"), self.closed_on)
        return self

    def of(self, zone: ZoneInfo) -> WorkingCalendar:
        """The calendar in the warehouse's time zone. Raises ConfigError for a country that has no holidays."""
        public: frozenset[date] = frozenset()
        if self.holidays is not None:
            public = public_holidays(self.holidays.country, self.holidays.subdivision, HOLIDAY_YEARS)
        return self._working(zone, public | self.closed_on)

    def _working(self, zone: ZoneInfo, days_off: frozenset[date]) -> WorkingCalendar:
        return WorkingCalendar(zone, {get_args(Weekday).index(day): span for day, span in self.hours.items()}, days_off)


class CustomerTerms(Strict):
    """What may differ for one customer or group; what is not given is as for everybody."""

    po_number: PoRequired | None = Field(None, description="As `po_number` for everybody.")
    ship: Literal["available", "complete"] | None = Field(None, description="As `ship` for everybody.")
    backorder: Literal["keep", "cancel"] | None = Field(None, description="As `backorder` for everybody.")
    reserve_days: int | None = Field(None, strict=True, ge=0, le=365, description="As `reserve_days` for everybody.")


class ReleasePolicyFile(Strict):
    """What finance, operations and customer experience agreed. `invoice` has no default on purpose: without it such
    orders are held."""

    version: str = Field(min_length=1, max_length=40, description="Name of this policy; kept with every decision.")
    agreed_by: Agreement | None = Field(
        None, description="`finance`, `operations`, `customer_experience`: the date on which each agreed. Needed."
    )
    demo: bool = Field(False, strict=True, description="`true` replaces `agreed_by` in the demo. Not for a real shop.")
    start: Annotated[AwareDatetime, BeforeValidator(refuse_number)] | None = Field(
        None,
        description="Instant with its zone, `2026-11-23T00:00:00Z`. Orders placed before it are not ours and never "
        "released. Give it when another way of releasing is replaced.",
    )
    card_states: tuple[PaymentState, ...] = Field(
        (PaymentState.PAID,), description="Payment states in which a card order may go."
    )
    hokodo_states: tuple[PaymentState, ...] = Field(
        (PaymentState.PAID,), description="Payment states in which an order paid through Hokodo may go."
    )
    invoice: Literal["paid_first", "approved", "terms"] | None = Field(
        None,
        description="Pay by invoice: once it is paid, once a person approved the order, or on its terms. Without it "
        "such orders are held `invoice_policy_missing`.",
    )
    largest_line_base: int = Field(
        10_000,
        strict=True,
        ge=1,
        description="A line above so many base units is held `quantity_threshold` for a person.",
    )
    largest_order_gross: dict[Currency, Amount] = Field(
        default_factory=dict,
        json_schema_extra={"additionalProperties": False},
        description="By currency: an order worth more, with VAT and carriage, is held `value_threshold` for a person.",
    )
    po_number: PoRequired = Field(PoRequired.AS_CUSTOMER_SAYS, description="Whose orders need a PO number.")
    duplicate_days: int = Field(
        14,
        strict=True,
        ge=0,
        le=365,
        description="An order with the account, PO number and lines of one placed so many days before it is held "
        "`possible_duplicate`; 0: never.",
    )
    draft_waiting_hours: int = Field(
        4,
        strict=True,
        ge=1,
        description="A draft on account that is not completed after so many working hours opens a ticket.",
    )
    minimum_age_minutes: int = Field(
        0,
        strict=True,
        ge=0,
        le=1440,
        description="A younger order waits, so that edits and cancels never reach the warehouse.",
    )
    calendar: Calendar | None = Field(
        None,
        description="Working hours and days off of the warehouse, in the site's time zone: `hours` by weekday "
        '(`monday: ["08:00", "17:00"]`), `holidays` of a `country` and `subdivision` (ISO 3166: GB, SCT), further days '
        "`closed_on`. It goes with `cut_off`; the two after that need both, and requested dates count by them.",
    )
    cut_off: WallTime | None = Field(
        None,
        description="What is released before this time of a working day leaves that day. It goes with `calendar`.",
    )
    age_yields_to_cut_off: bool = Field(
        False,
        strict=True,
        description="An order goes before its minimum age where it would leave a day later otherwise.",
    )
    lead_working_days: int = Field(
        0,
        strict=True,
        ge=0,
        le=60,
        description="Goods wanted on a day leave so many working days before it, and not earlier.",
    )
    ship: Literal["available", "complete"] = Field(
        "available", description="What is there goes at once, or the order waits until it can go whole."
    )
    backorder: Literal["keep", "cancel"] = Field(
        "keep", description="What is not there waits as a backorder, or is cancelled."
    )
    reserve_days: int = Field(
        0,
        strict=True,
        ge=0,
        le=365,
        description="With `ship: complete`: for so long after it was placed, younger orders cannot take what is there "
        "of an order that waits.",
    )
    split_packs: frozenset[str] = Field(frozenset(), description="Base SKUs whose packs may be broken to ship a part.")
    buffer: int = Field(0, strict=True, ge=0, description="Base units per SKU that are never promised or released.")
    customers: dict[str, CustomerTerms] = Field(
        default_factory=dict,
        description="Customers with terms of their own, by account id or name: `po_number`, `ship`, `backorder`, "
        "`reserve_days`.",
    )
    groups: dict[str, CustomerTerms] = Field(
        default_factory=dict,
        description="The same for customer groups, by the group's name in SparkLayer (`vip`). What a customer has of "
        "its own counts before its group's.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> ReleasePolicyFile:
        own = {
            name: (terms.ship or self.ship, terms.backorder or self.backorder)
            for name, terms in (*self.groups.items(), *self.customers.items())
        } | {
            f"{name} in {group}": (
                terms.ship or shared.ship or self.ship,
                terms.backorder or shared.backorder or self.backorder,
            )
            for group, shared in self.groups.items()
            for name, terms in self.customers.items()
        }
        for name, terms in {"every customer": (self.ship, self.backorder), **own}.items():
            if terms == ("complete", "cancel"):
                raise ValueError(
                    f"{name}: `ship: complete` waits for the whole order, so there is no balance to cancel; "
                    "choose `backorder: keep`"
                )
        return self

    @model_validator(mode="after")
    def _days_need_a_calendar(self) -> ReleasePolicyFile:
        if (self.calendar is None) != (self.cut_off is None):
            raise ValueError("`calendar` and `cut_off` go together: give both or neither")
        if self.calendar is None and (self.age_yields_to_cut_off or self.lead_working_days):
            raise ValueError("`age_yields_to_cut_off` and `lead_working_days` need `calendar` and `cut_off`")
        return self

    def policy(self, zone: ZoneInfo) -> ReleasePolicy:
        """The rules as the domain takes them, for a warehouse in this time zone."""
        return ReleasePolicy(
            version=self.version,
            card_states=frozenset(self.card_states),
            hokodo_states=frozenset(self.hokodo_states),
            invoice=self.invoice,
            largest_line_base=self.largest_line_base,
            largest_order_gross=self.largest_order_gross,
            po_required=self.po_number,
            minimum_age=timedelta(minutes=self.minimum_age_minutes),
            ship_complete=self.ship == "complete",
            keep_backorder=self.backorder == "keep",
            reserve_for=timedelta(days=self.reserve_days),
            split_packs=self.split_packs,
            buffer=self.buffer,
            start=self.start,
            duplicates_within=timedelta(days=self.duplicate_days),
            dispatch=self._dispatch(zone),
            zone=zone,
            draft_waiting=timedelta(hours=self.draft_waiting_hours),
            customers={name: _stated(terms) for name, terms in self.customers.items()},
            groups={name: _stated(terms) for name, terms in self.groups.items()},
        )

    def _dispatch(self, zone: ZoneInfo) -> Dispatch | None:
        if self.calendar is None or self.cut_off is None:
            return None
        calendar = self.calendar.of(zone)
        return Dispatch(calendar, CutOff(self.cut_off), self.lead_working_days, self.age_yields_to_cut_off)


def _stated(terms: CustomerTerms) -> dict[str, Any]:
    """The fields of the domain's policy that these terms change."""
    changed: dict[str, Any] = {}
    if terms.po_number is not None:
        changed["po_required"] = terms.po_number
    if terms.ship is not None:
        changed["ship_complete"] = terms.ship == "complete"
    if terms.backorder is not None:
        changed["keep_backorder"] = terms.backorder == "keep"
    if terms.reserve_days is not None:
        changed["reserve_for"] = timedelta(days=terms.reserve_days)
    return changed


def read_proposed_policy(file: Path) -> ReleasePolicyFile:
    """The policy of a file to which nobody need have agreed yet. Raises ConfigError naming line and field."""
    return read_yaml(file, ReleasePolicyFile, "release policy")


def read_release_policy(file: Path) -> ReleasePolicyFile:
    """The policy of a file. Raises ConfigError naming line and field, or who has not agreed yet."""
    read = read_proposed_policy(file)
    if read.agreed_by is None and not read.demo:
        raise ConfigError(
            f"release policy {file.name}: agreed_by: finance, operations and customer_experience must each have "
            "agreed, with a date, before orders are released"
        )
    return read
