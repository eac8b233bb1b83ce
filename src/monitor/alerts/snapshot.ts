/**
 * One look at a store: what the rules need of it, and no more. It costs what there are queues,
 * types and servers, not what there are jobs.
 *
 * @module
 */

import { readSeries } from "../../insight/series.ts";
import { isQueueName } from "../../job/names.ts";
import { MINUTE_MS } from "../../store/insight_limits.ts";
import type { PauseTarget, SeriesRow, Store } from "../../store/store.ts";
import { allServers } from "../servers.ts";
import type { AlertKind, Rule } from "./rules.ts";

/** What is ready and was started of one queue. */
export interface Line {
  readonly queue: string;
  /** Jobs that are ready and not paused. */
  readonly ready: number;
  /** Rises by one with each job that is started. */
  readonly started: number;
}

/** The job of a queue and type that is ready for longest, if nothing of it is paused. */
export interface Oldest {
  readonly queue: string;
  readonly type: string;
  /** Epoch milliseconds. */
  readonly readyAt: number;
}

/** What ended in one minute of one queue and type. */
export interface Minute {
  readonly queue: string;
  readonly type: string;
  /** Epoch milliseconds: where the minute begins. */
  readonly at: number;
  readonly completed: number;
  /** Attempts that failed. */
  readonly failed: number;
}

/** A server or consumer that has not said that it leaves. */
export interface Holder {
  readonly id: string;
  readonly hostname: string;
  readonly pid: number;
  /** Milliseconds since it was heard of. */
  readonly silentMs: number;
  readonly leaseMs: number;
}

/** What one look brings. What no rule needs is empty. */
export interface Snapshot {
  /** Epoch milliseconds, store clock. */
  readonly now: number;
  readonly lines: readonly Line[];
  readonly oldest: readonly Oldest[];
  readonly minutes: readonly Minute[];
  readonly servers: readonly Holder[];
}

/** Looks at a store. */
export async function readSnapshot(store: Store, rules: readonly Rule[]): Promise<Snapshot> {
  const needs = (kind: AlertKind): boolean => rules.some(({ when }) => when === kind);
  const overMs = Math.max(1, ...rules.map((rule) => rule.overMs));
  const [needsLines, needsOldest] = [needs("queue_stalled"), needs("oldest_age")];
  const [{ rows, now }, counts, totals, paused, oldest, servers] = await Promise.all([
    readSeries(store, { fromAt: -overMs, toAt: Number.MAX_SAFE_INTEGER }),
    needsLines ? store.counts() : [],
    needsLines ? store.totals() : [],
    needsLines || needsOldest ? store.paused() : [],
    needsOldest ? store.oldest() : [],
    needs("dead_server") ? allServers(store) : [],
  ]);
  const isPaused = pauseTest(paused);
  const lines = new Map<string, { ready: number; started: number }>();
  const lineOf = (queue: string): { ready: number; started: number } => {
    const line = lines.get(queue) ?? { ready: 0, started: 0 };
    lines.set(queue, line);
    return line;
  };
  for (const { queue, type, status, count } of counts) {
    if (status === "ready" && !isPaused(queue, type)) lineOf(queue).ready += count;
    if (status === "processing") lineOf(queue).started += count;
  }
  // What has ended was started, but for what was canceled: a start adds one, an end nothing.
  for (const { queue, completed, retried, dead, lost } of totals) {
    lineOf(queue).started += completed + retried + dead + lost;
  }
  return {
    now,
    // What stands for queues for which the store had no room is none.
    lines: [...lines].filter(([queue]) => isQueueName(queue))
      .map(([queue, line]) => ({ queue, ...line })),
    oldest: oldest.filter(({ queue, type }) => !isPaused(queue, type)),
    minutes: rows.filter(({ queue }) => isQueueName(queue)).map(toMinute),
    servers: servers.map(({ id, about: { hostname, pid }, lastHeartbeatAt, leaseMs }) => {
      return { id, hostname, pid, silentMs: now - lastHeartbeatAt, leaseMs };
    }),
  };
}

function toMinute({ queue, type, at, completed, retried, dead }: SeriesRow): Minute {
  return { queue, type, at, completed, failed: retried + dead };
}

/** Tells whether nothing of a type in a queue can be claimed. */
function pauseTest(paused: readonly PauseTarget[]): (queue: string, type: string) => boolean {
  const keys = new Set(paused.map(({ queue, type }) => JSON.stringify([queue, type])));
  const has = (queue: string | null, type: string | null): boolean =>
    keys.has(JSON.stringify([queue, type]));
  return (queue, type) => has(queue, null) || has(null, type) || has(queue, type);
}

/** The first minute that lies, even in part, in the last so many milliseconds. */
export function firstMinuteOf(now: number, overMs: number): number {
  const at = now - overMs;
  return at - at % MINUTE_MS;
}
