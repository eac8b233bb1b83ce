/**
 * The tables of a store file, layout 7. How files of earlier layouts become such a file is in
 * layout.ts.
 *
 * Jobs of one queue and type form a **lane**, known by a number, so that rows
 * and indexes stay small. Each verb reads jobs in the order of one index; all
 * indexes but two are partial, so a job is only in those that its status needs:
 *
 * | index | finds |
 * |---|---|
 * | `jobs_ready` | the next job of a lane: higher priority, then its place in line |
 * | `jobs_parked` | the next parked job of a key and lane, in the same order |
 * | `jobs_keyed` | claims of a key |
 * | `jobs_due` | delayed jobs by due time |
 * | `jobs_lease` | claims of a server by the end of their lease |
 * | `jobs_expire` | jobs that are to be canceled unless they start in time |
 * | `jobs_purge` | final jobs by the end of their retention |
 * | `jobs_counted` | the final jobs of a lane and status with a `maxCount`, by when they ended |
 * | `jobs_list` | the jobs of a lane and status, by when they entered it |
 * | `jobs_parents` | the jobs of a lane that have or had children, by when they came |
 *
 * A large payload has a row of its own, since moving a job rewrites its row.
 * `counts` is kept by each transaction that moves jobs: what it says is exact.
 *
 * What ends is added to the `minutes` of its pair (a queue and a type; pairs outlive
 * lanes), and from there, when a minute is over, to the totals in `pairs` and to `days`, and when
 * the hour is over to `hours`.
 *
 * A job's number `n` is never given again, so an edge may outlive its parent.
 * `links` tells which other tables know of the job: jobs without any cost no
 * look at them.
 *
 * @module
 */

import { finalStatuses } from "../../job/state.ts";
import { DESK_SCHEMA } from "./schema_desk.ts";
import { INSIGHT_SCHEMA } from "./schema_insight.ts";

/** Marks a file as ours, in SQLite's header: "GQMs". */
export const APPLICATION_ID = 0x47514d73;

/** Version of the layout below, kept as SQLite's `user_version`. */
export const LAYOUT_VERSION = 7;

/**
 * Least version of the layout that a program must know to work on a file with the tables below:
 * `meta.least`, which every transaction reads with the rest of `meta`. As high as `LAYOUT_VERSION`
 * where programs of the version before would do harm.
 */
export const LEAST_VERSION = 7;

/**
 * Numbers of the statuses in the file. Append only: files outlive releases, and
 * the conditions of the indexes below name them.
 */
export const STATUS_CODE = {
  ready: 0,
  scheduled: 1,
  deferred: 2,
  processing: 3,
  retry: 4,
  completed: 5,
  dead_letter: 6,
  canceled: 7,
  stopped: 8,
  failed: 9,
} as const;

/** Numbers of the statuses that end a job. */
export const IS_FINAL: ReadonlySet<number> = new Set(
  finalStatuses.map((status) => STATUS_CODE[status]),
);
/** Numbers of the statuses of a job that waits to run. */
export const IS_WAITING: ReadonlySet<number> = new Set([
  STATUS_CODE.ready,
  STATUS_CODE.scheduled,
  STATUS_CODE.deferred,
  STATUS_CODE.retry,
]);

/** Bits of `links`. */
export const LINK = {
  /** It was enqueued with parents: it is a child in `edges`. */
  parents: 1,
  /** It has or had children: it is a parent in `edges`. */
  children: 2,
  /** It has a key: it is or was the owner of a row in `locks`. */
  key: 4,
  /** It has a `maxCount` of its own: once it is final, it is counted in `quotas`. */
  quota: 8,
} as const;

/** Numbers of the edge policies in the file. Append only. */
export const POLICY_CODE = { cancel: 0, continue: 1, ignore: 2 } as const;

/** Condition of ready jobs. */
export const IS_READY = "status = 0";
/** Condition of `jobs_ready`. A query must repeat it word for word to use the index. */
export const IS_CLAIMABLE = "status = 0 AND parked = 0";
/** Condition of `jobs_parked`. */
export const IS_PARKED = "status = 0 AND parked = 1";
/** Condition of `jobs_due`. */
export const IS_DELAYED = "status IN (1, 4)";
/** Condition of `jobs_lease`. */
export const IS_PROCESSING = "status = 3";
/** Condition of `jobs_keyed`, beside that of `jobs_lease`. */
export const HAS_LIMIT_KEY = "limit_key IS NOT NULL";
/** Condition of `jobs_expire`. */
export const MAY_EXPIRE = "expire_at IS NOT NULL AND status IN (0, 1, 2) AND attempts_made = 0";
/** Condition of `jobs_purge`. */
export const MAY_PURGE = "purge_at IS NOT NULL";

