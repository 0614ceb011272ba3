-- Every order, order line and warehouse order line whose two sides do not agree.
CREATE TABLE lines_here AS
SELECT
    order_id, line_id, max(order_name) AS order_name, max(sku) AS sku, max(units_per) AS units_per,
    max(ordered_base) AS ordered, sum(shipped_base)::BIGINT AS shipped,
    string_agg(DISTINCT external_ref, ' ' ORDER BY external_ref) FILTER (external_ref <> '') AS external_ref,
    bool_or(shipped_base > 0 AND posted_at IS NULL) AS unposted,
    min(dispatched_at) FILTER (shipped_base > 0 AND posted_at IS NULL) AS unposted_at,
    max(dispatched_at) AS dispatched_at, max(posted_at) AS posted_at, min(as_of) AS as_of,
    max(unit_net) AS unit_net, max(currency) AS currency
FROM lines_ours GROUP BY order_id, line_id;

CREATE TABLE lines_there AS
SELECT
    order_id, line_id, max(order_name) AS order_name, max(sku) AS sku, sum(quantity)::BIGINT AS quantity,
    sum(fulfilled)::BIGINT AS fulfilled, min(read_at) AS read_at, max(changed_at) AS changed_at
FROM lines_shown GROUP BY order_id, line_id;

CREATE TABLE line_differences AS
WITH factors AS (SELECT sku, max(units_per) AS units_per FROM stock_ours GROUP BY sku),
paired AS (
    SELECT
        coalesce(h.order_id, t.order_id) AS order_id, coalesce(h.line_id, t.line_id) AS line_id,
        coalesce(nullif(h.order_name, ''), t.order_name, '') AS order_name, coalesce(h.sku, t.sku) AS sku,
        coalesce(h.units_per, f.units_per) AS units_per, coalesce(h.external_ref, '') AS external_ref,
        h.order_id IS NOT NULL AS here, t.order_id IS NOT NULL AS there,
        h.ordered, h.shipped, h.unposted, h.unposted_at, h.dispatched_at, h.posted_at, h.unit_net,
        coalesce(h.currency, '') AS currency, t.quantity, t.fulfilled, t.changed_at, t.read_at AS shop_read_at,
        least(h.as_of, t.read_at) AS read_at,
        h.units_per IS NULL AND h.order_id IS NOT NULL AS unproven
    FROM lines_here AS h
    FULL OUTER JOIN lines_there AS t ON h.order_id = t.order_id AND h.line_id = t.line_id
    LEFT JOIN factors AS f ON f.sku = t.sku
),
ordered AS (
    SELECT *, coalesce(quantity * units_per, 0) - coalesce(ordered, 0) AS gap FROM paired
    WHERE NOT (here AND there AND NOT unproven AND ordered IS NOT DISTINCT FROM quantity * units_per)
    -- a line emptied on one side and left out on the other is no difference
    AND (coalesce(ordered, 0) <> 0 OR coalesce(quantity, 0) <> 0)
),
whole AS (  -- orders that one side does not have at all: one row each
    SELECT order_id FROM paired GROUP BY order_id HAVING NOT bool_or(here) OR NOT bool_or(there)
),
shipped AS (
    SELECT *, (fulfilled - least(shipped // units_per, greatest(quantity, fulfilled))) * units_per AS gap FROM paired
    WHERE here AND there AND units_per IS NOT NULL
)
SELECT
    'order' AS kind, 'ordered' AS aspect, '' AS sku, order_id, '' AS line_id, max(order_name) AS order_name,
    coalesce(string_agg(DISTINCT external_ref, ' ' ORDER BY external_ref) FILTER (external_ref <> ''), '')
        AS external_ref,
    CASE WHEN bool_or(here) THEN coalesce(sum(ordered), 0)::BIGINT END AS ours,
    CASE WHEN bool_or(there) THEN sum(quantity * units_per)::BIGINT END AS theirs,
    NULL::BIGINT AS units_per, min(changed_at) AS started_at, NULL::TIMESTAMPTZ AS answered_at,
    min(shop_read_at) AS read_at, count(*) AS lines,
    CASE WHEN bool_and(units_per IS NOT NULL) THEN sum(gap)::BIGINT END AS difference_base,
    NULL::DECIMAL(18, 4) AS unit_net,
    CASE WHEN bool_and(unit_net IS NOT NULL) AND min(currency) = max(currency)
        THEN sum((gap // units_per) * unit_net) END AS difference_net,
    max(currency) AS currency
FROM ordered SEMI JOIN whole USING (order_id) GROUP BY order_id
UNION ALL
SELECT
    'order_line', 'ordered', sku, order_id, line_id, order_name, external_ref,
    ordered, quantity * units_per, CASE WHEN unproven THEN NULL ELSE units_per END, changed_at, NULL, shop_read_at, 1,
    CASE WHEN NOT unproven THEN gap END, unit_net, NULL, currency
FROM ordered ANTI JOIN whole USING (order_id)
UNION ALL
SELECT
    'order_line', 'shipped', sku, order_id, line_id, order_name, external_ref,
    shipped, fulfilled * units_per, units_per, coalesce(unposted_at, dispatched_at),
    CASE WHEN NOT unposted THEN posted_at END, read_at, 1, gap, unit_net, NULL, currency
FROM shipped WHERE gap <> 0
UNION ALL
SELECT  -- a warehouse order that is not confirmed, or not there at all, is one row; else one row a line
    CASE WHEN whole_order THEN 'order' ELSE 'order_line' END, 'in_warehouse',
    CASE WHEN whole_order THEN '' ELSE sku END, order_id, CASE WHEN whole_order THEN '' ELSE line_id END,
    max(order_name), external_ref, sum(released_base)::BIGINT, sum(warehouse_base)::BIGINT,
    CASE WHEN NOT whole_order THEN max(units_per) END, min(submitted_at), max(acknowledged_at), min(as_of), count(*),
    sum(coalesce(warehouse_base, 0) - released_base)::BIGINT, CASE WHEN NOT whole_order THEN max(unit_net) END, NULL,
    max(currency)
FROM (
    SELECT *, bool_and(acknowledged_at IS NULL OR warehouse_base IS NULL) OVER (PARTITION BY external_ref) AS whole_order
    FROM lines_ours WHERE released_base > 0
)
WHERE warehouse_base IS DISTINCT FROM released_base
GROUP BY order_id, external_ref, whole_order, 3, 5;
