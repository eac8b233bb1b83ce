/**
 * Lines from which nothing is claimed.
 *
 * @module
 */

import type { PauseTarget } from "../store.ts";
import type { Database } from "./database.ts";
import { tellLines } from "./events.ts";
import { type LaneName, READY_LANES } from "./lanes.ts";
import type { Transaction } from "./transaction.ts";

const PAUSED = "SELECT queue, type FROM paused";
const PAUSE = "INSERT INTO paused (queue, type) VALUES (?, ?) ON CONFLICT DO NOTHING";
const RESUME = "DELETE FROM paused WHERE queue = ? AND type = ?";

/** Stands for all queues or all types; no name is empty. */
const ALL = "";

/** Tells of a line whether it is paused. */
export type PauseFilter = (name: LaneName) => boolean;

/** See `ControlStage.pause`. */
export function pause(tx: Transaction, { queue, type }: PauseTarget, paused: boolean): void {
  const changes = tx.db.run(paused ? PAUSE : RESUME, queue ?? ALL, type ?? ALL);
  if (changes === 0) return;
  tx.pausesChanged(paused ? 1 : -1);
  tellLines(tx, paused, queue ?? ALL, type ?? ALL);
  if (paused) return;
  for (const { lane } of tx.db.all<{ lane: number }>(READY_LANES)) {
    const name = tx.lanes.name(lane);
    const isMeant = (queue ?? name.queue) === name.queue && (type ?? name.type) === name.type;
    if (isMeant) tx.woken.add(lane);
  }
}

/** See `ControlStage.paused`. */
export function readPaused(db: Database): PauseTarget[] {
  return db.all<LaneName>(PAUSED).map(({ queue, type }) => ({
    queue: queue === ALL ? null : queue,
    type: type === ALL ? null : type,
  }));
}

/** Reads what is paused, to ask of many lines. */
export function pauseFilter(db: Database): PauseFilter {
  const targets = new Set(db.all<LaneName>(PAUSED).map(({ queue, type }) => nameOf(queue, type)));
  if (targets.size === 0) return () => false;
  return ({ queue, type }) =>
    targets.has(nameOf(queue, ALL)) || targets.has(nameOf(ALL, type)) ||
    targets.has(nameOf(queue, type));
}

function nameOf(queue: string, type: string): string {
  return JSON.stringify([queue, type]);
}
