/** Random interventions. */

import { statuses } from "../../src/job/state.ts";
import type { LimitTarget, PauseTarget } from "../../src/store/store.ts";
import type { Draws } from "./draws.ts";
import { type JobDraws, LARGE, LIMIT_KEYS, PRIORITIES, QUEUES, TYPES } from "./job_draws.ts";
import type { ActionSpec, Step } from "./steps.ts";

const REASONS = ["no|\n", "", "r".repeat(LARGE)];

/** Makes what people and programs do. */
export class ActDraws {
  readonly #draws: Draws;
  readonly #jobs: JobDraws;

  constructor(draws: Draws, jobs: JobDraws) {
    this.#draws = draws;
    this.#jobs = jobs;
  }

  /** One action on some jobs. */
  act(): Step {
    const draws = this.#draws;
    if (draws.chance(0.2)) return this.#onCouple();
    const ids = [...new Set(draws.many(draws.pick([1, 3, 8]), () => this.#jobs.id()))];
    const step = { do: "act", ids, action: this.#action() } as const;
    return draws.chance(0.15) ? { ...step, from: draws.pick(statuses) } : step;
  }

  /** Jobs with a child in common meet the same fate, or one of them is brought back. */
  #onCouple(): Step {
    const draws = this.#draws;
    const couple = this.#jobs.couple();
    if (draws.chance(0.4)) {
      return { do: "act", ids: couple, action: { kind: "cancel", reason: "both" } };
    }
    return { do: "act", ids: [draws.pick(couple)], action: { kind: "retry", revive: true } };
  }

  /** A line is paused or, less often, resumed. */
  pause(): Step {
    const target = this.#target();
    return { do: "pause", target, paused: this.#draws.chance(0.4) };
  }

  /** A rule is set or, less often, removed. */
  limit(): Step {
    const draws = this.#draws;
    const type = draws.pick(TYPES.slice(0, 3));
    const key = draws.pick(LIMIT_KEYS);
    const target = draws.pick<LimitTarget>([{ type }, { type, perKey: true }, { key }]);
    if (draws.chance(0.3)) return { do: "limit", target, limits: null };
    const concurrency = draws.chance(0.7) ? { concurrency: 1 + draws.below(4) } : {};
    const isRated = concurrency.concurrency === undefined || draws.chance(0.3);
    const count = 1 + draws.below(3);
    const rate = {
      count,
      perMs: draws.pick([1, 7, 100, 1000]),
      burst: draws.pick([1, 2, count, 5]),
    };
    return { do: "limit", target, limits: { ...concurrency, ...(isRated ? { rate } : {}) } };
  }

  #target(): PauseTarget {
    const draws = this.#draws;
    const kind = draws.below(3);
    const types = TYPES.slice(0, 3);
    return {
      queue: kind === 0 ? null : draws.pick(QUEUES),
      type: kind === 1 ? null : draws.pick(types),
    };
  }

  #length(): number {
    return this.#draws.chance(0.1) ? LARGE : 30;
  }

  #action(): ActionSpec {
    const draws = this.#draws;
    switch (draws.below(9)) {
      case 0:
      case 1:
        return { kind: "cancel", reason: draws.pick(REASONS.slice(0, draws.chance(0.1) ? 3 : 2)) };
      case 2:
        return { kind: "remove" };
      case 3:
        return { kind: "promote" };
      case 4:
        return { kind: "prioritize", priority: draws.pick(PRIORITIES) };
      case 5:
        return { kind: "edit", length: this.#length() };
      default:
        return {
          kind: "retry",
          ...(draws.chance(0.3) ? { length: this.#length() } : {}),
          ...(draws.chance(0.6) ? { revive: true } : {}),
        };
    }
  }
}
