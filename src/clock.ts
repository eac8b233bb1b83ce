/**
 * Time as a port. A store's clock decides due times and leases; a process's
 * clock only measures elapsed time. Tests move a clock of their own.
 *
 * @module
 */

/** A pending call that can be taken back. */
export interface Timer {
  /** Takes the call back. No effect once it was made. */
  cancel(): void;
}

/** Where time comes from. */
export interface Clock {
  /** Wall-clock time in epoch milliseconds; may jump. */
  now(): number;
  /** Milliseconds since some fixed point; never jumps. */
  mono(): number;
  /** Calls back once, `ms` milliseconds from now. */
  after(ms: number, callback: () => void): Timer;
}

/** Longest delay that a runtime's own timer can take; a longer one fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The runtime's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => performance.now(),
  after(ms: number, callback: () => void): Timer {
    let handle: ReturnType<typeof setTimeout>;
    const arm = (left: number): void => {
      handle = left > LONGEST_TIMER_MS
        ? setTimeout(() => arm(left - LONGEST_TIMER_MS), LONGEST_TIMER_MS)
        : setTimeout(callback, Math.max(0, left));
    };
    arm(ms);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Tells whether some work ends within a time. It must not reject. */
export async function endsWithin(
  clock: Clock,
  work: Promise<unknown>,
  ms: number,
): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(clock, ms, timer.signal).then(() => false);
  const ended = await Promise.race([work.then(() => true), late]);
  timer.abort();
  return ended;
}

/**
 * Waits, or stops waiting when the signal aborts. It never rejects: whoever
 * waits looks at the signal afterwards.
 */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.after(ms, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
