/**
 * A store that fails when a test tells it to.
 *
 * @module
 */

import type { Store } from "../store/store.ts";

/** A verb of a store that answers with a promise, other than `open`, `close` and `awaitFinal`. */
export type StoreVerb =
  | "enqueue"
  | "promote"
  | "expire"
  | "claim"
  | "heartbeat"
  | "reap"
  | "settle"
  | "relay"
  | "report"
  | "prune"
  | "act"
  | "pause"
  | "paused"
  | "setLimit"
  | "limits"
  | "changeSchedule"
  | "schedules"
  | "scheduleHistory"
  | "servers"
  | "leave"
  | "info"
  | "watchEvents"
  | "check"
  | "children"
  | "getJobs"
  | "list"
  | "page"
  | "parents"
  | "counts"
  | "oldest"
  | "sample"
  | "series"
  | "totals"
  | "days"
  | "errorGroups"
  | "putMemos"
  | "addMemo"
  | "memos"
  | "memosUnder"
  | "hit"
  | "unhit"
  | "addToTrail"
  | "trail";

/** How a verb is to fail. */
export interface StoreFault {
  /** How many calls fail. @default {1} */
  readonly times?: number;
  /**
   * When: `before` the store has done anything, or `after`, so that only the
   * reply is lost.
   * @default {"before"}
   */
  readonly when?: "before" | "after";
  /** What is thrown. @default {an Error that says so} */
  readonly error?: Error;
}

/** Passes every call on to another store, except those that are to fail. */
export class FaultyStore {
  readonly #faults = new Map<StoreVerb, { left: number; fault: StoreFault }>();
  /** The store to give to clients and servers. */
  readonly store: Store;

  /**
   * Makes a store around another.
   *
   * @param inner The store that does the work.
   */
  constructor(inner: Store) {
    this.store = new Proxy(inner, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args);
        return (...args: unknown[]) => this.#call(name, () => call(...args));
      },
    });
  }

  /** Lets the next calls of a verb fail. */
  fail(verb: StoreVerb, fault: StoreFault = {}): void {
    this.#faults.set(verb, { left: fault.times ?? 1, fault });
  }

  #call(name: string | symbol, call: () => unknown): unknown {
    const planned = this.#faults.get(name as StoreVerb);
    if (planned === undefined || planned.left === 0) return call();
    planned.left--;
    const { when = "before", error = new Error(`'${String(name)}' was made to fail`) } =
      planned.fault;
    if (when === "before") return Promise.reject(error);
    return Promise.resolve(call()).then(() => {
      throw error;
    });
  }
}
