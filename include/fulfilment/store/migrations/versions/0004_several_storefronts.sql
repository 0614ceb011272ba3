-- A site may have several shops on one stock: orders, variants, readings and drift say which shop they are of.
SET LOCAL search_path = fulfilment;

ALTER TABLE sales_order ADD COLUMN storefront text NOT NULL DEFAULT 'shop';
ALTER TABLE sales_order DROP CONSTRAINT sales_order_site_platform_id_key;
ALTER TABLE sales_order ADD UNIQUE (site, storefront, platform_id);

ALTER TABLE variant ADD COLUMN storefront text NOT NULL DEFAULT 'shop';
ALTER TABLE variant DROP CONSTRAINT variant_pkey;
ALTER TABLE variant ADD PRIMARY KEY (site, storefront, inventory_item_id, location_id);

ALTER TABLE drift_row ADD COLUMN storefront text NOT NULL DEFAULT 'shop';

UPDATE read_cursor SET stream = 'storefront/orders/shop' WHERE stream = 'storefront/orders';

-- `storefront` is the code of the shop: `shop` for a site's first, and as the site file says for others.
CREATE OR REPLACE VIEW reporting.order_status AS
SELECT o.site, o.order_id, o.platform_id, o.name, o.is_draft, o.placed_at, o.payment_method, o.currency, o.total_gross,
    o.state, o.reason, o.state_since, o.ever_held, o.ever_released, o.ever_backordered,
    l.lines, l.unproven_lines, l.ordered, l.held, l.released, l.backordered, l.cancelled, l.outstanding, l.shipped, l.short,
    l.over_shipped, o.storefront
FROM fulfilment.sales_order o
CROSS JOIN LATERAL (
    SELECT count(*) AS lines, count(*) FILTER (WHERE proof IS NULL) AS unproven_lines,
        coalesce(sum(ordered_base), 0)::bigint AS ordered, coalesce(sum(held_base), 0)::bigint AS held,
        coalesce(sum(released_base), 0)::bigint AS released, coalesce(sum(backordered_base), 0)::bigint AS backordered,
        coalesce(sum(cancelled_base), 0)::bigint AS cancelled, coalesce(sum(open_base), 0)::bigint AS outstanding,
        coalesce(sum(shipped_base), 0)::bigint AS shipped, coalesce(sum(short_base), 0)::bigint AS short,
        coalesce(sum(over_shipped_base), 0)::bigint AS over_shipped
    FROM fulfilment.order_line l WHERE l.site = o.site AND l.order_id = o.order_id) l;

CREATE OR REPLACE VIEW reporting.stock_availability AS
SELECT site, sku, base_sku, title, inventory_item_id, location_id, shown, shown_at, wanted, wanted_at,
    wanted_as_of AS figure_as_of, figure AS figure_base, demand AS demand_base, units_per_uom, pushed, pushed_at, refused,
    storefront
FROM fulfilment.variant;
