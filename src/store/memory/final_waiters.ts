/**
 * Those who wait for jobs to become final.
 *
 * @module
 */

import type { JobRecord } from "../../job/job.ts";

type Waiter = (record: JobRecord | null | undefined) => void;

/** Waiters by job id. */
export class FinalWaiters {
  readonly #byId = new Map<string, Set<Waiter>>();

  /** Waits for a job to be final; undefined when the signal aborts or `close` is called first. */
  wait(id: string, signal?: AbortSignal): Promise<JobRecord | null | undefined> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve(undefined);
      const waiters = this.#byId.get(id) ?? new Set<Waiter>();
      this.#byId.set(id, waiters);
      const abort = (): void => waiter(undefined);
      const waiter: Waiter = (record) => {
        signal?.removeEventListener("abort", abort);
        waiters.delete(waiter);
        if (waiters.size === 0 && this.#byId.get(id) === waiters) this.#byId.delete(id);
        resolve(record);
      };
      waiters.add(waiter);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** Tells the waiters of a job, if there are any. */
  resolve(id: string, record: () => JobRecord | null): void {
    const waiters = this.#byId.get(id);
    if (waiters === undefined) return;
    const final = record();
    for (const waiter of [...waiters]) waiter(final);
  }

  /** Lets all waiters go. */
  close(): void {
    for (const waiters of [...this.#byId.values()]) {
      for (const waiter of [...waiters]) waiter(undefined);
    }
  }
}
