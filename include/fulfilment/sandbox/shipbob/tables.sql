-- What one unit of measure of a product counts in single units, as ShipBob is told when a product is set up.
CREATE TABLE IF NOT EXISTS pack (
  sku TEXT NOT NULL, code TEXT NOT NULL CHECK (code IN ('INP', 'CS', 'PL')), units INTEGER NOT NULL CHECK (units > 1),
  PRIMARY KEY (sku, code)
) WITHOUT ROWID;
