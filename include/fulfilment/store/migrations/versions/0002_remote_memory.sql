-- An adapter's durable memory at one remote (a connection id), for remotes that answer by message and not by query.
CREATE TABLE fulfilment.journal_entry (
    site text NOT NULL, remote text NOT NULL, kind text NOT NULL, key text NOT NULL,
    content jsonb NOT NULL, written_at timestamptz NOT NULL, place bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (site, remote, kind, key)
);
CREATE INDEX journal_entry_written ON fulfilment.journal_entry (site, remote, kind, written_at);
CREATE TABLE fulfilment.journal_series (
    site text NOT NULL, remote text NOT NULL, series text NOT NULL, last bigint NOT NULL CHECK (last > 0),
    PRIMARY KEY (site, remote, series)
);

-- When the next call to a remote may go (generic cell rate algorithm): shared by all workers and flows of a site.
CREATE TABLE fulfilment.call_budget (
    site text NOT NULL, remote text NOT NULL, next_at timestamptz NOT NULL, PRIMARY KEY (site, remote)
);
