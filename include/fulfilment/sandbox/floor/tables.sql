-- A warehouse. Times are UTC text to the microsecond, quantities base units; summary and given are JSON objects.

CREATE TABLE IF NOT EXISTS product (
  id INTEGER PRIMARY KEY, sku TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
  on_hand INTEGER NOT NULL CHECK (on_hand >= 0), updated_at TEXT NOT NULL
);

-- A delivery that was booked in, so that the same one is not booked twice.
CREATE TABLE IF NOT EXISTS receipt (name TEXT PRIMARY KEY, booked_at TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS warehouse_order (
  id INTEGER PRIMARY KEY, external_ref TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'held', 'cancelled')),
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, summary TEXT NOT NULL, given TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS warehouse_order_ref ON warehouse_order (external_ref);
CREATE INDEX IF NOT EXISTS warehouse_order_updated ON warehouse_order (updated_at);

-- More than was ordered may be shipped: people miscount.
CREATE TABLE IF NOT EXISTS line (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES warehouse_order (id), line_key TEXT NOT NULL,
  sku TEXT NOT NULL, ordered INTEGER NOT NULL CHECK (ordered >= 0), shipped INTEGER NOT NULL CHECK (shipped >= 0),
  closed INTEGER NOT NULL CHECK (closed >= 0), given TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS line_order ON line (order_id);
CREATE INDEX IF NOT EXISTS line_sku ON line (sku);

CREATE TABLE IF NOT EXISTS shipment (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES warehouse_order (id), key TEXT UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('picked', 'labelled', 'dispatched', 'voided')),
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, dispatched_at TEXT
);
CREATE INDEX IF NOT EXISTS shipment_order ON shipment (order_id);
CREATE INDEX IF NOT EXISTS shipment_updated ON shipment (updated_at);

CREATE TABLE IF NOT EXISTS shipment_line (
  shipment_id INTEGER NOT NULL REFERENCES shipment (id), line_id INTEGER NOT NULL REFERENCES line (id),
  units INTEGER NOT NULL CHECK (units > 0), PRIMARY KEY (shipment_id, line_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS parcel (
  id INTEGER PRIMARY KEY, shipment_id INTEGER NOT NULL REFERENCES shipment (id),
  carrier TEXT NOT NULL, tracking_number TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS parcel_shipment ON parcel (shipment_id);

CREATE TABLE IF NOT EXISTS parcel_line (
  parcel_id INTEGER NOT NULL REFERENCES parcel (id), line_id INTEGER NOT NULL REFERENCES line (id),
  units INTEGER NOT NULL CHECK (units > 0), PRIMARY KEY (parcel_id, line_id)
) WITHOUT ROWID;
