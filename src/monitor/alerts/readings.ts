/**
 * What rules make of a look at the store: pure.
 *
 * @module
 */

import { goDuration } from "../wire/duration.ts";
import type { Alert, AlertSubject, Reading } from "./alert.ts";
import { ALERT_QUEUE, type Rule } from "./rules.ts";
import { firstMinuteOf, type Minute, type Snapshot } from "./snapshot.ts";

/** When something of a queue was last seen to be started. */
export interface Start {
  /** The count of starts. */
  readonly started: number;
  /** Epoch milliseconds: since when it is that, or jobs have been ready. */
  readonly at: number;
}

/** By queue; only of those of which something is ready. */
export type Starts = Readonly<Record<string, Start>>;

/** Most queues whose starts are watched. */
const MOST_STARTS = 1000;

/**
 * Goes on with the starts of each queue. After a gap it begins with now, as all may have been well
 * between; but not where an alert fires, which is not resolved by nobody looking.
 */
export function nextStarts(
  before: Starts,
  { lines, now }: Pick<Snapshot, "lines" | "now">,
  { isAfterGap, alerts }: { readonly isAfterGap: boolean; readonly alerts: readonly Alert[] },
): Starts {
  const firing = new Set(
    alerts.filter(({ when, status }) => when === "queue_stalled" && status === "firing")
      .map(({ queue }) => queue),
  );
  const waiting = lines.filter(({ ready }) => ready > 0).slice(0, MOST_STARTS);
  return Object.fromEntries(waiting.map(({ queue, started }): [string, Start] => {
    const was = Object.hasOwn(before, queue) ? before[queue] : undefined;
    const isSame = was !== undefined && started <= was.started;
    return [queue, { started, at: isSame && (!isAfterGap || firing.has(queue)) ? was.at : now }];
  }));
}

/** What rules are judged by. */
export interface Seen {
  readonly snapshot: Snapshot;
  readonly starts: Starts;
  /** What alerts were. */
  readonly before: readonly Alert[];
}

/** What all rules make of a look, but those about the store itself. */
export function readingsOf(rules: readonly Rule[], seen: Seen): Reading[] {
  return rules.flatMap((rule): Reading[] => {
    switch (rule.when) {
      case "queue_stalled":
        return stalled(rule, seen);
      case "oldest_age":
        return oldest(rule, seen.snapshot);
      case "failure_rate":
        return failing(rule, seen.snapshot);
      case "dead_server":
        return dead(rule, seen);
      case "store_degraded":
        return [];
      default:
        return rule.when satisfies never;
    }
  });
}

/**
 * What a rule makes of how long the store took to answer.
 *
 * @param ms Null if it did not.
 */
export function storeReading(rule: Rule, ms: number | null): Reading {
  const { threshold } = rule;
  return {
    ...about(rule, {}),
    value: ms === null ? null : Math.round(ms),
    isOver: ms === null || ms > threshold,
    summary: ms === null ? "The store does not answer" : "The store is slow to answer",
  };
}

function stalled(rule: Rule, { snapshot: { lines, now }, starts }: Seen): Reading[] {
  return lines.flatMap(({ queue, ready }): Reading[] => {
    const start = Object.hasOwn(starts, queue) ? starts[queue] : undefined;
    if (start === undefined || !isMeant(rule, queue)) return [];
    const value = now - start.at;
    const jobs = ready === 1 ? "1 job is" : `${ready} jobs are`;
    const summary = `Queue '${queue}' is stalled: ${jobs} ready, none started for ${
      goDuration(value)
    }`;
    return [{ ...about(rule, { queue }), value, isOver: value >= rule.threshold, summary }];
  });
}

function oldest(rule: Rule, snapshot: Snapshot): Reading[] {
  const meant = snapshot.oldest.filter(({ queue, type }) => isMeant(rule, queue, type));
  return [...Map.groupBy(meant, ({ queue }) => queue)].map(([queue, jobs]): Reading => {
    const value = Math.max(0, snapshot.now - Math.min(...jobs.map(({ readyAt }) => readyAt)));
    const summary = `A job of ${placeOf(rule, queue)} has been ready for ${goDuration(value)}`;
    return { ...about(rule, { queue }), value, isOver: value > rule.threshold, summary };
  });
}

function failing(rule: Rule, { minutes, now }: Snapshot): Reading[] {
  const from = firstMinuteOf(now, rule.overMs);
  const meant = minutes.filter(({ queue, type, at }) => at >= from && isMeant(rule, queue, type));
  return [...Map.groupBy(meant, ({ queue }) => queue)].map(([queue, rows]): Reading => {
    const sum = (of: (row: Minute) => number): number =>
      rows.reduce((all, row) => all + of(row), 0);
    const failed = sum((row) => row.failed);
    const count = failed + sum((row) => row.completed);
    const value = count === 0 ? 0 : failed / count;
    const summary = `${failed} of ${count} attempts of ${placeOf(rule, queue)} failed in ${
      goDuration(rule.overMs)
    }`;
    const isOver = count >= rule.minCount && value > rule.threshold;
    return { ...about(rule, { queue }), value, isOver, summary };
  });
}

/**
 * A server is presumed dead when it has been silent for a lease, and at a later look still is: all
 * are silent for a moment after the store was away. One that leaves is not listed any more at once;
 * one that was dead while it was listed does not come back to life by being forgotten.
 */
function dead(rule: Rule, { snapshot: { servers, now }, before }: Seen): Reading[] {
  const listed = servers.map(({ id: server, hostname, pid, silentMs, leaseMs }): Reading => ({
    ...about(rule, { server }),
    value: silentMs,
    threshold: leaseMs,
    holdMs: leaseMs / 2,
    isOver: silentMs >= leaseMs,
    summary: `Server ${hostname} (process ${pid}) is presumed dead: ` +
      `not heard of for ${goDuration(silentMs)}`,
  }));
  const ids = new Set(listed.map(({ id }) => id));
  const gone = before.filter(({ id, rule: name, status, calmAt }) => {
    return name === rule.name && status === "firing" && calmAt === null && !ids.has(id);
  });
  return [
    ...listed,
    ...gone.map(({ id, server, value, threshold, summary, firedAt }): Reading => ({
      ...about(rule, { server: server! }),
      ...{ id, value, threshold, summary },
      isOver: now - firedAt! < rule.keepMs,
      resolveMs: 0,
    })),
  ].filter(({ isOver, id }) => isOver || before.some((alert) => alert.id === id));
}

/** What a reading says of its rule and of what it is about. */
function about(
  rule: Rule,
  { queue = null, server = null }: Partial<Pick<AlertSubject, "queue" | "server">>,
): AlertSubject & Pick<Reading, "threshold" | "holdMs"> {
  const { name, when, type = null, threshold, holdMs } = rule;
  const subject = queue ?? server;
  const id = subject === null ? name : `${name}:${subject}`;
  return { id, rule: name, when, queue, type, server, threshold, holdMs };
}

function isMeant(rule: Rule, queue: string, type?: string): boolean {
  if (rule.type !== undefined && rule.type !== type) return false;
  return rule.queue === undefined ? queue !== ALERT_QUEUE : rule.queue === queue;
}

function placeOf({ type }: Rule, queue: string): string {
  return type === undefined ? `queue '${queue}'` : `'${type}' in queue '${queue}'`;
}
