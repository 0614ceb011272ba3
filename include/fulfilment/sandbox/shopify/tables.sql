-- Everything the shop knows. Times are UTC text to the second (as Shopify answers them), money is decimal text.

CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS location (id INTEGER PRIMARY KEY, name TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS variant (
  id INTEGER PRIMARY KEY, sku TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
  product_id INTEGER NOT NULL UNIQUE, product_title TEXT NOT NULL, product_status TEXT NOT NULL,
  item_id INTEGER NOT NULL UNIQUE, updated_at TEXT NOT NULL
);

-- on hand = available + committed, so it is not stored.
CREATE TABLE IF NOT EXISTS level (
  item_id INTEGER NOT NULL REFERENCES variant (item_id), location_id INTEGER NOT NULL REFERENCES location (id),
  available INTEGER NOT NULL, available_at TEXT NOT NULL, committed INTEGER NOT NULL, committed_at TEXT NOT NULL,
  PRIMARY KEY (item_id, location_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS customer (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, email TEXT, tags TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS company (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, external_id TEXT,
  location_id INTEGER NOT NULL UNIQUE, location_name TEXT NOT NULL, location_external_id TEXT, tax_number TEXT
);

-- An order or a draft order: what they share is most of what they are.
CREATE TABLE IF NOT EXISTS document (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('Order', 'DraftOrder')), name TEXT NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, processed_at TEXT NOT NULL,
  cancelled_at TEXT, cancel_reason TEXT, completed_at TEXT, order_id INTEGER REFERENCES document (id),
  customer_id INTEGER REFERENCES customer (id), company_id INTEGER REFERENCES company (id),
  currency TEXT NOT NULL, note TEXT, po_number TEXT, email TEXT, attributes TEXT NOT NULL, tags TEXT NOT NULL,
  shipping_address TEXT, shipping_title TEXT, shipping_code TEXT, shipping_price TEXT NOT NULL,
  net_days INTEGER, tax_rate TEXT NOT NULL, financial_status TEXT NOT NULL,
  UNIQUE (kind, name)
);
CREATE INDEX IF NOT EXISTS document_updated ON document (kind, updated_at, id);

CREATE TABLE IF NOT EXISTS line (
  id INTEGER PRIMARY KEY, document_id INTEGER NOT NULL REFERENCES document (id), sku TEXT, title TEXT NOT NULL,
  variant_id INTEGER REFERENCES variant (id), quantity INTEGER NOT NULL CHECK (quantity > 0),
  current_quantity INTEGER NOT NULL CHECK (current_quantity BETWEEN 0 AND quantity),
  unit_price TEXT NOT NULL, attributes TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS line_document ON line (document_id, id);

CREATE TABLE IF NOT EXISTS fulfillment_order (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES document (id),
  location_id INTEGER NOT NULL REFERENCES location (id), status TEXT NOT NULL, hold_reason TEXT,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS fulfillment_order_order ON fulfillment_order (order_id);

CREATE TABLE IF NOT EXISTS fulfillment_order_line (
  id INTEGER PRIMARY KEY, fulfillment_order_id INTEGER NOT NULL REFERENCES fulfillment_order (id),
  line_id INTEGER NOT NULL REFERENCES line (id), total INTEGER NOT NULL,
  remaining INTEGER NOT NULL CHECK (remaining BETWEEN 0 AND total)
);
CREATE INDEX IF NOT EXISTS fulfillment_order_line_parent ON fulfillment_order_line (fulfillment_order_id);
CREATE INDEX IF NOT EXISTS fulfillment_order_line_line ON fulfillment_order_line (line_id);

CREATE TABLE IF NOT EXISTS fulfillment (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES document (id),
  location_id INTEGER NOT NULL REFERENCES location (id), name TEXT NOT NULL, status TEXT NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, tracking TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS fulfillment_order_id ON fulfillment (order_id);

CREATE TABLE IF NOT EXISTS fulfillment_line (
  id INTEGER PRIMARY KEY, fulfillment_id INTEGER NOT NULL REFERENCES fulfillment (id),
  fulfillment_order_line_id INTEGER NOT NULL REFERENCES fulfillment_order_line (id),
  line_id INTEGER NOT NULL REFERENCES line (id), quantity INTEGER NOT NULL CHECK (quantity > 0)
);
CREATE INDEX IF NOT EXISTS fulfillment_line_parent ON fulfillment_line (fulfillment_id);
CREATE INDEX IF NOT EXISTS fulfillment_line_line ON fulfillment_line (line_id);

CREATE TABLE IF NOT EXISTS metafield (
  id INTEGER PRIMARY KEY, owner TEXT NOT NULL, namespace TEXT NOT NULL, key TEXT NOT NULL,
  type TEXT NOT NULL, value TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  UNIQUE (owner, namespace, key)
);

CREATE TABLE IF NOT EXISTS idempotency (
  operation TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, answer TEXT NOT NULL,
  PRIMARY KEY (operation, key)
) WITHOUT ROWID;

-- The file of a bulk operation that is done is kept as the text it is.
CREATE TABLE IF NOT EXISTS bulk_operation (
  id INTEGER PRIMARY KEY, status TEXT NOT NULL, query TEXT NOT NULL, created_at TEXT NOT NULL, completed_at TEXT,
  records INTEGER NOT NULL, file TEXT NOT NULL, signature TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS webhook_subscription (
  id INTEGER PRIMARY KEY, topic TEXT NOT NULL, uri TEXT NOT NULL, format TEXT NOT NULL, include_fields TEXT NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, UNIQUE (topic, uri)
);
