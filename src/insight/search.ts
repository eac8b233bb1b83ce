/**
 * Search in what jobs carry, as bounded steps.
 *
 * A step reads some pages of the lists of jobs, one status after the other, the
 * newest of each first. Its cursor says where it stopped: the list, and the place
 * in it.
 *
 * @module
 */

import { checkInteger, checkKeys } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { Job, JobRecord } from "../job/job.ts";
import { isJobId } from "../job/names.ts";
import { type JobStatus, statuses as allStatuses } from "../job/state.ts";
import { hasRange } from "../store/list_time.ts";
import type { ListReply, Store } from "../store/store.ts";
import {
  checkJobQuery,
  isOfLists,
  type JobMatcher,
  type JobQuery,
  matcherOf,
  QUERY_KEYS,
  queuesOf,
} from "./job_query.ts";
import { readableJob } from "./readable_job.ts";

/**
 * What to look for, and where. Statuses are looked through in the order in which they are given.
 *
 * @example
 * ```ts
 * import { Client, memoryStore } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * await using client = new Client({ store: memoryStore() });
 * const { id } = await client.enqueue("email.send", { to: "ada@example.com" });
 * const { jobs, cursor } = await client.search({ text: "ADA@", statuses: ["ready"] });
 * equal(jobs[0]?.id, id);
 * equal(cursor, undefined);
 * ```
 */
export interface SearchOptions extends JobQuery {
  /** Most jobs to return, 1 to 100. @default {20} */
  readonly limit?: number;
  /** Where the step before ended. */
  readonly cursor?: string;
}

/** What one step of a search found. */
export interface SearchReply {
  /**
   * The jobs: newest in their status first, status by status, and of several queues
   * queue by queue. If the text is an id, the job with that id comes first of all.
   * One that changes its status during the search may come twice, or not at all.
   */
  readonly jobs: readonly Job[];
  /** Jobs of the lists that were looked at. */
  readonly scanned: number;
  /** Give it to the next step; absent when there is nothing left to look at. */
  readonly cursor?: string;
}

/** What one step found, as the store has it. */
export interface FindReply extends Omit<SearchReply, "jobs"> {
  readonly jobs: readonly JobRecord[];
}

/** How far one step goes, and what it may look into. */
export interface FindOptions {
  /** Most jobs to return, at least 1. */
  readonly limit: number;
  /** Where the step before ended. */
  readonly cursor?: string;
  /** What of a job the text may be looked for in. @default {all} */
  readonly see?: (job: JobRecord) => JobRecord;
}

const ACTION = "search jobs";
const LARGEST_LIMIT = 100;
const DEFAULT_LIMIT = 20;

/** Most jobs that one step reads. */
const STEP_JOBS = 300;
/** Characters of payloads and results after which a step ends. */
const STEP_CHARS = 1024 * 1024;
/** Most pages that one step reads. */
const STEP_PAGES = 16;
/** Jobs of the first page of a step: as it is not known how large they are. */
const FIRST_PAGE = 10;
/** Most jobs of a page. */
const LARGEST_PAGE = 100;

/**
 * Takes one step of a search.
 *
 * @throws {InvalidOptionError} If an option is unknown or breaks its rule.
 */
export async function searchJobs(store: Store, options: SearchOptions): Promise<SearchReply> {
  checkKeys(ACTION, options, [...QUERY_KEYS, "limit", "cursor"]);
  const { limit = DEFAULT_LIMIT, cursor, ...query } = options;
  checkInteger(ACTION, "limit", limit, 1, LARGEST_LIMIT);
  const { jobs, ...rest } = await findJobs(store, query, { limit, cursor });
  return { jobs: jobs.map(readableJob), ...rest };
}

/**
 * Takes one step through the jobs that are meant: reads at most 300 jobs, and fewer where
 * they are large.
 *
 * @throws {InvalidOptionError} If a part of the query breaks its rule, or the cursor is of another one.
 */
