-- A released order may change in the shop: what is asked of the warehouse for it, and what it answered.
SET LOCAL search_path = fulfilment;

ALTER TABLE warehouse_order DROP CONSTRAINT warehouse_order_state_check;
ALTER TABLE warehouse_order
    ADD CONSTRAINT warehouse_order_state_check CHECK (state IN ('queued', 'acknowledged', 'rejected', 'cancelled')),
    -- The shop's content that this one was last found to answer; another content is looked at.
    ADD COLUMN source_hash text NOT NULL DEFAULT '',
    ADD COLUMN changes integer NOT NULL DEFAULT 0,
    ADD COLUMN asked text NOT NULL DEFAULT '' CHECK (asked IN ('', 'amend', 'cancel')),
    -- What the warehouse would not do, for which wish, in its words: it is not asked the same again.
    ADD COLUMN refused_act text NOT NULL DEFAULT '' CHECK (refused_act IN ('', 'amend', 'cancel')),
    ADD COLUMN refused_wish text NOT NULL DEFAULT '', ADD COLUMN refusal text NOT NULL DEFAULT '';
UPDATE warehouse_order w SET source_hash = o.judged_hash FROM sales_order o
WHERE o.site = w.site AND o.order_id = w.order_id;

-- Of a line that was taken off or cancelled only what left stays with the warehouse order.
ALTER TABLE warehouse_order_line DROP CONSTRAINT warehouse_order_line_base_quantity_check;
ALTER TABLE warehouse_order_line ADD CONSTRAINT warehouse_order_line_base_quantity_check CHECK (base_quantity >= 0);

ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('warehouse_order', 'warehouse_change', 'fulfilment'));

-- A person asked that an order be stopped; what became of it is told by the goods. The first who asks is answered.
CREATE TABLE cancel_request (
    site text NOT NULL, order_id text NOT NULL, person text NOT NULL CHECK (person <> ''),
    reason text NOT NULL CHECK (reason <> ''), asked_at timestamptz NOT NULL,
    verdict text NOT NULL DEFAULT '' CHECK (verdict IN ('', 'stopped', 'shipped', 'partly_shipped')),
    verdict_at timestamptz,
    PRIMARY KEY (site, order_id), FOREIGN KEY (site, order_id) REFERENCES sales_order
);
