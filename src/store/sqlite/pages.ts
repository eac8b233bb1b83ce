/**
 * Pages of lists in a SQLite file.
 *
 * An index does not know how many rows stand before one, so they are counted:
 * from the nearer end of the list up to a guess of where the page begins, then
 * between guesses. Counting reads nothing but the index.
 *
 * @module
 */

import { isAsked } from "../check_page.ts";
import type { PageQuery, PageReply, ParentRow, ParentsReply, PartQuery } from "../store.ts";
import type { Database } from "./database.ts";
import { readRecord } from "./inspect.ts";
import type { Lanes } from "./lanes.ts";
import { mergeLanes, type MergeOrder } from "./merge.ts";
import { HAS_CHILDREN, STATUS_CODE } from "./schema.ts";

/** A row of a list: its job, and the place that it has in the list. */
interface PlacedRow {
  readonly n: number;
  readonly place: number;
}

/** A list of jobs, each of which has a place of its own. */
interface PlacedList {
  /** Counts the rows of lanes, given as JSON, with places above one number and up to another. */
  readonly count: string;
  /** Reads the rows of a lane below a place, the highest first. */
  readonly down: MergeOrder<PlacedRow>;
  /** Reads the rows of a lane above a place, the lowest first. */
  readonly up: MergeOrder<PlacedRow>;
}

/** A list of some lanes. */
interface Listed {
  readonly list: PlacedList;
  readonly lanes: readonly number[];
  /** What parameters between lane and place are set to. */
  readonly values: readonly number[];
  /** How many rows it has. */
  readonly total: number;
}

/** The jobs of a status, by when they entered it. */
const OF_STATUS: PlacedList = {
  count: `
SELECT count(*) AS n FROM json_each(?) AS wanted CROSS JOIN jobs
WHERE jobs.lane = wanted.value AND status = ? AND moved > ? AND moved <= ?`,
  down: {
    range: "SELECT n, moved AS place FROM jobs WHERE lane = ? AND status = ? AND moved < ?",
    orderBy: "place DESC",
    compare: (a, b) => b.place - a.place,
  },
  up: {
    range: "SELECT n, moved AS place FROM jobs WHERE lane = ? AND status = ? AND moved > ?",
    orderBy: "place",
    compare: (a, b) => a.place - b.place,
  },
};

/** The jobs with children, by when they were enqueued. */
const WITH_CHILDREN: PlacedList = {
  count: `
SELECT count(*) AS n FROM json_each(?) AS wanted CROSS JOIN jobs
WHERE jobs.lane = wanted.value AND ${HAS_CHILDREN} AND n > ? AND n <= ?`,
  down: {
    range: `SELECT n, n AS place FROM jobs WHERE lane = ? AND ${HAS_CHILDREN} AND n < ?`,
    orderBy: "place DESC",
    compare: (a, b) => b.place - a.place,
  },
  up: {
    range: `SELECT n, n AS place FROM jobs WHERE lane = ? AND ${HAS_CHILDREN} AND n > ?`,
    orderBy: "place",
    compare: (a, b) => a.place - b.place,
  },
};

/** Lanes that have jobs of a status, and how many. */
const COUNTS_OF_STATUS = "SELECT lane, n FROM counts WHERE status = ? AND n > 0";

/** Lanes, and how many of their jobs have children. */
const PARENTS_OF_LANES = `
SELECT lane, (SELECT count(*) FROM jobs WHERE jobs.lane = lanes.lane AND ${HAS_CHILDREN}) AS n
FROM lanes`;
const COUNT_CHILDREN = "SELECT count(*) AS n FROM edges WHERE parent = ?";

/** Rows that may be read in vain, since a guess was near enough. */
const SLACK = 500;
/** Every so many guesses one halves what is left, however the rows lie in it. */
const HALVE_EVERY = 3;

