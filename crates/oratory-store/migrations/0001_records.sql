-- One row per request. The id is a version 7 UUID: it sorts by time, so new rows always land on
-- the last page, one page is written per commit, and "the newest" needs no second index.
CREATE TABLE record (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    started_ms     INTEGER NOT NULL,
    caller         TEXT    NOT NULL,
    wanted         TEXT    NOT NULL,
    labels         TEXT    NOT NULL,
    permit         TEXT    NOT NULL,
    place          TEXT    NOT NULL,
    model          TEXT    NOT NULL,
    reason         TEXT    NOT NULL,
    masked_spans   INTEGER NOT NULL,
    from_cache     INTEGER NOT NULL,
    input_tokens   INTEGER NOT NULL,
    cached_tokens  INTEGER NOT NULL,
    output_tokens  INTEGER NOT NULL,
    first_chunk_us INTEGER,
    total_us       INTEGER NOT NULL,
    outcome        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Facts about this file. Opening it writes one, which proves that writing works.
CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value ANY  NOT NULL
) STRICT, WITHOUT ROWID;
