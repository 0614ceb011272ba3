"""What the shops sell and show as available, what it should show, and how they answered when they were told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from include.fulfilment.domain.order import SHOP, Variant
from include.fulfilment.domain.stock import Availability
from include.fulfilment.ports import ChangeAnswer
from include.fulfilment.store.site_rows import Row, SiteRows, as_json, plain
from include.fulfilment.store.staging import stage
from include.fulfilment.store_port import OwedPush


class ShownStock(SiteRows):
    """Variants with the shown and the wanted quantity, both in what the variant is (singles or packs)."""

    def record_variants(self, variants: Sequence[Variant], read_at: datetime) -> None:
        """Store what the shop showed at `read_at`. What was read or written since stays, as does a variant missing from
        the reading; a refusal is forgotten once the shop shows another quantity or the variant has another SKU."""
        unique = {(each.storefront, each.inventory_item_id, each.location_id): each for each in variants}
        columns = (
            "storefront text, inventory_item_id text, location_id text, variant_id text, sku text, title text,"
            " pack_size integer, shown bigint, leaves_from text, group_pack_sizes jsonb"
        )
        stage(self._connection, "variant_read", columns, (_variant_row(each) for each in unique.values()))
        self._connection.execute(_VARIANTS, (self._site, read_at))

    def variants(self) -> list[Variant]:
        """Every variant with what the shop shows by our last knowledge."""
        found = self._connection.execute(
            "SELECT storefront, variant_id, inventory_item_id, location_id, sku, title, pack_size, shown, leaves_from"
            " FROM variant WHERE site = %s ORDER BY storefront, inventory_item_id, location_id",
            (self._site,),
        )
        return [_variant(row) for row in found]

    def want(self, rows: Mapping[str, Availability], as_of: datetime, leaves_from: str = "") -> int:
        """What every variant of these SKUs should show, at the location of the warehouse of that name, by its figure of
        `as_of`; an older figure never replaces a newer one. Returns how many of them the shop shows otherwise."""
        columns = "sku text PRIMARY KEY, base_sku text, quantity bigint, figure bigint, demand bigint, units integer"
        stage(self._connection, "wanted_now", columns, (_wanted_row(sku, each) for sku, each in rows.items()))
        self._connection.execute(_WANT, {"site": self._site, "as_of": as_of, "leaves_from": leaves_from})
        differ = self._connection.execute(
            "SELECT count(*) AS variants FROM variant v JOIN wanted_now w USING (sku)"
            " WHERE v.site = %s AND v.leaves_from = %s AND v.shown IS NOT NULL AND v.wanted <> v.shown",
            (self._site, leaves_from),
        ).fetchone()
        return int(differ["variants"]) if differ else 0

    def to_push(self, skus: Sequence[str] | None) -> list[OwedPush]:
        """The variants that show something else than wanted; only these SKUs where given.
        Left out: what the shop refused as it is, and what has to be read again first."""
        found = self._connection.execute(
            """
            SELECT storefront, variant_id, inventory_item_id, location_id, sku, title, pack_size, shown, leaves_from,
                shown_at, wanted
            FROM variant WHERE site = %s AND wanted IS DISTINCT FROM shown AND wanted IS NOT NULL AND shown IS NOT NULL
                AND refused = '' AND (%s::text[] IS NULL OR sku = ANY(%s::text[]))
            ORDER BY storefront, inventory_item_id, location_id
            """,
            (self._site, list(skus) if skus is not None else None, list(skus) if skus is not None else None),
        )
        return [OwedPush(_variant(row), row["wanted"], row["shown_at"]) for row in found]

    def pushed(self, storefront: str, answers: Sequence[ChangeAnswer], now: datetime) -> None:
        """The shop's answers: an applied quantity is shown from now on; a stale one is unknown until it is read
        again; a rejected one waits, with the shop's words, until the variant changes there."""
        columns = "inventory_item_id text, location_id text, quantity bigint, outcome text, message text"
        unique = {(each.change.inventory_item_id, each.change.location_id): each for each in answers}
        stage(self._connection, "push_answer", columns, (_answer_row(each) for each in unique.values()))
        self._connection.execute(_PUSHED, {"site": self._site, "storefront": storefront, "now": now})

    def refused(self) -> dict[str, str]:
        """The shop's words by SKU (by inventory item where there is no SKU) for quantities it refused; a SKU of a
        further shop carries its code."""
        found = self._connection.execute(
            """
            SELECT coalesce(nullif(sku, ''), inventory_item_id)
                    || CASE storefront WHEN %s THEN '' ELSE ' in ' || storefront END AS subject, min(refused) AS words
            FROM variant WHERE site = %s AND refused <> '' GROUP BY 1 ORDER BY 1
            """,
            (SHOP, self._site),
        )
        return {row["subject"]: row["words"] for row in found}


