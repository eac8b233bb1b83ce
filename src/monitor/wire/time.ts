/**
 * Times in the units of the API: epoch seconds, where a heartbeat does not need
 * nanoseconds.
 *
 * @module
 */

/** Milliseconds as whole seconds: those that have passed. */
export function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

/** The same as text; undefined stays. */
export function secondsText(ms: number | null | undefined): string | undefined {
  return ms === null || ms === undefined ? undefined : String(seconds(ms));
}

/** A span in milliseconds as whole seconds, where a part counts as one; below 0 as -1, which means for ever. */
export function spanSeconds(ms: number): number {
  return ms < 0 ? -1 : Math.ceil(ms / 1000);
}

/** The same as text; undefined stays. */
export function spanText(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : String(spanSeconds(ms));
}

/** Epoch milliseconds as nanoseconds, which a number could not hold exactly. */
export function nanosText(ms: number): string {
  return String(BigInt(Math.floor(ms)) * 1_000_000n);
}
