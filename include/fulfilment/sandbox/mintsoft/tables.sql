-- What Mintsoft keeps beside the floor: keys that expire, marks that people (or a careless GET) set on orders, units that
-- were split off to a part of their own when the order came in, and which products have an inventory record at all.

CREATE TABLE IF NOT EXISTS api_key (value TEXT PRIMARY KEY, expires_at TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS mark (
  order_id INTEGER PRIMARY KEY REFERENCES warehouse_order (id), status TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS split_off (
  order_id INTEGER NOT NULL REFERENCES warehouse_order (id), line_id INTEGER NOT NULL REFERENCES line (id),
  units INTEGER NOT NULL CHECK (units > 0), PRIMARY KEY (order_id, line_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS policy (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS inventory (sku TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS inventory_record AFTER UPDATE OF on_hand ON product
BEGIN INSERT OR IGNORE INTO inventory VALUES (new.sku); END;