def _variant(row: Row) -> Variant:
    return Variant(
        variant_id=row["variant_id"],
        inventory_item_id=row["inventory_item_id"],
        location_id=row["location_id"],
        sku=row["sku"],
        title=row["title"],
        pack_size=row["pack_size"],
        available=row["shown"],
        storefront=row["storefront"],
        leaves_from=row["leaves_from"],
    )


def _variant_row(each: Variant) -> tuple[object, ...]:
    return (
        each.storefront,
        each.inventory_item_id,
        each.location_id,
        each.variant_id,
        plain(each.sku),
        plain(each.title),
        each.pack_size,
        each.available,
        each.leaves_from,
        as_json(dict(each.group_pack_sizes)),
    )


def _wanted_row(sku: str, each: Availability) -> tuple[object, ...]:
    return (plain(sku), plain(each.base_sku), each.quantity, each.figure, each.demand, each.units_per_uom)


def _answer_row(each: ChangeAnswer) -> tuple[object, ...]:
    change = each.change
    words = plain(each.message) or "refused without a word"
    return (change.inventory_item_id, change.location_id, change.quantity, each.outcome, words)


_VARIANTS = """
    INSERT INTO variant (site, storefront, inventory_item_id, location_id, variant_id, sku, title, pack_size, shown,
        leaves_from, group_pack_sizes, shown_at)
    SELECT %s, storefront, inventory_item_id, location_id, variant_id, sku, title, pack_size, shown, leaves_from,
        group_pack_sizes, %s
    FROM variant_read
    ON CONFLICT (site, storefront, inventory_item_id, location_id) DO UPDATE SET
        variant_id = EXCLUDED.variant_id, sku = EXCLUDED.sku, title = EXCLUDED.title, pack_size = EXCLUDED.pack_size,
        shown = EXCLUDED.shown, leaves_from = EXCLUDED.leaves_from,
        group_pack_sizes = EXCLUDED.group_pack_sizes, shown_at = EXCLUDED.shown_at,
        refused = CASE WHEN (variant.shown, variant.sku) IS DISTINCT FROM (EXCLUDED.shown, EXCLUDED.sku) THEN ''
            ELSE variant.refused END
    WHERE variant.shown_at <= EXCLUDED.shown_at
"""
# `wanted_at` is when the wanted quantity last changed; `wanted_as_of` is the figure that it was last derived from.
_WANT = """
    UPDATE variant v SET wanted = w.quantity, figure = w.figure, demand = w.demand, base_sku = w.base_sku,
        units_per_uom = w.units, wanted_as_of = %(as_of)s,
        wanted_at = CASE WHEN v.wanted IS NOT DISTINCT FROM w.quantity THEN v.wanted_at ELSE %(as_of)s END
    FROM wanted_now w
    WHERE v.site = %(site)s AND v.sku = w.sku AND v.leaves_from = %(leaves_from)s
        AND (v.wanted_as_of IS NULL OR v.wanted_as_of <= %(as_of)s)
        AND (v.wanted, v.figure, v.demand, v.base_sku, v.units_per_uom, v.wanted_as_of)
            IS DISTINCT FROM (w.quantity, w.figure, w.demand, w.base_sku, w.units, %(as_of)s)
"""
_PUSHED = """
    UPDATE variant v SET
        shown = CASE a.outcome WHEN 'applied' THEN a.quantity WHEN 'stale' THEN NULL ELSE v.shown END,
        shown_at = CASE a.outcome WHEN 'applied' THEN %(now)s ELSE v.shown_at END,
        pushed = CASE a.outcome WHEN 'applied' THEN a.quantity ELSE v.pushed END,
        pushed_at = CASE a.outcome WHEN 'applied' THEN %(now)s ELSE v.pushed_at END,
        refused = CASE a.outcome WHEN 'rejected' THEN a.message WHEN 'applied' THEN '' ELSE v.refused END
    FROM push_answer a
    WHERE v.site = %(site)s AND v.storefront = %(storefront)s
        AND v.inventory_item_id = a.inventory_item_id AND v.location_id = a.location_id
"""
