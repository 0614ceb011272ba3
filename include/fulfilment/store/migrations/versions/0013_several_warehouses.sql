-- Which warehouse a line leaves from by the shop's location for it: the code, empty for the site's first one and where
-- the shop names none, NULL for a place that no warehouse of the site stands for. A variant's row is one location.
SET LOCAL search_path = fulfilment;

ALTER TABLE order_line ADD COLUMN leaves_from text DEFAULT '';
ALTER TABLE variant ADD COLUMN leaves_from text NOT NULL DEFAULT '';

-- What is owed to a warehouse is claimed for that one; empty for what is owed to a shop.
ALTER TABLE outbox ADD COLUMN warehouse text NOT NULL DEFAULT '';
UPDATE outbox o SET warehouse = w.warehouse FROM warehouse_order w
WHERE o.site = w.site AND o.order_id = w.order_id AND o.kind IN ('warehouse_order', 'warehouse_change');

-- The doubtful reading of one warehouse no longer closes that of another.
UPDATE exception_ticket t SET scope = 'stock_snapshot/' || s.warehouse
FROM (SELECT site, min(warehouse) AS warehouse FROM stock_snapshot GROUP BY site) s
WHERE t.site = s.site AND t.scope = 'stock_snapshot' AND t.closed_at IS NULL;

-- At which warehouse an order was seen that another route brought: it is adopted there.
ALTER TABLE sales_order ADD COLUMN already_at text NOT NULL DEFAULT '';
UPDATE sales_order o SET already_at = w.warehouse FROM warehouse_order w
WHERE o.site = w.site AND o.order_id = w.order_id AND o.already_as <> '';
