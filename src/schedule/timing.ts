/**
 * The slots of a schedule, one after the other.
 *
 * @module
 */

import { parseCron } from "./cron.ts";
import { nextOf } from "./cron_next.ts";
import type { TimingRules } from "./definition.ts";

/**
 * Says when a schedule has its next slot: epoch milliseconds after `t`, the last
 * slot, or now if there was none. `null`, or a time that is not after `t`, ends the
 * schedule.
 */
export type NextSlot = (t: number) => number | null;

/** Tells the slots of one schedule. */
export interface Timing {
  /**
   * The first slot strictly after a time; null if there is none.
   *
   * @throws What the function of a custom schedule throws.
   */
  next(after: number): number | null;
  /** Milliseconds between any two slots, if that is always the same. */
  readonly everyMs: number | undefined;
  /** Whether `next` may be asked for any time: a custom one is asked for what it said last only. */
  readonly canJump: boolean;
}

/**
 * Makes the timing of a schedule.
 *
 * @param custom The function of a custom schedule; without it the schedule has no more slots.
 */
export function timingOf(rules: TimingRules, custom?: NextSlot): Timing {
  const { startAt = -Infinity, endAt = Infinity } = rules;
  const next = nextBy(rules, custom ?? (() => null));
  return {
    everyMs: rules.everyMs,
    canJump: rules.custom !== true,
    next(after: number): number | null {
      const slot = next(Math.max(after, startAt - 1));
      return slot === null || slot > endAt ? null : slot;
    },
  };
}

function nextBy({ cron, everyMs, timeZone, startAt = 0 }: TimingRules, custom: NextSlot): NextSlot {
  if (everyMs !== undefined) {
    return (after) => startAt + (Math.floor((after - startAt) / everyMs) + 1) * everyMs;
  }
  if (cron !== undefined) {
    const plan = parseCron(cron);
    return (after) => nextOf(plan, timeZone, after);
  }
  return (after) => checkCustom(custom(after), after);
}

function checkCustom(slot: unknown, after: number): number | null {
  if (slot === null) return null;
  if (typeof slot !== "number" || !Number.isFinite(slot)) {
    throw new TypeError(
      `Cannot tell next slot as 'next' must return epoch milliseconds or null: current value is ${
        String(slot)
      }`,
    );
  }
  const whole = Math.ceil(slot);
  return whole > after ? whole : null;
}
