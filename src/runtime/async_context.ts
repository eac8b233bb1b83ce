/**
 * Values that follow the code that runs under them, through awaits, timers and
 * callbacks: `AsyncLocalStorage`, where the platform has it.
 *
 * @module
 */

import process from "node:process";

/** A value that is there for all that is called under it. */
export interface AsyncContext<T> {
  /** The value that the caller runs under; undefined if there is none. */
  get(): T | undefined;
  /** Calls a function under a value, or under none. */
  run<R>(value: T | undefined, call: () => R): R;
  /**
   * Gives a function that calls others as if they were called now: under the
   * values of this and of every other context, such as that of a tracing library.
   */
  keep(): <R>(call: () => R) => R;
}

const bare = <R>(call: () => R): R => call();

/** Makes a context. On a platform without any, its value is never there. */
export function asyncContext<T>(): AsyncContext<T> {
  const hooks = process.getBuiltinModule?.("node:async_hooks");
  if (hooks === undefined) {
    return { get: () => undefined, run: (_value, call) => call(), keep: () => bare };
  }
  const storage = new hooks.AsyncLocalStorage<T | undefined>();
  return {
    get: () => storage.getStore(),
    run: (value, call) => storage.run(value, call),
    // AsyncLocalStorage.snapshot does the same, and takes 7 µs on Node.
    keep: () => {
      const resource = new hooks.AsyncResource("GQM");
      return (call) => resource.runInAsyncScope(call);
    },
  };
}
