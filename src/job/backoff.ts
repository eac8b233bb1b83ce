/**
 * What a producer or a pool may say about the delay before a retry, as plain
 * data, so that it survives storage. `settle/backoff.ts` has the arithmetic, `check_backoff.ts` the rules.
 *
 * @module
 */

/** How the delay grows from one retry to the next. */
export type BackoffType = "fixed" | "linear" | "exponential" | "polynomial" | "custom";

/** A retry delay as plain data. */
export interface BackoffPolicy {
  /**
   * How the delay grows with n, the number of the retry (1 for the first):
   * `fixed` base; `linear` base × n; `exponential` base × 2^(n−1);
   * `polynomial` base × n^exponent; `custom` the n-th of `intervals`, the last
   * one from then on.
   */
  readonly type: BackoffType;
  /** Base of the formula in milliseconds. @default {10_000} */
  readonly baseMs?: number;
  /** Upper bound of the delay in milliseconds. @default {86_400_000} (24 h) */
  readonly maxMs?: number;
  /** Exponent of `polynomial`. @default {4} */
  readonly exponent?: number;
  /** Delays of `custom` in milliseconds, at least one. */
  readonly intervals?: readonly number[];
  /**
   * Share of the delay that chance may take away, 0 to 1: the delay is drawn
   * from [(1 − jitter) × delay, delay]. 1 is "full jitter".
   * @default {0}
   */
  readonly jitter?: number;
}
