-- The buyer's group in SparkLayer, empty for the default one; and the multiples that groups must buy a variant in.
SET LOCAL search_path = fulfilment;

ALTER TABLE sales_order ADD COLUMN customer_group text NOT NULL DEFAULT '';
ALTER TABLE variant ADD COLUMN group_pack_sizes jsonb NOT NULL DEFAULT '{}';
