-- What a trade order says beside its goods, and in which of the merchant's places each detail was found.
SET LOCAL search_path = fulfilment;

ALTER TABLE sales_order ADD COLUMN details jsonb NOT NULL DEFAULT '{}';
