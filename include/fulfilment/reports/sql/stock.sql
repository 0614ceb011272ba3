-- Every SKU whose two sides do not agree: one row per shop and SKU, the same whatever the order of the input.
CREATE TABLE stock_differences AS
WITH here AS (
    SELECT
        storefront, sku, max(units_per) AS units_per, max(wanted) AS wanted, max(wanted_at) AS wanted_at,
        max(pushed) AS pushed, max(pushed_at) AS pushed_at, sum(sold_since_push)::BIGINT AS sold_since_push,
        bool_or(warehouse_base IS NOT NULL) AS listed, min(as_of) AS as_of,
        max(unit_net) AS unit_net, max(currency) AS currency, count(*) AS copies
    FROM stock_ours GROUP BY storefront, sku
),
there AS (
    SELECT storefront, sku, sum(shown)::BIGINT AS shown, min(units_per) AS units_per, min(read_at) AS read_at, count(*) AS copies
    FROM stock_shown GROUP BY storefront, sku
),
paired AS (
    SELECT
        coalesce(h.storefront, t.storefront) AS storefront, coalesce(h.sku, t.sku) AS sku, h.units_per, t.units_per AS units_there, t.shown, h.wanted,
        h.wanted_at, h.pushed_at, h.pushed - h.sold_since_push AS expected,
        coalesce(h.wanted = h.pushed, false) AS settled,
        coalesce(h.listed, true) AS warehouse_lists_it, least(h.as_of, t.read_at) AS read_at,
        greatest(coalesce(h.copies, 1), coalesce(t.copies, 1)) AS copies, h.unit_net, coalesce(h.currency, '') AS currency,
        coalesce(h.units_per <> t.units_per, false) AS pack_differs,
        h.sku IS NULL AS only_there, t.sku IS NULL AS only_here
    FROM here AS h FULL OUTER JOIN there AS t ON h.storefront = t.storefront AND h.sku = t.sku
)
SELECT
    'stock' AS kind, CASE WHEN pack_differs THEN 'pack' ELSE 'available' END AS aspect, storefront, sku,
    CASE WHEN pack_differs THEN units_per ELSE wanted END AS ours,
    CASE WHEN pack_differs THEN units_there ELSE shown END AS theirs,
    units_per, wanted_at AS started_at, pushed_at AS answered_at, read_at,
    CASE WHEN pack_differs THEN NULL ELSE expected END AS pushed, warehouse_lists_it, copies, 1 AS lines,
    CASE
        WHEN pack_differs THEN shown * (units_there - units_per)
        WHEN copies = 1 THEN (coalesce(shown, 0) - coalesce(wanted, 0)) * units_per
    END AS difference_base,
    unit_net, currency
FROM paired
WHERE
    only_there OR only_here OR units_per IS NULL OR copies > 1 OR pack_differs
    OR (NOT warehouse_lists_it AND shown > 0)
    -- what the shop sold since our last push is taken off by the shop itself: no difference
    OR (shown IS DISTINCT FROM wanted AND NOT (settled AND shown IS NOT DISTINCT FROM expected));
