/**
 * The rules in a file, and what is counted for them: claims, as rows that are
 * processing, and the tokens that were taken. What one object has read it keeps;
 * it lives no longer than a transaction.
 *
 * @module
 */

import {
  type LimitRate,
  type LimitRow,
  type LimitTarget,
  MAX_LIMIT_RULES,
  type RuleLimits,
} from "../limit_stage.ts";
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
import type { Database } from "./database.ts";
import type { Lanes } from "./lanes.ts";
import { HAS_LIMIT_KEY, IS_PROCESSING } from "./schema.ts";

const RULE_COLUMNS = "concurrency, tokens, per_ms, burst";
/** A rule by its name. */
export const RULE = `SELECT ${RULE_COLUMNS} FROM limits WHERE name = ?`;
const RULES = `SELECT name, ${RULE_COLUMNS} FROM limits`;
const SET_RULE = `
INSERT INTO limits (name, ${RULE_COLUMNS}) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET concurrency = excluded.concurrency, tokens = excluded.tokens,
  per_ms = excluded.per_ms, burst = excluded.burst`;
const BUCKET = "SELECT level, at, per_ms AS perMs, full_at AS fullAt FROM buckets WHERE name = ?";
const SET_BUCKET = `
INSERT INTO buckets (name, level, at, per_ms, full_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET level = excluded.level, at = excluded.at,
  per_ms = excluded.per_ms, full_at = excluded.full_at`;
const DROP_BUCKET = "DELETE FROM buckets WHERE name = ?";
/** Drops some of the buckets that are full again. */
export const DROP_FULL_BUCKETS = `
DELETE FROM buckets WHERE name IN (SELECT name FROM buckets WHERE full_at <= ? LIMIT 500)`;
/** Claims of a lane, up to a number that is enough. */
export const RUNNING_OF_LANE =
  `SELECT count(*) AS n FROM (SELECT 1 FROM jobs WHERE ${IS_PROCESSING} AND lane = ? LIMIT ?)`;
/** The same of a key. */
export const RUNNING_OF_KEY = `
SELECT count(*) AS n FROM (
  SELECT 1 FROM jobs WHERE ${IS_PROCESSING} AND ${HAS_LIMIT_KEY} AND limit_key = ? LIMIT ?)`;
/** The same of a key and a lane. */
export const RUNNING_OF_KEY_AND_LANE = `
SELECT count(*) AS n FROM (
  SELECT 1 FROM jobs WHERE ${IS_PROCESSING} AND ${HAS_LIMIT_KEY} AND limit_key = ? AND lane = ? LIMIT ?)`;
const ENOUGH = 100_000;

interface RuleRow {
  readonly concurrency: number | null;
  readonly tokens: number | null;
  readonly per_ms: number | null;
  readonly burst: number | null;
}

/** What one rule counts for a job: its name, its limits, and the claims that it counts. */
export interface Meter {
  readonly name: string;
  readonly limits: RuleLimits;
  /** Type whose claims count; null for all. */
  readonly type: string | null;
  /** Key whose claims count; null for all. */
  readonly key: string | null;
}

/** What the counts are read from. */
export interface MetersContext {
  readonly db: Database;
  readonly lanes: Lanes;
  readonly now: number;
}

/** Rules and counts. */
export class Meters {
  readonly #context: MetersContext;
  readonly #rules = new Map<string, RuleLimits | undefined>();
  readonly #running = new Map<string, number>();
  readonly #buckets = new Map<string, Bucket | undefined>();

  /** @param context The file, and its time. */
  constructor(context: MetersContext) {
    this.#context = context;
  }

  /** Sets a rule; tells by how many there are more, or undefined if there would be too many. */
  set(target: LimitTarget, limits: RuleLimits | null): number | undefined {
    const { db } = this.#context;
    const name = ruleName(target);
    const before = this.#rule(name);
    const isThere = before !== undefined;
    this.#rules.delete(name);
    if (limits === null) return -db.run("DELETE FROM limits WHERE name = ?", name);
    if (
      !isThere && db.get<{ n: number }>("SELECT count(*) AS n FROM limits")!.n >= MAX_LIMIT_RULES
    ) {
      return undefined;
    }
    const { concurrency = null, rate } = limits;
    this.#carryOver(name, before?.rate, rate);
    db.run(
      SET_RULE,
      name,
      concurrency,
      rate?.count ?? null,
      rate?.perMs ?? null,
      rate?.burst ?? null,
    );
    return isThere ? 0 : 1;
  }

  /** Whether there are any. */
  hasRules(): boolean {
    return this.#context.db.get("SELECT 1 FROM limits LIMIT 1") !== undefined;
  }

  /** The rule of a type. */
  ofType(type: string): Meter | undefined {
    return this.#meter(ruleName({ type }), { type, key: null });
  }

