/**
 * Checks the numbers that are kept beside what they count: jobs by lane and
 * status, and the rows of small tables.
 *
 * One lane and status is counted at once, as only that is exact while jobs come
 * and go: about 40 ms for a million jobs.
 *
 * @module
 */

import type { Part, Problem, Section } from "../check_walk.ts";
import { statusOf } from "./codec.ts";
import type { DoctorView } from "./doctor_view.ts";
import type { LaneName } from "./lanes.ts";
import { IS_COUNTED, IS_FINAL, STATUS_CODE } from "./schema.ts";
import type { TableSizes } from "./transaction.ts";

/** What `meta` says of some tables, and how it is. */
export const TABLE_SIZES = `
SELECT paused, relays, limited, (SELECT count(*) FROM paused) AS real_paused,
  (SELECT count(*) FROM relays) AS real_relays,
  (SELECT count(*) FROM limits) + (SELECT count(*) FROM looks) AS real_limited
FROM meta`;
const SET_TABLE_SIZES = "UPDATE meta SET paused = ?, relays = ?, limited = ? WHERE one = 1";
/** The next lane that a lane, a job or a count names. */
export const NEXT_LANE = `
SELECT min(lane) AS lane FROM (
  SELECT (SELECT min(lane) FROM lanes WHERE lane > ?) AS lane
  UNION ALL SELECT (SELECT min(lane) FROM jobs WHERE lane > ?)
  UNION ALL SELECT (SELECT min(lane) FROM counts WHERE lane > ?)
  UNION ALL SELECT (SELECT min(lane) FROM quotas WHERE lane > ?)
)`;
/** How many jobs of a lane and status there are, and are said to be. */
export const COUNTED_JOBS = `
SELECT (SELECT count(*) FROM jobs WHERE lane = ? AND status = ?) AS real,
  (SELECT n FROM counts WHERE lane = ? AND status = ?) AS kept`;
/** The same of those with a `maxCount` of their own. */
export const COUNTED_BY_NUMBER = `
SELECT (SELECT count(*) FROM jobs WHERE lane = ? AND status = ? AND ${IS_COUNTED}) AS real,
  (SELECT n FROM quotas WHERE lane = ? AND status = ?) AS kept`;
const SET_QUOTA = `
INSERT INTO quotas (status, lane, n) VALUES (?, ?, ?)
ON CONFLICT (status, lane) DO UPDATE SET n = excluded.n`;
const NAME_OF_LANE = "SELECT queue, type FROM lanes WHERE lane = ?";
const SET_COUNT = `
INSERT INTO counts (status, lane, n) VALUES (?, ?, ?)
ON CONFLICT (status, lane) DO UPDATE SET n = excluded.n`;
const IS_UNKNOWN = `status NOT IN (${Object.values(STATUS_CODE).join(", ")})`;
/** Counts of a lane that are of no status. */
export const UNKNOWN_COUNTS = `SELECT status FROM counts WHERE lane = ? AND ${IS_UNKNOWN}`;
const DELETE_UNKNOWN = `DELETE FROM counts WHERE lane = ? AND ${IS_UNKNOWN}`;

/** Statuses of a lane; one more stands for those that are none. */
const PLACES = Object.keys(STATUS_CODE).length + 1;
/** Jobs that one step counts for each entry that it may look at, before it ends early. */
const COUNTED_PER_ENTRY = 100;

interface SizesRow extends TableSizes {
  readonly real_paused: number;
  readonly real_relays: number;
  readonly real_limited: number;
}

/** The section of what `meta` counts. */
export function metaSection(view: DoctorView): Section {
  return { mark: "m", place: /^$/, oneByOne: false, look: () => checkSizes(view) };
}

