/**
 * Which jobs are meant: what a search looks for, and whether a job is it.
 *
 * @module
 */

import { checkInteger, checkOneOf } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { JobRecord } from "../job/job.ts";
import { ID_RULE, isJobId } from "../job/names.ts";
import { type JobStatus, statuses as allStatuses } from "../job/state.ts";
import { isFingerprint } from "../store/error_groups.ts";
import { isInRange } from "../store/list_time.ts";

/** Which jobs are meant: those for which all holds that is given. */
export interface JobQuery {
  /**
   * Looked for in the job's id, the JSON text of its payload and of its result,
   * its error and the errors of its attempts. Whether letters are capitals does
   * not matter. 1 to 200 characters.
   */
  readonly text?: string;
  /** Only the job with this id. */
  readonly id?: string;
  /** Only those whose ids begin so. Here it does matter whether letters are capitals. */
  readonly idPrefix?: string;
  /** Only those whose last failure has this fingerprint. */
  readonly fingerprint?: string;
  /** Only of these statuses. @default {all} */
  readonly statuses?: readonly JobStatus[];
  /** Only of this queue, or of these; of an empty list there are none. @default {all} */
  readonly queue?: string | readonly string[];
  /** Only of this type. @default {all} */
  readonly type?: string;
  /** Only of this time or later, in epoch milliseconds; which time counts is said at `ListQuery`. */
  readonly fromAt?: number;
  /** Only of before this time, in epoch milliseconds. */
  readonly toAt?: number;
}

/** The names of what a query may hold. */
export const QUERY_KEYS: readonly (keyof JobQuery)[] = [
  ...["text", "id", "idPrefix", "fingerprint", "statuses", "queue", "type", "fromAt", "toAt"],
] as (keyof JobQuery)[];

/** Longest text that is looked for, in characters. */
export const LONGEST_TEXT = 200;

/** Tells whether a job is one of those that are meant. */
export type JobMatcher = (job: JobRecord) => boolean;

/**
 * Makes what tells whether a job is meant.
 *
 * @param see What of a job the text may be looked for in: a copy of it in which the rest is hidden.
 */
export function matcherOf(query: JobQuery, see: (job: JobRecord) => JobRecord): JobMatcher {
  const { id, idPrefix = "", fingerprint, statuses, type } = query;
  const queues = queuesOf(query);
  const hasText = query.text === undefined ? undefined : textMatcher(query.text);
  return (job) =>
    (id === undefined || job.id === id) &&
    job.id.startsWith(idPrefix) &&
    (statuses === undefined || statuses.includes(job.status)) &&
    (queues === undefined || queues.includes(job.queue)) &&
    (type === undefined || job.type === type) &&
    isInRange(query, job) &&
    (fingerprint === undefined || lastFingerprint(job) === fingerprint) &&
    (hasText === undefined || hasText(see(job)));
}

/** The queues whose jobs are meant; undefined for all. */
export function queuesOf({ queue }: JobQuery): readonly string[] | undefined {
  return typeof queue === "string" ? [queue] : queue;
}

/** Whether what lists are narrowed by says all of a query, so that each job of them is meant. */
export function isOfLists({ text, id, idPrefix, fingerprint }: JobQuery): boolean {
  return [text, id, idPrefix, fingerprint].every((part) => part === undefined);
}

/** By what the last failure of a job is grouped; undefined if it never failed, or that is not known. */
function lastFingerprint({ attempts }: JobRecord): string | undefined {
  return attempts.findLast(({ error }) => error !== undefined)?.error?.fingerprint;
}

function textMatcher(text: string): JobMatcher {
  const plain = text.toLowerCase();
  // Payloads and results are JSON text: a quote or a line's end stands there as two characters.
  const quoted = JSON.stringify(text).slice(1, -1).toLowerCase();
  const has = (field: string | null, wanted: string): boolean =>
    field !== null && field.toLowerCase().includes(wanted);
  return ({ id, payload, result, error, attempts }) =>
    has(id, plain) || has(error, plain) || has(payload, quoted) || has(result, quoted) ||
    attempts.some((attempt) => has(attempt.error?.message ?? null, plain));
}

/**
 * Checks a query, but for its keys.
 *
 * @throws {InvalidOptionError} If a part of it breaks its rule.
 */
export function checkJobQuery(action: string, query: JobQuery): void {
  const { text, id, idPrefix, fingerprint, statuses, queue, fromAt, toAt } = query;
  const refuse = (option: string, rule: string, value: unknown): never => {
    throw new InvalidOptionError(action, option, rule, value);
  };
  if (
    text !== undefined && (typeof text !== "string" || text === "" || text.length > LONGEST_TEXT)
  ) {
    refuse("text", `be a string of 1 to ${LONGEST_TEXT} characters`, text);
  }
  if (id !== undefined && !isJobId(id)) refuse("id", ID_RULE, id);
  if (idPrefix !== undefined && !isJobId(idPrefix)) refuse("idPrefix", ID_RULE, idPrefix);
  if (fingerprint !== undefined && !isFingerprint(fingerprint)) {
    refuse("fingerprint", "be 16 hexadecimal digits", fingerprint);
  }
  const areQueues = Array.isArray(queue) && queue.every((name) => typeof name === "string");
  if (queue !== undefined && typeof queue !== "string" && !areQueues) {
    refuse("queue", "be a name, or a list of names", queue);
  }
  if (fromAt !== undefined) checkInteger(action, "fromAt", fromAt, 0);
  if (toAt !== undefined) checkInteger(action, "toAt", toAt, 0);
  if (statuses === undefined) return;
  if (!Array.isArray(statuses) || statuses.length === 0) {
    refuse("statuses", "be a list with at least one status", statuses);
  }
  for (const [i, status] of statuses.entries()) {
    checkOneOf(action, `statuses[${i}]`, status, allStatuses);
    if (statuses.indexOf(status) !== i) refuse(`statuses[${i}]`, "differ from the others", status);
  }
}
