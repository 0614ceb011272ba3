-- What the partner remembers of its mailbox. Times are UTC text to the microsecond.

CREATE TABLE IF NOT EXISTS heard (control TEXT PRIMARY KEY, file TEXT NOT NULL) WITHOUT ROWID;

-- Messages under way: kept with the change they tell of, then written to the mailbox under their name.
CREATE TABLE IF NOT EXISTS message (
  number INTEGER PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL, content TEXT NOT NULL,
  written INTEGER NOT NULL DEFAULT 0, verdict TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS message_unwritten ON message (written) WHERE written = 0;

CREATE TABLE IF NOT EXISTS told_shipment (shipment_id INTEGER PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS told_line (line_id INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS pack (
  sku TEXT NOT NULL, unit TEXT NOT NULL, units INTEGER NOT NULL CHECK (units > 0), PRIMARY KEY (sku, unit)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS told_stock (sku TEXT PRIMARY KEY, units INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
