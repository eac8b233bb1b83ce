/**
 * From what alerts were to what they are, by what was read: pure.
 *
 *     none --wrong--> pending --for long enough--> firing --well for long enough--> resolved --> none
 *
 * @module
 */

import type { Alert, Change, Reading } from "./alert.ts";
import { RESOLVE_MS, type Rule } from "./rules.ts";

/** For how long a resolved alert is shown, in milliseconds. */
export const SHOWN_MS = 3_600_000;
/** Most alerts that are kept; those that fire go before others, and older ones before newer. */
export const MOST_ALERTS = 200;

/** When a step is made, and by which rules. */
export interface StepTime {
  /** All rules: how long all must be well is told there. */
  readonly rules: readonly Pick<Rule, "name" | "resolveMs">[];
  /** Epoch milliseconds. */
  readonly now: number;
  /** Whether nobody has looked for a while: what was wrong then and is now may have been well between. */
  readonly isAfterGap: boolean;
}

/** What a step makes. */
export interface Stepped {
  /** All alerts that are kept. */
  readonly alerts: readonly Alert[];
  /** What is to be told. */
  readonly changes: readonly Change[];
  /** Alerts for which there was no room. */
  readonly leftOut: number;
}

/** Takes one step. An alert of which nothing was read is well. */
export function step(
  before: readonly Alert[],
  readings: readonly Reading[],
  time: StepTime,
): Stepped {
  const known = new Map(before.map((alert) => [alert.id, alert]));
  const read = new Map(readings.map((reading) => [reading.id, reading]));
  const ids = new Set([...known.keys(), ...read.keys()]);
  const resolveMs = new Map(time.rules.map((rule) => [rule.name, rule.resolveMs]));
  const changes: Change[] = [];
  const alerts: Alert[] = [];
  for (const id of ids) {
    const was = known.get(id);
    const reading = read.get(id);
    const is = reading?.isOver === true
      ? whenWrong(was, reading, time)
      : whenWell(was, reading?.resolveMs ?? resolveMs.get(was?.rule ?? "") ?? RESOLVE_MS, time.now);
    if (is === undefined) continue;
    alerts.push(is);
    if (is.status === "pending" || (is.status === was?.status && !isToldAgain(was, is))) continue;
    changes.push({ id, change: is.status, at: time.now });
  }
  const kept = new Set(alerts.sort(byWeight).slice(0, MOST_ALERTS).map(({ id }) => id));
  return {
    alerts: alerts.slice(0, MOST_ALERTS),
    changes: changes.filter(({ id }) => kept.has(id)),
    leftOut: alerts.length - kept.size,
  };
}

function whenWrong(was: Alert | undefined, reading: Reading, { now, isAfterGap }: StepTime): Alert {
  const { isOver: _isOver, holdMs, resolveMs: _resolveMs, ...read } = reading;
  if (was?.status === "firing") {
    return { ...was, ...read, calmAt: null, acknowledged: unlessOver(was, now) };
  }
  const overAt = was?.status === "pending" && !isAfterGap ? was.overAt : now;
  const isFiring = now - overAt >= holdMs;
  return {
    ...read,
    status: isFiring ? "firing" : "pending",
    overAt,
    firedAt: isFiring ? now : null,
    calmAt: null,
    resolvedAt: null,
    acknowledged: null,
  };
}

function whenWell(was: Alert | undefined, resolveMs: number, now: number): Alert | undefined {
  switch (was?.status) {
    case undefined:
    case "pending":
      return undefined;
    case "resolved":
      return now - was.resolvedAt! < SHOWN_MS ? was : undefined;
    case "firing": {
      const calmAt = was.calmAt ?? now;
      if (now - calmAt < resolveMs) return { ...was, calmAt };
      return { ...was, status: "resolved", calmAt, resolvedAt: now, acknowledged: null };
    }
  }
}

/** Who has seen it, unless that holds no longer. */
function unlessOver({ acknowledged }: Alert, now: number): Alert["acknowledged"] {
  const { until = null } = acknowledged ?? {};
  return until !== null && until <= now ? null : acknowledged;
}

/** Whether an alert that fires is to be told again: it was silenced for a time, which is over. */
function isToldAgain(was: Alert, is: Alert): boolean {
  return is.status === "firing" && was.acknowledged !== null && is.acknowledged === null;
}

const WEIGHTS = { firing: 0, pending: 1, resolved: 2 } as const;

function byWeight(a: Alert, b: Alert): number {
  return WEIGHTS[a.status] - WEIGHTS[b.status] || a.overAt - b.overAt || (a.id < b.id ? -1 : 1);
}
