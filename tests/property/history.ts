/** Random histories of a store, from a seed. */

import { seededRng } from "../../src/rng.ts";
import type { ClaimSource, RetentionLimits, Verdict } from "../../src/store/store.ts";
import {
  type ClaimName,
  type ClaimSpec,
  type EndSpec,
  type JobSpec,
  type ReportSpec,
  servers,
  type Step,
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
}

const QUEUES = ["q", "a:b", "default.x"];
const TYPES = ["t", "a|b", "x%d*", "!*|", "  sp ace", "ü🎉", "t;n;", "^(%"];
const PRIORITIES = [0, 0, 0, 1, -1, 30, -30];
const LEASES_MS = [200, 1000, 1000, 5000];
const JUMPS_MS = [1, 1, 5, 20, 100, 100, 600, 3000];
/** Longer than what the Redis store keeps beside the record. */
const LARGE = 4100;
/** `crowded`: more jobs than one call promotes. `stubborn`: few jobs, which fail again and again. */
type Temper = "usual" | "crowded" | "stubborn";
/** Share of the groups that come: large ones less often, and few where jobs are to live long. */
const KEPT: Readonly<Record<Temper, number>> = { usual: 1, crowded: 0.2, stubborn: 0.04 };
const RETRY_DRAW = 0.5;
const DRAIN_ROUNDS = 4;

/** How often a step of a kind comes, relative to the others. */
const WEIGHTS: Readonly<Record<Step["do"], number>> = {
  enqueue: 20,
  claim: 16,
  settle: 26,
  report: 4,
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
  const lowCount = maker.pick([1, 3, 10]);
  const maxCount = maker.chance(0.25) && trims ? lowCount : 100_000;
  const retention = { completedMs: 3000, failedMs: 5000, maxCount };
  // Which of those that die in one call is the oldest, and goes first, is open.
  const maxDeliveries = maxCount < 100_000 ? 1_000_000 : 3;
  const steps = Array.from({ length }, () => maker.step());
  const all = [...steps, ...maker.drain()];
  return { seed, retention, maxDeliveries, steps: all, crowded: maker.crowded };
}

class Maker {
  readonly #rng: () => number;
  readonly #kinds: readonly Step["do"][];
  readonly #types: readonly string[];
  readonly #temper: Temper;
  #serial = 0;

  constructor(seed: number) {
    this.#rng = seededRng(seed);
    this.#kinds = Object.entries(WEIGHTS).flatMap(([kind, weight]) =>
      new Array<Step["do"]>(weight).fill(kind as Step["do"])
    );
    this.#types = TYPES.slice(0, 1 + this.below(TYPES.length));
    const draw = this.#rng();
    this.#temper = draw < 0.03 ? "crowded" : draw < 0.1 ? "stubborn" : "usual";
  }

  get crowded(): boolean {
    return this.#temper === "crowded";
  }

  /** A whole number, at least 0 and below `end`. */
  below(end: number): number {
    return Math.floor(this.#rng() * end);
  }

  chance(share: number): boolean {
    return this.#rng() < share;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  #many<T>(most: number, make: () => T): T[] {
    return Array.from({ length: 1 + this.below(most) }, make);
  }

  step(): Step {
    const kind = this.pick(this.#kinds);
    const isRare = kind === "enqueue" || (kind === "reap" && this.#temper === "stubborn");
    if (isRare && !this.chance(KEPT[this.#temper])) return this.step();
    switch (kind) {
      case "enqueue":
        return { do: kind, groups: this.#many(3, () => this.#group()) };
      case "claim":
        return { do: kind, claim: this.#claim() };
      case "settle": {
        const ends = this.chance(0.05) ? [] : this.#many(5, () => this.#end());
        return this.chance(0.5) ? { do: kind, ends, claim: this.#claim() } : { do: kind, ends };
      }
      case "report":
        return { do: kind, told: this.#many(3, () => this.#report()) };
      case "heartbeat": {
        const names = this.#many(4, () => this.chance(0.8));
        const beat = { do: kind, server: this.pick(servers), leaseMs: this.pick(LEASES_MS), names };
        return this.chance(0.3) ? { ...beat, old: this.below(100) } : beat;
      }
      case "reap":
      case "expire":
      case "prune":
      case "promote":
        return { do: kind, limit: this.pick([1, 3, 500]) };
      case "jump":
        return { do: kind, ms: this.pick(JUMPS_MS), pruneLimit: this.pick([1, 3, 500]) };
      case "crash":
        return { do: kind, server: this.pick(servers) };
      default:
        return kind satisfies never;
    }
  }

  /** Steps that bring every job to its end, or show that one was left behind. */
  drain(): Step[] {
    const sources = QUEUES.map((queue) => ({ queue, types: TYPES, share: 0 }));
    const claim = { server: servers[0]!, sources, limit: 500, leaseMs: 1000 };
    const round: Step[] = [
      { do: "jump", ms: 10_000, pruneLimit: 500 },
      { do: "reap", limit: 500 },
      { do: "promote", limit: 500 },
      { do: "claim", claim },
    ];
    return Array.from({ length: DRAIN_ROUNDS }, () => round).flat();
  }

  #group(): JobSpec[] {
    const group = new Map(
      this.#many(this.#temper === "crowded" ? 250 : 3, () => this.#job()).map((
        job,
      ) => [job.id, job]),
    );
    return [...group.values()];
  }

  #job(): JobSpec {
    const keepMs = (): number | undefined => this.pick([0, 0, 500, 500, undefined, -1]);
    const retention = { completedMs: keepMs(), failedMs: keepMs() };
    const time = this.below(this.#temper === "crowded" ? 2 : 5);
    return {
      id: this.chance(this.#temper === "crowded" ? 0.001 : 0.1)
        ? `dup${this.below(6)}`
        : `${this.pick(["j.", "-_"])}${this.#serial++}`,
      type: this.pick(this.#types),
      queue: this.pick(QUEUES),
      priority: this.pick(PRIORITIES),
      length: this.chance(0.04) ? LARGE : 5 + this.below(20),
      settings: {
        ...(this.chance(0.15) ? { retention: JSON.parse(JSON.stringify(retention)) } : {}),
        ...(this.chance(0.1) ? { deadLetter: false } : {}),
        ...(this.chance(0.1) ? { meta: { a: "é|;x1;", b: [null, 1.5] } } : {}),
        ...(this.chance(0.1) ? { maxRetry: 2, timeoutMs: 1000, enqueuedBy: "a|b" } : {}),
      },
      ...(time === 0 ? { runIn: this.below(520) - 20 } : {}),
      ...(time === 1 ? { delayIn: this.below(300) } : {}),
      ...(this.chance(0.15) ? { expireIn: this.below(400) - 5 } : {}),
      ...(this.chance(0.15) ? { atFront: true } : {}),
    };
  }

  #claim(): ClaimSpec {
    const sources = this.#sources();
    const limit = this.pick([1, 2, 4, 8, 8, this.#temper === "crowded" ? 400 : 60]);
    return { server: this.pick(servers), sources, limit, leaseMs: this.pick(LEASES_MS) };
  }

  /** Names at least all queues but one beside a source that takes any: which of two it serves is open. */
  #sources(): ClaimSource[] {
    const queues = QUEUES.toSorted(() => this.#rng() - 0.5);
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
    const error = this.pick([{ message: "e|\n!x", name: "N", stack: "at x" }, { message: "" }]);
    const isRetry = this.#temper === "stubborn" && this.chance(0.98);
    const draw = isRetry ? RETRY_DRAW : this.#rng();
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