/** See `PageStage.page`. */
export function page(db: Database, lanes: Lanes, query: PageQuery): PageReply {
  const status = STATUS_CODE[query.status];
  const counted = db.all<LaneCount>(COUNTS_OF_STATUS, status);
  const { rows, total } = readPart(db, lanes, query, {
    list: OF_STATUS,
    values: [status],
    counted,
  });
  return { jobs: rows.map((row) => readRecord(db, lanes, row)), total };
}

/** See `PageStage.parents`. */
export function parents(db: Database, lanes: Lanes, query: PartQuery): ParentsReply {
  const counted = db.all<LaneCount>(PARENTS_OF_LANES).filter(({ n }) => n > 0);
  const { rows, total } = readPart(db, lanes, query, { list: WITH_CHILDREN, values: [], counted });
  const read = rows.map((row): ParentRow => ({
    job: readRecord(db, lanes, row),
    children: db.get<{ n: number }>(COUNT_CHILDREN, row.n)!.n,
  }));
  return { parents: read, total };
}

/** How many rows of a list a lane has. */
interface LaneCount {
  readonly lane: number;
  readonly n: number;
}

/** A list, over all lanes. */
interface Source extends Pick<Listed, "list" | "values"> {
  readonly counted: readonly LaneCount[];
}

/** Reads the part of a list that a query asks for. */
function readPart(
  db: Database,
  names: Lanes,
  query: PartQuery,
  { list, values, counted }: Source,
): { readonly rows: readonly PlacedRow[]; readonly total: number } {
  const { offset, limit, order = "newest" } = query;
  const asked = counted.filter(({ lane }) => isAsked(query, names.name(lane)));
  const lanes = asked.map(({ lane }) => lane);
  const total = asked.reduce((sum, { n }) => sum + n, 0);
  const count = Math.min(limit, total - offset);
  if (count <= 0) return { rows: [], total };
  const before = order === "newest" ? offset : total - offset - count;
  const { place, above } = before <= SLACK
    ? { place: Number.MAX_SAFE_INTEGER, above: 0 }
    : findPlace(db, { list, values, lanes, total }, before);
  const over = before - above;
  const rows = mergeLanes(db, list.down, lanes, [...values, place], over + count).slice(over);
  return { rows: order === "newest" ? rows : rows.reverse(), total };
}

/** A place in a list, and how many rows have that place or a higher one. */
interface Bound {
  readonly place: number;
  readonly above: number;
}

/** Finds a place above which there are so many rows, or up to `SLACK` fewer. */
function findPlace(db: Database, listed: Listed, before: number): Bound {
  const { list, lanes, values, total } = listed;
  const end = (order: MergeOrder<PlacedRow>, from: number): number =>
    mergeLanes(db, order, lanes, [...values, from], 1)[0]?.place ?? 0;
  const asked = JSON.stringify(lanes);
  const rowsFrom = (low: number, high: number): number =>
    db.get<{ n: number }>(list.count, asked, ...values, low - 1, high - 1)!.n;
  // No more than `before` rows are at `high` or above; more are at `low` or above.
  let high: Bound = { place: end(list.down, Number.MAX_SAFE_INTEGER) + 1, above: 0 };
  let low: Bound = { place: end(list.up, -1), above: total };
  for (let guesses = 1; before - high.above > SLACK && high.place - low.place > 1; guesses++) {
    const wanted = before - SLACK / 2;
    const share = guesses % HALVE_EVERY === 0
      ? 0.5
      : (low.above - wanted) / (low.above - high.above);
    const place = Math.floor(low.place + share * (high.place - low.place));
    const guess = Math.min(Math.max(place, low.place + 1), high.place - 1);
    const isNearTop = wanted - high.above <= low.above - wanted;
    const above = isNearTop
      ? high.above + rowsFrom(guess, high.place)
      : low.above - rowsFrom(low.place, guess);
    if (above <= before) high = { place: guess, above };
    else low = { place: guess, above };
  }
  return high;
}
