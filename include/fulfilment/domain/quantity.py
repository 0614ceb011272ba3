"""Quantities: from what the buyer ordered to base units, proven or refused, and the two conservation laws.

A base unit is the smallest counted unit (EA). Every quantity is a whole number of them; nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from include.fulfilment.errors import DataError


@dataclass(frozen=True, slots=True)
class PackRow:
    """One row of the pack catalogue: one `uom` of `sku` holds `units_per_uom` base units of `base_sku`."""

    sku: str
    base_sku: str
    uom: str
    uom_scheme: str
    units_per_uom: int
    version: str
    source: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Why a line means so many base units; kept with the line for ever."""

    quantity: int
    uom: str
    units_per_uom: int
    base_sku: str
    source: str
    version: str

    @property
    def base(self) -> int:
        return self.quantity * self.units_per_uom

    def text(self) -> str:
        """`2 × CASE(12) = 24 EA, factor from packs.csv row 7, version 2026-11-01`."""
        unit = self.uom if self.units_per_uom == 1 else f"{self.uom}({self.units_per_uom})"
        return f"{self.quantity} × {unit} = {self.base} EA, factor from {self.source}, version {self.version}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line whose quantity is not proven: the hold code, and what was found, for whoever mends it."""

    code: str
    detail: str


PackCatalogue = Mapping[str, Sequence[PackRow]]
KIT = "KIT"
"""The unit of a kit's rows in the catalogue: one row for each component, with its base units in one kit."""


def index_packs(rows: Iterable[PackRow]) -> dict[str, tuple[PackRow, ...]]:
    """Rows of the catalogue by the SKU they are sold under. SKUs are compared exactly: case matters."""
    index: dict[str, tuple[PackRow, ...]] = {}
    for row in rows:
        index[row.sku] = (*index.get(row.sku, ()), row)
    return index


def prove_quantity(sku: str, quantity: int, pack_size: int | None, packs: PackCatalogue) -> Proof | Refusal:
    """Base units of `quantity` of the variant `sku`, or why they cannot be known.

    The variant's own catalogue row says what one of it is (a single or a pack). SparkLayer's `pack_size` only forces
    multiples; it never multiplies (docs.sparklayer.io, quantity rules: quantities stay units, selector steps by it).
    """
    if not sku:
        return Refusal("sku_missing", "the line has no SKU, so the warehouse cannot know what to pick")
    rows = packs.get(sku, ())
    if not rows:
        return Refusal("pack_unknown", f"SKU {sku!r} has no row in the pack catalogue")
    if len({(row.base_sku, row.units_per_uom) for row in rows}) > 1:
        found = ", ".join(f"{row.uom}={row.units_per_uom} {row.base_sku} ({row.source})" for row in rows)
        return Refusal("pack_ambiguous", f"SKU {sku!r} has rows that disagree: {found}")
    row = rows[0]
    if row.units_per_uom < 1:
        return Refusal("pack_unknown", f"SKU {sku!r}: {row.units_per_uom} units per {row.uom} in {row.source}")
    if quantity < 1:
        return Refusal("quantity_not_positive", f"quantity {quantity} of SKU {sku!r} is not a positive whole number")
    if pack_size is not None and (pack_size < 1 or quantity % pack_size):
        found = f"{quantity} of SKU {sku!r} is not a multiple of its pack size {pack_size}"
        return Refusal("pack_size_violated", found)
    return Proof(quantity, row.uom, row.units_per_uom, row.base_sku, row.source, row.version)


def prove_line(sku: str, quantity: int, pack_size: int | None, packs: PackCatalogue) -> tuple[Proof, ...] | Refusal:
    """As `prove_quantity`, and a kit expanded once: a proof for each component, in the catalogue's order. A component
    that is a kit or a pack itself is refused: no kit is opened twice."""
    rows = packs.get(sku, ())
    if not is_kit(rows):
        proof = prove_quantity(sku, quantity, pack_size, packs)
        return proof if isinstance(proof, Refusal) else (proof,)
    components = [row.base_sku for row in rows]
    if len(set(components)) < len(components) or any(row.uom != KIT for row in rows):
        found = ", ".join(f"{row.units_per_uom} {row.base_sku} ({row.source})" for row in rows)
        return Refusal("pack_ambiguous", f"kit {sku!r} has rows that contradict each other: {found}")
    for row in rows:
        own = packs.get(row.base_sku, ())
        if any(each.units_per_uom != 1 or each.base_sku != row.base_sku for each in own):
            return Refusal("pack_ambiguous", f"kit {sku!r}: its component {row.base_sku!r} is a kit or a pack itself")
    proofs = [prove_quantity(sku, quantity, pack_size, {sku: (row,)}) for row in rows]
    refusal = next((each for each in proofs if isinstance(each, Refusal)), None)
    return refusal or tuple(each for each in proofs if isinstance(each, Proof))


def what_it_is(packs: PackCatalogue, sku: str) -> tuple[PackRow, ...]:
    """What one of this SKU is: the one row of a single or a pack, all components of a kit; nothing where there is no
    row, or rows contradict each other."""
    proven = prove_line(sku, 1, None, packs)
    if isinstance(proven, Refusal):
        return ()
    rows = packs[sku]
    return tuple(rows) if is_kit(rows) else (rows[0],)


def is_kit(rows: Sequence[PackRow]) -> bool:
    """Whether these rows of one SKU describe a kit."""
    return any(row.uom == KIT for row in rows)


