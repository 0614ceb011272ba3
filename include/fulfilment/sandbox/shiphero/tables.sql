-- What ShipHero keeps beside orders and goods: access tokens, and words that people gave a label or an order.

CREATE TABLE IF NOT EXISTS access_token (token TEXT PRIMARY KEY, expires_at TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS label_word (parcel_id INTEGER PRIMARY KEY REFERENCES parcel (id), status TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS order_word (order_id INTEGER PRIMARY KEY REFERENCES warehouse_order (id), status TEXT NOT NULL);