function checkSizes(view: DoctorView): Part {
  const row = view.db.get<SizesRow>(TABLE_SIZES)!;
  const { paused, relays, limited } = row;
  const real = {
    paused: row.real_paused,
    relays: row.real_relays,
    limited: row.real_limited,
  };
  const isRight = paused === real.paused && relays === real.relays && limited === real.limited;
  if (isRight) return { checked: 1, problems: [] };
  const text =
    `meta counts ${paused} pauses, ${relays} ends that children are to be told, and ${limited} ` +
    `limits and looks, but there are ${real.paused}, ${real.relays} and ${real.limited}`;
  const mend = view.mend((tx) => {
    tx.db.run(SET_TABLE_SIZES, real.paused, real.relays, real.limited);
    tx.recount(real);
  });
  return { checked: 1, problems: [{ kind: "wrong_count", id: null, text, mend }] };
}

/** The section of the counts, by lane and status. */
export function countSection(view: DoctorView): Section {
  return {
    mark: "c",
    place: /^-?\d{1,16}\.\d{1,2}$/,
    oneByOne: false,
    look: (after, limit) => checkCounts(view, after, limit),
  };
}

function checkCounts(view: DoctorView, after: string, limit: number): Part {
  view.settleCounts();
  const problems: Problem[] = [];
  let [lane = Number.MIN_SAFE_INTEGER, place = PLACES - 1] = after === ""
    ? []
    : after.split(".").map(Number);
  let [checked, counted] = [0, 0];
  while (checked < limit && counted < COUNTED_PER_ENTRY * limit) {
    if (++place === PLACES) {
      const next = view.db.get<{ lane: number | null }>(NEXT_LANE, lane, lane, lane, lane)!.lane;
      if (next === null) return { checked, problems };
      [lane, place] = [next, 0];
    }
    checked++;
    if (place === PLACES - 1) problems.push(...checkUnknown(view, lane));
    else counted += checkCount(view, lane, place, problems);
  }
  return { checked, problems, next: `${lane}.${place}` };
}

function checkUnknown(view: DoctorView, lane: number): Problem[] {
  const rows = view.db.all<{ status: number }>(UNKNOWN_COUNTS, lane);
  if (rows.length === 0) return [];
  const text = `counts has jobs of status ${rows.map(({ status }) => status)}, which is none, in ` +
    nameOf(view, lane);
  const mend = view.mend((tx) => void tx.db.run(DELETE_UNKNOWN, lane));
  return [{ kind: "wrong_count", id: null, text, mend }];
}

/** Checks one count; returns how many jobs it counted. */
function checkCount(view: DoctorView, lane: number, status: number, into: Problem[]): number {
  const { real, kept } = view.db.get<{ real: number; kept: number | null }>(
    COUNTED_JOBS,
    lane,
    status,
    lane,
    status,
  )!;
  const counted = IS_FINAL.has(status) ? checkQuota(view, lane, status, into) : 0;
  if (real === (kept ?? 0)) return real + counted;
  const text = `counts says that ${kept ?? 0} jobs of ${nameOf(view, lane)} are ` +
    `${statusOf(status)}, but there are ${real}`;
  const mend = view.mend((tx) => {
    tx.db.run(SET_COUNT, status, lane, real);
    if (status === STATUS_CODE.ready && real > 0) tx.woken.add(lane);
  });
  into.push({ kind: "wrong_count", id: null, text, mend });
  return real + counted;
}

/** The same for those with a `maxCount` of their own. */
function checkQuota(view: DoctorView, lane: number, status: number, into: Problem[]): number {
  const { real, kept } = view.db.get<{ real: number; kept: number | null }>(
    COUNTED_BY_NUMBER,
    lane,
    status,
    lane,
    status,
  )!;
  if (real === (kept ?? 0)) return real;
  const text = `quotas says that ${kept ?? 0} jobs of ${nameOf(view, lane)} with a number of ` +
    `their own are ${statusOf(status)}, but there are ${real}`;
  const mend = view.mend((tx) => void tx.db.run(SET_QUOTA, status, lane, real));
  into.push({ kind: "wrong_count", id: null, text, mend });
  return real;
}

function nameOf(view: DoctorView, lane: number): string {
  const name = view.db.get<LaneName>(NAME_OF_LANE, lane);
  return name === undefined ? `lane ${lane}` : `'${name.type}' of queue '${name.queue}'`;
}