/** Condition of `jobs_counted`. */
export const IS_COUNTED = `links & ${LINK.quota} = ${LINK.quota} AND status IN (${
  finalStatuses.map((status) => STATUS_CODE[status]).join(", ")
})`;
/** Condition of `jobs_parents`. */
export const HAS_CHILDREN = `links & ${LINK.children} = ${LINK.children}`;
/** Condition of `quotas_over`. */
export const IS_OVER = "most IS NOT NULL";
/** Condition of `schedules_due`. */
export const IS_SCHEDULED = "due_at IS NOT NULL AND custom = 0";

/** Statements that create everything in an empty file. */
export const SCHEMA = `
CREATE TABLE meta (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  last_order INTEGER NOT NULL,   -- place at the end of a line, rising
  last_front INTEGER NOT NULL,   -- place at the front of a line, falling from 0
  last_moved INTEGER NOT NULL,   -- number of the last change of a status
  last_fence INTEGER NOT NULL,   -- fence of the last claim
  last_lane INTEGER NOT NULL,    -- lane numbers are never used again
  lanes_epoch INTEGER NOT NULL,  -- rises when lanes are removed
  last_cancel INTEGER NOT NULL,  -- rises when jobs are canceled that somebody holds
  paused INTEGER NOT NULL,       -- rows of paused
  relays INTEGER NOT NULL,       -- rows of relays
  last_event INTEGER NOT NULL,   -- number of the last event
  heard_until INTEGER NOT NULL,  -- until when events are kept; 0: there are none
  limited INTEGER NOT NULL,      -- rows of limits and looks
  least INTEGER NOT NULL         -- least layout that a program must know; in every later layout too
) STRICT;
INSERT INTO meta VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ${LEAST_VERSION});

CREATE TABLE lanes (
  lane INTEGER PRIMARY KEY,
  queue TEXT NOT NULL,
  type TEXT NOT NULL,
  UNIQUE (queue, type)
) STRICT;

CREATE TABLE counts (
  status INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (status, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
  n INTEGER PRIMARY KEY,                   -- number of the change that brought it; never given again
  id TEXT NOT NULL UNIQUE,
  lane INTEGER NOT NULL,
  status INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  order_seq INTEGER NOT NULL,              -- place in line
  moved INTEGER NOT NULL,                  -- number of the last change of status
  at_front INTEGER NOT NULL,               -- 1: goes to the front when it becomes ready, until it has run
  created_at INTEGER NOT NULL,
  run_at INTEGER,                          -- of one that is or was ready: since when; NULL: since it came
  expire_at INTEGER,                       -- NULL also once a person retried the job
  started_at INTEGER,
  finished_at INTEGER,
  purge_at INTEGER,                        -- end of retention; NULL: kept
  retry_count INTEGER NOT NULL DEFAULT 0,
  attempts_made INTEGER NOT NULL DEFAULT 0,
  deliveries INTEGER NOT NULL DEFAULT 0,
  fence INTEGER NOT NULL DEFAULT 0,        -- of the last claim
  settled_fence INTEGER,                   -- of the last claim that was settled
  server TEXT,
  pool TEXT,
  claimed_at INTEGER,
  lease_until INTEGER,
  last_line INTEGER NOT NULL DEFAULT 0,    -- number of the newest log line; 0: none
  links INTEGER NOT NULL,                  -- sum of LINK
  pending INTEGER NOT NULL,                -- edges on which it waits
  delay_ms INTEGER,                        -- begins when the last parent lets it go
  limit_key TEXT,                          -- as in settings
  parked INTEGER NOT NULL DEFAULT 0,       -- 1: stands aside until its key has room, if it is ready
  suspect INTEGER NOT NULL DEFAULT 0,      -- 1: a server that held it ahead died; means nothing once it has ended
  canceled_by TEXT,                        -- id of the parent whose end canceled it
  settings TEXT,                           -- JSON; NULL: none
  payload TEXT,                            -- JSON; NULL: in payloads
  attempts TEXT,                           -- JSON; NULL: none
  progress TEXT,                           -- JSON; NULL: none
  error TEXT,                              -- JSON, since drivers cut text at NUL
  result TEXT                              -- JSON, written once, with the end
) STRICT;
CREATE INDEX jobs_ready ON jobs (lane, priority DESC, order_seq) WHERE ${IS_CLAIMABLE};
CREATE INDEX jobs_parked ON jobs (limit_key, lane, priority DESC, order_seq) WHERE ${IS_PARKED};
CREATE INDEX jobs_keyed ON jobs (limit_key, lane) WHERE ${IS_PROCESSING} AND ${HAS_LIMIT_KEY};
CREATE INDEX jobs_due ON jobs (run_at) WHERE ${IS_DELAYED};
CREATE INDEX jobs_lease ON jobs (server, lease_until) WHERE ${IS_PROCESSING};
CREATE INDEX jobs_expire ON jobs (expire_at) WHERE ${MAY_EXPIRE};
CREATE INDEX jobs_purge ON jobs (purge_at) WHERE ${MAY_PURGE};
CREATE INDEX jobs_list ON jobs (lane, status, moved);
CREATE INDEX jobs_parents ON jobs (lane) WHERE ${HAS_CHILDREN};
CREATE INDEX jobs_counted ON jobs (lane, status, moved) WHERE ${IS_COUNTED};

CREATE TABLE quotas (
  status INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  n INTEGER NOT NULL,   -- jobs with a maxCount of their own
  most INTEGER,         -- how many of them are to be kept; NULL: there are no more
  PRIMARY KEY (status, lane)
) STRICT, WITHOUT ROWID;
CREATE INDEX quotas_over ON quotas (lane, status) WHERE ${IS_OVER};

CREATE TABLE payloads (
  n INTEGER PRIMARY KEY,
  payload TEXT NOT NULL
) STRICT;

CREATE TABLE logs (
  n INTEGER NOT NULL,
  line INTEGER NOT NULL,
  at INTEGER NOT NULL,
  text TEXT NOT NULL,   -- JSON, since drivers cut text at NUL
  PRIMARY KEY (n, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE edges (
  parent INTEGER NOT NULL,    -- may have gone
  child INTEGER NOT NULL,
  place INTEGER NOT NULL,     -- among the child's parents
  policy INTEGER NOT NULL,
  pending INTEGER NOT NULL,   -- 1: the parent has not let the child go
  parent_id TEXT NOT NULL,
  PRIMARY KEY (parent, child)
) STRICT, WITHOUT ROWID;
CREATE INDEX edges_child ON edges (child, place);

CREATE TABLE relays (
  number INTEGER PRIMARY KEY,
  parent INTEGER NOT NULL,      -- may have gone
  parent_id TEXT NOT NULL,
  how TEXT,                     -- how it ended; NULL: its children are to be revived
  completed INTEGER NOT NULL,   -- 1: it ended as its children hoped
  before INTEGER NOT NULL,      -- number of the change: later ones are not meant
  cursor INTEGER NOT NULL       -- children up to this one are done
) STRICT;
CREATE INDEX relays_parent ON relays (parent);

CREATE TABLE locks (
  key TEXT PRIMARY KEY,
  n INTEGER NOT NULL UNIQUE,   -- the owner
  until TEXT NOT NULL,
  ends_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  id TEXT,                     -- NULL: it is about lines
  queue TEXT NOT NULL,         -- empty: all
  type TEXT NOT NULL,          -- empty: all
  status INTEGER,              -- NULL: it was removed
  error TEXT,                  -- JSON, since drivers cut text at NUL
  value REAL
) STRICT;

CREATE TABLE servers (
  server TEXT PRIMARY KEY,
  about TEXT NOT NULL,         -- JSON
  started_at INTEGER NOT NULL,
  beaten_at INTEGER NOT NULL,
  lease_ms INTEGER NOT NULL,
  busy TEXT NOT NULL           -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE start_marks (
  server TEXT NOT NULL,
  pool TEXT NOT NULL,
  fence INTEGER NOT NULL,      -- lowest of a claim that it has not started
  PRIMARY KEY (server, pool)
) STRICT, WITHOUT ROWID;

CREATE TABLE paused (
  queue TEXT NOT NULL,   -- empty: all
  type TEXT NOT NULL,    -- empty: all
  PRIMARY KEY (queue, type)
) STRICT, WITHOUT ROWID;

CREATE TABLE schedules (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,   -- number of the last change
  definition TEXT NOT NULL,   -- JSON
  source TEXT NOT NULL,
  scope TEXT,
  paused INTEGER NOT NULL,
  custom INTEGER NOT NULL,    -- 1: its slots are computed by a function of some programs
  slot_at INTEGER,
  due_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  last_slot_at INTEGER,
  last_fired_at INTEGER,
  last_start_at INTEGER,
  last_outcome TEXT,
  last_job_id TEXT
) STRICT;
CREATE INDEX schedules_due ON schedules (due_at, id) WHERE ${IS_SCHEDULED};

CREATE TABLE schedule_log (
  schedule TEXT NOT NULL,
  number INTEGER NOT NULL,   -- number of the change
  at INTEGER NOT NULL,
  slot_at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  outcome TEXT NOT NULL,
  job_id TEXT,
  count INTEGER,
  note TEXT,                 -- JSON, since drivers cut text at NUL
  PRIMARY KEY (schedule, number)
) STRICT, WITHOUT ROWID;

${INSIGHT_SCHEMA}
CREATE TABLE limits (
  name TEXT PRIMARY KEY,   -- as in meter.ts
  concurrency INTEGER,
  tokens INTEGER,          -- in per_ms
  per_ms INTEGER,
  burst INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE buckets (
  name TEXT PRIMARY KEY,   -- as in meter.ts
  level INTEGER NOT NULL,
  at INTEGER NOT NULL,
  per_ms INTEGER NOT NULL,
  full_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX buckets_full ON buckets (full_at);

CREATE TABLE looks (
  name TEXT PRIMARY KEY,   -- k: a key, t: a type, a: all keys from one on
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX looks_at ON looks (at);
${DESK_SCHEMA}`;
