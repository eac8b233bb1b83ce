/** Random jobs: plain ones, families, and jobs that are the same work. */

import {
  edgePolicies,
  type EdgePolicy,
  type JobUnique,
  type ParentEdge,
} from "../../src/job/job.ts";
import type { Draws } from "./draws.ts";
import { type JobSpec, UNIT } from "./steps.ts";

/** Queues of all jobs. */
export const QUEUES: readonly string[] = ["q", "a:b", "default.x"];
/** Types of all jobs. */
export const TYPES: readonly string[] = [
  "t",
  "a|b",
  "x%d*",
  "!*|",
  "  sp ace",
  "ü🎉",
  "t;n;",
  "^(%",
];
/** Priorities, as often as they come. */
export const PRIORITIES: readonly number[] = [0, 0, 0, 1, -1, 30, -30];
/** Longer than what the Redis store keeps beside the record. */
export const LARGE = 4100;
/** Never enqueued. */
export const NOBODY = "no-body";
/** With what means something to a store. */
const TRACE = {
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: 'a=|;x1;,b@c="',
};
const KEYS = ["k:1", "k.2", "K-3"];
/** Keys for limits. */
export const LIMIT_KEYS: readonly string[] = ["K", "k:2"];
/** Ids that come again and again. */
const AGAIN = 6;
/** Jobs to whom new ones are children most often: the newest. */
const NEAR = 12;
/** Couples that are met again: the newest. */
const COUPLES = 2;

/**
 * What a history is like. `crowded`: more jobs than one call promotes. `stubborn`:
 * few jobs, which fail again and again. `fans`: more children than one call tells.
 */
export type Temper = "usual" | "crowded" | "stubborn" | "fans";

/** How much of each a history has, from 0 to 1. */
export interface Taste {
  readonly temper: Temper;
  /** Share of the jobs that have parents. */
  readonly graphs: number;
  /** Share of the jobs that are unique. */
  readonly uniques: number;
  /** Share of the jobs that have a key for limits; 0 where there are none. */
  readonly limits: number;
  /** Whether some have a `maxCount` of their own. */
  readonly counts: boolean;
}

/** Makes jobs. */
export class JobDraws {
  /** Ids given so far; one of a refused job is among them. */
  readonly ids: string[] = [];
  /** Parents of one job each, where one of them is enough to cancel it. */
  readonly #couples: string[][] = [];
  readonly #draws: Draws;
  readonly #taste: Taste;
  readonly #types: readonly string[];
  #serial = 0;

  constructor(draws: Draws, taste: Taste) {
    this.#draws = draws;
    this.#taste = taste;
    this.#types = TYPES.slice(0, 1 + draws.below(TYPES.length));
  }

