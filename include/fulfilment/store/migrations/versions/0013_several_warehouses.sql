-- Which warehouse a line leaves from by the shop's location for it: the code, empty for the site's first one and where
-- the shop names none, NULL for a place that no warehouse of the site stands for. A variant's row is one location.
SET LOCAL search_path = fulfilment;

ALTER TABLE order_line ADD COLUMN leaves_from text DEFAULT '';
ALTER TABLE variant ADD COLUMN leaves_from text NOT NULL DEFAULT '';

-- What is owed to a warehouse is claimed for that one; empty for what is owed to a shop.
ALTER TABLE outbox ADD COLUMN warehouse text NOT NULL DEFAULT '';
UPDATE outbox o SET warehouse = w.warehouse FROM warehouse_order w
WHERE o.site = w.site AND o.order_id = w.order_id AND o.kind IN ('warehouse_order', 'warehouse_change');

-- What one warehouse tells closes no ticket about another.
UPDATE exception_ticket SET scope = 'stock_snapshot/' || substr(subject, length('stock of ') + 1)
WHERE scope = 'stock_snapshot' AND closed_at IS NULL AND starts_with(subject, 'stock of ');
UPDATE exception_ticket t SET scope = 'stock_snapshot/' || s.warehouse
FROM (SELECT site, min(warehouse) AS warehouse FROM stock_snapshot GROUP BY site) s
WHERE t.site = s.site AND t.scope = 'stock_snapshot' AND t.closed_at IS NULL;
UPDATE exception_ticket t SET scope = 'warehouse_orders/' || w.warehouse FROM warehouse_order w
WHERE t.site = w.site AND t.scope = 'warehouse_orders' AND t.closed_at IS NULL AND t.subject = w.external_ref
    AND t.code <> 'outcome_unknown';

-- At which warehouse an order was seen that another route brought: it is adopted there.
ALTER TABLE sales_order ADD COLUMN already_at text NOT NULL DEFAULT '';
UPDATE sales_order o SET already_at = w.warehouse FROM warehouse_order w
WHERE o.site = w.site AND o.order_id = w.order_id AND o.already_as <> '';
