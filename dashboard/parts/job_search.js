// @ts-check
/**
 * Jobs of several statuses as one list, the newest first: the API tells them status by status.
 */

import { get } from "../api.js";
import { searchOf, statusesOf } from "./job_filters.js";
import { statuses } from "./statuses.js";

/** Rounds of requests for the first rows, and for more: a request may find none. */
const [FIRST_ROUNDS, MORE_ROUNDS] = [8, 60];
const MOST_ROWS = 100;
const ID = /^[\w.-]{1,256}$/;

/** What is read of one status. @typedef {{ query: object, rows: any[], cursor?: string, isDone?: boolean }} Source */
/** @typedef {{ rows: any[], scanned: number, hasMore: boolean, sources: Source[] }} Found */

/** When a job came into its status, as far as it is told, in epoch milliseconds. @param {any} job */
export function sinceOf({ status, completed_at, started_at, created_at }) {
  const hasRun = status === "processing" || status === "retry";
  return 1000 * Number(completed_at ?? (hasRun && started_at || created_at));
}

/**
 * Looks for jobs until there are enough, or enough was looked at.
 *
 * @param {Readonly<Record<string, string>>} filters As the URL has them.
 * @param {Found | undefined} from What was found before, to go on after it.
 * @param {number} wanted
 * @param {AbortSignal} signal
 * @returns {Promise<Found>}
 */
export async function findJobs(filters, from, wanted, signal) {
  const sources = from ? from.sources.map((one) => ({ ...one })) : sourcesOf(filters);
  const limit = Math.min(MOST_ROWS, wanted - (from?.rows.length ?? 0));
  let scanned = from?.scanned ?? 0;
  for (let round = 0; round < (from ? MORE_ROUNDS : FIRST_ROUNDS); round++) {
    const last = merged(sources)[wanted - 1];
    // What is not read of a status is older than what is.
    const behind = sources.filter(({ isDone, rows }) =>
      !isDone && !(last && rows.length > 0 && sinceOf(rows.at(-1)) <= sinceOf(last))
    );
    if (behind.length === 0) break;
    await Promise.all(behind.map(async (source) => {
      const { query, cursor } = source;
      const { data, meta } = await get("/api/v1/search", { ...query, limit, cursor }, signal);
      source.rows = [...source.rows, ...data];
      source.cursor = meta.cursor;
      source.isDone = meta.complete;
      scanned += meta.scanned;
    }));
  }
  const rows = merged(sources);
  const hasMore = rows.length > wanted || sources.some(({ isDone }) => !isDone);
  return { rows: rows.slice(0, wanted), scanned, hasMore, sources };
}

/** @param {Readonly<Record<string, string>>} filters @returns {Source[]} */
function sourcesOf(filters) {
  const query = searchOf(filters);
  if (filters.id && !ID.test(filters.id)) return [];
  // There is but one with the whole id: it need not be looked for.
  if (query.id) return [{ query, rows: [] }];
  const chosen = statusesOf(filters);
  const each = (chosen.length > 0 ? chosen : statuses).map((status) => ({
    query: { ...query, status },
    rows: [],
  }));
  return filters.id
    ? [{ query: { ...query, id: filters.id, id_prefix: "" }, rows: [] }, ...each]
    : each;
}

/** @param {Source[]} sources */
function merged(sources) {
  const byId = new Map(sources.flatMap(({ rows }) => rows).map((job) => [job.id, job]));
  return [...byId.values()].sort((a, b) => sinceOf(b) - sinceOf(a));
}
