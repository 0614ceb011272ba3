-- Hints that something changed at a shop or warehouse. No content is kept: every hint only causes a reading.
CREATE TABLE fulfilment.webhook_inbox (
    site text NOT NULL, inbox_id bigint GENERATED ALWAYS AS IDENTITY,
    source text NOT NULL, warehouse text NOT NULL,
    noun text NOT NULL CHECK (noun IN ('order', 'shipment', 'stock')), topic text NOT NULL, subject text NOT NULL,
    event_id text NOT NULL,
    -- Digest of a body that states when it was written, so that two equal ones tell of one event; else empty.
    fingerprint text NOT NULL,
    received_at timestamptz NOT NULL, taken_at timestamptz,
    PRIMARY KEY (site, inbox_id),
    CONSTRAINT one_event_is_told_once UNIQUE (site, source, warehouse, noun, subject, event_id)
);
CREATE UNIQUE INDEX webhook_inbox_fingerprint ON fulfilment.webhook_inbox
    (site, source, warehouse, noun, subject, fingerprint) WHERE fingerprint <> '';
CREATE INDEX webhook_inbox_waiting ON fulfilment.webhook_inbox (noun, inbox_id) WHERE taken_at IS NULL;
CREATE INDEX webhook_inbox_taken ON fulfilment.webhook_inbox (taken_at) WHERE taken_at IS NOT NULL;
