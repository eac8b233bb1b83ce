/**
 * A call that writes jobs, while a tracing library follows it.
 *
 * @module
 */

import type { NewJob } from "../store/store.ts";
import type { EnqueueCall, EnqueuedJob, Tracing } from "../tracing.ts";
import type { EnqueueContext } from "./context.ts";
import type { JobHandle } from "./handle.ts";

/** A call that is followed. */
export class Followed {
  /** What its jobs take over. */
  readonly inherited: EnqueueContext | undefined;
  readonly #written: EnqueuedJob[] = [];

  private constructor(inherited: EnqueueContext | undefined) {
    this.inherited = inherited;
  }

  /**
   * Follows a call to its end.
   *
   * @param jobs What is to be written.
   * @param inherited What it takes over from where it is written.
   */
  static async call<R>(
    tracing: Tracing,
    jobs: EnqueueCall["jobs"],
    inherited: EnqueueContext | undefined,
    write: (followed: Followed) => Promise<R>,
  ): Promise<R> {
    const span = tracing.enqueue({ jobs, parent: inherited?.trace });
    const { trace } = span;
    const followed = new Followed(trace === undefined ? inherited : { ...inherited, trace });
    let result: R;
    try {
      result = await write(followed);
    } catch (error) {
      span.failed(error);
      throw error;
    }
    span.enqueued(followed.#written);
    return result;
  }

  /** A job of it is in the store. */
  wrote({ type, queue, settings: { trace } }: NewJob, { id, isNew }: JobHandle): void {
    this.#written.push({ id, type, queue, isNew, trace });
  }
}
