/**
 * Those who wait for jobs to become final: told at once by this process's own
 * transactions, and by looking up after other processes' commits.
 *
 * @module
 */

import { systemClock, type Timer } from "../../clock.ts";
import type { JobRecord } from "../../job/job.ts";
import type { ChangeWatcher } from "./watcher.ts";

type Answer = JobRecord | null | undefined;
type Waiter = (answer: Answer) => void;

/** Ids looked up at once: those that have waited longest, and as many in turn. */
const IDS_PER_LOOK = 250;
/** Time until the next ids have their turn, so that thousands that wait cost little. */
const TURN_MS = 25;

/** What `Finals` asks the file. */
export interface FinalQueries {
  /** Those of some ids whose jobs are final or not there. */
  finalIds(ids: readonly string[]): readonly string[];
  /** Reads one job. */
  getJob(id: string): JobRecord | null;
}

/** One who waits. */
export interface FinalWait {
  /** The final job, null if there is none, undefined if the wait was ended. */
  readonly answer: Promise<Answer>;
  /** Ends the wait with an answer that was found otherwise. No effect once it has ended. */
  settle(answer: Answer): void;
}

/** Waiters by job id. */
export class Finals {
  readonly #watcher: ChangeWatcher;
  readonly #queries: FinalQueries;
  /** In the order in which they began to wait. */
  readonly #waiters = new Map<string, Set<Waiter>>();
  #turn: Iterator<string> | undefined;
  /** Ids that have not had their turn since the last change. */
  #unseen = 0;
  #release: (() => void) | undefined;
  #timer: Timer | undefined;

  /** @param watcher Tells of other processes' commits. @param queries Looks up jobs. */
  constructor(watcher: ChangeWatcher, queries: FinalQueries) {
    this.#watcher = watcher;
    this.#queries = queries;
  }

  /** Whether somebody waits for a job. */
  has(id: string): boolean {
    return this.#waiters.has(id);
  }

  /**
   * Waits for a job to be final. Changes count from this call on, so it is to
   * be made before the job is looked up.
   */
  wait(id: string, signal?: AbortSignal): FinalWait {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    if (signal?.aborted) {
      resolve(undefined);
      return { answer: promise, settle: () => {} };
    }
    const waiters = this.#waiters.get(id) ?? new Set<Waiter>();
    const abort = (): void => settle(undefined);
    const settle = (answer: Answer): void => {
      if (!waiters.delete(settle)) return;
      signal?.removeEventListener("abort", abort);
      if (waiters.size === 0) this.#forget(id);
      resolve(answer);
    };
    waiters.add(settle);
    this.#waiters.set(id, waiters);
    signal?.addEventListener("abort", abort, { once: true });
    this.#release ??= this.#watcher.listen(() => this.#changed());
    return { answer: promise, settle };
  }

  /** Tells those who wait for a job. */
  resolve(id: string, record: JobRecord | null): void {
    for (const waiter of [...this.#waiters.get(id) ?? []]) waiter(record);
  }

  /** Lets all who wait go. */
  close(): void {
    for (const waiters of [...this.#waiters.values()]) {
      for (const waiter of [...waiters]) waiter(undefined);
    }
  }

  #changed(): void {
    this.#unseen = this.#waiters.size;
    this.#look();
  }

  /** Looks up some of those waited for, and goes on while that finds some or has left some out. */
  #look(): void {
    this.#timer?.cancel();
    let found: readonly string[];
    try {
      found = this.#queries.finalIds(this.#nextIds());
      this.#unseen -= IDS_PER_LOOK;
      for (const id of found) this.resolve(id, this.#queries.getJob(id));
    } catch {
      // The file is locked for a moment.
      return this.#lookAgain(TURN_MS);
    }
    if (found.length > 0) this.#lookAgain(0);
    else if (this.#unseen > 0) this.#lookAgain(TURN_MS);
  }

  #lookAgain(ms: number): void {
    if (this.#waiters.size > 0) this.#timer = systemClock.after(ms, () => this.#look());
  }

  #nextIds(): string[] {
    const ids = new Set<string>();
    for (const id of this.#waiters.keys()) {
      if (ids.size === IDS_PER_LOOK) break;
      ids.add(id);
    }
    this.#turn ??= this.#waiters.keys();
    for (let i = 0; i < IDS_PER_LOOK; i++) {
      const { value, done } = this.#turn.next();
      if (done) {
        this.#turn = undefined;
        break;
      }
      ids.add(value);
    }
    return [...ids];
  }

  #forget(id: string): void {
    this.#waiters.delete(id);
    if (this.#waiters.size > 0) return;
    this.#release?.();
    this.#release = undefined;
    this.#turn = undefined;
    this.#unseen = 0;
    this.#timer?.cancel();
  }
}
