/**
 * What a process counts of its calls of a store: one wrapper around all verbs.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { StepReply, Store } from "../store/store.ts";
import { CALL_BOUNDS, Distribution } from "./distribution.ts";

/** Verbs that wait for something that may come much later, or belong to no work. */
const UNTIMED: ReadonlySet<string> = new Set(["awaitFinal", "open", "close"]);
/** Steps of upkeep that move jobs, by their verbs. */
const STEPS: ReadonlySet<string> = new Set(["reap", "promote", "expire", "relay", "prune"]);

/** What is counted of one verb. */
export interface VerbCounts {
  /** Seconds that calls took, also those that failed. */
  readonly durations: Distribution;
  /** Calls that the store refused, or did not answer. */
  readonly failures: number;
}

interface Counting extends VerbCounts {
  failures: number;
}

type Method = (...args: never[]) => unknown;

/** Counts the calls of a store. */
export class StoreCalls {
  readonly #clock: Clock;
  readonly #verbs = new Map<string, Counting>();
  readonly #moved = new Map<string, number>();
  #steppedAt: number | undefined;

  /** @param clock Source of elapsed time. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What was counted, by verb. */
  get verbs(): ReadonlyMap<string, VerbCounts> {
    return this.#verbs;
  }

  /** Jobs that steps of upkeep moved, by step; those that were never taken are not there. */
  get moved(): ReadonlyMap<string, number> {
    return this.#moved;
  }

  /** When a step of upkeep was done last, by the monotonic clock; undefined if none was. */
  get steppedAt(): number | undefined {
    return this.#steppedAt;
  }

  /** The same store; what is called through it is counted. */
  time(store: Store): Store {
    // Wrapped when they are first asked for, so that no verb is forgotten.
    const wrapped = new Map<string | symbol, Method>();
    // Before a shell, as a proxy may not tell another value of what is frozen.
    return new Proxy(Object.create(store) as Store, {
      get: (_shell, name): unknown => {
        const known = wrapped.get(name);
        if (known !== undefined) return known;
        const value: unknown = Reflect.get(store, name, store);
        if (typeof value !== "function") return value;
        const bound: Method = value.bind(store);
        const isTimed = typeof name === "string" && !UNTIMED.has(name);
        const method = isTimed ? this.#timed(name, bound) : bound;
        wrapped.set(name, method);
        return method;
      },
    });
  }

  #timed(verb: string, call: Method): Method {
    return (...args) => {
      const startedAt = this.#clock.mono();
      const reply = call(...args);
      if (!(reply instanceof Promise)) return reply;
      reply.then(
        (value) => this.#end(verb, startedAt, value),
        () => this.#counts(verb, startedAt).failures++,
      );
      return reply;
    };
  }

  #end(verb: string, startedAt: number, reply: unknown): void {
    this.#counts(verb, startedAt);
    if (!STEPS.has(verb)) return;
    this.#steppedAt = this.#clock.mono();
    this.#moved.set(verb, (this.#moved.get(verb) ?? 0) + (reply as StepReply).moved);
  }

  #counts(verb: string, startedAt: number): Counting {
    let counts = this.#verbs.get(verb);
    if (counts === undefined) {
      counts = { durations: new Distribution(CALL_BOUNDS), failures: 0 };
      this.#verbs.set(verb, counts);
    }
    counts.durations.add((this.#clock.mono() - startedAt) / 1000);
    return counts;
  }
}
