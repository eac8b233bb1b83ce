/**
 * The side of the store port that limits how many jobs run at once, and how
 * many start in a time. Limits are judged in `claim`, by the store.
 *
 * @module
 */

/** What a rule limits. */
export type LimitTarget =
  | {
    /** All jobs of a type. */
    readonly type: string;
    /** True: not all of them together, but those of each `limitKey` by themselves. */
    readonly perKey?: boolean;
  }
  /** All jobs with a `limitKey`, whatever their type. */
  | { readonly key: string };

/** How many jobs may start in a time: a bucket of tokens, of which each claim takes one. */
export interface LimitRate {
  /** Tokens that come in `perMs`, one after the other; 1 to 100 000. */
  readonly count: number;
  /** Length of that time in milliseconds: 1 to 2 678 400 000, which is 31 days. */
  readonly perMs: number;
  /** Most tokens that the bucket holds: it is full to begin with. */
  readonly burst: number;
}

/** The limits of one rule; at least one is there. */
export interface RuleLimits {
  /** Most claims at a time, of all servers; 1 to 100 000. */
  readonly concurrency?: number;
  /** How fast claims may follow each other. */
  readonly rate?: LimitRate;
}

/** A rule, and how much of it is used. */
export interface LimitRow {
  /** What it limits. */
  readonly target: LimitTarget;
  /** Its limits. */
  readonly limits: RuleLimits;
  /** Claims now; null for a rule per key, which counts each key by itself. */
  readonly running: number | null;
  /** Whole tokens in the bucket now; null without a rate, and for a rule per key. */
  readonly tokens: number | null;
}

/** Most rules of a store. */
export const MAX_LIMIT_RULES = 10_000;

/**
 * Limits. A job of type T with key K has up to two rules: that of T, and that of
 * K, or where K has none, that of each key of T. It is claimed only if both have
 * room; it then counts for both, and takes a token of both.
 *
 * What counts as running is what is claimed: whatever ends a claim (a settle, a
 * release, a reap, a cancel) gives its slot back in the same step. Tokens are not
 * given back.
 */
export interface LimitStage {
  /**
   * Sets the limits of a target, or removes them. What is claimed stays so, and
   * counts. A bucket keeps its tokens, as far as the new burst goes, and fills by the new
   * rate; one that is full stays full. A bucket of a rule per key is full again when it would
   * have been by the old rate, if not before.
   *
   * After: the next claims follow it; who waits for what it lets go is woken.
   * Failure: throws, and nothing has changed. False: there are 10 000 rules.
   * Repeat: does nothing.
   */
  setLimit(target: LimitTarget, limits: RuleLimits | null): Promise<boolean>;

  /** All rules, in no particular order. */
  limits(): Promise<LimitRow[]>;
}
