/**
 * Stage 1 in SQLite: new jobs. Those that have nothing to do with others are
 * written at once; the rest is in `enqueue_checked.ts`.
 *
 * @module
 */

import type { EnqueueReply, Hold, NewJob } from "../store.ts";
import { statusOf } from "./codec.ts";
import { writeChecked } from "./enqueue_checked.ts";
import { type Inserted, inserted, insertJob } from "./insert.ts";
import { DELETE_PAYLOAD } from "./payload.ts";
import { HELD_LINES } from "./report.ts";
import type { Transaction } from "./transaction.ts";

/** See `EnqueueStage.enqueue`. */
export function enqueue(tx: Transaction, groups: readonly (readonly NewJob[])[]): EnqueueReply[] {
  return groups.map((group) => enqueueGroup(tx, group));
}

function enqueueGroup(tx: Transaction, group: readonly NewJob[]): EnqueueReply {
  const holder = group.find((job) => job.holder !== undefined)?.holder;
  if (holder !== undefined && !isHeld(tx, holder)) return { outcome: "lost" };
  return group.every(isPlain) ? writePlain(tx, group) : writeChecked(tx, group);
}

function isHeld(tx: Transaction, { id, fence }: Hold): boolean {
  return tx.db.get(HELD_LINES, id, fence) !== undefined;
}

/** Whether nothing but its id can keep a job out, and no other job matters to it. */
function isPlain({ settings: { dependsOn, unique }, onConflict = "keep" }: NewJob): boolean {
  return (dependsOn === undefined || dependsOn.length === 0) && unique === undefined &&
    onConflict === "keep";
}

function writePlain(tx: Transaction, group: readonly NewJob[]): EnqueueReply {
  const written: Inserted[] = [];
  for (const [index, job] of group.entries()) {
    const row = insertJob(tx, job);
    if (row === undefined) {
      takeBack(tx, written);
      const { status } = tx.db.get<{ status: number }>(
        "SELECT status FROM jobs WHERE id = ?",
        job.id,
      )!;
      return { outcome: "duplicate", index, id: job.id, status: statusOf(status) };
    }
    written.push(row);
  }
  return { outcome: "created", statuses: written.map((row) => inserted(tx, row)) };
}

/** Removes what was written of a group before its duplicate was met. */
function takeBack(tx: Transaction, written: readonly Inserted[]): void {
  for (const { n } of written) {
    tx.db.run("DELETE FROM jobs WHERE n = ?", n);
    tx.db.run(DELETE_PAYLOAD, n);
  }
}
