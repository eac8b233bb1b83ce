/** A store whose verbs a test can watch, hold up, fail or answer itself. */

import type { ClaimSource, Store, WakeSource } from "../../src/store/store.ts";
import type { StoreVerb } from "../../src/testing/faulty_store.ts";

/** A verb of the port that answers with a promise. */
export type Verb = StoreVerb | "awaitFinal";

export type Args<V extends Verb> = Parameters<Store[V]>;
export type Reply<V extends Verb> = Awaited<ReturnType<Store[V]>>;

/** One call on its way to the store. */
export interface Call<V extends Verb> {
  /** Number of the call of this verb, from 1. */
  readonly n: number;
  readonly args: Args<V>;
  /** Passes the call on. */
  run(): Promise<Reply<V>>;
}

/** Takes the place of a verb. */
export type Hook<V extends Verb> = (call: Call<V>) => Promise<Reply<V>>;

/** What a fault throws. */
export class StoreDownError extends Error {
  override readonly name = "StoreDownError";
}

/** Passes every call on to another store, except where a test has put a hook. */
export class DecoratedStore implements Store {
  /** As the tests want it. */
  isPipelined = false;
  readonly #inner: Store;
  readonly #hooks = new Map<Verb, unknown>();
  readonly #calls = new Map<Verb, unknown[]>();

  constructor(inner: Store) {
    this.#inner = inner;
  }

  get description(): string {
    return this.#inner.description;
  }

  /** Puts a hook in the place of a verb; undefined takes it away. */
  on<V extends Verb>(verb: V, hook: Hook<V> | undefined): void {
    if (hook === undefined) this.#hooks.delete(verb);
    else this.#hooks.set(verb, hook);
  }

  /** Arguments of the calls of a verb so far. */
  calls<V extends Verb>(verb: V): readonly Args<V>[] {
    return (this.#calls.get(verb) ?? []) as Args<V>[];
  }

  open(): Promise<void> {
    return this.#inner.open();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  subscribe(sources: readonly ClaimSource[]): WakeSource {
    return this.#inner.subscribe(sources);
  }

  watchClaims(server: string): WakeSource {
    return this.#inner.watchClaims(server);
  }

  readonly enqueue = this.#verb("enqueue");
  readonly promote = this.#verb("promote");
  readonly expire = this.#verb("expire");
  readonly claim = this.#verb("claim");
  readonly heartbeat = this.#verb("heartbeat");
  readonly reap = this.#verb("reap");
  readonly settle = this.#verb("settle");
  readonly relay = this.#verb("relay");
  readonly report = this.#verb("report");
  readonly prune = this.#verb("prune");
  readonly act = this.#verb("act");
  readonly pause = this.#verb("pause");
  readonly paused = this.#verb("paused");
  readonly setLimit = this.#verb("setLimit");
  readonly limits = this.#verb("limits");
  readonly changeSchedule = this.#verb("changeSchedule");
  readonly schedules = this.#verb("schedules");
  readonly scheduleHistory = this.#verb("scheduleHistory");
  readonly servers = this.#verb("servers");
  readonly leave = this.#verb("leave");
  readonly watchEvents = this.#verb("watchEvents");
  readonly info = this.#verb("info");
  readonly check = this.#verb("check");
  readonly children = this.#verb("children");
  readonly getJobs = this.#verb("getJobs");
  readonly list = this.#verb("list");
  readonly page = this.#verb("page");
  readonly parents = this.#verb("parents");
  readonly counts = this.#verb("counts");
  readonly oldest = this.#verb("oldest");
  readonly sample = this.#verb("sample");
  readonly series = this.#verb("series");
  readonly totals = this.#verb("totals");
  readonly days = this.#verb("days");
  readonly errorGroups = this.#verb("errorGroups");
  readonly putMemos = this.#verb("putMemos");
  readonly addMemo = this.#verb("addMemo");
  readonly memos = this.#verb("memos");
  readonly memosUnder = this.#verb("memosUnder");
  readonly hit = this.#verb("hit");
  readonly unhit = this.#verb("unhit");
  readonly addToTrail = this.#verb("addToTrail");
  readonly trail = this.#verb("trail");
  readonly awaitFinal = this.#verb("awaitFinal");

  #verb<V extends Verb>(verb: V): (...args: Args<V>) => Promise<Reply<V>> {
    return (...args) => {
      const calls = this.#calls.get(verb) ?? [];
      this.#calls.set(verb, calls);
      calls.push(args);
      const pass = this.#inner[verb] as unknown as (...args: Args<V>) => Promise<Reply<V>>;
      const run = (): Promise<Reply<V>> => pass.apply(this.#inner, args);
      const hook = this.#hooks.get(verb) as Hook<V> | undefined;
      return hook === undefined ? run() : hook({ n: calls.length, args, run });
    };
  }
}

/** A hook that throws before the store has done its work: nothing happened. */
export function failBefore<V extends Verb>(when: (n: number) => boolean): Hook<V> {
  return ({ n, run }) => when(n) ? Promise.reject(new StoreDownError("down")) : run();
}

/** A hook that throws after the store has done its work: the reply was lost. */
export function failAfter<V extends Verb>(when: (n: number) => boolean): Hook<V> {
  return ({ n, run }) =>
    run().then((reply) => {
      if (when(n)) throw new StoreDownError("reply lost");
      return reply;
    });
}
