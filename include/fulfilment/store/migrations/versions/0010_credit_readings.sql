-- Credit comes from the source that finance names: several accounts may share one of its ledger. What was known before is
-- read again by the first run.
SET LOCAL search_path = fulfilment;

DELETE FROM credit_account;
ALTER TABLE credit_account
    ADD COLUMN ledger_id text NOT NULL, -- the account of the ledger; accounts with the same one share its limit
    ADD COLUMN source text NOT NULL,    -- digest of how the site file described the source
    ADD COLUMN taken_at timestamptz NOT NULL;

-- Orders that an older balance does not contain as invoiced yet.
CREATE INDEX sales_order_finished_on_account ON sales_order (site, state_since)
    WHERE state = 'fulfilled' AND payment_method = 'account';