def changed_since_order(sku: str, ordered: Sequence[PackRow], now: Sequence[PackRow]) -> Refusal | None:
    """Whether one of this SKU means something else now than when it was ordered; both versions are in the words. A SKU
    that had no row then, or has none now, is for the proof to judge; of rows that disagreed then, master data kept the
    one that is right."""
    then, today = _meaning(ordered), _meaning(now)
    settled = today < then and not is_kit(ordered)
    if not then or not today or then == today or settled:
        return None
    return Refusal("pack_changed", f"SKU {sku!r} was {_described(ordered)} when ordered and is {_described(now)} now")


def _meaning(rows: Sequence[PackRow]) -> frozenset[tuple[str, int]]:
    return frozenset((row.base_sku, row.units_per_uom) for row in rows)


def _described(rows: Sequence[PackRow]) -> str:
    return " + ".join(
        f"{row.uom}({row.units_per_uom}) of {row.base_sku} ({row.source}, version {row.version})" for row in rows
    )


@dataclass(frozen=True, slots=True)
class LineQuantities:
    """Where every base unit of an order line is. Two laws hold at every instant, here and as database constraints:
    `ordered = held + released + backordered + cancelled` and `released = open + shipped + short`.
    `over_shipped` stands outside the laws. Raises DataError when a law would break."""

    ordered: int = 0
    held: int = 0
    released: int = 0
    backordered: int = 0
    cancelled: int = 0
    open: int = 0
    shipped: int = 0
    short: int = 0
    over_shipped: int = 0

    def __post_init__(self) -> None:
        parts = (self.held, self.released, self.backordered, self.cancelled)
        if min(self.ordered, *parts, self.open, self.shipped, self.short, self.over_shipped) < 0:
            raise DataError(f"negative quantity: {self}")
        if self.ordered != sum(parts):
            raise DataError(f"ordered is not held + released + backordered + cancelled: {self}")
        if self.released != self.open + self.shipped + self.short:
            raise DataError(f"released is not open + shipped + short: {self}")

    @classmethod
    def placed(cls, ordered: int) -> LineQuantities:
        """A new line: everything held until it is released."""
        return cls(ordered=ordered, held=ordered)

    @property
    def waiting(self) -> int:
        """Units not yet released and not cancelled."""
        return self.held + self.backordered

    @property
    def finished(self) -> bool:
        """Every unit shipped or cancelled."""
        return self.ordered == self.shipped + self.cancelled

    def allocate(self, units: int) -> LineQuantities:
        """Release `units` of what waits; the rest of it becomes the backorder."""
        left = self.waiting - units
        return replace(self, held=0, backordered=left, released=self.released + units, open=self.open + units)

    def hold(self) -> LineQuantities:
        """Everything that waits is held: a balance that came due fails its checks again."""
        return replace(self, held=self.waiting, backordered=0)

    def cancel_waiting(self, units: int | None = None) -> LineQuantities:
        """Cancel `units` of what waits, backordered first; None means all of it."""
        take = self.waiting if units is None else units
        from_backorder = min(take, self.backordered)
        return replace(
            self,
            backordered=self.backordered - from_backorder,
            held=self.held - (take - from_backorder),
            cancelled=self.cancelled + take,
        )

    def settle_short(self, units: int) -> LineQuantities:
        """Short units were credited: they move from `short` to `cancelled`, and `released` falls by as much."""
        return replace(
            self,
            short=self.short - units,
            released=self.released - units,
            cancelled=self.cancelled + units,
        )

    def take_back(self, units: int, cancel: bool) -> LineQuantities:
        """The warehouse confirmed that `units` of what it had will not leave, open ones first and then those it closed
        short: they are cancelled, or held for another decision."""
        from_open = min(units, self.open)
        from_short = min(units - from_open, self.short)
        back = from_open + from_short
        return replace(
            self,
            open=self.open - from_open,
            short=self.short - from_short,
            released=self.released - back,
            cancelled=self.cancelled + (back if cancel else 0),
            held=self.held + (0 if cancel else back),
        )

    def regain(self, units: int) -> LineQuantities:
        """`units` left though their cancel was confirmed: what waits, then what was cancelled, is released again, as
        far as there is such; a shipment is evidence, a confirmation only a promise."""
        from_held = min(units, self.held)
        from_backorder = min(units - from_held, self.backordered)
        from_cancelled = min(units - from_held - from_backorder, self.cancelled)
        gained = from_held + from_backorder + from_cancelled
        return replace(
            self,
            held=self.held - from_held,
            backordered=self.backordered - from_backorder,
            cancelled=self.cancelled - from_cancelled,
            released=self.released + gained,
            open=self.open + gained,
        )

    def amended(self, live: int) -> tuple[LineQuantities, int]:
        """The line after the shop set it to `live` units, and the units that could not be taken back.

        An increase is ordered anew and held. A decrease cancels what waits, then settles what is short; `ordered`
        never falls. Units already in the warehouse are not touched: they are the second value, for a person.
        """
        difference = live - (self.ordered - self.cancelled)
        if difference >= 0:
            return replace(self, ordered=self.ordered + difference, held=self.held + difference), 0
        take = min(-difference, self.waiting)
        left = -difference - take
        settled = min(left, self.short)
        return self.cancel_waiting(take).settle_short(settled), left - settled

    def fold(self, shipped: int, short: int) -> LineQuantities:
        """The state after all shipments together: `shipped` and `short` are totals, not steps, so order and
        repeats do not matter. More than was released is over-shipment."""
        within = min(shipped, self.released)
        closed = min(short, self.released - within)
        return replace(
            self,
            shipped=within,
            short=closed,
            open=self.released - within - closed,
            over_shipped=shipped - within,
        )
