/**
 * Types for the module of a thread pool.
 *
 * @module
 */

import type { AnyJobs, JobMap, JobType, Payload, Result } from "../job/registry.ts";
import type { Handler } from "./handler.ts";

/** Handlers by type. */
export type Handlers<J extends JobMap = AnyJobs> = {
  readonly [T in JobType<J>]?: Handler<Payload<J, T>, Result<J, T>, J>;
};

/**
 * Gives the handlers of a thread pool's module the types of the registry. It
 * returns what it is given.
 *
 * @example
 * ```ts
 * import { defineHandlers, defineJobs, job } from "@gqm/gqm";
 *
 * const jobs = defineJobs({ "image.resize": job<{ width: number }, string>() });
 * const handlers = defineHandlers<typeof jobs>({
 *   "image.resize": ({ job }) => `resized to ${job.payload.width}`,
 * });
 * // In the module of a thread pool: export default handlers;
 * ```
 */
export function defineHandlers<J extends JobMap = AnyJobs>(handlers: Handlers<J>): Handlers<J> {
  return handlers;
}
