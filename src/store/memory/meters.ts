/**
 * The rules of the memory store, and what is counted for them: the claims, as
 * sets, and the tokens that were taken.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { LimitRate, LimitRow, LimitTarget, RuleLimits } from "../limit_stage.ts";
import { MAX_LIMIT_RULES } from "../limit_stage.ts";
import {
  type Bucket,
  bucketOf,
  carriedOver,
  isSameRate,
  levelAt,
  perKeyName,
  ruleName,
  targetOf,
  tokensIn,
  untilToken,
} from "../meter.ts";
import type { Entry } from "./entry.ts";

/** Buckets between two looks for those that are full again. */
const SPARE_BUCKETS = 1000;

/** What one rule counts for a job: its name, its limits, and its claims now. */
export interface Meter {
  readonly name: string;
  readonly limits: RuleLimits;
  readonly running: number;
}

/** Rules and counts. */
export class Meters {
  readonly rules: Map<string, RuleLimits> = new Map();
  readonly #clock: Clock;
  readonly #byType = new Map<string, Set<Entry>>();
  readonly #byKey = new Map<string, Set<Entry>>();
  readonly #buckets = new Map<string, Bucket>();
  #lastSweep = 0;

  /** @param clock Fills the buckets. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sets a rule; false if there would be too many. */
  set(target: LimitTarget, limits: RuleLimits | null): boolean {
    const name = ruleName(target);
    if (limits === null) this.rules.delete(name);
    else if (!this.rules.has(name) && this.rules.size >= MAX_LIMIT_RULES) return false;
    else {
      this.#carryOver(name, limits.rate);
      this.rules.set(name, limits);
    }
    return true;
  }

  /** A claim begins. */
  add(entry: Entry): void {
    const { type, settings: { limitKey } } = entry.job;
    setOf(this.#byType, type).add(entry);
    if (limitKey !== undefined) setOf(this.#byKey, limitKey).add(entry);
  }

  /** A claim ends. */
  delete(entry: Entry): void {
    const { type, settings: { limitKey } } = entry.job;
    dropFrom(this.#byType, type, entry);
    if (limitKey !== undefined) dropFrom(this.#byKey, limitKey, entry);
  }

  /** Whether a claim is counted. */
  has(entry: Entry): boolean {
    const { type, settings: { limitKey } } = entry.job;
    return this.#byType.get(type)?.has(entry) === true &&
      (limitKey === undefined || this.#byKey.get(limitKey)?.has(entry) === true);
  }

  /** All claims that are counted. */
  entries(): Set<Entry> {
    const sets = [...this.#byType.values(), ...this.#byKey.values()];
    return new Set(sets.flatMap((set) => [...set]));
  }

  /** Takes the tokens of a claim. */
  spend(entry: Entry): void {
    const { type, settings: { limitKey } } = entry.job;
    for (const meter of [this.ofType(type), this.ofKey(type, limitKey)]) {
      const rate = meter?.limits.rate;
      if (rate === undefined) continue;
      const now = this.#now;
      const level = levelAt(rate, this.#buckets.get(meter!.name), now) - rate.perMs;
      this.#buckets.set(meter!.name, bucketOf(rate, level, now));
    }
    this.#sweep();
  }

  /** The rule of a type. */
  ofType(type: string): Meter | undefined {
    const name = ruleName({ type });
    const limits = this.rules.get(name);
    return limits && { name, limits, running: this.#byType.get(type)?.size ?? 0 };
  }

  /** The rule of a key, or for lack of one that of each key of the type. */
  ofKey(type: string, key: string | undefined): Meter | undefined {
    if (key === undefined || this.rules.size === 0) return undefined;
    const running = this.#byKey.get(key);
    const name = ruleName({ key });
    const limits = this.rules.get(name);
    if (limits !== undefined) return { name, limits, running: running?.size ?? 0 };
    const each = this.rules.get(ruleName({ type, perKey: true }));
    if (each === undefined) return undefined;
    const ofType = [...running ?? []].filter(({ job }) => job.type === type);
    return { name: perKeyName(type, key), limits: each, running: ofType.length };
  }

  /** How many claims a rule lets begin now. */
  room({ name, limits: { concurrency = Infinity, rate }, running }: Meter): number {
    const slots = Math.max(0, concurrency - running);
    if (rate === undefined || slots === 0) return slots;
    return Math.min(slots, tokensIn(rate, levelAt(rate, this.#buckets.get(name), this.#now)));
  }

  /** Milliseconds until time alone makes more room; null if it does not. */
  untilMore(meter: Meter): number | null {
    const { name, limits: { concurrency = Infinity, rate }, running } = meter;
    if (rate === undefined || this.room(meter) >= concurrency - running) return null;
    return untilToken(rate, this.#buckets.get(name), this.#now);
  }

  /** All rules, and what is used of them. */
  rows(): LimitRow[] {
    return [...this.rules].map(([name, limits]): LimitRow => {
      const target = targetOf(name);
      if ("type" in target && target.perKey) return { target, limits, running: null, tokens: null };
      const running =
        ("key" in target ? this.#byKey.get(target.key) : this.#byType.get(target.type))?.size ?? 0;
      const { rate } = limits;
      const tokens = rate === undefined
        ? null
        : tokensIn(rate, levelAt(rate, this.#buckets.get(name), this.#now));
      return { target, limits, running, tokens };
    });
  }

  get #now(): number {
    return Math.floor(this.#clock.now());
  }

  /** The rate of a rule changes. */
  #carryOver(name: string, rate: LimitRate | undefined): void {
    const from = this.rules.get(name)?.rate;
    const bucket = this.#buckets.get(name);
    if (bucket === undefined || rate === undefined || isSameRate(from, rate)) return;
    const kept = carriedOver(bucket, from, rate, this.#now);
    if (kept === undefined) this.#buckets.delete(name);
    else this.#buckets.set(name, kept);
  }

  /** Drops the buckets that are full again, when they may have become the most. */
  #sweep(): void {
    if (this.#buckets.size <= 2 * this.#lastSweep + SPARE_BUCKETS) return;
    for (const [name, { fullAt }] of this.#buckets) {
      if (fullAt <= this.#now) this.#buckets.delete(name);
    }
    this.#lastSweep = this.#buckets.size;
  }
}

function setOf(sets: Map<string, Set<Entry>>, name: string): Set<Entry> {
  let set = sets.get(name);
  if (set === undefined) sets.set(name, set = new Set());
  return set;
}

function dropFrom(sets: Map<string, Set<Entry>>, name: string, entry: Entry): void {
  const set = sets.get(name);
  set?.delete(entry);
  if (set?.size === 0) sets.delete(name);
}
