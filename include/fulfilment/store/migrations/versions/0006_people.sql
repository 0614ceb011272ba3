-- What people decide of an order. Nothing here is ever changed or deleted: it is the audit as well.
SET LOCAL search_path = fulfilment;

ALTER TABLE sales_order ADD COLUMN not_before_on date, ADD COLUMN cancel_after_on date;

-- A person ended a hold for the order as it stood then. Of two people the first decided.
CREATE TABLE hold_lift (
    site text NOT NULL, order_id text NOT NULL, code text NOT NULL, content_hash text NOT NULL,
    person text NOT NULL CHECK (person <> ''), reason text NOT NULL CHECK (reason <> ''), at timestamptz NOT NULL,
    PRIMARY KEY (site, order_id, code, content_hash),
    FOREIGN KEY (site, order_id) REFERENCES sales_order
);

-- What the warehouse is told in place of what the shop says; of several corrections of one field the newest counts.
CREATE TABLE order_correction (
    correction_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site text NOT NULL, order_id text NOT NULL, field text NOT NULL, value text NOT NULL,
    person text NOT NULL CHECK (person <> ''), reason text NOT NULL CHECK (reason <> ''), at timestamptz NOT NULL,
    FOREIGN KEY (site, order_id) REFERENCES sales_order
);
CREATE INDEX order_correction_order ON order_correction (site, order_id, field, correction_id DESC);
