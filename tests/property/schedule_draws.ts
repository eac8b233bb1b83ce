/**
 * Random changes of schedules. They draw from a seed of their own, so that the
 * other steps of a history are what they were without them.
 */

import type { OverlapPolicy, ScheduleOutcome } from "../../src/store/store.ts";
import { Draws } from "./draws.ts";
import { LARGE, PRIORITIES, QUEUES, TYPES } from "./job_draws.ts";
import type { FireSpec, Step, StepOf } from "./steps.ts";

const SCHEDULES: readonly string[] = ["s", "s.1", "z-_"];
const OVERLAPS: readonly OverlapPolicy[] = ["skip", "allow", "replace", "replace", "queueOne"];
const NOTED: readonly Extract<ScheduleOutcome, "missed" | "error">[] = ["missed", "error"];
/** Share of the steps before which a schedule changes. */
const SHARE = 0.05;

/** Makes changes. */
export class ScheduleDraws {
  readonly #draws: Draws;
  #serial = 0;

  /** @param seed That of the history. */
  constructor(seed: number) {
    this.#draws = new Draws(seed ^ 0x5c4ed);
  }

  /** Steps with changes of schedules between them, which know the jobs that were enqueued before. */
  among(steps: readonly Step[]): Step[] {
    const ids: string[] = [];
    return steps.flatMap((step): Step[] => {
      if (step.do === "enqueue") ids.push(...step.groups.flat().map(({ id }) => id));
      return this.#draws.chance(SHARE) ? [this.#change(ids), step] : [step];
    });
  }

  #change(ids: readonly string[]): StepOf<"schedule"> {
    const draws = this.#draws;
    const id = draws.pick(SCHEDULES);
    if (draws.chance(0.05)) return { do: "schedule", id, write: "remove" };
    const notes = draws.chance(0.2)
      ? draws.many(
        60,
        () => ({ outcome: draws.pick(NOTED), ...(draws.chance(0.5) ? { count: 2 } : {}) }),
      )
      : [];
    return {
      do: "schedule",
      id,
      write: draws.pick(["due", "paused", "custom", "ended", "same", "same"] as const),
      in: draws.below(100),
      ...(draws.chance(0.15) ? { stale: true } : {}),
      ...(notes.length > 0 ? { notes } : {}),
      fires: draws.chance(0.1) ? [] : draws.many(3, () => this.#fire(ids)),
    };
  }

  #fire(ids: readonly string[]): FireSpec {
    const draws = this.#draws;
    const isOld = ids.length > 0 && draws.chance(0.35);
    const id = isOld ? draws.pick(ids.slice(-12)) : `fired.${this.#serial++}`;
    return {
      kind: draws.pick(["slot", "slot", "trigger", "start"] as const),
      overlap: draws.pick(OVERLAPS),
      job: {
        id,
        type: draws.pick(TYPES),
        queue: draws.pick(QUEUES),
        priority: draws.pick(PRIORITIES),
        length: draws.chance(0.04) ? LARGE : 20,
        settings: {
          schedule: { id: "s", slotAt: draws.below(1000) },
          ...(draws.chance(0.1) ? { retention: { failedMs: 0 } } : {}),
        },
        ...(draws.chance(0.1) ? { atFront: true } : {}),
      },
    };
  }
}
