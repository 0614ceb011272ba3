-- Everything the site knows. A purchase and a customer are kept as the JSON they are; instants are UTC text, so that
-- text order is time order. `loaded` are the lines that a buyer placed, for the report alone.

CREATE TABLE IF NOT EXISTS token (value TEXT PRIMARY KEY, expires_at TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS purchase (
  id INTEGER PRIMARY KEY, sparklayer TEXT NOT NULL UNIQUE, platform TEXT UNIQUE, internal TEXT UNIQUE,
  visible TEXT UNIQUE, type TEXT NOT NULL, placed_at TEXT NOT NULL, updated_at TEXT NOT NULL, body TEXT NOT NULL,
  loaded TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX IF NOT EXISTS purchase_updated ON purchase (updated_at);

CREATE TABLE IF NOT EXISTS customer (
  id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, external_id TEXT UNIQUE, email TEXT, body TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS stock_location (id TEXT PRIMARY KEY, name TEXT NOT NULL, external_id TEXT UNIQUE) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS product (sku TEXT PRIMARY KEY, title TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS stock (
  sku TEXT NOT NULL, location_id TEXT NOT NULL REFERENCES stock_location (id), stock_level INTEGER NOT NULL,
  restock_date TEXT, min_stock_level INTEGER, PRIMARY KEY (sku, location_id)
) WITHOUT ROWID;
