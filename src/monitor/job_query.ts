/**
 * Which jobs are meant, as the query of a URL or a JSON body says it.
 *
 * @module
 */

import { type JobQuery, LONGEST_TEXT } from "../insight/job_query.ts";
import { isJobType, MAX_TYPE_LENGTH } from "../job/names.ts";
import { type JobStatus, statuses } from "../job/state.ts";
import type { Call } from "./call.ts";
import { problemIn } from "./check_schema.ts";
import { badRequest, notFound } from "./errors.ts";
import { fingerprintParam, jobIdParam, type QueryRule, queueParam } from "./params.ts";
import { described, object, oneOf, type Schema } from "./schema.ts";

const LATEST_MS = 8.64e15;
const instant: Schema = { type: "integer", minimum: 0, maximum: LATEST_MS };

const fields = {
  status: described(
    { type: "array", items: oneOf(...statuses), minItems: 1, maxItems: statuses.length },
    "Of these statuses, which are gone through in this order",
  ),
  queue: described(queueParam.schema, "Only of this queue"),
  type: described(
    { type: "string", minLength: 1, maxLength: MAX_TYPE_LENGTH },
    "Only of this type",
  ),
  q: described(
    { type: "string", minLength: 1, maxLength: LONGEST_TEXT },
    "Text in the id, the payload, the result or the errors, as far as whoever asks may see " +
      "them; whether letters are capitals does not matter",
  ),
  id: described(jobIdParam.schema, "Only the job with this id"),
  id_prefix: described(jobIdParam.schema, "Only jobs whose ids begin so"),
  fingerprint: described(
    fingerprintParam.schema,
    "Only jobs whose last failure has this fingerprint",
  ),
  from_ms: described(
    instant,
    "Only of this time or later, in epoch milliseconds: it counts when a final job ended, when a " +
      "`scheduled` or `retry` job is due, when a `processing` job was claimed, and when any other " +
      "was enqueued",
  ),
  to_ms: described(instant, "Only of before this time"),
} satisfies Readonly<Record<string, Schema>>;

type Field = keyof typeof fields;
/** JSON that keeps the rules. */
type Asked = Readonly<
  & { status?: readonly JobStatus[]; from_ms?: number; to_ms?: number }
  & Partial<Record<Exclude<Field, "status" | "from_ms" | "to_ms">, string>>
>;

/** What is meant by a JSON object: all jobs for which all holds that is given. */
export const jobQuerySchema: Schema = object(
  Object.fromEntries(Object.entries(fields).map(([name, schema]) => [`${name}?`, schema])),
);

const oneStatus = oneOf(...statuses);
const anyStatus = statuses.join("|");
const someStatuses: Schema = { type: "string", pattern: `^(${anyStatus})(,(${anyStatus}))*$` };

/** The same as rules for the query of a URL, where statuses have commas between. */
export const jobQueryRules: Readonly<Record<string, QueryRule>> = Object.fromEntries(
  Object.entries(fields).map(([name, { description, ...schema }]) => [name, {
    description: description as string,
    schema: name === "status" ? { anyOf: [oneStatus, someStatuses] } : schema,
  }]),
);

/**
 * Reads which jobs are meant from the query of the URL, among those that there are for whoever asks.
 *
 * @throws {ApiError} `BAD_REQUEST` if a part breaks its rule, `NOT_FOUND` if there is no such queue.
 */
export function jobQueryOfUrl(call: Call): JobQuery {
  const names = Object.keys(fields) as Field[];
  const entries = names.flatMap((name) => {
    const value = call.query.get(name);
    return value === undefined ? [] : [[name, valueOf(name, value)] as const];
  });
  return toJobQuery(call, Object.fromEntries(entries));
}

/** The value that a text stands for; the text itself if it stands for none. */
function valueOf(name: Field, value: string): unknown {
  if (name === "status") return value.split(",");
  const isNumber = (name === "from_ms" || name === "to_ms") && /^\d{1,16}$/.test(value);
  return isNumber ? Number(value) : value;
}

/**
 * Reads which jobs are meant from JSON, among those that there are for whoever asks.
 *
 * @param name What the JSON is called in errors; empty for a whole body.
 * @throws {ApiError} `BAD_REQUEST` if a part breaks its rule, `NOT_FOUND` if there is no such queue.
 */
export function toJobQuery(call: Call, value: unknown, name: string = ""): JobQuery {
  const problem = problemIn(jobQuerySchema, value, name);
  if (problem !== undefined) throw badRequest(problem);
  const asked = value as Asked;
  const { queue, type } = asked;
  if (type !== undefined && !isJobType(type)) throw badRequest("invalid type");
  if (queue !== undefined && !call.sees(queue)) throw notFound("queue");
  const { queues } = call.who;
  return {
    text: asked.q,
    id: asked.id,
    idPrefix: asked.id_prefix,
    fingerprint: asked.fingerprint,
    statuses: asked.status && [...new Set(asked.status)],
    queue: queue ?? (queues === null ? undefined : [...queues].sort()),
    type,
    fromAt: asked.from_ms,
    toAt: asked.to_ms,
  };
}
