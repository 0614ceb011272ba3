-- What every sandbox has: ids handed out, calls counted by operation, and the fault plan.

CREATE TABLE IF NOT EXISTS sequence (kind TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS call (operation TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS fault (
  id INTEGER PRIMARY KEY, operation TEXT NOT NULL, kind TEXT NOT NULL, times INTEGER NOT NULL,
  after_calls INTEGER NOT NULL, seconds REAL NOT NULL
);
