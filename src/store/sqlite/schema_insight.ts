/**
 * The tables of what is counted.
 *
 * @module
 */

/** Statements that create them. */
export const INSIGHT_SCHEMA = `
CREATE TABLE pairs (
  pair INTEGER PRIMARY KEY,
  queue TEXT NOT NULL,
  type TEXT NOT NULL,
  completed INTEGER NOT NULL DEFAULT 0,   -- of the minutes that are not open
  retried INTEGER NOT NULL DEFAULT 0,
  dead INTEGER NOT NULL DEFAULT 0,
  canceled INTEGER NOT NULL DEFAULT 0,
  lost INTEGER NOT NULL DEFAULT 0,
  UNIQUE (queue, type)
) STRICT;

CREATE TABLE minutes (
  pair INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  open INTEGER NOT NULL,                  -- 1: not added to pairs and days yet
  completed INTEGER NOT NULL DEFAULT 0,
  retried INTEGER NOT NULL DEFAULT 0,
  dead INTEGER NOT NULL DEFAULT 0,
  canceled INTEGER NOT NULL DEFAULT 0,
  lost INTEGER NOT NULL DEFAULT 0,
  runs TEXT NOT NULL DEFAULT '',          -- first bucket and the counts from there on
  waits TEXT NOT NULL DEFAULT '',
  depth TEXT NOT NULL DEFAULT '',         -- counts by status, of the minute's sample
  PRIMARY KEY (pair, minute)
) STRICT, WITHOUT ROWID;
CREATE INDEX minutes_open ON minutes (pair) WHERE open = 1;

CREATE TABLE days (
  day INTEGER NOT NULL,
  queue TEXT NOT NULL,
  completed INTEGER NOT NULL,
  dead INTEGER NOT NULL,
  PRIMARY KEY (day, queue)
) STRICT, WITHOUT ROWID;

CREATE TABLE samples (
  minute INTEGER PRIMARY KEY              -- sampled
) STRICT;

CREATE TABLE hours (
  pair INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  completed INTEGER NOT NULL,
  retried INTEGER NOT NULL,
  dead INTEGER NOT NULL,
  canceled INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  runs TEXT NOT NULL,                     -- as in minutes
  waits TEXT NOT NULL,
  depth TEXT NOT NULL,                    -- of the hour's last sample
  PRIMARY KEY (pair, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE hour_samples (
  hour INTEGER PRIMARY KEY                -- sampled
) STRICT;

CREATE TABLE rollup (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  from_hour INTEGER NOT NULL,             -- hours before it were made of minutes
  to_hour INTEGER NOT NULL,               -- those before it are being made; the same if none are
  pair INTEGER NOT NULL                   -- of pairs up to this one they were
) STRICT;
INSERT INTO rollup VALUES (1, 0, 0, 0);

CREATE TABLE error_groups (
  fingerprint TEXT PRIMARY KEY,
  name TEXT,                              -- JSON, since drivers cut text at NUL
  message TEXT NOT NULL,                  -- JSON
  type TEXT NOT NULL,
  count INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  job_ids TEXT NOT NULL                   -- the newest first, with commas between them
) STRICT, WITHOUT ROWID;
CREATE INDEX error_groups_last ON error_groups (last_at, fingerprint);
`;
