/** Random histories of a store, from a seed. */

import type { ClaimSource, RetentionLimits, Verdict } from "../../src/store/store.ts";
import { ActDraws } from "./act_draws.ts";
import { AheadDraws } from "./ahead_draws.ts";
import { Draws } from "./draws.ts";
import { JobDraws, LARGE, QUEUES, type Taste, type Temper, TYPES } from "./job_draws.ts";
import { ScheduleDraws } from "./schedule_draws.ts";
import {
  type ClaimName,
  type ClaimSpec,
  type EndSpec,
  type JobSpec,
  type ReportSpec,
  servers,
  type Step,
  UNIT,
} from "./steps.ts";

/** A history, and the store that it is made for. */
export interface History {
  readonly seed: number;
  readonly retention: RetentionLimits;
  /** For each reap. */
  readonly maxDeliveries: number;
  readonly steps: readonly Step[];
  /** Whether it has hundreds of jobs in one step. */
  readonly crowded: boolean;
  /** Whether children are told only when the steps say so: claims then take whatever there is, in any order. */
  readonly lazy: boolean;
  /** Whether every move is looked at. */
  readonly close: boolean;
}

const LEASES = [200, 1000, 1000, 5000];
const JUMPS = [1, 1, 5, 20, 100, 100, 600, 3000];
/** Share of the groups that come: large ones less often, and few where jobs are to live long. */
const KEPT: Readonly<Record<Temper, number>> = {
  usual: 1,
  crowded: 0.2,
  stubborn: 0.04,
  fans: 0.15,
};
const RETRY_DRAW = 0.5;
const DRAIN_ROUNDS = 4;
/** Takes whatever there is. */
const ALL = 100_000;

/** How often a step of a kind comes, relative to the others. */
const WEIGHTS: Readonly<Record<Exclude<Step["do"], "drain" | "schedule" | "leave">, number>> = {
  enqueue: 24,
  claim: 16,
  settle: 26,
  act: 14,
  pause: 2,
  limit: 4,
  relay: 1,
  report: 3,
  heartbeat: 5,
  reap: 4,
  expire: 3,
  prune: 2,
  promote: 5,
  jump: 11,
  crash: 2,
};

/** Makes the history of a seed, of about `length` steps. With `trims`, some have a low count limit. */
export function makeHistory(seed: number, length: number, trims: boolean): History {
  const maker = new Maker(seed);
  const { lazy, crowded, counts } = maker;
  const lowCount = maker.pick([1, 3, 10]);
  // When the store's own count limit takes jobs is open: before others count, or after.
  const maxCount = maker.chance(0.25) && trims && !lazy && !counts ? lowCount : 100_000;
  const slack = lazy || crowded ? UNIT / 2 : 0;
  const retention = {
    completedMs: 3000 * UNIT - slack,
    failedMs: 5000 * UNIT - slack,
    maxCount,
  };
  // Which of those that die in one call is the oldest, and goes first, is open.
  const maxDeliveries = maxCount < 100_000 || counts ? 1_000_000 : 3;
  const close = maker.chance(0.1) && !lazy && !crowded;
  const steps = Array.from({ length: lazy ? length / 4 : length }, () => maker.step());
  const mixed = new ScheduleDraws(seed).among(steps);
  // Two stores give fences in another order where claims take whatever there is.
  const drawn = lazy ? mixed : new AheadDraws(seed).among(mixed);
  const all = [...drawn, ...maker.drain()];
  return { seed, retention, maxDeliveries, steps: all, crowded, lazy, close };
}

class Maker extends Draws {
  readonly #kinds: readonly (keyof typeof WEIGHTS)[];
  readonly #temper: Temper;
  readonly #jobs: JobDraws;
  readonly #acts: ActDraws;
  /** Whether some jobs have a number of their own. */
  readonly counts: boolean;
  /** Share of the interventions that come. */
  readonly #meddling: number;

