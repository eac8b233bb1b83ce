/**
 * A job as producers send it over HTTP: the options of a client under the names of the API.
 *
 * @module
 */

import type { EnqueueOptions } from "../../enqueue/options.ts";
import { conflictPolicies } from "../../enqueue/unique.ts";
import { edgePolicies, MAX_PARENTS } from "../../job/job.ts";
import { MAX_DELAY_MS, MAX_PRIORITY, MAX_TYPE_LENGTH, MIN_PRIORITY } from "../../job/names.ts";
import { jobIdParam, queueParam } from "../params.ts";
import {
  any,
  boolean,
  described,
  integer,
  list,
  named,
  number,
  object,
  oneOf,
  record,
  type Schema,
  text,
} from "../schema.ts";

/** Most jobs of one request. */
export const MAX_ITEMS = 100;
/** Most bytes of a request: more than a payload may have, as it may be written at more length than it is kept. */
export const MAX_ITEM_BYTES: number = 2 * 1024 * 1024;

/** A job to be enqueued, as the writer takes it. */
export interface Item {
  /** Type of the job. */
  readonly type: string;
  /** What the handler gets. */
  readonly payload: unknown;
  /** Options of the job. */
  readonly options: EnqueueOptions;
}

const ms: Schema = { ...integer, minimum: 0 };
const epochMs: Schema = described(ms, "Epoch milliseconds");
const id: Schema = jobIdParam.schema;

const parentSchema: Schema = {
  anyOf: [id, object({ id, "on_failure?": oneOf(...edgePolicies) })],
};

const uniqueSchema: Schema = {
  anyOf: [
    boolean,
    object({
      "by?": oneOf("id", "payload", "key"),
      "key?": { ...text, minLength: 1, maxLength: 256 },
      "until?": oneOf("started", "finished", "removed"),
      "ttl_ms?": { ...integer, minimum: 1 },
    }),
  ],
};

const backoffSchema: Schema = object({
  type: oneOf("fixed", "linear", "exponential", "polynomial", "custom"),
  "base_ms?": ms,
  "max_ms?": ms,
  "exponent?": { ...number, minimum: 0, maximum: 10 },
  "intervals_ms?": { ...list(ms), minItems: 1, maxItems: 100 },
  "jitter?": { ...number, minimum: 0, maximum: 1 },
});

const forEver: Schema = described({ ...integer, minimum: -1 }, "-1 for ever, 0 not at all");

/** A job on the wire. */
export const itemSchema: Schema = named("NewJob", {
  ...object({
    type: { ...text, minLength: 1, maxLength: MAX_TYPE_LENGTH },
    "payload?": described(any, "What the handler gets: any JSON of at most 1 MiB"),
    "id?": described(id, "An id of its own; one is made if there is none"),
    "queue?": { ...queueParam.schema, default: "default" },
    "priority?": described(
      { ...integer, minimum: MIN_PRIORITY, maximum: MAX_PRIORITY, default: 0 },
      "Higher first",
    ),
    "delay_ms?": { ...ms, maximum: MAX_DELAY_MS },
    "run_at_ms?": epochMs,
    "expire_at_ms?": described(
      epochMs,
      "Canceled unless it has started by then; epoch milliseconds",
    ),
    "max_retry?": { ...integer, minimum: 0 },
    "retry_intervals_ms?": { ...list(ms), minItems: 1, maxItems: 100 },
    "backoff?": backoffSchema,
    "timeout_ms?": { ...integer, minimum: 1 },
    "meta?": described(record(any), "At most 64 KiB"),
    "trace?": described(object({ traceparent: text, "tracestate?": text }), "W3C Trace Context"),
    "at_front?": boolean,
    "depends_on?": { ...list(parentSchema), maxItems: MAX_PARENTS },
    "on_missing_parent?": oneOf("reject", "resolved"),
    "unique?": uniqueSchema,
    "on_conflict?": described(
      oneOf(...conflictPolicies),
      "What to do if the same work, or the id, is there already; not in a list",
    ),
    "limit_key?": { type: "string", pattern: "^[a-zA-Z0-9._:-]{1,128}$" },
    "retention?": object({
      "completed_ms?": forEver,
      "failed_ms?": forEver,
      "max_count?": { ...integer, minimum: 0 },
    }),
    "dead_letter?": boolean,
  }),
  examples: [{
    type: "email.send",
    payload: { to: "ada@example.com" },
    queue: "mail",
    delay_ms: 60_000,
    max_retry: 5,
  }],
});

/** Names of options that differ here: durations and times say their unit. */
const OPTIONS: Readonly<Record<string, string>> = {
  delay_ms: "delayMs",
  run_at_ms: "runAt",
  expire_at_ms: "expireAt",
  max_retry: "maxRetry",
  retry_intervals_ms: "retryIntervals",
  timeout_ms: "timeoutMs",
  at_front: "atFront",
  depends_on: "dependsOn",
  on_missing_parent: "onMissingParent",
  on_conflict: "onConflict",
  limit_key: "limitKey",
  dead_letter: "deadLetter",
  on_failure: "onFailure",
  ttl_ms: "ttlMs",
  base_ms: "baseMs",
  max_ms: "maxMs",
  intervals_ms: "intervals",
  completed_ms: "completedMs",
  failed_ms: "failedMs",
  max_count: "maxCount",
};

/** Options whose own names are told alike; what is in others is the producer's. */
const NESTED = ["backoff", "unique", "retention", "depends_on"];

const OWN_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(OPTIONS).map(([wire, own]) => [own, wire]),
);

/** Schemas of some options of a job, which may be absent, for the bodies of others. */
export function itemOptions(...names: readonly string[]): Readonly<Record<string, Schema>> {
  const { properties } = itemSchema as { properties: Readonly<Record<string, Schema>> };
  return Object.fromEntries(names.map((name) => [`${name}?`, properties[name]!]));
}

/** Reads options that are as their schemas say. */
export function optionsOf(wire: Readonly<Record<string, unknown>>): EnqueueOptions {
  return renamed(wire, OPTIONS) as EnqueueOptions;
}

/** Puts options on the wire. */
export function optionsOnWire(options: object): Readonly<Record<string, unknown>> {
  return renamed(options, OWN_NAMES) as Readonly<Record<string, unknown>>;
}

/** Reads a job that is as the schema says. */
export function itemOf(wire: Readonly<Record<string, unknown>>): Item {
  const { type, payload, ...rest } = wire;
  const options = optionsOf(rest);
  return { type: type as string, payload, options: { ...options, ...uniqueOf(options) } };
}

/** Says by what a job is unique, which must not be the id that it gets for an Idempotency-Key. */
function uniqueOf({ id, unique }: EnqueueOptions): Pick<EnqueueOptions, "unique"> {
  if (typeof unique !== "object" || unique.key !== undefined || id !== undefined) return {};
  return { unique: { by: "payload", ...unique } };
}

function renamed(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((one) => renamed(one, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      names[name] ?? name,
      NESTED.includes(name) ? renamed(one, names) : one,
    ]),
  );
}
