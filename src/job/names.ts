/**
 * The limits and the rules for names, which are those of GQM (Go).
 *
 * @module
 */

/** Longest job id, in characters. */
export const MAX_ID_LENGTH = 256;
/** Longest job type, in characters. */
export const MAX_TYPE_LENGTH = 256;
/** Longest queue name, in characters. */
const MAX_QUEUE_LENGTH = 128;
/** Longest `limitKey`, in characters. */
const MAX_LIMIT_KEY_LENGTH = 128;
/** Largest payload as JSON, in bytes of UTF-8 (1 MiB). */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;
/** Largest result as JSON, in bytes of UTF-8 (1 MiB); a larger one is replaced by a marker. */
export const MAX_RESULT_BYTES = 1024 * 1024;
/** Largest meta as JSON, in bytes of UTF-8 (64 KiB). */
export const MAX_META_BYTES = 64 * 1024;
/** Longest `enqueuedBy`, in characters. */
export const MAX_ENQUEUED_BY_LENGTH = 256;
/** Most jobs of one `enqueueMany`. */
export const MAX_BATCH = 1000;
/** Longest delay in milliseconds (100 years), so that a due time is one that a `Date` can hold. */
export const MAX_DELAY_MS: number = 100 * 365 * 86_400_000;
/** Lowest priority. */
export const MIN_PRIORITY = -30;
/** Highest priority. */
export const MAX_PRIORITY = 30;
/** Queue of a job whose producer names none. */
export const DEFAULT_QUEUE = "default";

const ID = /^[a-zA-Z0-9._-]+$/;
const QUEUE = /^[a-zA-Z0-9._:-]+$/;
// deno-lint-ignore no-control-regex -- control characters are what the rule is about
const NOT_IN_TYPE = /[\u0000-\u001f\u007f]/;

/** The rule for job ids, as error messages say it. */
export const ID_RULE = `be 1 to ${MAX_ID_LENGTH} of the characters a-z A-Z 0-9 . _ -`;
/** The rule for queue names, as error messages say it. */
export const QUEUE_RULE = `be 1 to ${MAX_QUEUE_LENGTH} of the characters a-z A-Z 0-9 . _ : -`;
/** The rule for limit keys, as error messages say it. */
export const LIMIT_KEY_RULE =
  `be 1 to ${MAX_LIMIT_KEY_LENGTH} of the characters a-z A-Z 0-9 . _ : -`;
/** The rule for job types, as error messages say it. */
export const TYPE_RULE =
  `be a string of 1 to ${MAX_TYPE_LENGTH} characters of well-formed text, none of them a control character`;

/** Tells whether a value may be a job id. */
export function isJobId(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_ID_LENGTH && ID.test(value);
}

/** Tells whether a value may be a queue name. */
export function isQueueName(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_QUEUE_LENGTH && QUEUE.test(value);
}

/** Tells whether a value may be a limit key. */
export function isLimitKey(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_LIMIT_KEY_LENGTH && QUEUE.test(value);
}

/** Tells whether a value may be a job type. */
export function isJobType(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_TYPE_LENGTH &&
    !NOT_IN_TYPE.test(value) && value.isWellFormed();
}
