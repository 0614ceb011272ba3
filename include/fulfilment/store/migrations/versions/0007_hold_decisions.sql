-- What people decide of a hold, of an order's or of a stock reading's, whichever door they used. Nothing here is ever
-- changed or deleted: it is the audit as well.
SET LOCAL search_path = fulfilment;

CREATE TABLE hold_decision (
    decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- `subject` is our order id or the warehouse's code; `version` is what was decided on: the order's content, or the
    -- instant of the reading.
    site text NOT NULL, code text NOT NULL, subject text NOT NULL, version text NOT NULL, order_id text,
    verdict text NOT NULL CHECK (verdict IN ('lifted', 'refused')),
    person text NOT NULL CHECK (person <> ''), reason text NOT NULL CHECK (reason <> ''), at timestamptz NOT NULL,
    -- The decision that the person saw (0: none). NULL: somebody else had decided meanwhile, and this one counts not.
    follows bigint,
    CONSTRAINT the_first_decides UNIQUE (site, code, subject, version, follows),
    FOREIGN KEY (site, order_id) REFERENCES sales_order
);
CREATE INDEX hold_decision_subject ON hold_decision (site, subject, code, decision_id DESC);
INSERT INTO hold_decision (site, code, subject, version, order_id, verdict, person, reason, at, follows)
    SELECT site, code, order_id, content_hash, order_id, 'lifted', person, reason, at, 0 FROM hold_lift
    ORDER BY at, order_id, code;
DROP TABLE hold_lift;

-- Which run of hold_decision asks which question: one open question each. `until` is when nobody waits for the answer.
CREATE TABLE asked_question (
    site text NOT NULL, code text NOT NULL, subject text NOT NULL, version text NOT NULL,
    run_id text NOT NULL, asked_at timestamptz NOT NULL, until timestamptz NOT NULL,
    PRIMARY KEY (site, code, subject)
);

ALTER TABLE webhook_inbox DROP CONSTRAINT webhook_inbox_noun_check,
    ADD CONSTRAINT webhook_inbox_noun_check CHECK (noun IN ('order', 'shipment', 'stock', 'question'));
