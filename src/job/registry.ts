/**
 * The job registry: a plain value that says, for each type of job, what its
 * payload and its result are. All type cleverness of the package lives here.
 *
 * @module
 */

import type { JobRetention } from "./job.ts";
import type { StandardSchemaV1 } from "./standard_schema.ts";

/** What to do with a stored payload that its schema refuses before the run. */
export type InvalidPayloadPolicy = "dead_letter" | "cancel" | "retry";

/** What a registry may say of one type of job besides its types. */
export interface JobDefinitionOptions {
  /** What to do when the check of a stored payload fails before the run. @default {"dead_letter"} */
  readonly onInvalidPayload?: InvalidPayloadPolicy;
  /**
   * How long jobs of the type are kept: written into each as it is enqueued, as
   * far as its own options do not say. What neither says, the store says.
   */
  readonly retention?: JobRetention;
}

/** What a registry says of one type of job. `I` goes in, `P` reaches the handler, `R` comes back. */
export interface JobDefinition<I = unknown, P = unknown, R = unknown> extends JobDefinitionOptions {
  /** Checks the payload when it is enqueued and again before it runs. */
  readonly payload?: StandardSchemaV1<I, P>;
  /** Carries the types; never set. */
  readonly "~types"?: { readonly input: I; readonly payload: P; readonly result: R };
}

/** A registry: type of job → definition. */
// deno-lint-ignore no-explicit-any -- a constraint that every definition meets, whichever way its types vary
export type JobMap = Readonly<Record<string, JobDefinition<any, any, any>>>;

/** What a client or server without a registry takes: any type, any payload. */
export type AnyJobs = Readonly<Record<string, JobDefinition<unknown, unknown, unknown>>>;

/** The names of a registry. */
export type JobType<J extends JobMap> = Extract<keyof J, string>;

/** What `enqueue` takes for a type. */
export type PayloadInput<J extends JobMap, T extends JobType<J>> = J[T] extends
  JobDefinition<infer I, infer _P, infer _R> ? I
  : never;

/** What the handler of a type gets. */
export type Payload<J extends JobMap, T extends JobType<J>> = J[T] extends
  JobDefinition<infer _I, infer P, infer _R> ? P
  : never;

/** What the handler of a type returns. */
export type Result<J extends JobMap, T extends JobType<J>> = J[T] extends
  JobDefinition<infer _I, infer _P, infer R> ? R
  : never;

/**
 * Names the types of one job without checking anything at run time.
 *
 * @example
 * ```ts
 * import { defineJobs, job } from "@gqm/gqm";
 *
 * const jobs = defineJobs({
 *   "email.send": job<{ to: string }, { messageId: string }>({ retention: { maxCount: 1000 } }),
 * });
 * ```
 */
export function job<P = unknown, R = unknown>(
  options: JobDefinitionOptions = {},
): JobDefinition<NoInfer<P>, NoInfer<P>, NoInfer<R>> {
  // NoInfer: inside `defineJobs` the types would be inferred from its constraint, as `any`.
  return options;
}

/**
 * Names the result type of a job whose payload a Standard Schema checks, at
 * enqueue and again before each run. The schema's output reaches the handler.
 *
 * @example
 * ```ts
 * import { checkedJob, defineJobs } from "@gqm/gqm";
 * import type { StandardSchemaV1 } from "@gqm/gqm";
 *
 * // Zod, Valibot, ArkType and others make such schemas; this one is by hand.
 * const recipient: StandardSchemaV1<{ to: string }> = {
 *   "~standard": {
 *     version: 1,
 *     vendor: "example",
 *     validate: (value) =>
 *       typeof (value as { to?: unknown }).to === "string"
 *         ? { value: value as { to: string } }
 *         : { issues: [{ message: "must be a string", path: ["to"] }] },
 *   },
 * };
 *
 * const jobs = defineJobs({ "email.send": checkedJob(recipient).returns<{ messageId: string }>() });
 * ```
 */
export function checkedJob<I, P>(
  payload: StandardSchemaV1<I, P>,
  options: JobDefinitionOptions = {},
): CheckedJob<I, P> {
  const definition = { ...options, payload };
  return { ...definition, returns: <R>(): JobDefinition<I, P, R> => definition };
}

/** A definition with a schema, whose result type can still be named. */
export interface CheckedJob<I, P> extends JobDefinition<I, P, unknown> {
  /** Names what the handler returns. */
  returns<R>(): JobDefinition<I, P, R>;
}

/**
 * Makes a registry: a producer with it refuses types and payloads that are not
 * in it, at compile time and at run time.
 *
 * @example
 * ```ts
 * import { Client, defineJobs, job, memoryStore } from "@gqm/gqm";
 *
 * const jobs = defineJobs({ "email.send": job<{ to: string }, void>() });
 * await using client = new Client({ jobs, store: memoryStore() });
 * await client.enqueue("email.send", { to: "ada@example.com" });
 * ```
 */
export function defineJobs<const J extends JobMap>(jobs: J): J {
  return jobs;
}
