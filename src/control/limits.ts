/**
 * Limits as people and programs set them: how many jobs run at once, and how many
 * start in a time.
 *
 * @module
 */

import { checkInteger, checkKeys } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { isJobType, isLimitKey, LIMIT_KEY_RULE, TYPE_RULE } from "../job/names.ts";
import type { AnyJobs, JobMap, JobType } from "../job/registry.ts";
import {
  type LimitRow,
  type LimitTarget,
  MAX_LIMIT_RULES,
  type RuleLimits,
} from "../store/limit_stage.ts";
import type { Store } from "../store/store.ts";

/** What a rule limits. */
export type LimitedBy<J extends JobMap = AnyJobs> =
  | {
    /** All jobs of a type. */
    readonly type: JobType<J>;
    /** True: those of each `limitKey` by themselves; jobs without one are not limited. @default {false} */
    readonly perKey?: boolean;
  }
  | {
    /** All jobs with this `limitKey`, whatever their type. */
    readonly key: string;
  };

/** How fast jobs may start. */
export interface RateOptions {
  /** How many start in `perMs`, spread over it; 1 to 100 000. */
  readonly count: number;
  /** Length of that time in milliseconds: 1 to 2 678 400 000, which is 31 days. */
  readonly perMs: number;
  /** How many may start at once when none did for a while; 1 to 100 000. @default {count} */
  readonly burst?: number;
}

/** The limits of one rule; at least one must be given. */
export interface LimitOptions {
  /** Most jobs that run at once, on all servers; 1 to 100 000. */
  readonly concurrency?: number;
  /** How fast they may start. Every start counts, also that of a retry. */
  readonly rate?: RateOptions;
}

const SET = "set limit";
const REMOVE = "remove limit";
const MOST = 100_000;
const LONGEST_MS = 31 * 86_400_000;

/**
 * The limits of a store. They hold for all servers, are judged when a job is
 * claimed, and can be changed at any time: what runs goes on and counts, and the
 * next start follows the new rule. A job that may not start yet stays `ready` at
 * its place, and holds up nothing but the jobs of its own type or key.
 *
 * A job of a type and with a `limitKey` follows up to two rules: that of its type,
 * and that of its key, or where the key has none, that of each key of its type.
 *
 * @example
 * ```ts
 * import { Client, memoryStore } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * await using client = new Client({ store: memoryStore() });
 * await client.limits.set({ type: "report" }, { concurrency: 3 });
 * await client.limits.set({ type: "email.send", perKey: true }, {
 *   rate: { count: 10, perMs: 60_000 },
 * });
 * await client.enqueue("email.send", { to: "ada@example.com" }, { limitKey: "customer-7" });
 *
 * equal((await client.limits.list()).length, 2);
 * equal(await client.limits.remove({ type: "report" }), true);
 * ```
 */
export class LimitControl<J extends JobMap = AnyJobs> {
  readonly #store: (action: string) => Promise<Store>;

  /**
   * Makes one on a store.
   *
   * @param store Gives the store, open; told what it is for.
   */
  constructor(store: (action: string) => Promise<Store>) {
    this.#store = store;
  }

  /**
   * Sets the rule of a target, in place of the one that it had.
   *
   * @throws {InvalidOptionError} If the target or a limit breaks its rule, or
   * there are 10 000 rules.
   */
  async set(target: LimitedBy<J>, limits: LimitOptions): Promise<void> {
    const { target: meant, rules } = limitRule(target, limits);
    if (await (await this.#store(SET)).setLimit(meant, rules)) return;
    const rule = `be one of at most ${MAX_LIMIT_RULES}`;
    throw new InvalidOptionError(SET, "target", rule, JSON.stringify(meant));
  }

  /**
   * Removes the rule of a target; false if there was none.
   *
   * @throws {InvalidOptionError} If the target breaks its rule.
   */
  async remove(target: LimitedBy<J>): Promise<boolean> {
    const meant = toTarget(REMOVE, target);
    const store = await this.#store(REMOVE);
    const isThere = (await store.limits()).some((row) => isSame(row.target, meant));
    if (isThere) await store.setLimit(meant, null);
    return isThere;
  }

  /** All rules, with how many of their jobs run now and the tokens that are left. */
  async list(): Promise<LimitRow[]> {
    const rows = await (await this.#store("list limits")).limits();
    return rows.sort((a, b) => nameOf(a.target) < nameOf(b.target) ? -1 : 1);
  }
}

/** What a store is told of a limit. */
export interface LimitRule {
  /** What it limits. */
  readonly target: LimitTarget;
  /** How far. */
  readonly rules: RuleLimits;
}

/**
 * Checks a limit, and fills in what it does not say.
 *
 * @throws {InvalidOptionError} If the target or a limit breaks its rule.
 */
export function limitRule<J extends JobMap>(
  target: LimitedBy<J>,
  limits: LimitOptions,
): LimitRule {
  const meant = toTarget(SET, target);
  checkKeys(SET, limits, ["concurrency", "rate"], "limits");
  const { concurrency, rate } = limits;
  if (concurrency === undefined && rate === undefined) {
    throw new InvalidOptionError(SET, "concurrency", "be given unless 'rate' is", concurrency);
  }
  if (concurrency !== undefined) checkInteger(SET, "concurrency", concurrency, 1, MOST);
  return {
    target: meant,
    rules: {
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(rate === undefined ? {} : { rate: toRate(rate) }),
    },
  };
}

function toTarget<J extends JobMap>(action: string, target: LimitedBy<J>): LimitTarget {
  checkKeys(action, target, ["type", "perKey", "key"], "target");
  const { type, perKey = false, key } = target as {
    readonly type?: string;
    readonly perKey?: boolean;
    readonly key?: string;
  };
  if (key !== undefined) {
    if (!isLimitKey(key)) throw new InvalidOptionError(action, "key", LIMIT_KEY_RULE, key);
    if (type !== undefined || perKey !== false) {
      throw new InvalidOptionError(action, "type", "not be given together with 'key'", type);
    }
    return { key };
  }
  if (!isJobType(type)) throw new InvalidOptionError(action, "type", TYPE_RULE, type);
  if (typeof perKey !== "boolean") {
    throw new InvalidOptionError(action, "perKey", "be true or false", perKey);
  }
  return perKey ? { type, perKey } : { type };
}

function toRate(rate: RateOptions): Required<RateOptions> {
  checkKeys(SET, rate, ["count", "perMs", "burst"], "rate");
  const { count, perMs, burst = count } = rate;
  checkInteger(SET, "rate.count", count, 1, MOST);
  checkInteger(SET, "rate.perMs", perMs, 1, LONGEST_MS);
  checkInteger(SET, "rate.burst", burst, 1, MOST);
  return { count, perMs, burst };
}

function nameOf(target: LimitTarget): string {
  if ("key" in target) return `key ${target.key}`;
  return `type ${target.type}${target.perKey === true ? " per key" : ""}`;
}

function isSame(one: LimitTarget, other: LimitTarget): boolean {
  return nameOf(one) === nameOf(other);
}
