/**
 * What a conformance case needs from the store under test.
 *
 * @module
 */

import type { RetentionLimits, Store } from "../../store/store.ts";
import type { Clock } from "../../clock.ts";
import type { FakeClock } from "../fake_clock.ts";

/** What a kind of store can do beyond the port. What it cannot is skipped, and said. */
export interface StoreCapabilities {
  /** Several handles, also in other processes, work on the same jobs at once. */
  readonly shared: boolean;
  /** Jobs outlive the handle that wrote them. */
  readonly durable: boolean;
}

/** How a case wants its store. */
export interface OpenOptions {
  /** Limits that differ from the store's defaults. */
  readonly retention?: Partial<RetentionLimits>;
}

/** One empty place for jobs, and the clock that rules it. Each case gets its own. */
export interface ConformanceHarness extends AsyncDisposable {
  /** Gives the first handle, made and opened on the first call. */
  open(options?: OpenOptions): Promise<Store>;
  /** Gives one more opened handle on the same jobs. For stores that are `shared`. */
  openSecond(): Promise<Store>;
  /**
   * Closes all handles and gives a new one on the same jobs, with other limits
   * if they are given. For stores that are `durable`.
   */
  reopen(options?: OpenOptions): Promise<Store>;
  /** The store's now, in epoch milliseconds. */
  now(): number;
  /** Lets time pass, and what was waiting for it run. */
  advance(ms: number): Promise<void>;
  /** Sets the store's wall clock without letting time pass; negative sets it back. */
  jump(ms: number): void;
}

/** What `fakeClockHarness` is made from. */
export interface FakeClockHarnessOptions {
  /** The clock that the stores are given. */
  readonly clock: FakeClock;
  /** Makes a handle, not yet opened; each call of one harness means the same place. */
  readonly create: (
    options: { readonly clock: Clock; readonly retention: Partial<RetentionLimits> },
  ) => Store;
  /** Removes the place, after all handles were closed. */
  readonly cleanUp?: () => void | Promise<void>;
}

/** Makes a harness for a store that takes its time from a clock it is given. */
export function fakeClockHarness(options: FakeClockHarnessOptions): ConformanceHarness {
  const { clock, create, cleanUp } = options;
  let retention: Partial<RetentionLimits> = {};
  let first: Promise<Store> | undefined;
  const handles: Store[] = [];

  async function handle(): Promise<Store> {
    const store = create({ clock, retention });
    handles.push(store);
    await store.open();
    return store;
  }

  async function closeAll(): Promise<void> {
    for (const store of handles.splice(0)) await store.close();
  }

  return {
    open(openOptions: OpenOptions = {}): Promise<Store> {
      if (first === undefined) {
        retention = openOptions.retention ?? {};
        first = handle();
      }
      return first;
    },
    openSecond: handle,
    async reopen(openOptions: OpenOptions = { retention }): Promise<Store> {
      await closeAll();
      retention = openOptions.retention ?? {};
      first = handle();
      return await first;
    },
    now: () => clock.now(),
    advance: (ms) => clock.advance(ms),
    jump: (ms) => clock.jump(ms),
    async [Symbol.asyncDispose](): Promise<void> {
      try {
        await closeAll();
      } finally {
        await cleanUp?.();
      }
    },
  };
}