  /** Whether a group is so large that it should not be refused. */
  get #isMany(): boolean {
    return this.#taste.temper === "crowded" || this.#taste.temper === "fans";
  }

  /** Whether there are limits. */
  get isLimited(): boolean {
    return this.#taste.limits > 0;
  }

  /** An id that may be there. */
  id(): string {
    const draws = this.#draws;
    if (this.ids.length === 0 || draws.chance(0.03)) return NOBODY;
    const near = draws.chance(0.7) ? this.ids.slice(-NEAR) : this.ids;
    return draws.pick(near);
  }

  /** Ids of jobs that have a child in common, one of the newest few; or of any job. */
  couple(): string[] {
    return this.#couples.length === 0
      ? [this.id()]
      : [...this.#draws.pick(this.#couples.slice(-COUPLES))];
  }

  /** Jobs to be written whole or not at all. */
  group(): JobSpec[] {
    const { temper } = this.#taste;
    const draws = this.#draws;
    if (temper === "fans" && draws.chance(0.3)) return this.#fan();
    const most = temper === "crowded" ? 250 : 3;
    const group = new Map<string, JobSpec>();
    const keys = new Set<string>();
    for (const job of draws.many(most, () => this.#job())) {
      const key = job.settings.unique?.key ?? null;
      if (group.has(job.id) || (key !== null && keys.has(key))) continue;
      if (key !== null) keys.add(key);
      group.set(job.id, job);
    }
    const jobs = [...group.values()];
    if (jobs.length === 1 && temper !== "fans") {
      return [{ ...jobs[0]!, ...this.#conflict(jobs[0]!) }];
    }
    return jobs;
  }

  /** A job and very many children, some with children too. One policy `cancel` each: the first failure counts. */
  #fan(): JobSpec[] {
    const draws = this.#draws;
    const hub = this.#plain();
    const jobs = [hub];
    const count = draws.pick([30, 620, 800]);
    for (let i = 0; i < count; i++) {
      const parents = draws.chance(0.1) ? [draws.pick(jobs)] : [hub];
      if (draws.chance(0.05)) parents.push(draws.pick(jobs));
      const ids = new Set(parents.map(({ id }) => id));
      const job = this.#plain();
      jobs.push({ ...job, settings: { ...job.settings, dependsOn: this.#edges([...ids]) } });
    }
    return jobs;
  }

  /** Edges to some parents; where the first failure counts, at most one has the policy `cancel`. */
  #edges(ids: readonly string[]): ParentEdge[] {
    const isLazy = this.#taste.temper === "fans";
    return ids.map((id, i) => {
      const others: readonly EdgePolicy[] = ["continue", "ignore"];
      return { id, onFailure: this.#draws.pick(isLazy && i > 0 ? others : edgePolicies) };
    });
  }

  #job(): JobSpec {
    const draws = this.#draws;
    const { graphs, uniques } = this.#taste;
    const job = this.#plain();
    // Unless the parents of a job are drawn before it is listed, it may be its own.
    const known = this.ids.filter((id) => id !== job.id);
    const hasParents = draws.chance(graphs);
    const dependsOn = hasParents ? this.#edges(this.#parents(known)) : undefined;
    const cutting = dependsOn?.filter(({ onFailure }) => onFailure === "cancel") ?? [];
    if (cutting.length > 1) this.#couples.push(cutting.map(({ id }) => id));
    const unique = draws.chance(uniques) ? this.#unique(job.id) : undefined;
    // Only jobs of the same type give each other their payloads.
    const isSame = unique !== undefined && draws.chance(0.85);
    return {
      ...job,
      ...(isSame ? { type: this.#types[0]! } : {}),
      settings: {
        ...job.settings,
        ...(dependsOn === undefined ? {} : { dependsOn }),
        ...(unique === undefined ? {} : { unique }),
      },
      ...(hasParents && (this.#isMany || draws.chance(0.5)) ? { onMissingParent: "resolved" } : {}),
    };
  }

  #parents(known: readonly string[]): string[] {
    const draws = this.#draws;
    const one = (): string => {
      if (known.length === 0 || draws.chance(0.03)) return NOBODY;
      const near = draws.pick([2, NEAR, NEAR, known.length]);
      return draws.pick(known.slice(-near));
    };
    const count = draws.pick([1, 1, 2, 2, 3, 6]);
    return [...new Set(Array.from({ length: count }, one))];
  }

  #unique(id: string): JobUnique {
    const draws = this.#draws;
    const until = draws.pick(["started", "finished", "finished", "removed"] as const);
    const ttl = draws.chance(0.3) ? { ttlMs: draws.pick([1, 20, 100, 600]) * UNIT } : {};
    // One that counts by its id comes again, or it would never meet itself.
    const isById = id.startsWith("dup") || draws.chance(0.1);
    return { key: isById ? null : draws.pick(KEYS), until, ...ttl };
  }

  #conflict({ settings: { unique } }: JobSpec): Pick<JobSpec, "onConflict"> {
    const draws = this.#draws;
    if (unique === undefined && !draws.chance(0.1)) return {};
    const kinds = ["keep", "replace", "debounce", "debounce", "rerun", "rerun"] as const;
    const onConflict = draws.pick(kinds);
    return onConflict === "rerun" && (unique?.key ?? null) === null ? {} : { onConflict };
  }

  #plain(): JobSpec {
    const draws = this.#draws;
    const isCrowded = this.#taste.temper === "crowded";
    const isMany = this.#isMany;
    // Redis numbers ends by µs: where more than a thousand come in one ms, they count as of the next.
    const short = isMany ? 500 * UNIT - UNIT / 2 : 500 * UNIT;
    const keepMs = (): number | undefined => draws.pick([0, 0, short, short, undefined, -1]);
    const maxCount = this.#taste.counts ? draws.pick([undefined, 0, 1, 2, 5, 40]) : undefined;
    const retention = { completedMs: keepMs(), failedMs: keepMs(), maxCount };
    const time = draws.below(isCrowded ? 2 : 5);
    const isAgain = draws.chance(isMany ? 0.001 : 0.1 + 0.15 * this.#taste.uniques);
    const id = isAgain && this.#taste.temper !== "fans"
      ? `dup${draws.below(AGAIN)}`
      : `${draws.pick(["j.", "-_"])}${this.#serial++}`;
    this.ids.push(id);
    return {
      id,
      type: draws.pick(this.#types),
      queue: draws.pick(QUEUES),
      priority: draws.pick(PRIORITIES),
      length: draws.chance(isMany ? 0.001 : 0.04) ? LARGE : 5 + draws.below(20),
      settings: {
        ...(draws.chance(this.#taste.limits) ? { limitKey: draws.pick(LIMIT_KEYS) } : {}),
        ...(draws.chance(this.#taste.counts ? 0.5 : 0.15)
          ? { retention: JSON.parse(JSON.stringify(retention)) }
          : {}),
        ...(draws.chance(0.1) ? { deadLetter: false } : {}),
        ...(draws.chance(0.1) ? { meta: { a: "é|;x1;", b: [null, 1.5] }, trace: TRACE } : {}),
        ...(draws.chance(0.1) ? { maxRetry: 2, timeoutMs: 1000, enqueuedBy: "a|b" } : {}),
      },
      ...(time === 0 ? { runIn: draws.below(520) - 20 } : {}),
      ...(time === 1 ? { delayIn: draws.below(300) } : {}),
      ...(draws.chance(0.15) ? { expireIn: draws.below(400) - 5 } : {}),
      ...(draws.chance(0.15) ? { atFront: true } : {}),
    };
  }
}