export async function findJobs(
  store: Store,
  query: JobQuery,
  { limit, cursor, see = (job) => job }: FindOptions,
): Promise<FindReply> {
  checkJobQuery(ACTION, query);
  const { id, text, type, fromAt, toAt } = query;
  const matches = matcherOf(query, see);
  if (id !== undefined) return { jobs: await findById(store, id, matches), scanned: 0 };
  // What is given at once is not given again when its list is read.
  const isMeant: JobMatcher = (job) => job.id !== text && matches(job);
  const jobs = cursor === undefined && isJobId(text) ? await findById(store, text, matches) : [];
  const lists = listsOf(query);
  let place = cursor === undefined ? lists[0] : parsePlace(cursor, lists);
  const { first } = place ?? {};
  const isEachMeant = isOfLists(query);
  let [scanned, read, chars, most] = [0, 0, 0, LARGEST_PAGE];
  for (let page = 0; page < STEP_PAGES && place !== undefined; page++) {
    const room = limit - jobs.length;
    if (room === 0 || read >= STEP_JOBS || chars >= STEP_CHARS) break;
    const { status, queue, after } = place;
    const size = Math.min(pageSize(read, chars, first), isEachMeant ? room : most);
    const part = { status, queue, type, fromAt, toAt, limit: size, cursor: after };
    const reply: ListReply = await store.list(part);
    const found = reply.jobs.filter(isMeant);
    if (found.length > room) {
      // It is read again, as far as there is room: a list can be left at the end of a page alone.
      most = reply.jobs.indexOf(found[room - 1]!) + 1;
      continue;
    }
    jobs.push(...found);
    scanned += reply.jobs.length;
    // To find those of a time, a store may have read as many as a page may hold.
    read += hasRange(query) ? size : reply.jobs.length;
    for (const job of reply.jobs) chars += charsOf(job);
    place = reply.cursor === undefined
      ? lists[1 + indexOf(lists, place)]
      : { ...place, after: reply.cursor };
  }
  const found = { jobs, scanned };
  if (place === undefined) return found;
  const next: Place = { ...place, first: read === 0 ? first : firstSize(chars / read) };
  return { ...found, cursor: JSON.stringify(next) };
}

async function findById(store: Store, id: string, matches: JobMatcher): Promise<JobRecord[]> {
  const jobs = await store.getJobs([id]);
  return jobs.filter((job) => job !== null).filter(matches);
}

/** Where a step stopped: a list of the store, and the place in it. */
interface Place {
  readonly status: JobStatus;
  readonly queue?: string;
  /** Cursor of the list; absent at its beginning. */
  readonly after?: string;
  /** How many jobs the first page of the next step holds, by how large those before were. */
  readonly first?: number;
}

/** The lists that are gone through, one after the other. */
function listsOf(query: JobQuery): Place[] {
  const { statuses = allStatuses } = query;
  const queues = queuesOf(query);
  if (queues === undefined) return statuses.map((status) => ({ status }));
  return statuses.flatMap((status) => queues.map((queue) => ({ status, queue })));
}

function indexOf(lists: readonly Place[], place: Place): number {
  return lists.findIndex(({ status, queue }) => status === place.status && queue === place.queue);
}

function parsePlace(cursor: string, lists: readonly Place[]): Place {
  try {
    const { status, queue, after, first } = JSON.parse(cursor) as Place;
    const place = { status, queue, after, first };
    const isSize = first === undefined ||
      (Number.isInteger(first) && first >= 1 && first <= LARGEST_PAGE);
    if (isSize && indexOf(lists, place) >= 0) return place;
  } catch {
    // Refused below.
  }
  throw new InvalidOptionError(ACTION, "cursor", "come from the step before", cursor);
}

/**
 * How many jobs to read next. Where it is not known how large they are, as many as before; and never more
 * than would be too large together.
 */
function pageSize(read: number, chars: number, first: number | undefined): number {
  if (read === 0) return first ?? FIRST_PAGE;
  const fits = (STEP_CHARS - chars) / (1 + chars / read);
  const most = first === undefined ? Math.max(FIRST_PAGE, read) : LARGEST_PAGE;
  return Math.max(1, Math.floor(Math.min(most, LARGEST_PAGE, STEP_JOBS - read, fits)));
}

/** How many jobs of a size to begin with; roughly, as a cursor is not to tell how large what is hidden is. */
function firstSize(size: number): number {
  const fits = Math.max(1, STEP_CHARS / (1 + size));
  return fits >= LARGEST_PAGE ? LARGEST_PAGE : 2 ** Math.floor(Math.log2(fits));
}

/** About how large a job is. */
function charsOf({ payload, result, attempts, logs }: JobRecord): number {
  let chars = payload.length + (result?.length ?? 0);
  for (const { error } of attempts) {
    chars += (error?.message.length ?? 0) + (error?.stack?.length ?? 0);
  }
  for (const { text } of logs) chars += text.length;
  return chars;
}
