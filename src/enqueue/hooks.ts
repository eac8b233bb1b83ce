/**
 * What a client calls around every enqueue.
 *
 * @module
 */

import { checkFunction, checkKeys } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { AnyJobs, JobMap, JobType, PayloadInput } from "../job/registry.ts";
import { jsonLogger } from "../logger.ts";
import type { NewJob } from "../store/store.ts";
import type { JobHandle } from "./handle.ts";
import type { EnqueueOptions } from "./options.ts";

/** A job that is about to be enqueued, as its producer gave it. */
export type EnqueueDraft<J extends JobMap = AnyJobs> = {
  readonly [T in JobType<J>]: {
    /** Type of the job. */
    readonly type: T;
    /** Its payload, before it is checked. */
    readonly payload: PayloadInput<J, T>;
    /** Its options, without what it is going to inherit. */
    readonly options: EnqueueOptions;
  };
}[JobType<J>];

/** What a client calls around every enqueue: of one job, of each of several, of each in a graph. */
export interface EnqueueHooks<J extends JobMap = AnyJobs> {
  /**
   * Called before a job is checked. May give other options, which then count as
   * the producer's; in a graph, ids and parents are set already and should stay.
   * What it throws refuses the job. Must answer at once. A background enqueuer
   * asks when it sends, each time that it sends.
   */
  beforeEnqueue?(draft: EnqueueDraft<J>): EnqueueOptions | undefined | void;
  /**
   * Called when a job is in the store, with its handle (`isNew` tells whether it
   * is another one, that was there already) and with what was to be enqueued.
   * What it throws is logged.
   */
  afterEnqueue?(handle: JobHandle, job: Pick<NewJob, "type" | "queue">): void;
}

/**
 * Checks the hooks of a client.
 *
 * @throws {InvalidOptionError} If one is unknown or no function.
 */
export function checkEnqueueHooks<J extends JobMap>(hooks: EnqueueHooks<J>): void {
  const action = "create client";
  const known = ["beforeEnqueue", "afterEnqueue"] as const;
  checkKeys(action, hooks, known, "hooks");
  for (const name of known) {
    if (hooks[name] !== undefined) checkFunction(action, `hooks.${name}`, hooks[name]);
  }
}

/** The options with which a job is enqueued. */
export function askBefore(hooks: EnqueueHooks, draft: EnqueueDraft): EnqueueOptions {
  const options = hooks.beforeEnqueue?.(draft) ?? draft.options;
  if (!("then" in options)) return options;
  const rule = "answer at once with options or nothing";
  throw new InvalidOptionError("enqueue job", "hooks.beforeEnqueue", rule, "a promise");
}

/** Tells the hook. Never throws: the job is in the store. */
export async function tellAfter(
  hooks: EnqueueHooks,
  handle: JobHandle,
  { type, queue }: NewJob,
): Promise<void> {
  try {
    await hooks.afterEnqueue?.(handle, { type, queue });
  } catch (error) {
    jsonLogger().error("Hook failed", { id: handle.id, type, hook: "afterEnqueue", error });
  }
}