  constructor(seed: number) {
    super(seed);
    this.#kinds = Object.entries(WEIGHTS).flatMap(([kind, weight]) =>
      new Array<keyof typeof WEIGHTS>(weight).fill(kind as keyof typeof WEIGHTS)
    );
    const draw = this.share();
    this.#temper = draw < 0.025
      ? "crowded"
      : draw < 0.08
      ? "stubborn"
      : draw < 0.1
      ? "fans"
      : "usual";
    const isLazy = this.#temper === "fans";
    this.counts = this.#temper !== "fans" && this.chance(0.3);
    const isPlain = this.#temper === "usual" || this.#temper === "stubborn";
    const limits = isPlain ? this.pick([0, 0, 0.4, 0.8]) : 0;
    const taste: Taste = {
      limits,
      temper: this.#temper,
      graphs: this.#temper === "crowded" ? 0.1 : this.pick([0, 0.2, 0.4, 0.7]),
      counts: this.counts,
      uniques: isLazy || this.#temper === "crowded" ? 0 : this.pick([0, 0.1, 0.3, 0.5]),
    };
    this.#meddling = this.pick([0, 0.5, 1, 1]);
    this.#jobs = new JobDraws(this, taste);
    this.#acts = new ActDraws(this, this.#jobs);
  }

  get crowded(): boolean {
    return this.#temper === "crowded";
  }

  get lazy(): boolean {
    return this.#temper === "fans";
  }

  step(): Step {
    const kind = this.pick(this.#kinds);
    const isRare = kind === "enqueue" || (kind === "reap" && this.#temper === "stubborn");
    if (isRare && !this.chance(KEPT[this.#temper])) return this.step();
    if ((kind === "act" || kind === "pause") && !this.chance(this.#meddling)) return this.step();
    if (kind === "relay" && !this.lazy) return this.step();
    if (kind === "limit" && !this.#jobs.isLimited) return this.step();
    switch (kind) {
      case "enqueue":
        return { do: kind, groups: this.many(3, () => this.#group()) };
      case "act":
        return this.#acts.act();
      case "pause":
        return this.#acts.pause();
      case "limit":
        return this.#acts.limit();
      case "relay":
        return { do: kind, limit: this.pick([1, 30, 200]) };
      case "claim":
        return { do: kind, claim: this.#claim() };
      case "settle": {
        const ends = this.chance(0.05) ? [] : this.many(this.lazy ? 300 : 5, () => this.#end());
        return this.chance(0.5) && !this.lazy
          ? { do: kind, ends, claim: this.#claim() }
          : { do: kind, ends };
      }
      case "report":
        return { do: kind, told: this.many(3, () => this.#report()) };
      case "heartbeat": {
        const names = this.many(4, () => this.chance(0.8));
        const beat = { do: kind, server: this.pick(servers), lease: this.pick(LEASES), names };
        return this.chance(0.3) ? { ...beat, old: this.below(100) } : beat;
      }
      case "reap":
      case "expire":
      case "prune":
      case "promote":
        return { do: kind, limit: this.pick([1, 3, 500]) };
      case "jump":
        return { do: kind, by: this.pick(JUMPS), pruneLimit: this.pick([1, 3, 500]) };
      case "crash":
        return { do: kind, server: this.pick(servers) };
      default:
        return kind satisfies never;
    }
  }

  /** Steps that bring every job to its end, or show that one was left behind. */
  drain(): Step[] {
    const sources = QUEUES.map((queue) => ({ queue, types: TYPES, share: 0 }));
    const claim = { server: servers[0]!, sources, limit: 500, lease: 1000 };
    const round: Step[] = [
      { do: "jump", by: 10_000, pruneLimit: 500 },
      { do: "reap", limit: 500 },
      { do: "promote", limit: 500 },
      { do: "claim", claim },
    ];
    return [...Array.from({ length: DRAIN_ROUNDS }, () => round).flat(), { do: "drain" }];
  }

  #group(): JobSpec[] {
    const group = this.#jobs.group();
    if (this.lazy || !this.chance(0.06)) return group;
    const under = this.#name();
    return group.map((job) => ({ ...job, under }));
  }

  #claim(): ClaimSpec {
    if (this.lazy) {
      const sources = QUEUES.map((queue) => ({ queue, types: TYPES, share: 0 }));
      return { server: this.pick(servers), sources, limit: ALL, lease: this.pick(LEASES) };
    }
    const sources = this.#sources();
    const limit = this.pick([1, 2, 4, 8, 8, this.#temper === "crowded" ? 400 : 60]);
    return { server: this.pick(servers), sources, limit, lease: this.pick(LEASES) };
  }

  /** Names at least all queues but one beside a source that takes any: which of two it serves is open. */
  #sources(): ClaimSource[] {
    const queues = this.shuffled(QUEUES);
    const source = (queue: string | null): ClaimSource => {
      const types = TYPES.filter(() => this.chance(queue === null ? 0.8 : 0.6));
      return { queue, types: this.chance(0.1) ? [] : types, share: this.below(4) };
    };
    const named = queues.slice(0, 1 + this.below(3)).map(source);
    return named.length > 1 && this.chance(0.6) ? [...named, source(null)] : named;
  }

  #name(): ClaimName {
    const of = this.chance(0.85) ? "held" : this.pick(["old", "old", "older", "newer"] as const);
    return { of, n: this.below(100) };
  }

  #end(): EndSpec {
    const ranMs = this.below(50) + 0.5;
    const verdict = this.#verdict();
    const isLarge = verdict.kind === "complete" && this.chance(0.1);
    return {
      ...this.#name(),
      verdict,
      ranMs,
      ...(isLarge ? { resultLength: LARGE } : {}),
      ...(this.chance(0.1) ? { twice: true } : {}),
    };
  }

  #verdict(): Verdict {
    const error = this.pick([
      { message: "e|\n!x", name: "N", stack: "at x", fingerprint: "0123456789abcdef" },
      { message: "", fingerprint: "f".repeat(16) },
    ]);
    const isRetry = this.#temper === "stubborn" && this.chance(0.98);
    const draw = isRetry ? RETRY_DRAW : this.share();
    if (draw < 0.4) {
      return { kind: "complete", result: this.pick([null, "1", '"r\\n|"', '{"a":[]}']) };
    }
    if (draw < 0.62) {
      const delayMs = isRetry || this.chance(0.2) ? 0 : this.below(300);
      return { kind: "retry", counted: this.chance(0.5), delayMs, error };
    }
    if (draw < 0.72) return { kind: "dead_letter", error };
    if (draw < 0.8) return { kind: "cancel", error };
    return { kind: "release" };
  }

  #report(): ReportSpec {
    const message = this.chance(0.1) ? "m".repeat(2100) : "m|";
    const progress = { value: this.pick([0, 0.5, -1, 1e21]), message };
    const lines = this.chance(0.1) ? 120 : 2;
    return {
      ...this.#name(),
      ...(this.chance(0.6)
        ? { progress: this.chance(0.5) ? progress : { value: progress.value } }
        : {}),
      ...(this.chance(0.6) ? { logs: Array.from({ length: lines }, (_, i) => `l\n|${i}`) } : {}),
    };
  }
}