  /** The rule of a key, or for lack of one that of each key of the type. */
  ofKey(type: string, key: string | null): Meter | undefined {
    if (key === null) return undefined;
    return this.#meter(ruleName({ key }), { type: null, key }) ??
      this.#meter(ruleName({ type, perKey: true }), { type, key }, perKeyName(type, key));
  }

  /** How many claims a rule lets begin now. */
  room(meter: Meter): number {
    const slots = this.#slots(meter);
    const { rate } = meter.limits;
    if (rate === undefined || slots === 0) return slots;
    return Math.min(slots, tokensIn(rate, this.#level(meter)));
  }

  /** Milliseconds until time alone makes more room; null if it does not. */
  untilMore(meter: Meter): number | null {
    const { rate } = meter.limits;
    if (rate === undefined || this.room(meter) >= this.#slots(meter)) return null;
    return untilToken(rate, this.#bucket(meter.name), this.#context.now);
  }

  /** A claim takes a slot and a token. */
  spend(meter: Meter): void {
    const { name, limits: { rate } } = meter;
    const running = this.#running.get(name);
    if (running !== undefined) this.#running.set(name, running + 1);
    if (rate === undefined) return;
    this.#setBucket(name, bucketOf(rate, this.#level(meter) - rate.perMs, this.#context.now));
  }

  /** Claims have ended: what was counted holds no longer. */
  recount(): void {
    this.#running.clear();
  }

  /** All rules, and what is used of them. */
  rows(): LimitRow[] {
    const rows = this.#context.db.all<RuleRow & { name: string }>(RULES);
    return rows.map(({ name, ...row }): LimitRow => {
      const target = targetOf(name);
      const limits = toLimits(row);
      if ("type" in target && target.perKey) return { target, limits, running: null, tokens: null };
      const of = "key" in target
        ? { type: null, key: target.key }
        : { type: target.type, key: null };
      const meter = { name, limits, ...of };
      const { rate } = limits;
      const tokens = rate === undefined ? null : tokensIn(rate, this.#level(meter));
      return { target, limits, running: this.#count(meter, ENOUGH), tokens };
    });
  }

  #meter(rule: string, of: Pick<Meter, "type" | "key">, name = rule): Meter | undefined {
    const limits = this.#rule(rule);
    return limits && { name, limits, ...of };
  }

  #rule(name: string): RuleLimits | undefined {
    if (!this.#rules.has(name)) {
      const row = this.#context.db.get<RuleRow>(RULE, name);
      this.#rules.set(name, row && toLimits(row));
    }
    return this.#rules.get(name);
  }

  #slots(meter: Meter): number {
    const { name, limits: { concurrency } } = meter;
    if (concurrency === undefined) return Infinity;
    let running = this.#running.get(name);
    if (running === undefined) {
      this.#running.set(name, running = this.#count(meter, concurrency));
    }
    return Math.max(0, concurrency - running);
  }

  #count({ type, key }: Meter, enough: number): number {
    const { db, lanes } = this.#context;
    if (type === null) return db.get<{ n: number }>(RUNNING_OF_KEY, key, enough)!.n;
    let n = 0;
    for (const lane of lanes.ofType(type)) {
      const row = key === null
        ? db.get<{ n: number }>(RUNNING_OF_LANE, lane, enough)
        : db.get<{ n: number }>(RUNNING_OF_KEY_AND_LANE, key, lane, enough);
      n += row!.n;
    }
    return n;
  }

  #level({ name, limits: { rate } }: Meter): number {
    return levelAt(rate!, this.#bucket(name), this.#context.now);
  }

  #bucket(name: string): Bucket | undefined {
    if (!this.#buckets.has(name)) {
      this.#buckets.set(name, this.#context.db.get<Bucket>(BUCKET, name));
    }
    return this.#buckets.get(name);
  }

  #setBucket(name: string, bucket: Bucket): void {
    const { level, at, perMs, fullAt } = bucket;
    this.#buckets.set(name, bucket);
    this.#context.db.run(SET_BUCKET, name, level, at, perMs, fullAt);
  }

  /** The rate of a rule changes. */
  #carryOver(name: string, from: LimitRate | undefined, to: LimitRate | undefined): void {
    const bucket = this.#bucket(name);
    if (bucket === undefined || to === undefined || isSameRate(from, to)) return;
    const kept = carriedOver(bucket, from, to, this.#context.now);
    if (kept !== undefined) return this.#setBucket(name, kept);
    this.#buckets.delete(name);
    this.#context.db.run(DROP_BUCKET, name);
  }
}

function toLimits({ concurrency, tokens, per_ms: perMs, burst }: RuleRow): RuleLimits {
  return {
    ...(concurrency === null ? {} : { concurrency }),
    ...(tokens === null ? {} : { rate: { count: tokens, perMs: perMs!, burst: burst! } }),
  };
}
