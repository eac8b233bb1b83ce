/**
 * Trace context, as the W3C has it: https://www.w3.org/TR/trace-context/
 *
 * @module
 */

/** Which trace a job belongs to. */
export interface TraceContext {
  /** Version, trace id, id of the span that caused the job, and flags: 55 characters. */
  readonly traceparent: string;
  /** What tracing systems add: up to 32 `key=value`, together at most 512 characters. */
  readonly tracestate?: string;
}

/** The rule for `traceparent`, as error messages say it. */
export const TRACEPARENT_RULE =
  "be '{version}-{trace id}-{span id}-{flags}' as lowercase hexadecimal digits, 55 characters, with ids other than 0";
/** The rule for `tracestate`, as error messages say it. */
export const TRACESTATE_RULE =
  "be at most 32 different 'key=value' parted by ',' as W3C Trace Context has them, 512 characters at most";

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const MAX_TRACESTATE = 512;
const MAX_MEMBERS = 32;
const MEMBER =
  /^([a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

/** Tells whether a value may be a `traceparent`. */
export function isTraceparent(value: unknown): value is string {
  return typeof value === "string" && TRACEPARENT.test(value);
}

/** Tells whether a value may be a `tracestate`. */
export function isTracestate(value: unknown): value is string {
  if (typeof value !== "string" || value.length > MAX_TRACESTATE) return false;
  const members = value.split(",").map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ""))
    .filter((member) => member !== "");
  const keys = members.map((member) => MEMBER.exec(member)?.[1]);
  return keys.length <= MAX_MEMBERS && !keys.includes(undefined) &&
    new Set(keys).size === keys.length;
}
