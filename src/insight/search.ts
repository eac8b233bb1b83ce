/**
 * Search in what jobs carry, as bounded steps.
 *
 * A step reads some pages of the lists of jobs, one status after the other, the
 * newest of each first. Its cursor says where it stopped: the status, the page,
 * and which jobs of that page were given already.
 *
 * @module
 */

import { checkInteger, checkKeys, checkOneOf } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { Job, JobRecord } from "../job/job.ts";
import { type JobStatus, statuses as allStatuses } from "../job/state.ts";
import type { Store } from "../store/store.ts";
import { readableJob } from "./readable_job.ts";

/**
 * What to look for, and where.
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
export interface SearchOptions {
  /**
   * Looked for in the job's id, the JSON text of its payload and of its result,
   * its error and the errors of its attempts. Whether letters are capitals does
   * not matter. 1 to 200 characters.
   */
  readonly text: string;
  /** Statuses to look through, in this order. @default {all} */
  readonly statuses?: readonly JobStatus[];
  /** Only of this queue. */
  readonly queue?: string;
  /** Only of this type. */
  readonly type?: string;
  /** Only of this time or later, in epoch milliseconds; which time counts is said at `ListQuery`. */
  readonly fromAt?: number;
  /** Only of before this time, in epoch milliseconds. */
  readonly toAt?: number;
  /** Most jobs to return, 1 to 100. @default {20} */
  readonly limit?: number;
  /** Where the step before ended. */
  readonly cursor?: string;
}

/** What one step of a search found. */
export interface SearchReply {
  /**
   * The jobs: newest in their status first, status by status. One that changes its
   * status during the search may come twice, or not at all.
   */
  readonly jobs: readonly Job[];
  /** Jobs that were looked at. */
  readonly scanned: number;
  /** Give it to the next step; absent when there is nothing left to look at. */
  readonly cursor?: string;
}

const ACTION = "search jobs";
const KNOWN = ["text", "statuses", "queue", "type", "fromAt", "toAt", "limit", "cursor"];
const LONGEST_TEXT = 200;
const LARGEST_LIMIT = 100;
const DEFAULT_LIMIT = 20;
/** Jobs of one page of a list. */
const PAGE = 100;
/** Pages that one step reads at most: 1000 jobs. */
const PAGES_PER_STEP = 10;

/** Where a search stands. */
interface Place {
  readonly status: JobStatus;
  /** Cursor of the list; absent at its beginning. */
  readonly list?: string;
  /** Ids of the jobs of the page after it that were given already. */
  readonly given: readonly string[];
}

/**
 * Takes one step of a search: reads at most 1000 jobs.
 *
 * @throws {InvalidOptionError} If an option is unknown or breaks its rule.
 */
export async function searchJobs(store: Store, options: SearchOptions): Promise<SearchReply> {
  checkOptions(options);
  const { statuses = allStatuses, limit = DEFAULT_LIMIT, queue, type, fromAt, toAt } = options;
  const matches = matcher(options.text);
  const jobs: Job[] = [];
  let scanned = 0;
  let place: Place | undefined = options.cursor === undefined
    ? { status: statuses[0]!, given: [] }
    : parsePlace(options.cursor, statuses);
  for (let page = 0; page < PAGES_PER_STEP && place !== undefined; page++) {
    const { status, list, given }: Place = place;
    const reply = await store.list({
      status,
      queue,
      type,
      fromAt,
      toAt,
      limit: PAGE,
      cursor: list,
    });
    scanned += reply.jobs.length;
    const isGiven = new Set(given);
    const found = reply.jobs.filter((job) => !isGiven.has(job.id) && matches(job));
    const fits = found.slice(0, limit - jobs.length);
    jobs.push(...fits.map(readableJob));
    if (fits.length < found.length) {
      place = { ...place, given: [...given, ...fits.map(({ id }) => id)] };
      break;
    }
    place = reply.cursor === undefined
      ? firstPlace(statuses[statuses.indexOf(status) + 1])
      : { status, list: reply.cursor, given: [] };
    if (jobs.length === limit) break;
  }
  return place === undefined ? { jobs, scanned } : { jobs, scanned, cursor: JSON.stringify(place) };
}

function checkOptions(options: SearchOptions): void {
  checkKeys(ACTION, options, KNOWN);
  const { text, statuses, limit } = options;
  if (typeof text !== "string" || text.length === 0 || text.length > LONGEST_TEXT) {
    const rule = `be a string of 1 to ${LONGEST_TEXT} characters`;
    throw new InvalidOptionError(ACTION, "text", rule, text);
  }
  if (limit !== undefined) checkInteger(ACTION, "limit", limit, 1, LARGEST_LIMIT);
  if (statuses === undefined) return;
  if (!Array.isArray(statuses) || statuses.length === 0) {
    const rule = "be a list with at least one status";
    throw new InvalidOptionError(ACTION, "statuses", rule, statuses);
  }
  for (const [i, status] of statuses.entries()) {
    checkOneOf(ACTION, `statuses[${i}]`, status, allStatuses);
    if (statuses.indexOf(status) === i) continue;
    throw new InvalidOptionError(ACTION, `statuses[${i}]`, "differ from the others", status);
  }
}

function firstPlace(status: JobStatus | undefined): Place | undefined {
  return status === undefined ? undefined : { status, given: [] };
}

function parsePlace(cursor: string, statuses: readonly JobStatus[]): Place {
  try {
    const { status, list, given } = JSON.parse(cursor) as Place;
    if (statuses.includes(status) && Array.isArray(given)) return { status, list, given };
  } catch {
    // Refused below.
  }
  throw new InvalidOptionError(ACTION, "cursor", "come from the step before", cursor);
}

/** Tells whether a job has a text somewhere. */
function matcher(text: string): (job: JobRecord) => boolean {
  const plain = text.toLowerCase();
  // Payloads and results are JSON text: a quote or a line's end stands there as two characters.
  const quoted = JSON.stringify(text).slice(1, -1).toLowerCase();
  const has = (field: string | null, wanted: string): boolean =>
    field !== null && field.toLowerCase().includes(wanted);
  return ({ id, payload, result, error, attempts }) =>
    has(id, plain) || has(error, plain) || has(payload, quoted) || has(result, quoted) ||
    attempts.some((attempt) => has(attempt.error?.message ?? null, plain));
}
