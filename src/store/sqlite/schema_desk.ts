/**
 * The tables of what programs beside the queue keep.
 *
 * @module
 */

/** Statements that create them. */
export const DESK_SCHEMA = `
CREATE TABLE memos (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL,         -- JSON, since drivers cut text at NUL
  ends_at INTEGER NOT NULL
) STRICT;
CREATE INDEX memos_ends ON memos (ends_at);

CREATE TABLE hits (
  key TEXT PRIMARY KEY,
  hits TEXT NOT NULL,          -- as in hits.ts
  ends_at INTEGER NOT NULL     -- of the last of them
) STRICT, WITHOUT ROWID;
CREATE INDEX hits_ends ON hits (ends_at);

CREATE TABLE trails (
  name TEXT NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  text TEXT NOT NULL,          -- JSON, since drivers cut text at NUL
  PRIMARY KEY (name, number)
) STRICT, WITHOUT ROWID;
`;
