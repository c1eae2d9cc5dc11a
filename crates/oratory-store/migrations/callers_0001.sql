-- Who may ask by which key. Written by the command line, read by the service.
CREATE TABLE caller (
    name      TEXT    NOT NULL PRIMARY KEY,
    -- SHA-256 of the key. The key has 256 random bits, so nothing slower would protect it better.
    hash      BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    -- How the key begins, so that a person can tell it from others.
    begins    TEXT    NOT NULL,
    groups    TEXT    NOT NULL,
    clearance TEXT,
    label     TEXT,
    models    TEXT    NOT NULL,
    budgets   TEXT    NOT NULL,
    made      INTEGER NOT NULL,
    expires   INTEGER
) STRICT, WITHOUT ROWID;

-- Grows with every change of callers, so that the service knows when to read them again.
CREATE TABLE change (
    only  INTEGER NOT NULL PRIMARY KEY CHECK (only = 0),
    count INTEGER NOT NULL
) STRICT;
INSERT INTO change VALUES (0, 0);

-- What was spent in a window. Written by the service, as are reservations.
CREATE TABLE spent (
    caller TEXT    NOT NULL,
    unit   TEXT    NOT NULL,
    period TEXT    NOT NULL,
    began  INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (caller, unit, period, began)
) STRICT, WITHOUT ROWID;

-- What is set aside for requests that are under way.
CREATE TABLE reserved (
    id     INTEGER NOT NULL PRIMARY KEY,
    caller TEXT    NOT NULL,
    unit   TEXT    NOT NULL,
    period TEXT    NOT NULL,
    began  INTEGER NOT NULL,
    amount INTEGER NOT NULL
) STRICT;
CREATE INDEX reserved_of ON reserved (caller, unit, period, began, amount);
