-- The pack catalogue through time: what a pack held at any instant. A reading that changes nothing adds no row here.
CREATE TABLE fulfilment.pack_reading (
    site text NOT NULL, as_of timestamptz NOT NULL, version text NOT NULL, taken_at timestamptz NOT NULL,
    skus integer NOT NULL CHECK (skus > 0),
    confirmed_as_of timestamptz NOT NULL, -- the newest reading that found the same
    PRIMARY KEY (site, as_of), CHECK (confirmed_as_of >= as_of)
);
CREATE TABLE fulfilment.pack_row (
    site text NOT NULL, sku text NOT NULL, base_sku text NOT NULL, uom text NOT NULL, uom_scheme text NOT NULL,
    units_per_uom integer NOT NULL CHECK (units_per_uom > 0), version text NOT NULL, source text NOT NULL,
    from_at timestamptz NOT NULL, until_at timestamptz,
    PRIMARY KEY (site, sku, base_sku, uom, units_per_uom, from_at),
    CONSTRAINT a_pack_held_for_a_time CHECK (until_at > from_at)
);
CREATE UNIQUE INDEX pack_row_now ON fulfilment.pack_row (site, sku, base_sku, uom, units_per_uom) WHERE until_at IS NULL;
