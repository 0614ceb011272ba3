-- The reference under which the warehouse holds an order that came there by another route; empty where it does not.
SET LOCAL search_path = fulfilment;

ALTER TABLE sales_order ADD COLUMN already_as text NOT NULL DEFAULT '';
